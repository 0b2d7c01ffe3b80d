# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fifteen pitfalls of Graph: one test each, through the real main()."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fleetops.usersync.plugins.module_utils import _front
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions import azuread_app_secret
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE

APP = {"unique_name": "usersync-emea", "display_name": "User Sync"}
NAMED = {"unique_name": "usersync-emea"}
MINE = {**NAMED, "holder": "jira01.test", "delivery_window": 0.0, "delivery_timeout": 0.0}
URI = "https://jira01.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize"
GONE = "No password credential found with keyId '00000000-1111-4000-8000-000000000001'."
ROLE = [{"name": "Directory.Read.All", "type": "application"}]


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP)
    return tenant


@pytest.fixture
def consented(made: Any) -> Any:
    made.ok("permission", **NAMED, permissions=GUIDE, consent="grant")
    return made


def names(tenant: Any) -> list[str]:
    return [entry["displayName"] for entry in tenant.app("usersync-emea")["passwordCredentials"]]


def logins(tenant: Any, app_id: str) -> list[int]:
    """Statuses of the last module's logins as that app."""
    asked = tenant.sim.journal(tenant.mark, service="token")
    return [entry["status"] for entry in asked if entry["method"] == "POST" and entry["client"] == app_id]


def test_pitfall_01_a_taken_unique_name_is_400_and_a_deleted_app_holds_it(tenant: Any) -> None:
    """Seen beforehand, the choice is the user's; seen at the write only, the sentence says where to look."""
    tenant.sim.reset(tenant={"owned_by_lists": False})
    deleted = tenant.sim.seed("deleted", display_name="Gone", unique_name="usersync-emea")
    tenant.as_identity("owned_by")
    result = tenant.run("app", **APP)
    assert result["failed"] and result["failure"]["code"] == "Request_BadRequest"
    assert "perhaps a deleted one, which keeps it for 30 days" in result["msg"] and "restore or purge" in result["msg"]
    tenant.as_identity("full")
    tenant.fails("app", "if_deleted", deleted["app_id"], **NAMED)
    assert tenant.ok("app", **APP, if_deleted="restore", adopt=deleted["id"])["app"]["app_id"] == deleted["app_id"]


def test_pitfall_02_refusals_after_a_creation_are_replication(tenant: Any) -> None:
    """404, 400 and the 403 about the local tenant pass, within a bound, and for new objects only."""
    tenant.sim.fault("lag", seconds=1, writes=True)
    local = "the backing application of the service principal being created must be in the local tenant"
    known = "The appId 'x' of the service principal does not reference a valid application object."
    new = {"service": "graph", "method": "POST", "path": "servicePrincipals"}
    tenant.sim.fault("error", **new, status=403, code="Authorization_RequestDenied", message=local)
    tenant.sim.fault("error", **new, status=400, message=known, nth=2)
    assert tenant.ok("app", **APP)["app"]["service_principal"]["object_id"]
    refused = [entry["code"] for entry in tenant.sim.journal(tenant.mark, service="graph") if entry["status"] >= 400]
    assert {"Authorization_RequestDenied", "Request_BadRequest", "Request_ResourceNotFound"} <= set(refused)
    tenant.ok("permission", **NAMED, permissions=GUIDE, consent="grant")
    assert tenant.ok("secret", **MINE)["secret_text"]

    tenant.sim.clear_faults()
    tenant.sim.fault("lag", seconds=3600)
    late = tenant.run("app", unique_name="usersync-apac", settle_timeout=0.3)
    assert late["failed"] and "does not exist" in late["msg"] and "Traceback" not in late["msg"]

    tenant.sim.clear_faults()
    tenant.sim.advance(7200)
    denied = {"status": 403, "code": "Authorization_RequestDenied", "message": "must be in the local tenant"}
    tenant.sim.fault("error", service="graph", method="PATCH", times=9, **denied)
    assert tenant.run("app", **APP, notes="x")["failed"] and len(tenant.writes()) == 1


def test_pitfall_03_the_answer_of_add_password_is_trusted(consented: Any) -> None:
    """A read that lags hides the new secret; it is handed out all the same, and one is minted, not two."""
    consented.sim.advance(7200)
    consented.sim.fault("lag", seconds=3600)
    result = consented.ok("secret", **MINE)
    assert result["secret_text"] and len(names(consented)) == 1
    assert result["credential"]["display_name"] == names(consented)[0]
    assert [path.rpartition("/")[2] for _method, path in consented.writes()].count("addPassword") == 1


def test_pitfall_04_a_visible_secret_is_not_a_working_secret(consented: Any) -> None:
    """It is proven by logins, each with a fresh client, since msal replays a 400 for a minute."""
    consented.sim.fault("secret_refused", seconds=0.5)
    app_id = consented.app("usersync-emea")["appId"]
    consented.sim.fault(
        "error",
        service="token",
        method="POST",
        status=400,
        code="unauthorized_client",
        aadsts=700016,
        times=2,
    )
    result = consented.ok("secret", **MINE)
    statuses = logins(consented, app_id)
    assert result["roles"] and statuses[-1] == 200 and statuses.count(401) >= 1
    posts = [entry for entry in consented.sim.journal(consented.mark, service="token") if entry["method"] == "POST"]
    assert [entry["status"] for entry in posts].count(400) == 2


def test_pitfall_05_no_password_credential_found_means_gone_or_not_there_yet(consented: Any) -> None:
    key_id = consented.ok("secret", **MINE)["credential"]["key_id"]
    consented.sim.fault("error", service="graph", path="removePassword", message=GONE, times=2)
    result = consented.ok("secret", **NAMED, state="absent", key_id=key_id)
    assert result["removed"] == [key_id] and names(consented) == [], "not there yet: asked again until it was removed"

    key_id = consented.ok("secret", **MINE)["credential"]["key_id"]
    consented.sim.fault("lost_answer", service="graph", path="removePassword")
    result = consented.ok("secret", **NAMED, state="absent", key_id=key_id)
    assert result["removed"] == [key_id] and names(consented) == [], "gone: the first try had removed it"
    assert "warnings" not in result

    key_id = consented.ok("secret", **MINE)["credential"]["key_id"]
    consented.sim.fault("error", service="graph", path="removePassword", message=GONE, times=9)
    assert "still shows it" in consented.ok("secret", **NAMED, state="absent", key_id=key_id)["warnings"][0]


@pytest.mark.parametrize("kind", ["lost_answer", "drop_before"])
def test_pitfall_06_a_repeated_add_password_leaves_no_secret_that_nobody_knows(consented: Any, kind: str) -> None:
    consented.sim.fault(kind, service="graph", method="POST", path="addPassword", times=2)
    result = consented.ok("secret", **MINE)
    tries = [entry for entry in consented.sim.journal(consented.mark) if entry["path"].endswith("addPassword")]
    assert len(tries) == 3 and len(set(result["abandoned"])) == 2
    assert names(consented) == [result["credential"]["display_name"]]


def test_pitfall_07_one_writer_for_each_app(consented: Any) -> None:
    """Eight holders at once, as with Ansible's forks: the writes of one run queue, those of others are waited for."""
    consented.sim.fault("concurrency", window=0.005, status=503, times=40)
    results: list[dict[str, Any]] = []
    spec = azuread_app_secret.DEFINITION.argument_spec

    def mint(holder: str) -> None:
        options = {**consented.login, **NAMED, "holder": holder, "prove": False}
        validated = ArgumentSpecValidator(spec).validate(options).validated_parameters
        results.append(_front.execute(azuread_app_secret.DEFINITION, validated, _front.Run()))

    workers = [threading.Thread(target=mint, args=[f"jira{number:02d}.example.com"]) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [result.get("msg") for result in results] == [None] * 8
    assert len({result["secret_text"] for result in results}) == 8 and len(names(consented)) == 8
    marks = [tag for tag in consented.app("usersync-emea")["tags"] if tag.startswith("usersync-pending:")]
    assert len(marks) == 8, "no mark was lost to another's write of the tags"


def test_pitfall_08_collections_are_replaced_as_a_whole(tenant: Any) -> None:
    """What is sent carries the rest along, and what did not change is not sent at all."""
    old = tenant.sim.seed("old_app", style="app_registrations", display_name="Old", url="https://jira.example.com")
    tenant.sim.seed("certificate", app_id=old["app_id"])
    before = tenant.apps("Old")[0]
    meant = {"app_id": old["app_id"], "adopt": old["id"]}
    tenant.ok("app", **meant, redirect_uris=[URI], tags=["team:itsm"])
    tenant.ok("permission", **meant, permissions=[{"name": "Group.Read.All", "type": "application"}])
    after = tenant.apps("Old")[0]
    assert set(before["web"]["redirectUris"]) < set(after["web"]["redirectUris"])
    for member in ("implicitGrantSettings", "homePageUrl"):
        assert after["web"][member] == before["web"][member]
    for member in ("keyCredentials", "passwordCredentials", "identifierUris", "api", "spa"):
        assert after[member] == before[member]
    assert len(after["requiredResourceAccess"]) == 2
    assert sum(len(api["resourceAccess"]) for api in after["requiredResourceAccess"]) == 1 + sum(
        len(api["resourceAccess"]) for api in before["requiredResourceAccess"]
    )


def test_pitfall_09_delegated_grants_have_natural_keys(made: Any) -> None:
    """Added to by PATCH, never deleted and made again; a second POST is no failure; 3,850 characters are the limit."""
    app_id = made.app("usersync-emea")["appId"]
    made.sim.advance(7200)
    made.sim.seed("consent", app_id=app_id, scopes=["offline_access"])
    made.sim.seed("consent", app_id=app_id, scopes=["profile"], user_id=made.users()[0])
    made.ok("permission", **NAMED, permissions=GUIDE[:2], consent="grant")
    assert [method for method, path in made.writes() if "oauth2" in path] == ["PATCH"]
    scopes = sorted(entry["scope"] for entry in made.state()["oauth2PermissionGrants"])
    assert scopes == ["offline_access User.Read User.ReadBasic.All", "profile"]

    made.ok("permission", **NAMED, permissions=GUIDE[:2], consent="revoke")
    fillers = [f"Filler.{number:04d}" for number in range(319)]
    made.sim.seed("consent", app_id=made.ok("app", unique_name="long")["app"]["app_id"], scopes=fillers)
    made.ok("permission", unique_name="long", permissions=GUIDE[:2])
    wanted = {"unique_name": "long", "permissions": GUIDE[:2], "consent": "grant"}
    for check in (True, False):
        assert made.fails("permission", "3850", **wanted, check=check)["failure"]["code"] == "scope_limit"


def test_pitfall_09_a_grant_of_another_run_that_reads_do_not_show_yet(made: Any) -> None:
    made.sim.advance(7200)
    made.sim.fault("flap", seconds=3600)
    made.ok("permission", **NAMED, permissions=[GUIDE[0]], consent="grant")
    result = made.ok("permission", **NAMED, permissions=GUIDE[:2], consent="grant")
    assert result["changed"]
    [grant] = made.state()["oauth2PermissionGrants"]
    assert set(grant["scope"].split()) == {"User.Read", "User.ReadBasic.All"}


@pytest.mark.parametrize("text", ["EntitlementGrant entry already exists.", "Permission being assigned already exists"])
@pytest.mark.parametrize("status", [400, 409])
def test_pitfall_10_an_app_role_that_is_already_assigned(made: Any, text: str, status: int) -> None:
    """Two texts, two statuses, and the list may not show it yet."""
    made.sim.advance(7200)
    made.ok("permission", **NAMED, permissions=ROLE, consent="grant")
    made.sim.fault("lag", seconds=3600)
    made.sim.fault("error", service="graph", path="appRoleAssignedTo", status=status, message=text)
    assert made.ok("permission", **NAMED, permissions=ROLE, consent="grant")["granted"]
    assert len(made.ok("permission", **NAMED, permissions=ROLE, consent="grant")["granted"]) == 1


def test_pitfall_11_wordings_change_are_translated_and_repeat(made: Any) -> None:
    """The tenant's own list counts, by value and type; its wordings in any language; English ones as a last resort."""

    def translate() -> None:
        store = made.sim.world.tenant.store
        principal = store.get("servicePrincipal", "appId", "00000003-0000-0000-c000-000000000000")
        german = "Lesezugriff auf vollständige Profile aller Benutzer"
        roles = [
            {**role, "displayName": german if role["value"] == "User.Read.All" else f"de:{role['displayName']}"}
            for role in principal.data["appRoles"]
        ]
        principal.data = {**principal.data, "appRoles": roles}

    def resolved(name: str) -> str:
        result = made.ok("permission", check=True, **NAMED, permissions=[{"name": name, "type": "application"}])
        assert ("warnings" in result) is (" " in name)
        value: str = result["permissions"][0]["value"]
        return value

    made.sim.call(translate)
    assert resolved("Lesezugriff auf vollständige Profile aller Benutzer") == "User.Read.All"
    assert resolved("Read all users' full profiles") == "User.Read.All"
    assert resolved("Read directory data") == "Directory.Read.All"
    assert resolved("User.ReadBasic.All") == "User.ReadBasic.All"
    both = [{"name": "User.ReadBasic.All", "type": kind} for kind in ("application", "delegated")]
    ids = {entry["id"] for entry in made.ok("permission", **NAMED, permissions=both)["permissions"]}
    assert len(ids) == 2
    shared = [{"name": "Read user chat messages", "type": "delegated"}]
    made.fails("permission", "Chat.Read", "ChatMessage.Read", **NAMED, permissions=shared)


def test_pitfall_12_a_requested_permission_is_no_consent(made: Any) -> None:
    """Tokens are issued without it, so the proof looks into the token; a new token is taken after a grant."""
    made.ok("permission", **NAMED, permissions=ROLE)
    result = made.ok("secret", **MINE, expected_roles=["Directory.Read.All"])
    assert result["roles"] == [] and "Directory.Read.All" in result["warnings"][0]

    app_id = made.login["client_id"]
    [object_id] = [app["id"] for app in made.state()["applications"] if app["appId"] == app_id]
    own = {"app_id": app_id, "adopt": object_id}
    extra = [{"name": "ProfilePhoto.Read.All", "type": "application"}]
    granted = made.ok("permission", **own, permissions=extra, consent="grant")
    assert granted["granted"] and granted["http"]["logins"] == 1
    told = made.ok("info", check_permissions=True)
    assert "ProfilePhoto.Read.All" in told["automation"]["permissions"] and told["http"]["logins"] == 0


def test_pitfall_13_lifetime_policies_and_the_two_secret_limit(made: Any) -> None:
    made.sim.seed("policy", max_lifetime="P180D")
    capped = made.ok("secret", **MINE, valid_days=730)
    assert capped["credential"]["days_left"] == 179 and "180 days" in capped["warnings"][0]

    made.as_identity(permissions=["Application.ReadWrite.All"])
    refused = made.run("secret", **NAMED, holder="jira02.test", valid_days=730)
    assert refused["failed"] and "allows at most P180D" in refused["msg"] and "valid_days" in refused["msg"]
    made.sim.seed("policy", forbid=True)
    refused = made.run("secret", **NAMED, holder="jira02.test")
    assert refused["failed"] and "forbids client secrets" in refused["msg"] and "certificate" in refused["msg"]

    old = made.sim.seed("old_app", style="registration_portal", display_name="Old", url="https://jira.example.com")
    made.sim.seed("credential", app_id=old["app_id"], display_name="second")
    made.fails("secret", "at most 2 secrets", old["key_id"], app_id=old["app_id"], holder="jira01.test")


def test_pitfall_14_nothing_but_the_own_is_deleted(consented: Any) -> None:
    """No state removes a foreign secret unless its key id is given; one that was never shown retires none."""
    app_id = consented.app("usersync-emea")["appId"]
    consented.sim.seed("credential", app_id=app_id, display_name="made by hand")
    consented.sim.seed("credential", app_id=app_id, display_name=None)
    consented.sim.seed("credential", app_id=app_id, display_name="usersync", days=-3)
    first = consented.ok("secret", **MINE)["credential"]["key_id"]
    wrong = "00000000-1111-4000-8000-000000000001"
    consented.fails("secret", "key_id", "nothing was retired", **MINE, state="confirmed", key_id=wrong)
    renewed = consented.ok("secret", **MINE, force=True)
    consented.ok("secret", **MINE, state="confirmed", key_id=renewed["credential"]["key_id"].upper())
    kept = [entry["keyId"] for entry in consented.app("usersync-emea")["passwordCredentials"]]
    assert first not in kept and renewed["credential"]["key_id"] in kept and len(kept) == 4
    consented.fails("secret", "holder", **NAMED, state="absent")
    consented.ok("secret", **NAMED, state="absent", expired=True)
    consented.ok("secret", **NAMED, state="absent", all_holders=True)
    assert [name or "" for name in names(consented)] == ["made by hand", "", "usersync"]


def test_pitfall_15_ownership_and_quota_of_the_automation(tenant: Any) -> None:
    """The caller stays an owner unless told, so that it does not lock itself out; a full quota has its sentence."""
    identity = tenant.as_identity(permissions=["Application.ReadWrite.OwnedBy", "Directory.Read.All"])
    user = tenant.users()[0]
    result = tenant.ok("app", **APP, owners=[user], list_modes={"owners": "exact"})
    assert set(result["app"]["owners"]) == {user, identity["principal_id"]}
    absent = {"owners": [identity["principal_id"]], "list_modes": {"owners": "absent"}}
    assert not tenant.ok("app", **APP, **absent)["changed"]
    result = tenant.ok("app", **APP, **absent, keep_caller_as_owner=False)
    assert result["app"]["owners"] == [user]
    result = tenant.run("app", **APP, notes="x")
    assert result["failed"] and "enough only for an owner of the app registration" in result["msg"]

    tenant.sim.reset(tenant={"quota": 2})
    tenant.as_identity("owned_by")
    tenant.ok("app", unique_name="first")
    result = tenant.run("app", unique_name="second")
    assert result["failed"] and result["failure"]["code"] == "Directory_QuotaExceeded"
    assert "deleted objects count for 30 days" in result["msg"]
