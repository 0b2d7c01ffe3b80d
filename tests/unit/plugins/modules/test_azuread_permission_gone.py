# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permissions that are retired, disabled, or of an API that has left the tenant can still be looked at and removed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.simulator.entra.call import GRAPH_APP_ID

APP = {"unique_name": "usersync-emea"}
NAMES = {"application": "Group.Read.All", "delegated": "Group.Read.All"}
IDS = {"application": "5b567255-7703-4780-807c-7be8301ae99b", "delegated": "5f8c59db-677d-491f-a6b8-5f174b11ec1d"}
OTHER_API = "77777777-0000-4000-8000-000000000007"
MEMBERS = {"application": "appRoles", "delegated": "oauth2PermissionScopes"}


@pytest.fixture(params=["application", "delegated"])
def kind(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def made(tenant: Any, kind: str) -> Any:
    """An app that has requested and been granted one permission, beside one that stays."""
    tenant.ok("app", **APP)
    stays = {"name": "User.Read.All", "type": kind}
    entries = [{"name": NAMES[kind], "type": kind}, stays]
    tenant.ok("permission", **APP, permissions=entries, consent="grant")
    return tenant


def graph_principal(tenant: Any) -> Any:
    return tenant.sim.world.tenant.find("servicePrincipal", "appId", GRAPH_APP_ID)


def spoil(tenant: Any, kind: str, how: str) -> None:
    """Microsoft retires the permission, or disables it."""
    record, member = graph_principal(tenant), MEMBERS[kind]

    def change() -> None:
        kept = []
        for entry in record.data[member]:
            if entry["id"] != IDS[kind]:
                kept.append(entry)
            elif how == "disabled":
                kept.append({**entry, "isEnabled": False})
        record.put(tenant.sim.world.now(), **{member: kept})

    tenant.sim.call(change)


def granted(tenant: Any) -> set[str]:
    state = tenant.state()
    scopes = {scope for grant in state["oauth2PermissionGrants"] for scope in grant["scope"].split()}
    app_id = tenant.app("usersync-emea")["appId"]
    [principal] = [one["id"] for one in state["servicePrincipals"] if one["appId"] == app_id]
    return scopes | {one["appRoleId"] for one in state["appRoleAssignments"] if one["principalId"] == principal}


def requested(tenant: Any) -> set[str]:
    access = tenant.app("usersync-emea")["requiredResourceAccess"]
    return {item["id"] for api in access for item in api["resourceAccess"]}


@pytest.mark.parametrize("how", ["retired", "disabled"])
@pytest.mark.parametrize("by", ["value", "id"])
def test_removed_and_revoked_all_the_same(made: Any, kind: str, how: str, by: str) -> None:
    spoil(made, kind, how)
    name = NAMES[kind] if by == "value" else IDS[kind]
    entry = {"name": name, "type": kind}
    mark = IDS[kind] if kind == "application" else NAMES[kind]
    looked = made.ok("permission", **APP, permissions=[entry], mode="keep")
    if by == "value" or kind == "application" or how == "disabled":
        assert looked["missing"] == [] and mark in granted(made)
    going = {"permissions": [entry], "state": "absent", "consent": "revoke"}
    predicted = made.ok("permission", check=True, **APP, **going)
    result = made.ok("permission", **APP, **going)
    assert predicted["changed"] is result["changed"] is True
    assert IDS[kind] not in requested(made) and len(requested(made)) == 1
    if by == "value" or kind == "application" or how == "disabled":
        assert mark not in granted(made) and len(granted(made)) == 1
    again = made.ok("permission", **APP, **going)
    assert not again["changed"] and made.writes() == []


@pytest.mark.parametrize("how", ["retired", "disabled"])
def test_not_asked_for_anew(made: Any, kind: str, how: str) -> None:
    spoil(made, kind, how)
    entry = {"name": NAMES[kind], "type": kind}
    word = "is disabled at Microsoft Graph" if how == "disabled" else "has no"
    made.fails("permission", word, **APP, permissions=[entry], consent="grant")
    # it is on the list already, so that looking at it adds nothing
    assert not made.ok("permission", **APP, permissions=[entry])["changed"]
    made.ok("app", unique_name="another")
    made.fails("permission", word, unique_name="another", permissions=[entry])


def test_an_api_that_has_left_the_tenant(tenant: Any, kind: str) -> None:
    access = [{"resourceAppId": OTHER_API, "resourceAccess": [{"id": IDS[kind], "type": "Role"}]}]
    access[0]["resourceAccess"][0]["type"] = {"application": "Role", "delegated": "Scope"}[kind]
    made = tenant.sim.seed("application", display_name="Old", requiredResourceAccess=access)
    named = {"app_id": made["app_id"]}
    entry = {"name": IDS[kind], "type": kind, "api": OTHER_API}
    looked = tenant.ok("permission", **named, permissions=[entry])
    assert not looked["changed"] and [one["id"] for one in looked["missing"]] == [IDS[kind]]
    tenant.fails("permission", "no API", **named, permissions=[entry], consent="grant")
    by_name = {**entry, "name": "Something.Read"}
    told = tenant.ok("permission", **named, permissions=[by_name], state="absent", consent="revoke")
    assert not told["changed"] and IDS[kind] in told["warnings"][0]
    result = tenant.ok("permission", **named, permissions=[entry], state="absent", consent="revoke")
    assert result["changed"]
    assert not tenant.ok("permission", **named, permissions=[entry], state="absent", consent="revoke")["changed"]


REFUSALS = {
    "404": {"status": 404, "code": "Request_ResourceNotFound", "message": "Resource 'x' does not exist."},
    "400": {
        "status": 400,
        "code": "Request_BadRequest",
        "message": "EntitlementGrant being updated or deleted is not found.",
    },
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_revoking_what_is_gone_is_no_failure(made: Any, kind: str, refusal: str, method: str) -> None:
    entries = [{"name": NAMES[kind], "type": kind}]
    if method == "DELETE":
        entries.append({"name": "User.Read.All", "type": kind})
    path = "appRoleAssignedTo" if kind == "application" else "oauth2PermissionGrants"
    # an assignment goes as a whole, a grant may be left with fewer scopes
    method = "DELETE" if kind == "application" else method
    made.sim.fault("error", service="graph", path=path, method=method, times=2, **REFUSALS[refusal])
    assert made.ok("permission", **APP, permissions=entries, mode="keep", consent="revoke")["changed"]


def test_another_refusal_stays_one(made: Any, kind: str) -> None:
    path = "appRoleAssignedTo" if kind == "application" else "oauth2PermissionGrants/"
    made.sim.fault("error", service="graph", path=path, status=400, code="Request_BadRequest", message="No.", times=1)
    result = made.run("permission", **APP, permissions=[{"name": NAMES[kind], "type": kind}], consent="revoke")
    assert result["failed"]


def test_scopes_in_another_case(tenant: Any) -> None:
    """A portal or a script wrote them so; they are the same permissions."""
    app_id = tenant.ok("app", **APP)["app"]["app_id"]
    tenant.sim.seed("consent", app_id=app_id, scopes=["user.read", "GROUP.READ.ALL", "openid"])
    entries = [{"name": "User.Read", "type": "delegated"}, {"name": "Group.Read.All", "type": "delegated"}]
    assert tenant.ok("permission", **APP, permissions=entries)["missing"] == []
    assert not tenant.ok("permission", **APP, permissions=entries, consent="grant")["changed"]
    result = tenant.ok("permission", **APP, permissions=entries[1:], mode="keep", consent="revoke")
    assert [one["value"] for one in result["revoked"]] == ["Group.Read.All"]
    [grant] = tenant.state()["oauth2PermissionGrants"]
    assert sorted(grant["scope"].split()) == ["openid", "user.read"]
    tenant.ok(
        "permission",
        **APP,
        permissions=[*entries, {"name": "User.ReadBasic.All", "type": "delegated"}],
        consent="grant",
    )
    [grant] = tenant.state()["oauth2PermissionGrants"]
    assert sorted(grant["scope"].split()) == ["Group.Read.All", "User.ReadBasic.All", "openid", "user.read"]


def test_roles_and_scopes_of_an_own_api(tenant: Any) -> None:
    """Requested and consented to like those of Microsoft."""
    role, scope = "88888888-0000-4000-8000-000000000001", "88888888-0000-4000-8000-000000000002"
    roles = [
        {
            "id": role,
            "value": "Fleet.Read",
            "displayName": "Read the fleet",
            "description": "Read the fleet",
            "isEnabled": True,
            "allowedMemberTypes": ["Application"],
        }
    ]
    scopes = [
        {
            "id": scope,
            "value": "fleet.use",
            "type": "Admin",
            "isEnabled": True,
            "adminConsentDisplayName": "Use the fleet",
            "adminConsentDescription": "Use the fleet",
        }
    ]
    api = tenant.sim.seed(
        "application", display_name="Fleet API", appRoles=roles, api={"oauth2PermissionScopes": scopes}
    )
    tenant.ok("app", **APP)
    for name in (api["app_id"], "Fleet API"):
        entries = [
            {"name": "Fleet.Read", "type": "application", "api": name},
            {"name": "fleet.use", "type": "delegated", "api": name},
        ]
        result = tenant.ok("permission", **APP, permissions=entries, consent="grant")
    assert not result["changed"] and result["missing"] == []
    [app] = tenant.ok("info", **APP, include_grants=True)["apps"]
    assert {one["value"] for one in app["granted_permissions"]} == {"Fleet.Read", "fleet.use"}
    assert tenant.ok("permission", **APP, permissions=entries, state="absent", consent="revoke")["changed"]
    assert tenant.ok("info", **APP, include_grants=True)["apps"][0]["granted_permissions"] == []


def test_a_type_of_access_that_nobody_knows_yet(tenant: Any) -> None:
    """What Microsoft may add is carried along, and no defect."""
    access = [
        {
            "resourceAppId": GRAPH_APP_ID,
            "resourceAccess": [{"id": IDS["application"], "type": "Agent"}, {"id": IDS["delegated"], "type": "Scope"}],
        }
    ]
    made = tenant.sim.seed("application", display_name="Odd", requiredResourceAccess=access)
    shown = tenant.ok("info", app_id=made["app_id"])["apps"][0]["requested_permissions"]
    assert {one["type"] for one in shown} == {"Agent", "delegated"}
    entries = [{"name": "User.Read", "type": "delegated"}]
    assert tenant.ok("permission", app_id=made["app_id"], permissions=entries)["changed"]
    [app] = [one for one in tenant.state()["applications"] if one["appId"] == made["app_id"]]
    assert {"id": IDS["application"], "type": "Agent"} in app["requiredResourceAccess"][0]["resourceAccess"]


KEEP = [{"name": "Directory.Read.All", "type": "application"}]


def test_what_must_stay_is_not_removed(tenant: Any) -> None:
    tenant.ok("app", **APP)
    both = [*KEEP, {"name": "User.Read.All", "type": "application"}]
    tenant.ok("permission", **APP, permissions=both, consent="grant")
    for more in ({"state": "absent", "consent": "revoke"}, {"state": "absent"}, {"mode": "keep", "consent": "revoke"}):
        result = tenant.fails("permission", "must stay", **APP, permissions=both, keep_at_least=KEEP, **more)
        assert result["failure"]["code"] == "permission_needed"
    by_id = [{"name": "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "type": "application"}]
    tenant.fails("permission", "must stay", **APP, permissions=by_id, keep_at_least=KEEP, state="absent")
    going = {"permissions": both[1:], "keep_at_least": KEEP, "state": "absent", "consent": "revoke"}
    predicted = tenant.ok("permission", check=True, **APP, **going, only_own_apps=True)
    assert predicted["changed"] and tenant.writes() == []
    assert [one["value"] for one in predicted["revoked"]] == ["User.Read.All"]
    assert tenant.ok("permission", **APP, **going, only_own_apps=True)["changed"]
    assert not tenant.ok("permission", **APP, **going, only_own_apps=True)["changed"]
    assert tenant.ok("permission", **APP, permissions=KEEP)["missing"] == []


def test_an_app_that_somebody_else_made_keeps_what_it_has(tenant: Any) -> None:
    made = tenant.sim.seed("application", display_name="Clicked together", unique_name="usersync-emea")
    tenant.sim.seed("consent", app_id=made["app_id"], roles=["Directory.Read.All", "User.Read.All"])
    entry = [{"name": "User.Read.All", "type": "application"}]
    going = {"permissions": entry, "state": "absent", "consent": "revoke"}
    result = tenant.fails("permission", "created by", **APP, **going, only_own_apps=True)
    assert result["failure"]["code"] == "not_own_app"
    other = tenant.as_identity("full")["client_id"]
    tenant.ok("app", unique_name="of-another-automation")
    named = {"unique_name": "of-another-automation", **going, "only_own_apps": True}
    assert not tenant.ok("permission", **named)["changed"]
    tenant.as_identity("full")
    tenant.fails("permission", other, **named)
    assert not tenant.ok("permission", **named, automation_ids=[other])["changed"]
    assert tenant.ok("permission", **APP, **going)["changed"]
