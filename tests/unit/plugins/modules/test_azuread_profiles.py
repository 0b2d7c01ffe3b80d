# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three least-privilege profiles: what each lets each module do, and the sentence about what lacks otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE

APP = {"unique_name": "usersync-emea", "display_name": "User Sync"}
NAMED = {"unique_name": "usersync-emea"}
URI = "https://jira01.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize"
HOLDER = {"holder": "jira01.test", "delivery_window": 0.0, "delivery_timeout": 0.0}
ROLE = {"name": "Directory.Read.All", "type": "application"}
SCOPE = {"name": "User.Read", "type": "delegated"}


@pytest.fixture
def owner(tenant: Any) -> Any:
    """An identity without a single permission that owns one app, made and consented to by an administrator."""
    made = tenant.ok("app", **APP)["app"]
    tenant.ok("permission", **NAMED, permissions=GUIDE, consent="grant")
    # whom it may not look up: the directory's own word that the administrator's automation made the app is enough
    tenant.made_by = {"automation_ids": [tenant.login["client_id"]]}
    tenant.as_identity("owner", owns=[made["app_id"]])
    return tenant


@pytest.fixture(params=[True, False], ids=["may list apps", "may not list apps"])
def owned_by(request: Any, tenant: Any) -> Any:
    """Application.ReadWrite.OwnedBy, of which sources disagree whether it may list apps; both are life."""
    tenant.sim.reset(tenant={"owned_by_lists": request.param})
    tenant.as_identity("owned_by")
    return tenant


def cycle_of_a_secret(tenant: Any) -> None:
    """Mint, confirm, renew, confirm, remove; each twice."""
    minted = tenant.ok("secret", **NAMED, **HOLDER)
    assert minted["secret_text"] and minted["credential"]["own"]
    tenant.ok("secret", **NAMED, **HOLDER, state="confirmed", key_id=minted["credential"]["key_id"])
    assert not tenant.ok("secret", **NAMED, **HOLDER)["changed"] and tenant.writes() == []
    renewed = tenant.ok("secret", **NAMED, **HOLDER, force=True)
    confirmed = tenant.ok("secret", **NAMED, **HOLDER, state="confirmed", retire=renewed["retire"])
    assert confirmed["retired"] == [minted["credential"]["key_id"]]
    assert tenant.ok("secret", **NAMED, **HOLDER, state="absent")["changed"]
    assert not tenant.ok("secret", **NAMED, **HOLDER, state="absent")["changed"]


def test_owner_rotates_secrets(owner: Any) -> None:
    cycle_of_a_secret(owner)
    assert "warnings" not in owner.ok("secret", **NAMED, **HOLDER, expected_roles=["Directory.Read.All"])


def test_owner_changes_its_app(owner: Any) -> None:
    result = owner.ok("app", **APP, **owner.made_by, redirect_uris=[URI])
    assert owner.app("usersync-emea")["web"]["redirectUris"] == [URI] and result["app"]["service_principal"] is None
    [warning] = result["warnings"]
    assert "assumed to have a service principal" in warning and "Application.Read.All" in warning
    again = owner.ok("app", **APP, **owner.made_by, redirect_uris=[URI], service_principal=False)
    assert not again["changed"] and "warnings" not in again and owner.writes() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({**APP, "service_principal_tags": ["a"]}, ["servicePrincipals", "Application.Read.All"]),
        ({**APP, "owners": ["00000000-1111-4000-8000-000000000001"]}, ["owners", "Application.Read.All"]),
        ({"unique_name": "another"}, ["Application.Read.All", "is an owner of the app registration"]),
        ({"display_name": "another"}, ["Application.Read.All"]),
    ],
)
def test_owner_reads_what_it_may_not_in_the_app(owner: Any, options: dict[str, Any], words: list[str]) -> None:
    owner.fails("app", *words, **owner.made_by, **options)


def test_owner_changes_the_requested_list_but_sees_no_consent(owner: Any) -> None:
    more = [*GUIDE, {"name": "Group.Read.All", "type": "application"}]
    result = owner.ok("permission", **NAMED, **owner.made_by, permissions=more)
    [access] = owner.app("usersync-emea")["requiredResourceAccess"]
    assert result["changed"] and len(access["resourceAccess"]) == 5
    assert result["missing"] == [] and len(result["unknown"]) == 5 and result["consent_url"]
    assert len(result["warnings"]) == 1 and "Application.Read.All" in result["warnings"][0]
    again = owner.ok("permission", **NAMED, **owner.made_by, permissions=more, consent="ignore")
    assert not again["changed"] and "warnings" not in again


@pytest.mark.parametrize("consent", ["grant", "revoke"])
def test_owner_cannot_consent(owner: Any, consent: str) -> None:
    result = owner.fails("permission", "Application.Read.All", **NAMED, permissions=GUIDE, consent=consent)
    assert result["failure"]["kind"] == "denied"


def test_owner_sees_its_app(owner: Any) -> None:
    result = owner.ok("info", **NAMED)
    assert result["apps"][0]["unique_name"] == "usersync-emea" and result["apps"][0]["service_principal"] is None
    assert len(result["warnings"]) == 1
    owner.fails("info", "Application.Read.All", tag="usersync-managed")
    told = owner.ok("info", **NAMED, include_owners=True)
    assert told["apps"][0]["owners"] is None and told["apps"][0]["foreign"] is None
    assert any(text.startswith("owners are not shown") and "Application.Read.All" in text for text in told["warnings"])


def test_owned_by_provisions(owned_by: Any) -> None:
    for options, changed in (
        ({"redirect_uris": [URI]}, True),
        ({"redirect_uris": [URI]}, False),
        ({"notes": "changed"}, True),
        ({"service_principal_tags": ["visible"]}, True),
        ({"state": "absent"}, True),
    ):
        predicted = owned_by.ok("app", check=True, **APP, **options)
        assert owned_by.writes() == []
        result = owned_by.ok("app", **APP, **options)
        assert predicted["changed"] is result["changed"] is changed
        assert "warnings" not in result
        assert options.get("state") or result["app"]["service_principal"]["object_id"]


def test_owned_by_rotates_secrets(owned_by: Any) -> None:
    owned_by.ok("app", **APP)
    cycle_of_a_secret(owned_by)


def test_owned_by_finds_its_app_by_display_name(owned_by: Any) -> None:
    owned_by.ok("app", display_name="Just a name")
    again = owned_by.ok("app", display_name="Just a name")
    assert again["how"] == "found" and not again["changed"]


def test_owned_by_leaves_foreign_apps(owned_by: Any) -> None:
    made = owned_by.sim.seed("application", display_name="Foreign", unique_name="foreign")
    words = ("enough only for an owner of the app registration", "grant Application.Read.All")
    owned_by.fails("app", *words, unique_name="foreign", notes="mine now")
    owned_by.fails("secret", *words, unique_name="foreign", **HOLDER)
    owned_by.fails("permission", *words, app_id=made["app_id"], permissions=GUIDE)
    owned_by.fails("info", *words, object_id=made["id"])


def test_owned_by_requests_permissions_from_the_built_in_list(owned_by: Any) -> None:
    owned_by.ok("app", **APP)
    result = owned_by.ok("permission", **NAMED, permissions=[*GUIDE, {**ROLE, "name": "Read all groups"}])
    [access] = owned_by.app("usersync-emea")["requiredResourceAccess"]
    assert len(access["resourceAccess"]) == 5
    assert sorted(entry["value"] for entry in result["missing"]) == [
        "Directory.Read.All",
        "Group.Read.All",
        "User.Read.All",
    ]
    assert sorted(entry["value"] for entry in result["unknown"]) == ["User.Read", "User.ReadBasic.All"]
    wording, lookup = result["warnings"]
    assert "'Read all groups' is a display" in wording and "Group.Read.All" in wording
    assert "delegated" in lookup and "Directory.Read.All or DelegatedPermissionGrant.ReadWrite.All" in lookup


def test_owned_by_sees_consent_to_application_permissions(owned_by: Any) -> None:
    app_id = owned_by.ok("app", **APP)["app"]["app_id"]
    owned_by.sim.seed("consent", app_id=app_id, roles=["Directory.Read.All"])
    result = owned_by.ok("permission", **NAMED, permissions=[ROLE])
    assert result["missing"] == result["unknown"] == [] and "warnings" not in result
    assert not owned_by.ok("permission", **NAMED, permissions=[ROLE], consent="grant")["changed"]


def test_owned_by_takes_ids_at_their_word_and_knows_some_names(owned_by: Any) -> None:
    owned_by.ok("app", **APP)
    unlisted = {"name": "e24d31aa-e1ab-4c80-85fe-23018690335d", "type": "application"}
    other_api = {"name": "5778995a-e1bf-45b8-affa-663a9f3f4d04", "type": "application"}
    other_api["api"] = "00000002-0000-0000-c000-000000000000"
    result = owned_by.ok("permission", **NAMED, permissions=[unlisted, other_api])
    assert [entry["id"] for entry in result["permissions"]] == [unlisted["name"], other_api["name"]]
    for wrong in ("ProfilePhoto.Read.All", "Group.Raed.All"):
        owned_by.fails(
            "permission", wrong, "its id", "Application.Read.All", **NAMED, permissions=[{**ROLE, "name": wrong}]
        )
    delegated = {**ROLE, "name": "e1fe6dd8-ba31-4d61-89e7-88639da4683d"}
    owned_by.fails("permission", "is the delegated permission User.Read", **NAMED, permissions=[delegated])


@pytest.mark.parametrize(
    ("entry", "needs"), [(ROLE, "AppRoleAssignment.ReadWrite.All"), (SCOPE, "DelegatedPermissionGrant")]
)
def test_owned_by_cannot_consent(owned_by: Any, entry: dict[str, str], needs: str) -> None:
    owned_by.ok("app", **APP)
    owned_by.fails("permission", needs, **NAMED, permissions=[entry], consent="grant")
    assert owned_by.app("usersync-emea")["requiredResourceAccess"] == []


def test_delegated_consent_takes_one_permission_and_the_id_of_the_api(tenant: Any) -> None:
    """Microsoft's catalogue lets DelegatedPermissionGrant.ReadWrite.All grant alone; the API is found in a list."""
    tenant.as_identity(permissions=["Application.ReadWrite.OwnedBy", "DelegatedPermissionGrant.ReadWrite.All"])
    tenant.ok("app", **APP)
    result = tenant.ok("permission", **NAMED, permissions=[SCOPE], consent="grant")
    assert [one["value"] for one in result["granted"]] == ["User.Read"]
    assert not tenant.ok("permission", **NAMED, permissions=[SCOPE], consent="grant")["changed"]
    assert tenant.ok("permission", **NAMED, permissions=[SCOPE])["missing"] == []
    tenant.fails("permission", "AppRoleAssignment.ReadWrite.All", **NAMED, permissions=[ROLE], consent="grant")
    assert tenant.ok("permission", **NAMED, permissions=[SCOPE], mode="keep", consent="revoke")["changed"]


def test_delegated_consent_where_nothing_tells_the_id_of_the_api(tenant: Any) -> None:
    tenant.sim.reset(tenant={"owned_by_lists": False})
    tenant.as_identity(permissions=["Application.ReadWrite.OwnedBy", "DelegatedPermissionGrant.ReadWrite.All"])
    tenant.ok("app", **APP)
    result = tenant.run("permission", **NAMED, permissions=[SCOPE], consent="grant")
    assert result["failed"] and "Application.Read.All" in result["msg"], result["msg"]


def test_owned_by_shows_its_apps(owned_by: Any) -> None:
    app_id = owned_by.ok("app", **APP)["app"]["app_id"]
    owned_by.sim.seed("consent", app_id=app_id, roles=["Directory.Read.All"], scopes=["User.Read"])
    result = owned_by.ok("info", **NAMED, include_owners=True, include_grants=True)
    [app] = result["apps"]
    assert [entry["value"] for entry in app["granted_permissions"]] == ["Directory.Read.All"]
    assert len(app["owners"]) == 1 and len(result["warnings"]) == 1


def test_owned_by_and_directory_read_adds_owners(tenant: Any) -> None:
    tenant.as_identity(permissions=["Application.ReadWrite.OwnedBy", "Directory.Read.All"])
    user = tenant.users()[0]
    result = tenant.ok("app", **APP, owners=[user.upper()])
    assert user in result["app"]["owners"] and len(result["app"]["owners"]) == 2
    assert not tenant.ok("app", **APP, owners=[user])["changed"]


def test_owned_by_alone_adds_no_owners(tenant: Any) -> None:
    tenant.as_identity("owned_by")
    tenant.ok("app", **APP)
    result = tenant.run("app", **APP, owners=[tenant.users()[0]])
    assert result["failed"] and "token does not have Directory.Read.All" in result["msg"]
    assert [write[0] for write in tenant.writes()] == ["POST"]


def test_what_the_profiles_may_is_told_by_the_token(tenant: Any) -> None:
    """azuread_app_info with check_permissions, and nothing else, asks Graph for nothing."""
    allowed: dict[str, dict[str, str]] = {}
    for profile in ("owner", "owned_by", "full"):
        tenant.as_identity(profile)
        result = tenant.ok("info", check_permissions=True)
        assert result["apps"] == [] and result["http"]["requests"] == 0
        told = result["automation"]
        assert told["app_id"] == tenant.login["client_id"]
        allowed[profile] = {f"{row['module']}: {row['operation']}": row["allowed"] for row in told["operations"]}
    grant = "azuread_app_permission: consent: grant, application permissions"
    mint = "azuread_app_secret: mint, confirm, retire, remove"
    create = "azuread_app: make a new app"
    assert [allowed[profile][grant] for profile in allowed] == ["no", "no", "yes"]
    assert [allowed[profile][mint] for profile in allowed] == ["own", "own", "yes"]
    assert [allowed[profile][create] for profile in allowed] == ["no", "yes", "yes"]
    assert set(allowed["full"].values()) == {"yes"}
