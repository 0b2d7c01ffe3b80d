# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Admin consent: app role assignments and delegated grants for all principals (entra-graph.md 1.3, 1.4).

Requesting a permission grants nothing, and a grant needs no request: two lists that are kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .permissions import Permission
from .principals import is_replication

if TYPE_CHECKING:
    from .graph import Graph

ALREADY = ("entry already exists", "being assigned already exists")
SCOPE_LIMIT = 3850


@dataclass
class Grants:
    """What one service principal has been granted.

    :ivar roles: app role assignments, as Graph has them
    :ivar scopes: delegated grants for all principals, by resource id; grants of single users are not ours
    """

    principal_id: str
    roles: list[dict[str, Any]] = field(default_factory=list)
    scopes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def has(self, permission: Permission) -> bool:
        if permission.kind == "application":
            return self.assignment(permission) is not None
        grant = self.scopes.get(permission.resource_id)
        return grant is not None and permission.value in (grant.get("scope") or "").split()

    def assignment(self, permission: Permission) -> dict[str, Any] | None:
        return next(
            (
                entry
                for entry in self.roles
                if entry["appRoleId"] == permission.id and entry["resourceId"] == permission.resource_id
            ),
            None,
        )


def read_grants(graph: Graph, principal_id: str) -> Grants:
    """Two reads, pages followed."""
    roles = graph.list(f"servicePrincipals/{principal_id}/appRoleAssignments")
    listed = graph.list("oauth2PermissionGrants", {"$filter": f"clientId eq '{principal_id}'"})
    scopes = {entry["resourceId"]: entry for entry in listed if entry.get("consentType") == "AllPrincipals"}
    return Grants(principal_id, roles, scopes)


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
    existing = grants.scopes.get(resource_id)
    if existing is None:
        body = {
            "clientId": grants.principal_id,
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": resource_id,
            "scope": _scope_text(values),
        }
        try:
            graph.settle(lambda: graph.post("oauth2PermissionGrants", body), is_replication, timeout)
            return
        except errors.AnswerError as exc:
            if exc.code != "Request_MultipleObjectsWithSameKeyValue":
                raise
        # another run granted in the meantime: what is there now gets what is missing
        existing = read_grants(graph, grants.principal_id).scopes.get(resource_id)
        if existing is None:
            raise errors.WaitError("the delegated grant exists, but reads do not show it yet; run again")
    present = (existing.get("scope") or "").split()
    missing = [value for value in values if value not in present]
    if missing:
        graph.patch(f"oauth2PermissionGrants/{existing['id']}", {"scope": _scope_text([*present, *missing])})


def revoke_role(graph: Graph, assignment: dict[str, Any]) -> None:
    graph.delete(f"servicePrincipals/{assignment['resourceId']}/appRoleAssignedTo/{assignment['id']}")


def revoke_scopes(graph: Graph, grant: dict[str, Any], values: list[str]) -> None:
    """Take named scopes out; the grant goes with its last one."""
    left = [value for value in (grant.get("scope") or "").split() if value not in values]
    path = f"oauth2PermissionGrants/{grant['id']}"
    if left:
        graph.patch(path, {"scope": _scope_text(left)})
    else:
        graph.delete(path)


def _scope_text(values: list[str]) -> str:
    text = " ".join(values)
    if len(text) > SCOPE_LIMIT:
        raise errors.StateError(
            f"permissions: the delegated grant would have {len(text)} characters, Graph takes {SCOPE_LIMIT}"
        )
    return text
