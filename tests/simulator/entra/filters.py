# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``$filter``: its grammar, and which operators Microsoft's table allows for which members, and how."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from . import schema
from .errors import GraphError, bad_request, unsupported_query
from .moments import parse_moment

Data = dict[str, Any]
Test = Callable[[Data], bool]

# A letter each for ``eq`` (and ``in``), ``startsWith``, ``ge``/``le`` and ``eq null``: d works by default, a needs the
# index store, - is not supported. From Microsoft's table of filters (see FIDELITY.md); ``id`` from the resource pages.
ALLOWED: dict[str, dict[str, str]] = {
    "application": {
        "id": "d---",
        "appId": "d---",
        "createdDateTime": "d-da",
        "description": "aa-a",
        "disabledByMicrosoftStatus": "d---",
        "displayName": "dd-a",
        "federatedIdentityCredentials/issuer": "aa--",
        "federatedIdentityCredentials/name": "aa--",
        "federatedIdentityCredentials/subject": "aa--",
        "identifierUris": "dd--",
        "notes": "aa-a",
        "publicClient/redirectUris": "aa--",
        "publisherDomain": "dd--",
        "requiredResourceAccess/resourceAppId": "a---",
        "serviceManagementReference": "aa-a",
        "signInAudience": "d---",
        "spa/redirectUris": "aa--",
        "tags": "dd--",
        "uniqueName": "dd--",
        "web/homePageUrl": "a--a",
        "web/redirectUris": "aa--",
    },
    "servicePrincipal": {
        "id": "d---",
        "accountEnabled": "d---",
        "alternativeNames": "dd--",
        "appId": "d---",
        "appOwnerOrganizationId": "a---",
        "appRoleAssignmentRequired": "a---",
        "applicationTemplateId": "d---",
        "description": "aa-a",
        "displayName": "dd-a",
        "federatedIdentityCredentials/issuer": "aa--",
        "federatedIdentityCredentials/name": "aa--",
        "federatedIdentityCredentials/subject": "aa--",
        "homepage": "aa-a",
        "notes": "aa-a",
        "preferredSingleSignOnMode": "d---",
        "servicePrincipalNames": "dd--",
        "servicePrincipalType": "d---",
        "tags": "dd--",
    },
    "oAuth2PermissionGrant": {"clientId": "d---", "consentType": "d---"},
    "appRoleAssignment": {"resourceId": "d---"},
    "user": {
        "id": "d---",
        "accountEnabled": "d---",
        "createdDateTime": "d-da",
        "displayName": "dd-a",
        "employeeId": "d--a",
        "mail": "dd-a",
        "userPrincipalName": "dd--",
        "userType": "d--a",
    },
    "group": {
        "id": "d---",
        "displayName": "dd-a",
        "groupTypes": "dd--",
        "mail": "dd-a",
        "mailEnabled": "d---",
        "mailNickname": "dd-a",
        "securityEnabled": "d---",
    },
    "directoryObject": {"id": "d---"},
}
# ``endsWith`` works in the index store, for these alone.
ENDS = frozenset({"mail", "otherMails", "userPrincipalName", "proxyAddresses"})
_EQ, _STARTS, _RANGE, _NULL = range(4)
_INSIDE = {"federatedIdentityCredentials": "_federated"}  # where the directory keeps what a path leads to

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>[(),:])"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d))?(?=[\s),]|$))"
    r"|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})|(?P<word>[A-Za-z_0-9./:+-]+?(?=[\s(),:]|$)))"
)


class Filter:
    """A parsed filter: ``test`` for one object, and whether it needs the index store."""

    def __init__(self, text: str, type_name: str) -> None:
        self.text = text
        self.type_name = type_name
        self.advanced = False
        self._tokens = self._split(text)
        self._at = 0
        self.test = self._either()
        if self._at != len(self._tokens):
            raise self._error()

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            match = _TOKEN.match(stripped, position)
            if match is None:
                raise bad_request(f"Invalid filter clause: syntax error at position {position} in '{text}'.")
            kind = match.lastgroup or ""
            tokens.append((kind, match.group(kind)))
            position = match.end()
        return tokens

    def _error(self) -> GraphError:
        return bad_request(f"Invalid filter clause: '{self.text}'.")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self, wanted: str | None = None) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._error()
        token = self._tokens[self._at]
        if wanted is not None and token[1] != wanted:
            raise self._error()
        self._at += 1
        return token

    def _either(self) -> Test:
        parts = [self._both()]
        while self._peek() == "or":
            self._next()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda data: any(part(data) for part in parts)

    def _both(self) -> Test:
        parts = [self._one()]
        while self._peek() == "and":
            self._next()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda data: all(part(data) for part in parts)

    def _one(self) -> Test:
        kind, word = self._next()
        if word == "(":
            inner = self._either()
            self._next(")")
            return inner
        if word == "not":
            self.advanced = True
            negated = self._one()
            return lambda data: not negated(data)
        if kind != "word":
            raise self._error()
        if word.lower() in ("startswith", "endswith"):
            return self._edge(word.lower() == "startswith")
        if word.endswith("/any") and self._peek() == "(":
            return self._any(word[: -len("/any")])
        return self._compare(word)

    def _may(self, name: str, how: int) -> None:
        """Raises unless the operator is allowed for the member; notes when it needs the index store."""
        first = name.split("/")[0]
        if first not in {**schema.properties(self.type_name), **schema.navigation(self.type_name)}:
            raise bad_request(f"Could not find a property named '{first}' on type 'microsoft.graph.{self.type_name}'.")
        letter = ALLOWED.get(self.type_name, {}).get(name, "----")[how]
        if letter == "-":
            raise unsupported_query(f"Unsupported or invalid query filter clause specified for property '{name}'.")
        self.advanced |= letter == "a"

    def _compare(self, name: str) -> Test:
        _kind, operator = self._next()
        if operator == "in":
            self._may(name, _EQ)
            self._next("(")
            values = [self._literal()]
            while self._peek() == ",":
                self._next()
                values.append(self._literal())
            self._next(")")
            return lambda data: _at(data, name) in values
        if operator not in ("eq", "ne", "ge", "le"):
            raise unsupported_query(f"Unsupported or invalid query filter clause specified for property '{name}'.")
        value = self._literal()
        if operator in ("ge", "le"):
            self._may(name, _RANGE)
            if not isinstance(value, datetime):
                raise self._error()
            if operator == "ge":
                return lambda data: (found := _moment(data, name)) is not None and found >= value
            return lambda data: (found := _moment(data, name)) is not None and found <= value
        self._may(name, _NULL if value is None else _EQ)
        read = _moment if isinstance(value, datetime) else _at
        if operator == "ne":
            self.advanced = True
            return lambda data: read(data, name) != value
        return lambda data: read(data, name) == value

    def _edge(self, start: bool) -> Test:
        self._next("(")
        name = self._next()[1]
        self._next(",")
        value = self._literal()
        self._next(")")
        if not isinstance(value, str):
            raise self._error()
        if start:
            self._may(name, _STARTS)
            return lambda data: str(_at(data, name) or "").startswith(value)
        self._may(name, _EQ)
        if name not in ENDS:
            raise unsupported_query(f"Unsupported or invalid query filter clause specified for property '{name}'.")
        self.advanced = True
        return lambda data: str(_at(data, name) or "").endswith(value)

    def _any(self, name: str) -> Test:
        self._next("(")
        variable = self._next()[1]
        self._next(":")
        word = self._next()[1]
        starts = word.lower() == "startswith"
        if starts:
            self._next("(")
            word = self._next()[1]
        head, _slash, inner = word.partition("/")
        if head != variable:
            raise self._error()
        self._next("," if starts else "eq")
        value = self._literal()
        if starts:
            self._next(")")
        self._next(")")
        self._may(f"{name}/{inner}" if inner else name, _STARTS if starts else _EQ)

        def test(item: Any) -> bool:
            found = _fold(item.get(inner) if inner else item)
            return str(found or "").startswith(str(value)) if starts else found == value

        return lambda data: any(test(item) for item in _raw(data, name) or ())

    def _literal(self) -> Any:
        kind, word = self._next()
        if kind == "text":
            return word[1:-1].replace("''", "'").casefold()
        if kind == "moment":
            return parse_moment(word if "T" in word else f"{word}T00:00:00Z")
        if kind == "guid":
            return word.casefold()
        if word in ("true", "false"):
            return word == "true"
        if word == "null":
            return None
        raise self._error()


def _raw(data: Data, name: str) -> Any:
    value: Any = data
    for part in name.split("/"):
        value = value.get(_INSIDE.get(part, part)) if isinstance(value, dict) else None
    return value


def _at(data: Data, name: str) -> Any:
    return _fold(_raw(data, name))


def _moment(data: Data, name: str) -> datetime | None:
    text = _raw(data, name)
    return parse_moment(text) if text else None


def _fold(value: Any) -> Any:
    """Text compares without regard to case, as the directory does (assumed)."""
    return value.casefold() if isinstance(value, str) else value


@lru_cache(maxsize=2048)
def compile_filter(text: str, type_name: str) -> Filter:
    return Filter(text, type_name)
