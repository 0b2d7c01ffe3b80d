# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app_permission where it is hard: other APIs, other runs at the same time, limits, and true predictions."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import requests
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE

APP = {"unique_name": "usersync-emea"}
LEGACY = "00000002-0000-0000-c000-000000000000"
ROLE = {"name": "Directory.Read.All", "type": "application"}
SCOPE = {"name": "User.Read", "type": "delegated"}


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP, display_name="User Sync")
    return tenant


@pytest.mark.parametrize("api", [LEGACY, "Windows Azure Active Directory"])
def test_another_api(made: Any, api: str) -> None:
    entries = [{**SCOPE, "api": api}, {**ROLE, "api": api}, SCOPE]
    result = made.ok("permission", **APP, permissions=entries, consent="grant")
    assert [entry["api"] for entry in result["permissions"]].count(LEGACY) == 2
    assert len(result["granted"]) == 3 and len(made.app("usersync-emea")["requiredResourceAccess"]) == 2
    assert len({entry["resourceId"] for entry in made.state()["oauth2PermissionGrants"]}) == 2
    shown = made.ok("info", **APP, include_grants=True)["apps"][0]["granted_permissions"]
    assert sorted(entry["api"] == LEGACY for entry in shown) == [False, True, True]


def test_an_api_that_two_bear(made: Any) -> None:
    twins = made.sim.seed("twins", display_name="Our API")
    made.fails("permission", "2 APIs", twins[0]["app_id"], **APP, permissions=[{**ROLE, "api": "Our API"}])


def test_a_wording_is_taken_with_a_warning_and_its_value_without(made: Any) -> None:
    worded = made.ok("permission", **APP, permissions=[{"name": "Read directory data", "type": "application"}])
    assert worded["warnings"] == [
        "permissions: 'Read directory data' is a display name, which Microsoft changes and translates; "
        "Directory.Read.All is the name that does not change"
    ]
    again = made.ok("permission", **APP, permissions=[ROLE])
    assert not again["changed"] and "warnings" not in again


def test_the_same_permission_twice_is_granted_once(made: Any) -> None:
    twice = [ROLE, {"name": "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "type": "application"}]
    assert len(made.ok("permission", **APP, permissions=twice, consent="grant")["granted"]) == 1
    assert [method for method, path in made.writes() if "appRole" in path] == ["POST"]


def test_a_disabled_permission_cannot_be_asked_for(made: Any) -> None:
    def disable() -> None:
        record = made.sim.world.tenant.find("servicePrincipal", "appId", "00000003-0000-0000-c000-000000000000")
        roles = [{**role, "isEnabled": role["value"] != ROLE["name"]} for role in record.data["appRoles"]]
        record.data = {**record.data, "appRoles": roles}

    made.sim.call(disable)
    made.fails("permission", "'Directory.Read.All' is disabled at Microsoft Graph", **APP, permissions=[ROLE])


@pytest.mark.parametrize("entry", [ROLE, SCOPE])
@pytest.mark.parametrize("consent", ["grant", "revoke"])
def test_a_lost_answer_is_made_good(made: Any, entry: dict[str, str], consent: str) -> None:
    if consent == "revoke":
        made.ok("permission", **APP, permissions=[entry], consent="grant")
    method = {"grant": "POST", "revoke": "DELETE"}[consent]
    made.sim.fault("lost_answer", service="graph", method=method, path="appRole|oauth2")
    made.ok("permission", **APP, permissions=[entry], consent=consent)
    assert not made.ok("permission", **APP, permissions=[entry], consent=consent)["changed"]


def test_a_grant_that_is_gone_meanwhile_is_revoked(made: Any) -> None:
    made.ok("permission", **APP, permissions=[ROLE, SCOPE], consent="grant")
    for path in ("appRoleAssignedTo", "oauth2PermissionGrants"):
        made.sim.fault(
            "error", service="graph", method="DELETE", path=path, status=404, code="Request_ResourceNotFound"
        )
    assert len(made.ok("permission", **APP, permissions=[ROLE, SCOPE], consent="revoke")["revoked"]) == 2


def test_an_old_app_without_principal(tenant: Any) -> None:
    app = tenant.sim.seed("application", display_name="Lonely", service_principal=False)
    named = {"app_id": app["app_id"], "permissions": [ROLE]}
    assert len(tenant.ok("permission", **named, mode="keep")["missing"]) == 1
    result = tenant.run("permission", **named, mode="keep", consent="grant")
    assert result["failed"] and "service_principal: true" in result["msg"] and tenant.writes() == []


def test_limits_of_the_requested_list(tenant: Any) -> None:
    def full(apis: int, each: int) -> list[dict[str, Any]]:
        return [
            {
                "resourceAppId": f"00000000-0000-4000-8000-{api:012d}",
                "resourceAccess": [
                    {"id": f"00000000-0000-4000-9000-{number:012d}", "type": "Role"} for number in range(each)
                ],
            }
            for api in range(apis)
        ]

    many = tenant.sim.seed("application", display_name="Many", requiredResourceAccess=full(4, 100))
    tenant.fails("permission", "401 permissions", "400", app_id=many["app_id"], permissions=[ROLE])
    wide = tenant.sim.seed("application", display_name="Wide", requiredResourceAccess=full(50, 1))
    tenant.fails("permission", "51 APIs", "50", app_id=wide["app_id"], permissions=[ROLE], check=True)
    assert tenant.ok("permission", app_id=wide["app_id"], permissions=[], mode="exact")["changed"]
    assert tenant.apps("Wide")[0]["requiredResourceAccess"] == []


def test_more_contradictions(made: Any) -> None:
    made.fails("permission", "mode", "exact", **APP, permissions=[ROLE], state="absent", mode="exact")
    made.fails("permission", "permissions", "empty", **APP, permissions=[], state="absent")
    made.fails("permission", "permissions", "template", **APP, permissions=[{**ROLE, "name": "{{ one }}"}])
    made.fails("permission", "permissions.api", "is empty", **APP, permissions=[{**ROLE, "api": " "}])
    made.fails("permission", "type", **APP, permissions=[{"name": "User.Read"}])
    made.fails("permission", "type", **APP, permissions=[{"name": "User.Read", "type": "both"}])
    made.fails("permission", "settle_timeout", **APP, permissions=[ROLE], settle_timeout=-1)


BEFORE = [[], GUIDE[:1], [GUIDE[0], GUIDE[2]], GUIDE]


@pytest.mark.parametrize(
    ("state", "mode", "consent"),
    [
        (state, mode, consent)
        for state, mode, consent in itertools.product(
            ("present", "absent"), ("merge", "exact", "keep"), ("grant", "check", "revoke", "ignore")
        )
        if state == "present" or (mode != "exact" and consent != "grant")
    ],
)
def test_check_mode_tells_what_the_real_run_does(made: Any, state: str, mode: str, consent: str) -> None:
    """For every action on four different beginnings; the second run changes nothing."""
    for number, before in enumerate(BEFORE):
        name = {"unique_name": f"app-{number}"}
        made.ok("app", **name)
        if before:
            made.ok("permission", **name, permissions=before, consent="grant")
        wanted = {**name, "permissions": GUIDE[1:3], "state": state, "mode": mode, "consent": consent}
        predicted = made.ok("permission", check=True, **wanted)
        assert made.writes() == []
        real = made.ok("permission", **wanted)
        for key in ("changed", "granted", "revoked", "missing", "unknown", "permissions", "diff"):
            assert predicted.get(key) == real.get(key), key
        assert bool(made.writes()) is real["changed"]
        again = made.ok("permission", **wanted)
        assert not again["changed"] and made.writes() == []


def test_the_address_of_consent_works(made: Any) -> None:
    """An administrator opens it and accepts; the page itself wants a redirect URI (test_entra_profiles.py)."""
    session = requests.Session()
    session.trust_env, session.verify = False, made.sim.ca_file
    lonely = made.ok("permission", **APP, permissions=GUIDE)
    refused = session.get(lonely["consent_url"])
    assert len(lonely["missing"]) == 4 and refused.status_code == 400 and "AADSTS500113" in refused.text

    made.ok("app", **APP, redirect_uris=["https://jira.example.com/callback"])
    waiting = made.ok("permission", **APP, permissions=GUIDE)
    page = session.get(waiting["consent_url"])
    assert page.status_code == 200 and "Accept" in page.text
    form = {"client_id": waiting["app"]["app_id"], "redirect_uri": ""}
    answer = session.post(waiting["consent_url"].partition("?")[0], data=form, allow_redirects=False)
    assert answer.status_code == 302 and "admin_consent=True" in answer.headers["Location"]
    assert made.ok("permission", **APP, permissions=GUIDE)["missing"] == []


def test_no_address_for_an_app_that_would_be_made(tenant: Any) -> None:
    assert tenant.ok("permission", check=True, unique_name="later", permissions=GUIDE)["consent_url"] is None
