# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Permissions of an API, resolved from its own service principal in the tenant (permissions.md).

A value exists as an application permission and as a delegated one, a wording may belong to two permissions, and
wordings change: so the type is always told, and an ambiguous wording is an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .._guid import GUID
from . import builtin
from .applications import ambiguous
from .builtin import MICROSOFT_GRAPH
from .paths import key_path, odata_quote

if TYPE_CHECKING:
    from .graph import Graph

__all__ = ["MICROSOFT_GRAPH", "ODATA_TYPE", "SELECT", "Api", "Permission", "load_api"]

ODATA_TYPE = {"application": "Role", "delegated": "Scope"}
SELECT = {"$select": "id,appId,displayName,appRoles,oauth2PermissionScopes"}


@dataclass(frozen=True)
class Permission:
    """One permission of one API.

    :ivar resource_id: object id of the API's service principal, "" where it may not be read
    :ivar value: "" where only the id is known
    :ivar kind: application or delegated
    :ivar gone: its API is not in the tenant any more, so that nothing of it can be granted
    """

    api_id: str
    resource_id: str
    id: str
    value: str
    kind: str
    wording: str
    gone: bool = False

    def describe(self) -> dict[str, str]:
        return {"api": self.api_id, "id": self.id, "value": self.value, "type": self.kind, "wording": self.wording}


class Api:
    """The service principal of an API.

    :param principal: as Graph returns it, with roles and scopes
    :param denied: why it could not be read; the principal is then what is known without it
    :param gone: it is not in the tenant any more
    """

    def __init__(
        self, principal: Mapping[str, Any], denied: errors.DeniedError | None = None, gone: bool = False
    ) -> None:
        self.app_id: str = principal["appId"] or ""
        self.resource_id: str = principal["id"]
        self.name: str = principal.get("displayName") or f"the API {self.app_id}"
        self.denied = denied
        self.gone = gone
        roles = [
            (role, [role.get("displayName")])
            for role in principal.get("appRoles") or []
            if "Application" in (role.get("allowedMemberTypes") or ["Application"])
        ]
        scopes = [
            (scope, [scope.get("adminConsentDisplayName"), scope.get("userConsentDisplayName")])
            for scope in principal.get("oauth2PermissionScopes") or []
        ]
        self._wordings: dict[Permission, set[str]] = {}
        self._disabled: set[Permission] = set()
        for kind, entries in (("application", roles), ("delegated", scopes)):
            for entry, wordings in entries:
                texts = [text for text in wordings if text]
                permission = Permission(
                    self.app_id,
                    self.resource_id,
                    entry["id"],
                    entry.get("value") or "",
                    kind,
                    texts[0] if texts else "",
                    gone,
                )
                self._wordings[permission] = {text.casefold() for text in texts}
                if entry.get("isEnabled") is False:
                    self._disabled.add(permission)

    def resolve(self, name: str, kind: str, warn: Callable[[str], None], going: bool = False) -> Permission:
        """The permission that a value, a GUID or a portal's wording names.

        :param warn: told about a wording, because Microsoft changes and translates them
        :param going: nothing of it is asked for any more, so that one that is disabled, retired, or of an API that has
            left the tenant will do
        :raises OptionError: unknown (the nearest are named), disabled, or a GUID of the other type
        :raises AmbiguousError: a wording that two permissions share
        """
        found = self._find(name, kind, warn, going)
        if found in self._disabled and not going:
            raise errors.OptionError(
                "permissions",
                f"'{name}' is disabled at {self.name}, so it cannot be granted; choose another, or use state: absent "
                "and consent: revoke to remove it",
            )
        return found

    def _find(self, name: str, kind: str, warn: Callable[[str], None], going: bool) -> Permission:
        mine = [permission for permission in self._wordings if permission.kind == kind]
        if GUID.fullmatch(name):
            return self._by_id(name.lower(), kind, going)
        old = builtin.values_of_wording(name) if self.app_id == MICROSOFT_GRAPH else set()
        steps: tuple[tuple[bool, Callable[[Permission], bool]], ...] = (
            (False, lambda permission: permission.value == name),
            (False, lambda permission: permission.value.casefold() == name.casefold()),
            (True, lambda permission: name.casefold() in self._wordings[permission]),
            (True, lambda permission: permission.value in old),
        )
        for worded, fits in steps:
            found = [permission for permission in mine if fits(permission)]
            # a value that was retired may have been given to another since
            found = [permission for permission in found if permission not in self._disabled] or found
            if len(found) > 1:
                raise self._shared(name, kind, found)
            if found and worded:
                warn(
                    f"permissions: '{name}' is a display name, which Microsoft changes and translates; "
                    f"{found[0].value or found[0].id} is the name that does not change"
                )
            if found:
                return found[0]
        if going:
            return self._taken(name, kind)
        raise self._unknown(name, kind, mine)

    def _taken(self, value: str, kind: str) -> Permission:
        """A value that the API has not, or not any more; its id may be known all the same."""
        ids = builtin.KNOWN.get(value, (None, None, ()))[:2] if self.app_id == MICROSOFT_GRAPH else (None, None)
        known = ids[0] if kind == "application" else ids[1]
        return Permission(self.app_id, self.resource_id, known or "", value, kind, "", self.gone)

    def by_id(self, identifier: str, kind: str) -> Permission | None:
        """The permission of that id, None when the API has it no more."""
        return next((p for p in self._wordings if p.id == identifier and p.kind == kind), None)

    def by_value(self, value: str, kind: str) -> Permission | None:
        return next((p for p in self._wordings if p.value == value and p.kind == kind), None)

    def _by_id(self, identifier: str, kind: str, going: bool) -> Permission:
        found = self.by_id(identifier, kind)
        if found:
            return found
        other = "delegated" if kind == "application" else "application"
        twin = self.by_id(identifier, other)
        if twin is None and (self.denied is not None or going):
            # taken at its word: Graph refuses at the consent what does not exist, and what is gone has no name
            return Permission(self.app_id, self.resource_id, identifier, "", kind, "", self.gone)
        hint = f"it is the {other} permission {twin.value}" if twin else f"{self.name} has no permission with that ID"
        raise errors.OptionError(
            "permissions", f"'{identifier}' is not one of the {kind} permissions: {hint}; check id and type"
        )

    def _shared(self, name: str, kind: str, found: list[Permission]) -> errors.AmbiguousError:
        listed = ", ".join(f"{permission.value} ({permission.id})" for permission in found)
        return errors.AmbiguousError(
            f"permissions: '{name}' is the display name of more than one {kind} permission of {self.name}; use the "
            f"value of one: {listed}",
            candidates=[permission.describe() for permission in found],
        )

    def _unknown(self, name: str, kind: str, mine: list[Permission]) -> errors.OptionError:
        spellings = {p.value: p.value for p in mine} | {p.wording: p.value for p in mine if p.wording}
        near = difflib.get_close_matches(name, spellings, n=3, cutoff=0.5)
        values = ", ".join(dict.fromkeys(spellings[text] for text in near))
        nearest = f"; the nearest are {values}" if values else "; check the value in the portal"
        if self.denied is not None:
            return errors.OptionError(
                "permissions",
                f"'{name}' is not one of the {kind} permissions of {self.name} that this collection "
                f"knows{nearest if values else ''}; give its id (a GUID), or let the automation read the tenant's own "
                f"list ({self.denied.message})",
            )
        return errors.OptionError("permissions", f"{self.name} has no {kind} permission '{name}'{nearest}")


def load_api(graph: Graph, name: str, going: bool = False, consents: bool = False) -> Api:
    """The API of an app id or a display name.

    :param going: one that is not in the tenant any more will do, by its application id
    :param consents: its object id is needed, and may be listed by who may not read it
    Where the automation may not read it, Microsoft Graph is known by the built-in list and any other by ids alone.

    :raises OptionError: when the tenant has none
    :raises DeniedError: it is named by its display name and may not be looked for
    """
    if name == "Microsoft Graph":
        name = MICROSOFT_GRAPH
    if GUID.fullmatch(name):
        try:
            principal = graph.find(key_path("servicePrincipals", app_id=name.lower()), SELECT)
        except errors.DeniedError as exc:
            if not exc.forbidden:
                raise
            known = builtin.as_principal() if name.lower() == MICROSOFT_GRAPH else {"appId": name.lower(), "id": ""}
            return Api({**known, "id": _listed_id(graph, name.lower()) if consents else ""}, exc)
    else:
        listed = graph.list("servicePrincipals", {"$filter": f"displayName eq {odata_quote(name)}", **SELECT})
        named = [entry for entry in listed if entry.get("displayName") == name]
        if len(named) > 1:
            raise ambiguous(
                f"permissions: {len(named)} APIs are called '{name}'; name one by its application ID", named
            )
        principal = named[0] if named else None
    if principal is None and going and GUID.fullmatch(name):
        return Api({"appId": name.lower(), "id": ""}, gone=True)
    if principal is None:
        raise errors.OptionError(
            "permissions", f"tenant {graph.tenant_id} has no API '{name}'; check its application id"
        )
    return Api(principal)


def _listed_id(graph: Graph, app_id: str) -> str:
    """Object id of an API from a list, which some may see who may not read the API itself; "" where that is refused."""
    try:
        query = {"$filter": f"appId eq {odata_quote(app_id)}", "$select": "id,appId"}
        listed = graph.list("servicePrincipals", query)
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        return ""
    return str(listed[0]["id"]) if listed else ""
