# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Admin consent: app role assignments and delegated grants for all principals (FIDELITY.md, Applications and secrets).

Requesting a permission grants nothing, and a grant needs no request: two lists that are kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .permissions import Permission
from .principals import is_replication

if TYPE_CHECKING:
    from .graph import Graph

KINDS = ("application", "delegated")
GONE = ("being updated or deleted is not found", "permission being assigned was not found on application")
ALREADY = ("entry already exists", "being assigned already exists")
SCOPE_LIMIT = 3850


@dataclass
class Grants:
    """What one service principal has been granted.

    :ivar roles: app role assignments, as Graph has them; None when not read
    :ivar scopes: delegated grants for all principals, by resource id; grants of single users are not ours
    """

    principal_id: str
    roles: list[dict[str, Any]] | None = field(default_factory=list)
    scopes: dict[str, dict[str, Any]] | None = field(default_factory=dict)

    def tells(self, permission: Permission) -> bool:
        """Whether what was read says if this permission was granted."""
        if permission.kind == "application":
            return self.roles is not None
        # what was granted of an API that has left the tenant went with it
        named = bool(permission.resource_id) or permission.gone
        return self.scopes is not None and (named or not self.scopes)

    def has(self, permission: Permission) -> bool:
        if permission.kind == "application":
            return self.assignment(permission) is not None
        grant = self.scope_grant(permission.resource_id)
        return grant is not None and permission.value.casefold() in (grant.get("scope") or "").casefold().split()

    def assignment(self, permission: Permission) -> dict[str, Any] | None:
        return next(
            (
                entry
                for entry in self.roles or []
                if entry["appRoleId"] == permission.id
                # ids of permissions are unique, so that will do where the API itself may not be read, or is gone
                and permission.resource_id in ("", entry["resourceId"])
            ),
            None,
        )

    def scope_grant(self, resource_id: str) -> dict[str, Any] | None:
        return (self.scopes or {}).get(resource_id)


def read_grants(
    graph: Graph, principal_id: str, kinds: Collection[str] = KINDS, warn: Callable[[str], None] | None = None
) -> Grants:
    """One read for each kind, pages followed.

    :param kinds: application, delegated; the others stay unread
    :param warn: told what may not be read; without it that is an error
    :raises DeniedError: it may not be read
    """
    grants = Grants(principal_id, None, None)
    for kind in kinds:
        try:
            if kind == "application":
                grants.roles = graph.list(f"servicePrincipals/{principal_id}/appRoleAssignments")
            else:
                listed = graph.list("oauth2PermissionGrants", {"$filter": f"clientId eq '{principal_id}'"})
                for_all = [entry for entry in listed if entry.get("consentType") == "AllPrincipals"]
                grants.scopes = {entry["resourceId"]: entry for entry in for_all}
        except errors.DeniedError as exc:
            if warn is None or not exc.forbidden:
                raise
            warn(f"consent to {kind} permissions could not be looked up: {exc.message}")
    return grants


def grant_role(graph: Graph, grants: Grants, permission: Permission, timeout: float) -> None:
    """Assign an app role; one that is there already, in any of the ways Graph says it, is no failure.

    :param timeout: seconds to wait for a principal made a moment ago; 0 for an older one
    """
    body = {"principalId": grants.principal_id, "resourceId": permission.resource_id, "appRoleId": permission.id}
    path = f"servicePrincipals/{permission.resource_id}/appRoleAssignedTo"
    try:
        graph.settle(lambda: graph.post(path, body, repeatable=True), is_replication, timeout)
    except errors.AnswerError as exc:
        text = str(exc.details.get("text") or "").lower()
        if exc.code != "Request_MultipleObjectsWithSameKeyValue" and not any(mark in text for mark in ALREADY):
            raise


def grant_scopes(graph: Graph, grants: Grants, resource_id: str, values: list[str], timeout: float) -> None:
    """Add delegated scopes for all principals to what is there."""
    existing = grants.scope_grant(resource_id)
    if existing is None:
        body = {
            "clientId": grants.principal_id,
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": resource_id,
            "scope": scope_text(None, values),
        }
        try:
            # sent again after a lost answer: a second grant is refused, and then found
            graph.settle(lambda: graph.post("oauth2PermissionGrants", body, repeatable=True), is_replication, timeout)
            return
        except errors.AnswerError as exc:
            if exc.code != "Request_MultipleObjectsWithSameKeyValue":
                raise
        existing = _patient(graph, grants.principal_id, resource_id)
    text = scope_text(existing, values)
    if text != existing.get("scope"):
        graph.patch(f"oauth2PermissionGrants/{existing['id']}", {"scope": text})


def _patient(graph: Graph, principal_id: str, resource_id: str) -> dict[str, Any]:
    """The grant that exists, as Graph has just said, though not every replica may show it yet."""
    for pause in (0.5, 1.0, 2.0, 4.0, None):
        found = read_grants(graph, principal_id, ["delegated"]).scope_grant(resource_id)
        if found is not None:
            return found
        if pause is not None:
            graph.run.sleep(pause)
    raise errors.WaitError("the delegated grant exists, but Graph does not show it yet; run again")


def revoke_role(graph: Graph, assignment: dict[str, Any]) -> None:
    """Take an app role away; one that is gone is no failure."""
    with _gone_is_fine():
        graph.delete(f"servicePrincipals/{assignment['resourceId']}/appRoleAssignedTo/{assignment['id']}")


def revoke_scopes(graph: Graph, grant: dict[str, Any], values: list[str]) -> None:
    """Take named scopes out, in whatever case the grant has them; it goes with its last one."""
    going = {value.casefold() for value in values}
    left = [value for value in (grant.get("scope") or "").split() if value.casefold() not in going]
    path = f"oauth2PermissionGrants/{grant['id']}"
    with _gone_is_fine():
        if left:
            graph.patch(path, {"scope": " ".join(left)})
        else:
            graph.delete(path)


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    """Graph tells in two ways that what shall be revoked is gone (FIDELITY.md, Graph in general)."""
    try:
        yield
    except errors.NotFoundError as exc:
        if exc.code is None:
            raise
    except errors.AnswerError as exc:
        text = str(exc.details.get("text") or "").lower()
        if exc.details.get("status") != 400 or not any(mark in text for mark in GONE):
            raise


def scope_text(existing: dict[str, Any] | None, values: list[str]) -> str:
    """The text of a grant with these values added.

    :raises StateError: longer than Graph takes
    """
    present = ((existing or {}).get("scope") or "").split()
    held = {value.casefold() for value in present}
    text = " ".join([*present, *(value for value in dict.fromkeys(values) if value.casefold() not in held)])
    if len(text) > SCOPE_LIMIT:
        raise errors.StateError(
            f"permissions: the delegated grant would have {len(text)} characters, and Graph allows {SCOPE_LIMIT}; "
            "revoke some that are no longer used, or split them between two apps",
            code="scope_limit",
        )
    return text
