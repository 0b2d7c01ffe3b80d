# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app_permission through its real main() against the simulated tenant."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app_permission
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE

APP = {"unique_name": "usersync-emea"}
GRAPH = "00000003-0000-0000-c000-000000000000"


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP, display_name="User Sync")
    return tenant


def values(result: dict[str, Any], key: str) -> list[str]:
    return sorted(entry["value"] for entry in result[key])


def granted(tenant: Any) -> tuple[int, list[str]]:
    """Number of application permissions and the delegated scopes of the app, from the simulator's own state."""
    state, app_id = tenant.state(), tenant.app("usersync-emea")["appId"]
    principal = next(p["id"] for p in state["servicePrincipals"] if p["appId"] == app_id)
    roles = [entry for entry in state["appRoleAssignments"] if entry["principalId"] == principal]
    scopes = [
        entry["scope"]
        for entry in state["oauth2PermissionGrants"]
        if entry["clientId"] == principal and entry["consentType"] == "AllPrincipals"
    ]
    return len(roles), sorted(" ".join(scopes).split())


def test_twelve_steps(made: Any) -> None:
    more = [*GUIDE, {"name": "Group.Read.All", "type": "application"}]
    for permissions, options, changed in (
        (GUIDE, {"consent": "grant"}, True),
        (GUIDE, {"consent": "grant"}, False),
        (more, {"consent": "grant"}, True),
        (more, {"consent": "grant"}, False),
        (more, {"state": "absent", "consent": "revoke"}, True),
        (more, {"state": "absent", "consent": "revoke"}, False),
    ):
        predicted = made.ok("permission", check=True, **APP, permissions=permissions, **options)
        assert made.writes() == []
        real = made.ok("permission", **APP, permissions=permissions, **options)
        assert predicted["changed"] is real["changed"] is changed
        assert values(predicted, "granted") == values(real, "granted")
        assert bool(made.writes()) is changed and ("diff" in real) is changed
    assert granted(made) == (0, []) and made.app("usersync-emea")["requiredResourceAccess"] == []


def test_grant(made: Any) -> None:
    result = made.ok("permission", **APP, permissions=GUIDE, consent="grant")
    assert values(result, "granted") == ["Directory.Read.All", "User.Read", "User.Read.All", "User.ReadBasic.All"]
    assert granted(made) == (2, ["User.Read", "User.ReadBasic.All"])
    [access] = made.app("usersync-emea")["requiredResourceAccess"]
    assert access["resourceAppId"] == GRAPH and len(access["resourceAccess"]) == 4


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("Directory.Read.All", "application", "Directory.Read.All"),
        ("directory.read.all", "application", "Directory.Read.All"),
        ("Read directory data", "application", "Directory.Read.All"),
        ("Sign in and read user profile", "delegated", "User.Read"),
        ("Sign you in and read your profile", "delegated", "User.Read"),
        ("Read all users' basic profiles", "delegated", "User.ReadBasic.All"),
        ("Read all users' full profiles", "application", "User.Read.All"),
        ("Read all users' full profiles and company properties", "application", "User.Read.All"),
        ("df021288-bdef-4463-88db-98f22de89214", "application", "User.Read.All"),
        ("DF021288-BDEF-4463-88DB-98F22DE89214", "application", "User.Read.All"),
    ],
)
@pytest.mark.parametrize("api", [None, GRAPH])
def test_names(made: Any, name: str, kind: str, value: str, api: str | None) -> None:
    entry = {"name": name, "type": kind, **({"api": api} if api else {})}
    assert values(made.ok("permission", check=True, **APP, permissions=[entry]), "permissions") == [value]


def test_check_changes_no_consent_and_gives_the_address(made: Any) -> None:
    result = made.ok("permission", **APP, permissions=GUIDE, consent="check")
    assert len(result["missing"]) == 4 and granted(made) == (0, [])
    assert result["consent_url"].startswith(made.sim.authority_url)
    assert result["consent_url"].endswith(f"/adminconsent?client_id={made.app('usersync-emea')['appId']}")
    made.ok("permission", **APP, permissions=GUIDE, consent="grant")
    assert made.ok("permission", **APP, permissions=GUIDE, consent="check")["missing"] == []


def test_other_grants_stay(made: Any) -> None:
    app_id = made.app("usersync-emea")["appId"]
    made.sim.seed("consent", app_id=app_id, scopes=["offline_access"])
    user = made.users()[0]
    made.sim.seed("consent", app_id=app_id, scopes=["User.Read"], user_id=user)
    made.ok("permission", **APP, permissions=GUIDE, consent="grant")
    assert granted(made)[1] == ["User.Read", "User.ReadBasic.All", "offline_access"]
    made.ok("permission", **APP, permissions=GUIDE[:1], consent="revoke")
    assert granted(made)[1] == ["User.ReadBasic.All", "offline_access"]
    own = [entry for entry in made.state()["oauth2PermissionGrants"] if entry["principalId"] == user]
    assert [entry["scope"] for entry in own] == ["User.Read"]


def test_requested_list_of_other_apis_stays(tenant: Any) -> None:
    old = tenant.sim.seed("old_app", style="app_registrations", display_name="Old", url="https://jira.example.com")
    before = tenant.apps("Old")[0]["requiredResourceAccess"]
    one = {"app_id": old["app_id"], "permissions": [GUIDE[2]], "mode": "exact"}
    tenant.fails("permission", "adopt", old["key_id"], **one)
    tenant.ok("permission", **one, adopt=old["id"])
    after = {entry["resourceAppId"]: entry for entry in tenant.apps("Old")[0]["requiredResourceAccess"]}
    assert len(after) == len(before) == 2 and len(after[GRAPH]["resourceAccess"]) == 1
    assert not tenant.ok("permission", app_id=old["app_id"], permissions=[GUIDE[2]], mode="exact")["changed"]
    assert not tenant.ok("permission", app_id=old["app_id"], permissions=GUIDE, mode="keep")["changed"]


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (409, "Request_MultipleObjectsWithSameKeyValue", "whatever"),
        (400, "Request_MultipleObjectsWithSameKeyValue", "whatever"),
        (400, "Request_BadRequest", "EntitlementGrant entry already exists."),
        (400, "Request_BadRequest", "Permission being assigned already exists on the object"),
    ],
)
def test_already_assigned_is_no_failure(made: Any, status: int, code: str, message: str) -> None:
    made.sim.fault(
        "error", service="graph", method="POST", path="appRoleAssignedTo", status=status, code=code, message=message
    )
    made.ok("permission", **APP, permissions=[GUIDE[2]], consent="grant")


def test_consent_before_the_principal_is_known_everywhere(made: Any) -> None:
    made.sim.fault("lag", seconds=1)
    made.ok("app", unique_name="usersync-new", display_name="New")
    made.ok("permission", unique_name="usersync-new", permissions=GUIDE, consent="grant")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"name": "Directory.Raed.All", "type": "application"}, ["Directory.Raed.All", "Directory.Read.All"]),
        ({"name": "df021288-bdef-4463-88db-98f22de89214", "type": "delegated"}, ["application", "User.Read.All"]),
        ({"name": "00000000-1111-4000-8000-000000000001", "type": "delegated"}, ["no permission with that ID"]),
        ({"name": "User.Read", "type": "application"}, ["no application permission", "User.Read"]),
        ({"name": "User.Read", "type": "delegated", "api": "Nobody's API"}, ["Nobody's API"]),
        ({"name": " ", "type": "delegated"}, ["permissions", "empty"]),
    ],
)
def test_bad_names(made: Any, entry: dict[str, str], words: list[str]) -> None:
    made.fails("permission", *words, **APP, permissions=[entry])


def test_shared_wording_lists_both(made: Any) -> None:
    result = made.fails(
        "permission",
        "Chat.Read",
        "ChatMessage.Read",
        **APP,
        permissions=[{"name": "Read user chat messages", "type": "delegated"}],
    )
    assert len(result["failure"]["candidates"]) == 2


def test_more_bad_input(made: Any) -> None:
    made.fails("permission", "unique_name", "azuread_app", unique_name="nobody", permissions=GUIDE)
    made.fails("permission", "consent", "absent", **APP, permissions=GUIDE, state="absent", consent="grant")
    made.fails("permission", "permissions", "empty", **APP, permissions=[])
    made.fails("permission", "client_secret", **APP, permissions=GUIDE, client_secret="a-wrong-secret")
    made.sim.fault("unavailable", service="graph", times=50)
    made.fails("permission", "503", **APP, permissions=GUIDE)


def test_check_mode_before_the_app_exists(tenant: Any) -> None:
    result = tenant.ok("permission", check=True, unique_name="later", permissions=GUIDE, consent="grant")
    assert result["changed"] and len(result["granted"]) == 4 and tenant.writes() == []


def test_nothing_to_log_in_with(run_module: Any) -> None:
    result = run_module(azuread_app_permission.main, {"tenant": "example.test", "client_id": "x", "permissions": []})
    assert result["failed"] and "auth_method: no login for Entra ID is given" in result["msg"]


def test_the_diff_names_permissions_with_their_types(tenant: Any) -> None:
    app = tenant.ok("app", unique_name="usersync")["app"]
    asked = [{"name": "Directory.Read.All", "type": "application"}, {"name": "User.Read", "type": "delegated"}]
    first = tenant.ok("permission", object_id=app["object_id"], permissions=asked[:1], consent="grant")["diff"]
    assert first["before"]["requested_permissions"] == [] == first["before"]["consent"]
    both = tenant.ok("permission", object_id=app["object_id"], permissions=asked, consent="grant")["diff"]
    one, two = "Directory.Read.All (application)", "User.Read (delegated)"
    assert both["before"]["requested_permissions"] == first["after"]["requested_permissions"] == [one]
    assert both["after"]["requested_permissions"] == both["after"]["consent"] == [one, two]
    assert both["before"]["consent"] == [one]
