# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OData query options of lists: ``$filter``, ``$select``, ``$top``, ``$count``, ``$orderby``, ``$search``, pages."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote

from . import schema
from .errors import GraphError, bad_request, unsupported_query

Data = dict[str, Any]
Test = Callable[[Data], bool]

KNOWN = frozenset({"$filter", "$select", "$top", "$count", "$orderby", "$search", "$skiptoken", "$format"})
MAX_TOP = 999

# Which members may stand in a filter, per type (facts: entra-graph.md, section 1.3, for grants; else assumed).
FILTERABLE: dict[str, frozenset[str]] = {
    "application": frozenset(
        {"id", "appId", "displayName", "uniqueName", "identifierUris", "tags", "signInAudience", "createdDateTime"}
    ),
    "servicePrincipal": frozenset(
        {"id", "appId", "displayName", "servicePrincipalNames", "servicePrincipalType", "tags", "accountEnabled"}
    ),
    "oAuth2PermissionGrant": frozenset({"clientId", "consentType"}),
    "appRoleAssignment": frozenset({"resourceId"}),
    "user": frozenset({"id", "userPrincipalName", "displayName", "mail", "accountEnabled", "userType"}),
    "group": frozenset({"id", "displayName", "mail", "mailEnabled", "securityEnabled", "groupTypes"}),
    "directoryObject": frozenset({"id"}),
}
# Here ``startswith`` is served by the index store only, as the facts say of applications.
ADVANCED_STARTSWITH = frozenset({"application", "servicePrincipal"})

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>[(),:])"
    r"|(?P<moment>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})|(?P<word>[A-Za-z_0-9./:+-]+?(?=[\s(),:]|$)))"
)


def parse_query(query: str) -> dict[str, str]:
    """Raises GraphError for an option that is unknown or given twice. Names may lack their ``$``."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        key = name if name.startswith("$") else f"${name}"
        if key not in KNOWN:
            if name.startswith("$"):
                raise unsupported_query(f"Query option '{name}' is not supported here.")
            continue
        if key in found:
            raise bad_request(f"Query option '{key}' was specified more than once.")
        found[key] = value
    return found


class Filter:
    """A parsed filter: ``test`` for one object, the members it names, and whether it needs the index store."""

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
        if word in ("startswith", "startsWith", "endswith", "endsWith"):
            return self._edge(word.lower() == "startswith")
        if word.endswith("/any") and self._peek() == "(":
            return self._any(word[: -len("/any")])
        return self._compare(self._member(word))

    def _member(self, name: str) -> str:
        if name.split("/")[0] not in schema.properties(self.type_name):
            raise bad_request(f"Could not find a property named '{name}' on type 'microsoft.graph.{self.type_name}'.")
        if name not in FILTERABLE.get(self.type_name, ()):
            raise unsupported_query(f"Unsupported or invalid query filter clause specified for property '{name}'.")
        return name

    def _compare(self, name: str) -> Test:
        _kind, operator = self._next()
        if operator == "in":
            self._next("(")
            values = [self._literal()]
            while self._peek() == ",":
                self._next()
                values.append(self._literal())
            self._next(")")
            return lambda data: _fold(data.get(name)) in values
        if operator not in ("eq", "ne"):
            raise unsupported_query(f"Unsupported or invalid query filter clause specified for property '{name}'.")
        value = self._literal()
        if operator == "ne":
            self.advanced = True
            return lambda data: _fold(data.get(name)) != value
        return lambda data: _fold(data.get(name)) == value

    def _edge(self, start: bool) -> Test:
        self._next("(")
        name = self._member(self._next()[1])
        self._next(",")
        value = self._literal()
        self._next(")")
        if not isinstance(value, str):
            raise self._error()
        if not start or self.type_name in ADVANCED_STARTSWITH:
            self.advanced = True
        if start:
            return lambda data: str(_fold(data.get(name) or "")).startswith(value)
        return lambda data: str(_fold(data.get(name) or "")).endswith(value)

    def _any(self, name: str) -> Test:
        member = self._member(name)
        self._next("(")
        variable = self._next()[1]
        self._next(":")
        word = self._next()[1]
        if word in ("startswith", "startsWith"):
            self._next("(")
            self._next(variable)
            self._next(",")
            value = self._literal()
            self._next(")")
            self.advanced = True
            test: Callable[[Any], bool] = lambda item: str(_fold(item)).startswith(str(value))  # noqa: E731
        else:
            if word != variable:
                raise self._error()
            self._next("eq")
            value = self._literal()

            def test(item: Any) -> bool:
                return _fold(item) == value

        self._next(")")
        return lambda data: any(test(item) for item in data.get(member) or [])

    def _literal(self) -> Any:
        kind, word = self._next()
        if kind == "text":
            return word[1:-1].replace("''", "'").casefold()
        if kind in ("guid", "moment"):
            return word.casefold()
        if word in ("true", "false"):
            return word == "true"
        if word == "null":
            return None
        raise self._error()


def _fold(value: Any) -> Any:
    """Text compares without regard to case, as the directory does (assumed)."""
    return value.casefold() if isinstance(value, str) else value


@lru_cache(maxsize=2048)
def compile_filter(text: str, type_name: str) -> Filter:
    return Filter(text, type_name)


def selection(query: dict[str, str], type_name: str) -> list[str] | None:
    """The members that ``$select`` names, or None."""
    text = query.get("$select")
    if not text or text == "*":
        return None
    names = [name.strip() for name in text.split(",")]
    known = schema.properties(type_name)
    for name in names:
        if name not in known:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' "
                f"on type 'microsoft.graph.{type_name}'."
            )
    return names


def public(data: Data, names: list[str] | None = None) -> Data:
    """What leaves the simulator of an object: all but its own notes, or what was selected."""
    if names is None:
        return {key: value for key, value in data.items() if key[0] != "_"}
    return {key: data[key] for key in ("@odata.type", *names) if key in data}


def page(
    items: list[Data],
    query: dict[str, str],
    headers: Any,
    type_name: str,
    context: str,
    address: str,
    raw_query: str,
    page_size: int,
) -> Data:
    """The answer of a list. ``address`` is the full URL without its query, for the next link."""
    eventual = str(headers.get("ConsistencyLevel", "")).lower() == "eventual"
    counting = query.get("$count", "").lower() == "true"
    if "$count" in query and query["$count"].lower() not in ("true", "false"):
        raise bad_request(f"Invalid value '{query['$count']}' for $count query option found.")
    names = selection(query, type_name)
    if counting and not eventual:
        raise bad_request("$count is not currently supported without the ConsistencyLevel: eventual header.")
    advanced = False
    if "$filter" in query:
        condition = compile_filter(query["$filter"], type_name)
        advanced = condition.advanced or "$orderby" in query
        items = [item for item in items if condition.test(item)]
    if advanced and not (eventual and counting):
        raise unsupported_query(
            "Operator or combination of query options needs the header ConsistencyLevel: eventual and $count=true."
        )
    if "$search" in query:
        items = _search(items, query["$search"], eventual, type_name)
    if "$orderby" in query:
        items = _order(items, query["$orderby"], type_name)
    size = page_size
    if "$top" in query:
        if not query["$top"].isdigit() or not 1 <= int(query["$top"]) <= MAX_TOP:
            raise bad_request(
                f"Invalid page size specified: '{query['$top']}'. Must be between 1 and {MAX_TOP} inclusive."
            )
        size = int(query["$top"])
    start = _position(query.get("$skiptoken"))
    answer: Data = {"@odata.context": context + (f"({','.join(names)})" if names else "")}
    if counting and start == 0:
        answer["@odata.count"] = len(items)
    if start + size < len(items):
        kept = "&".join(
            part for part in raw_query.split("&") if part and not re.match(r"(\$|%24)skiptoken=", part, re.I)
        )
        token = base64.urlsafe_b64encode(f"page:{start + size}".encode()).decode()
        answer["@odata.nextLink"] = f"{address}?{kept + '&' if kept else ''}$skiptoken={quote(token)}"
    answer["value"] = [public(item, names) for item in items[start : start + size]]
    return answer


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, number = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        if word == "page":
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise GraphError(400, "Directory_ExpiredPageToken", "The specified page token value has expired or is invalid.")


def _search(items: list[Data], text: str, eventual: bool, type_name: str) -> list[Data]:
    if not eventual:
        raise unsupported_query(
            "Request with $search query parameter only works with a ConsistencyLevel: eventual header."
        )
    match = re.fullmatch(r'"(\w+):(.+)"', text.strip())
    if match is None or match.group(1) not in schema.properties(type_name):
        raise bad_request("Syntax error: $search needs a double-quoted 'property:text'.")
    name, wanted = match.group(1), match.group(2).casefold()
    return [item for item in items if wanted in str(item.get(name) or "").casefold()]


def _order(items: list[Data], text: str, type_name: str) -> list[Data]:
    name, _space, direction = text.strip().partition(" ")
    if name not in FILTERABLE.get(type_name, ()) or direction not in ("", "asc", "desc"):
        raise unsupported_query(f"Sorting not supported for property '{name}'.")
    return sorted(items, key=lambda item: str(item.get(name) or "").casefold(), reverse=direction == "desc")
