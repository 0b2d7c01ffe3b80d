# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consent: app role assignments and delegated permission grants."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING

from . import odata
from .call import Answer, Call, Route
from .errors import GraphError, bad_request, not_found
from .lists import listing
from .moments import stamp
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

MAX_SCOPE = 3850
ZERO = "00000000-0000-0000-0000-000000000000"


def _opaque(tenant: Tenant) -> str:
    raw = bytes.fromhex(tenant.world.ids.uuid().replace("-", "")) * 2
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def store_assignment(tenant: Tenant, principal: Record, resource: Record, role_id: str, now: datetime) -> Record:
    data = {
        "id": _opaque(tenant),
        "deletedDateTime": None,
        "appRoleId": role_id,
        "createdDateTime": stamp(now),
        "principalDisplayName": principal.data["displayName"],
        "principalId": principal.id,
        "principalType": "ServicePrincipal" if principal.kind == "servicePrincipal" else principal.kind.capitalize(),
        "resourceDisplayName": resource.data["displayName"],
        "resourceId": resource.id,
    }
    return tenant.store.add(Record("appRoleAssignment", data, now))


def store_grant(
    tenant: Tenant, client_id: str, resource_id: str, scope: str, now: datetime, user_id: str | None = None
) -> Record:
    data = {
        "id": _opaque(tenant),
        "clientId": client_id,
        "consentType": "Principal" if user_id else "AllPrincipals",
        "principalId": user_id,
        "resourceId": resource_id,
        "scope": scope,
    }
    return tenant.store.add(Record("oAuth2PermissionGrant", data, now))


def assign(call: Call) -> Answer:
    tenant, body = call.tenant, call.body
    for name in ("principalId", "resourceId", "appRoleId"):
        if not body.get(name):
            raise bad_request(f"A value is required for property '{name}' of resource 'AppRoleAssignment'.")
    to_resource = call.shape.endswith("approleassignedto")
    named = call.record("servicePrincipal")
    principal = tenant.any_object(body["principalId"])
    resource = tenant.find("servicePrincipal", "id", body["resourceId"])
    invalid = bad_request("Not a valid reference update.")
    if principal is None or resource is None or principal.kind not in ("servicePrincipal", "user", "group"):
        raise invalid
    if named.id != (resource.id if to_resource else principal.id):
        raise invalid
    if tenant.within_lag(principal.created) or tenant.within_lag(resource.created):
        raise invalid
    role_id = body["appRoleId"].lower()
    kind = "Application" if principal.kind == "servicePrincipal" else "User"
    known = [role for role in resource.data["appRoles"] if role["id"] == role_id and role["isEnabled"]]
    if role_id != ZERO and not any(kind in role["allowedMemberTypes"] for role in known):
        raise bad_request("Permission being assigned was not found on application.")
    for record in tenant.store.records("appRoleAssignment"):
        data = record.data
        if (data["principalId"], data["resourceId"], data["appRoleId"]) == (principal.id, resource.id, role_id):
            if to_resource:
                raise bad_request("Permission being assigned already exists on the object.")
            raise GraphError(409, "Request_MultipleObjectsWithSameKeyValue", "EntitlementGrant entry already exists.")
    record = store_assignment(tenant, principal, resource, role_id, call.now)
    context = call.context("appRoleAssignments/$entity")
    return Answer(201, {"@odata.context": context, **odata.public(record.data)})


def assignments(call: Call) -> Answer:
    principal = call.data("servicePrincipal")
    items = [data for data in call.store.listed("appRoleAssignment") if data[_side(call)] == principal["id"]]
    return listing(call, items, "appRoleAssignment", f"servicePrincipals('{principal['id']}')/appRoleAssignments")


def assignment(call: Call) -> Answer:
    found = call.data("appRoleAssignment", 1)
    if found[_side(call)] != call.data("servicePrincipal")["id"]:
        raise not_found(call.key(1))
    return Answer(200, {"@odata.context": call.context("appRoleAssignments/$entity"), **odata.public(found)})


def unassign(call: Call) -> Answer:
    principal = call.record("servicePrincipal")
    record = call.store.get("appRoleAssignment", "id", call.key(1))
    if record is None or record.data[_side(call)] != principal.id:
        raise not_found(call.key(1))
    call.store.remove(record, call.now)
    return Answer()


def _side(call: Call) -> str:
    """The member of an assignment that names the principal in the path."""
    return "resourceId" if "approleassignedto" in call.shape else "principalId"


def grant(call: Call) -> Answer:
    tenant, body = call.tenant, call.body
    for name in ("clientId", "consentType", "resourceId", "scope"):
        if body.get(name) is None:
            raise bad_request(f"A value is required for property '{name}' of resource 'OAuth2PermissionGrant'.")
    user_id = body.get("principalId")
    if body["consentType"] not in ("AllPrincipals", "Principal") or (body["consentType"] == "Principal") != bool(
        user_id
    ):
        raise bad_request("Property 'principalId' is needed if and only if 'consentType' is 'Principal'.")
    if "id" in body:
        raise bad_request("Property 'id' is read-only and cannot be set.")
    _scope_fits(body["scope"])
    for name, kind in (("clientId", "servicePrincipal"), ("resourceId", "servicePrincipal"), ("principalId", "user")):
        if body.get(name) is None:
            continue
        found = tenant.find(kind, "id", body[name])
        if found is None or tenant.within_lag(found.created):
            raise GraphError(400, "Request_BadRequest", not_found(body[name]).message)
    for record in tenant.store.records("oAuth2PermissionGrant"):
        if all(
            record.data[name] == body.get(name) for name in ("clientId", "resourceId", "consentType", "principalId")
        ):
            raise GraphError(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")
    record = store_grant(tenant, body["clientId"], body["resourceId"], body["scope"], call.now, user_id)
    context = call.context("oauth2PermissionGrants/$entity")
    return Answer(201, {"@odata.context": context, **odata.public(record.data)})


def _scope_fits(scope: str) -> None:
    if len(scope) > MAX_SCOPE:
        raise bad_request(f"Property 'scope' must not be longer than {MAX_SCOPE} characters.")


def grants(call: Call) -> Answer:
    return listing(call, call.store.listed("oAuth2PermissionGrant"), "oAuth2PermissionGrant", "oauth2PermissionGrants")


def principal_grants(call: Call) -> Answer:
    principal = call.data("servicePrincipal")
    items = [data for data in call.store.listed("oAuth2PermissionGrant") if data["clientId"] == principal["id"]]
    return listing(call, items, "oAuth2PermissionGrant", "oauth2PermissionGrants")


def get_grant(call: Call) -> Answer:
    data = call.data("oAuth2PermissionGrant")
    return Answer(200, {"@odata.context": call.context("oauth2PermissionGrants/$entity"), **odata.public(data)})


def change_grant(call: Call) -> Answer:
    record = call.record("oAuth2PermissionGrant")
    body: Data = call.body
    if set(body) != {"scope"} or body["scope"] is None:
        raise bad_request("Only property 'scope' of an OAuth2PermissionGrant can be changed.")
    _scope_fits(body["scope"])
    record.put(call.now, scope=body["scope"])
    return Answer()


def revoke(call: Call) -> Answer:
    call.store.remove(call.record("oAuth2PermissionGrant"), call.now)
    return Answer()


def _owner(call: Call) -> Record | None:
    return call.store.get("servicePrincipal", *call.keys[0])


def _routes() -> dict[tuple[str, str], Route]:
    routes: dict[tuple[str, str], Route] = {}
    for name in ("approleassignments", "approleassignedto"):
        many, one = f"/serviceprincipals/{{id}}/{name}", f"/serviceprincipals/{{id}}/{name}/{{id}}"
        routes["GET", f"serviceprincipals/{{}}/{name}"] = Route(
            assignments, (many,), owner=_owner, answer="[appRoleAssignment]"
        )
        routes["POST", f"serviceprincipals/{{}}/{name}"] = Route(
            assign, (many,), owner=_owner, request="appRoleAssignment", answer="appRoleAssignment"
        )
        routes["GET", f"serviceprincipals/{{}}/{name}/{{}}"] = Route(
            assignment, (f"GET:{many}",), owner=_owner, answer="appRoleAssignment"
        )
        routes["DELETE", f"serviceprincipals/{{}}/{name}/{{}}"] = Route(unassign, (one,), owner=_owner)
    kind = "oAuth2PermissionGrant"
    many, one = "/oauth2permissiongrants", "/oauth2permissiongrants/{id}"
    routes["GET", "oauth2permissiongrants"] = Route(grants, (many,), answer=f"[{kind}]")
    routes["POST", "oauth2permissiongrants"] = Route(grant, (many,), request=kind, answer=kind)
    routes["GET", "oauth2permissiongrants/{}"] = Route(get_grant, (one,), answer=kind)
    routes["PATCH", "oauth2permissiongrants/{}"] = Route(change_grant, (one,), request=kind)
    routes["DELETE", "oauth2permissiongrants/{}"] = Route(revoke, (one,))
    routes["GET", "serviceprincipals/{}/oauth2permissiongrants"] = Route(
        principal_grants, ("/serviceprincipals/{id}/oauth2permissiongrants",), owner=_owner, answer=f"[{kind}]"
    )
    return routes


ROUTES = _routes()
