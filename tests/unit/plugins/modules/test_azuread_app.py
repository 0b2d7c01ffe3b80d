# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app through its real main(), with the real msal, over TLS against the simulated tenant."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app

URI = "https://jira01.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize"
PORTAL_URL = "https://jira.example.com"
APP = {"unique_name": "usersync-emea", "display_name": "User Sync (O'Neil & Co)"}


def test_twelve_steps(tenant: Any) -> None:
    """Create, again, change, again, remove, again; each first in check mode, which writes nothing."""
    change = {"redirect_uris": [URI], "notes": "made by a test", "home_page_url": PORTAL_URL}
    for options, changed in (
        ({}, True),
        ({}, False),
        (change, True),
        (change, False),
        ({"state": "absent"}, True),
        ({"state": "absent"}, False),
    ):
        predicted = tenant.ok("app", check=True, **APP, **options)
        assert tenant.writes() == []
        real = tenant.ok("app", **APP, **options)
        assert predicted["changed"] is real["changed"] is changed, (options, predicted, real)
        assert ("diff" in real) is changed and ("diff" in predicted) is changed
        assert bool(tenant.writes()) is changed


def test_create(tenant: Any) -> None:
    result = tenant.ok("app", **APP, redirect_uris=[URI], tags=["team:itsm"], service_principal_tags=["visible"])
    app = tenant.app("usersync-emea")
    assert app["displayName"] == APP["display_name"] and app["web"]["redirectUris"] == [URI]
    assert app["signInAudience"] == "AzureADMyOrg" and set(app["tags"]) == {"usersync-managed", "team:itsm"}
    assert result["app"]["app_id"] == app["appId"] and result["how"] == "created"
    assert result["tenant_id"] == tenant.sim.tenant_id
    principal = next(p for p in tenant.state()["servicePrincipals"] if p["appId"] == app["appId"])
    assert principal["tags"] == ["visible"]
    assert result["app"]["service_principal"]["object_id"] == principal["id"]


def test_tenant_by_domain(tenant: Any) -> None:
    result = tenant.ok("app", **APP, tenant=tenant.sim.tenant_domain)
    assert result["tenant_id"] == tenant.sim.tenant_id


def test_not_given_is_left_alone_and_empty_clears(tenant: Any) -> None:
    tenant.ok("app", **APP, redirect_uris=[URI], spa_redirect_uris=["https://spa.example.com"], notes="x", tags=["a"])
    tenant.ok("app", **APP, logout_url="https://jira01.example.com/out")
    web = tenant.app("usersync-emea")["web"]
    assert web["redirectUris"] == [URI] and web["logoutUrl"] == "https://jira01.example.com/out"
    tenant.ok("app", **APP, redirect_uris=[], notes="", tags=[])
    app = tenant.app("usersync-emea")
    assert app["web"]["redirectUris"] == [] and app["web"]["logoutUrl"] and app["notes"] is None
    assert app["spa"]["redirectUris"] == ["https://spa.example.com"] and app["tags"] == ["usersync-managed"]


@pytest.mark.parametrize(
    ("mode", "wanted", "left"),
    [
        ("merge", ["c"], ["a", "b", "c"]),
        ("exact", ["b", "c"], ["b", "c"]),
        ("absent", ["a", "z"], ["b"]),
        ("merge", ["b", "a"], None),
        ("exact", ["b", "a"], None),
    ],
)
def test_list_modes(tenant: Any, mode: str, wanted: list[str], left: list[str] | None) -> None:
    def uris(names: list[str]) -> list[str]:
        return [f"https://{name}.example.com/cb" for name in names]

    tenant.ok("app", **APP, redirect_uris=uris(["a", "b"]))
    result = tenant.ok("app", **APP, redirect_uris=uris(wanted), list_modes={"redirect_uris": mode})
    assert result["changed"] is (left is not None)
    assert sorted(tenant.app("usersync-emea")["web"]["redirectUris"]) == uris(left or ["a", "b"])


def test_unknown_members_of_the_web_platform_survive(tenant: Any) -> None:
    made = tenant.sim.seed("old_app", style="app_registrations", display_name="Old", url=PORTAL_URL)
    tenant.ok("app", app_id=made["app_id"], redirect_uris=[URI], adopt=made["id"])
    app = tenant.apps("Old")[0]
    assert app["web"]["implicitGrantSettings"]["enableIdTokenIssuance"] is True
    assert len(app["web"]["redirectUris"]) == 2 and app["web"]["homePageUrl"].startswith(PORTAL_URL)


@pytest.mark.parametrize("style", ["registration_portal", "app_registrations", "new_portal"])
def test_leftovers_of_the_portals_are_adopted(tenant: Any, style: str) -> None:
    made = tenant.sim.seed("old_app", style=style, display_name="UserSync Prod", url=PORTAL_URL)
    before = tenant.apps("UserSync Prod")[0]
    wanted = {"unique_name": "usersync-emea", "display_name": "UserSync Prod"}
    refused = tenant.fails("app", "adopt", made["key_id"], "az ad app credential delete", app_id=made["app_id"])
    assert refused["failure"]["object_id"] == made["id"] and tenant.writes() == []
    tenant.fails("app", "adopt", "no app", **wanted, adopt="00000000-1111-4000-8000-000000000001")
    result = tenant.ok("app", **wanted, adopt=made["id"])
    assert made["key_id"] in result["warnings"][0]
    assert result["how"] == "adopted" and result["app"]["app_id"] == made["app_id"]
    [after] = tenant.apps("UserSync Prod")
    assert after["uniqueName"] == "usersync-emea"
    for member in ("requiredResourceAccess", "web", "passwordCredentials", "signInAudience", "identifierUris"):
        assert after[member] == before[member]
    again = tenant.ok("app", **wanted, adopt=made["id"])
    assert not again["changed"] and again["how"] == "adopted" and tenant.writes() == []


def test_two_namesakes_are_an_error_that_lists_them(tenant: Any) -> None:
    twins = tenant.sim.seed("twins", display_name="User Sync")
    result = tenant.fails("app", "display_name", "2 apps", twins[0]["app_id"], twins[1]["id"], display_name="User Sync")
    assert len(result["failure"]["candidates"]) == 2
    tenant.ok("app", app_id=twins[0]["app_id"], notes="this one")


def test_display_name_alone_finds_what_it_made(tenant: Any) -> None:
    assert tenant.ok("app", display_name="Just a name")["how"] == "created"
    again = tenant.ok("app", display_name="Just a name")
    assert again["how"] == "found" and not again["changed"] and len(tenant.apps("Just a name")) == 1


@pytest.mark.parametrize("choice", ["fail", "restore", "purge"])
def test_deleted_namesake(tenant: Any, choice: str) -> None:
    first = tenant.ok("app", **APP)["app"]["app_id"]
    tenant.ok("app", **APP, state="absent")
    if choice == "fail":
        tenant.fails("app", "if_deleted", "restore", **APP)
        return
    predicted = tenant.ok("app", check=True, **APP, if_deleted=choice)
    assert predicted["changed"] and tenant.writes() == []
    result = tenant.ok("app", **APP, if_deleted=choice)
    assert result["changed"] and (result["app"]["app_id"] == first) is (choice == "restore")
    assert result["app"]["service_principal"]["object_id"]
    assert not tenant.ok("app", **APP)["changed"]


def test_remove_is_soft_unless_told(tenant: Any) -> None:
    tenant.ok("app", **APP)
    tenant.ok("app", **APP, state="absent")
    assert [app["uniqueName"] for app in tenant.state()["deleted"] if app.get("uniqueName")] == ["usersync-emea"]
    tenant.ok("app", **APP, state="absent", purge=True)
    assert [app for app in tenant.state()["deleted"] if app.get("uniqueName")] == []
    assert not tenant.ok("app", **APP, state="absent", purge=True)["changed"]


def test_unique_name_cannot_be_changed(tenant: Any) -> None:
    app_id = tenant.ok("app", **APP)["app"]["app_id"]
    tenant.fails("app", "unique_name", "usersync-emea", app_id=app_id, unique_name="other")


def test_owners(tenant: Any) -> None:
    caller = next(p["id"] for p in tenant.state()["servicePrincipals"] if p["displayName"] == "usersync-automation")
    users = tenant.users()[:2]
    result = tenant.ok("app", **APP, owners=users)
    assert set(users) <= set(result["app"]["owners"])
    result = tenant.ok("app", **APP, owners=users[:1], list_modes={"owners": "exact"})
    assert set(tenant.app("usersync-emea")["owners"]) - {caller} == {users[0]}
    assert not tenant.ok("app", **APP, owners=users[:1], list_modes={"owners": "exact"})["changed"]


def test_created_though_the_answer_was_lost(tenant: Any) -> None:
    tenant.sim.fault("lost_answer", service="graph", method="POST", path="applications")
    assert tenant.ok("app", **APP)["changed"] and len(tenant.apps(APP["display_name"])) == 1


def test_replication_lag_is_waited_for(tenant: Any) -> None:
    tenant.sim.fault("lag", seconds=1)
    result = tenant.ok("app", **APP, redirect_uris=[URI])
    assert result["app"]["service_principal"]["object_id"] and result["http"]["retries"] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ["unique_name", "object_id"]),
        ({"unique_name": ""}, ["unique_name", "empty"]),
        ({"unique_name": "x" * 121}, ["unique_name", "121", "120"]),
        ({"display_name": "  "}, ["display_name", "empty"]),
        ({"display_name": "{{ name }}"}, ["display_name", "template"]),
        ({"app_id": "usersync"}, ["app_id", "GUID"]),
        ({**APP, "redirect_uris": ["http://jira.example.com/cb"]}, ["redirect_uris", "https"]),
        ({**APP, "redirect_uris": ["/cb"]}, ["redirect_uris", "absolute"]),
        ({**APP, "redirect_uris": ["https://a:b@jira.example.com/cb"]}, ["redirect_uris", "must not contain a login"]),
        ({**APP, "home_page_url": "https://jira.example.com/?os_password=b"}, ["home_page_url", "not contain a login"]),
        ({**APP, "tags": ["two words"]}, ["tags", "white space"]),
        ({**APP, "owners": ["anna@example.com"]}, ["owners", "object id"]),
        ({**APP, "purge": True}, ["purge", "absent"]),
        ({**APP, "home_page_url": "jira"}, ["home_page_url", "https"]),
        ({**APP, "tenant": "nowhere.example"}, ["tenant"]),
        ({**APP, "client_secret": "wrong-one"}, ["client_secret"]),
        ({**APP, "ca_path": "/nowhere/ca.pem"}, ["ca_path"]),
        ({"app_id": "00000000-1111-4000-8000-000000000001"}, ["app_id", "no app registration"]),
    ],
)
def test_bad_input(tenant: Any, options: dict[str, Any], words: list[str]) -> None:
    tenant.fails("app", *words, **options)


def test_server_error(tenant: Any) -> None:
    tenant.sim.fault("unavailable", service="graph", times=50, html=True)
    tenant.fails("app", "503", **APP)


def test_permission_that_lacks_is_named(tenant: Any) -> None:
    login = tenant.sim.seed("identity", profile="none")
    tenant.login.update(client_id=login["client_id"], client_secret=login["client_secret"])
    tenant.fails("app", "Application.Read", **APP)


def test_nothing_to_log_in_with(run_module: Any) -> None:
    result = run_module(azuread_app.main, {"tenant": "example.test", "client_id": "x"})
    assert result["failed"] and "auth_method: no login for Entra ID is given" in result["msg"]
