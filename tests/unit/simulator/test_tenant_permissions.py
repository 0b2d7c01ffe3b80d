# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what, and what replication, policies and old portals leave behind."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from ansible_collections.fleetops.usersync.tests.simulator.entra import permissions, schema
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import CREATE, GRAPH, Graph, token

DENIED = "Authorization_RequestDenied"
DIRECTORY_READ = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(hosts=0) as sim:
        yield sim


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    running.reset()
    yield running
    assert running.world.internal_errors == []


def test_the_catalogue_needs_partners() -> None:
    path = "/serviceprincipals/{id}/approleassignedto"
    assert not permissions.granting(path, "POST", frozenset({"Directory.Read.All"}))
    assert not permissions.granting(path, "POST", frozenset({"AppRoleAssignment.ReadWrite.All"}))
    assert not permissions.granting(path, "POST", frozenset({"Application.ReadWrite.All"}))
    assert permissions.granting(path, "POST", frozenset({"AppRoleAssignment.ReadWrite.All", "Directory.Read.All"}))


def test_the_schema_knows_types_enums_and_null() -> None:
    assert schema.check("resourceAccess", {"id": DIRECTORY_READ, "type": "Role"}) == []
    assert schema.check("resourceAccess", {"id": None}) == ["'id' must not be null"]
    assert schema.check("passwordCredential", {"endDateTime": "tomorrow"})
    assert schema.check("passwordCredentialConfiguration", {"state": "on"})
    assert schema.check("passwordCredentialConfiguration", {"state": "enabled", "maxLifetime": "P180D"}) == []
    assert schema.check("application", {"web": {"redirectUris": [1]}}) == ["'web/redirectUris' must be a string"]


def test_an_answer_that_does_not_fit_is_a_loud_failure(sim: Simulator) -> None:
    graph = Graph(sim)
    app = graph.make_app()

    def spoil() -> None:
        record = sim.world.tenant.find("application", "id", app["id"])
        assert record is not None
        record.data = {**record.data, "tags": "text"}

    sim.call(spoil)
    assert graph.call("GET", f"/applications/{app['id']}").status_code == 500
    assert "does not fit the schema" in sim.world.internal_errors[0]
    sim.call(sim.world.internal_errors.clear)


def test_no_token_and_expired_token(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.advance(3700)
    graph.error("GET", "/organization", 401, "InvalidAuthenticationToken", "expired")
    graph.headers["Authorization"] = "Bearer nonsense"
    graph.error("GET", "/organization", 401, "InvalidAuthenticationToken")
    del graph.headers["Authorization"]
    graph.error("GET", "/organization", 401, "InvalidAuthenticationToken", "empty")


def test_owned_by_manages_only_what_it_owns(sim: Simulator) -> None:
    foreign = sim.seed("application", display_name="foreign", unique_name="foreign")
    graph = Graph(sim, sim.seed("identity", display_name="owned", profile="owned_by"))
    mine = graph.make_app("mine")
    graph.make_principal(mine["appId"])
    graph.call("PATCH", f"/applications/{mine['id']}", 204, json={"notes": "x"})
    graph.add_password(mine["id"])
    for method, path, body in (
        ("PATCH", f"/applications/{foreign['id']}", {"notes": "x"}),
        ("PATCH", "/applications(uniqueName='foreign')", {"displayName": "x"}),
        ("POST", f"/applications/{foreign['id']}/addPassword", {}),
        ("GET", f"/applications/{foreign['id']}", None),
        ("DELETE", f"/applications/{foreign['id']}", None),
        ("POST", f"/applications/{mine['id']}/owners/$ref", {"@odata.id": f"{sim.graph_url}/v1.0/directoryObjects/x"}),
        ("GET", "/policies/defaultAppManagementPolicy", None),
        ("GET", "/oauth2PermissionGrants", None),
        ("GET", "/users", None),
    ):
        graph.error(method, path, 403, DENIED, json=body, headers=CREATE)
    bare = sim.seed("application", display_name="bare", service_principal=False)
    graph.error("POST", "/servicePrincipals", 403, DENIED, json={"appId": bare["app_id"]})
    assert graph.call("GET", f"/servicePrincipals?$filter=appId eq '{GRAPH}'", 200)["value"]
    created = graph.call("PATCH", "/applications(uniqueName='new')", 201, json={"displayName": "n"}, headers=CREATE)
    graph.call("DELETE", f"/applications/{created['id']}", 204)
    graph.call("POST", f"/directory/deletedItems/{created['id']}/restore", 200)


def test_owned_by_may_be_kept_from_lists(sim: Simulator) -> None:
    sim.reset(tenant={"owned_by_lists": False})
    identity = sim.seed("identity", display_name="owned", profile="owned_by")
    graph = Graph(sim, identity)
    graph.error("GET", "/applications", 403, DENIED)
    mine = graph.make_app("mine")
    found = graph.call("GET", f"/servicePrincipals/{identity['principal_id']}/ownedObjects", 200)["value"]
    assert [item["id"] for item in found] == [mine["id"]]
    sim.reset(tenant={})


def test_an_owner_without_permissions_manages_secrets(sim: Simulator) -> None:
    app = sim.seed("application", display_name="theirs", unique_name="theirs")
    other = sim.seed("application", display_name="other")
    graph = Graph(sim, sim.seed("identity", display_name="owner", profile="owner", owns=[app["app_id"]]))
    path = "/applications(uniqueName='theirs')"
    assert graph.call("GET", path, 200)["id"] == app["id"]
    graph.call("PATCH", path, 204, json={"tags": ["usersync-pending:jira01"]})
    made = graph.add_password(app["id"])
    graph.call("POST", f"/applications/{app['id']}/removePassword", 204, json={"keyId": made["keyId"]})
    graph.error("GET", f"/applications/{other['id']}", 403, DENIED)
    graph.error("GET", "/applications", 403, DENIED)
    graph.error("PATCH", "/applications(uniqueName='new')", 403, DENIED, json={"displayName": "n"}, headers=CREATE)


def test_a_token_is_as_old_as_its_consent(sim: Simulator) -> None:
    identity = sim.seed("identity", display_name="late", profile="none")
    graph = Graph(sim, identity)
    graph.error("GET", "/users", 403, DENIED)
    sim.seed("consent", app_id=identity["client_id"], roles=["User.Read.All"])
    graph.error("GET", "/users", 403, DENIED)
    graph.log_in()
    graph.call("GET", "/users", 200)


def test_lag_hides_what_is_fresh(sim: Simulator) -> None:
    graph = Graph(sim)
    old = graph.make_app("old", tags=["before"])
    sim.advance(60)
    sim.fault("lag", seconds=20)
    app = graph.make_app("fresh")
    graph.error("GET", f"/applications/{app['id']}", 404, "Request_ResourceNotFound")
    assert graph.call("GET", "/applications?$filter=displayName eq 'fresh'", 200)["value"] == []
    body = {"appId": app["appId"]}
    graph.error("POST", "/servicePrincipals", 400, "Request_BadRequest", "does not reference a valid", json=body)
    graph.error("POST", "/servicePrincipals", 403, DENIED, "local tenant", json=body)
    graph.call("PATCH", f"/applications/{old['id']}", 204, json={"tags": ["after"]})
    assert graph.call("GET", f"/applications/{old['id']}", 200)["tags"] == ["before"]
    made = graph.add_password(old["id"])
    assert graph.call("GET", f"/applications/{old['id']}", 200)["passwordCredentials"] == []
    gone = {"keyId": made["keyId"]}
    graph.error(
        "POST", f"/applications/{old['id']}/removePassword", 400, "Request_BadRequest", "No password", json=gone
    )
    sim.advance(21)
    assert graph.call("GET", f"/applications/{old['id']}", 200)["tags"] == ["after"]
    principal = graph.make_principal(app["appId"])
    resource = graph.graph_principal()["id"]
    role = {"principalId": principal["id"], "resourceId": resource, "appRoleId": DIRECTORY_READ}
    to = f"/servicePrincipals/{resource}/appRoleAssignedTo"
    graph.error("POST", to, 400, "Request_BadRequest", "Not a valid reference update", json=role)
    grant = {"clientId": principal["id"], "consentType": "AllPrincipals", "resourceId": resource, "scope": "User.Read"}
    graph.error("POST", "/oauth2PermissionGrants", 400, "Request_BadRequest", "queried reference-property", json=grant)
    sim.advance(21)
    graph.call("POST", to, 201, json=role)
    assert graph.call("GET", f"/servicePrincipals/{principal['id']}/appRoleAssignments", 200)["value"] == []
    graph.call("DELETE", f"/applications/{app['id']}", 204)
    graph.call("GET", f"/applications/{app['id']}", 200)
    sim.advance(21)
    graph.error("GET", f"/applications/{app['id']}", 404, "Request_ResourceNotFound")


def test_lag_may_refuse_writes(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("lag", seconds=20, writes=True)
    app = graph.make_app("fresh")
    graph.error("PATCH", f"/applications/{app['id']}", 404, "Request_ResourceNotFound", json={"notes": "x"})
    graph.add_password(app["id"], 404)
    sim.advance(21)
    graph.call("PATCH", f"/applications/{app['id']}", 204, json={"notes": "x"})


def test_quota_of_who_is_no_administrator(sim: Simulator) -> None:
    sim.reset(tenant={"quota": 2})
    graph = Graph(sim, sim.seed("identity", display_name="owned", profile="owned_by"))
    app = graph.make_app()
    graph.make_principal(app["appId"])
    graph.error("POST", "/applications", 403, "Directory_QuotaExceeded", json={"displayName": "x"})
    graph.call("DELETE", f"/applications/{app['id']}", 204)
    graph.error("POST", "/applications", 403, "Directory_QuotaExceeded", json={"displayName": "x"})
    Graph(sim).make_app()
    sim.reset(tenant={})


def test_offered_permissions_are_disabled_before_they_go(sim: Simulator) -> None:
    graph = Graph(sim)
    role = {
        "allowedMemberTypes": ["Application"],
        "description": "x",
        "displayName": "x",
        "id": DIRECTORY_READ,
        "isEnabled": True,
        "value": "x",
    }
    app = graph.make_app(appRoles=[role])
    path = f"/applications/{app['id']}"
    graph.error("PATCH", path, 400, "CannotDeleteOrUpdateEnabledEntitlement", json={"appRoles": []})
    graph.call("PATCH", path, 204, json={"appRoles": [{**role, "isEnabled": False}]})
    graph.call("PATCH", path, 204, json={"appRoles": []})


def test_fresh_app_for_personal_accounts(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("lag", seconds=5)
    app = graph.make_app(signInAudience="AzureADandPersonalMicrosoftAccount")
    assert graph.add_password(app["id"], 409)["error"]["code"] == "Error_MsaAppDoesNotExist"
    sim.advance(6)
    graph.add_password(app["id"])


def test_flapping_reads(sim: Simulator) -> None:
    graph = Graph(sim)
    app = graph.make_app(tags=["old"])
    sim.advance(60)
    graph.call("PATCH", f"/applications/{app['id']}", 204, json={"tags": ["new"]})
    sim.fault("flap")
    seen = [graph.call("GET", f"/applications/{app['id']}", 200)["tags"][0] for _unused in range(4)]
    assert seen == ["old", "new", "old", "new"]


def test_concurrency_within_a_window(sim: Simulator) -> None:
    graph = Graph(sim)
    app = graph.make_app()
    sim.fault("concurrency", window=5, status=503, times=10)
    graph.add_password(app["id"])
    assert graph.add_password(app["id"], 503)["error"]["code"] == "Directory_ConcurrencyViolation"
    sim.advance(6)
    graph.add_password(app["id"])


def test_policies_and_limits_as_faults(sim: Simulator) -> None:
    graph = Graph(sim)
    app = graph.make_app()
    sim.fault("policy", max_lifetime="P90D")
    restriction = graph.call("GET", "/policies/defaultAppManagementPolicy", 200)["applicationRestrictions"]
    assert restriction["passwordCredentials"][0]["maxLifetime"] == "P90D"
    assert graph.add_password(app["id"], 400)["error"]["code"] == "CredentialInvalidLifetimeAsPerAppPolicy"
    sim.clear_faults()
    sim.fault("policy", forbid=True)
    assert graph.add_password(app["id"], 400)["error"]["code"] == "CredentialTypeNotAllowedAsPerAppPolicy"
    sim.clear_faults()
    sim.fault("password_limit")
    graph.add_password(app["id"])
    graph.add_password(app["id"])
    assert "maximum of 2" in graph.add_password(app["id"], 400)["error"]["message"]


@pytest.mark.parametrize("style", ["registration_portal", "app_registrations", "new_portal"])
def test_what_older_portals_left(sim: Simulator, style: str) -> None:
    made = sim.seed("old_app", style=style, display_name="User Sync", url="https://jira.example.test")
    graph = Graph(sim)
    app = graph.call("GET", f"/applications/{made['id']}", 200)
    assert app["uniqueName"] is None
    personal = "Personal" in app["signInAudience"]
    assert personal == (style == "registration_portal")
    secret = app["passwordCredentials"][0]
    if style != "new_portal":
        assert secret["displayName"] is None
        assert secret["customKeyIdentifier"]
        assert secret["endDateTime"].startswith("2299")
    assert token(sim, {"client_id": made["app_id"], "client_secret": made["secret"]}).status_code == 200
    principal = graph.call("GET", f"/servicePrincipals(appId='{made['app_id']}')", 200)
    assert principal["tags"] == ["WindowsAzureActiveDirectoryIntegratedApp"]
    assert len(graph.call("GET", f"/servicePrincipals/{principal['id']}/appRoleAssignments", 200)["value"]) == 2
    graph.call("PATCH", f"/applications/{made['id']}", 204, json={"notes": "ours now"})


def test_twins_deleted_namesakes_and_legacy_permissions(sim: Simulator) -> None:
    twins = sim.seed("twins", display_name="Twin")
    sim.seed("deleted", display_name="Twin")
    sim.seed("legacy_permissions", app_id=twins[0]["app_id"])
    graph = Graph(sim)
    found = graph.call("GET", "/applications?$filter=displayName eq 'Twin'", 200)["value"]
    assert [item["id"] for item in found] == [twin["id"] for twin in twins]
    assert found[0]["requiredResourceAccess"][0]["resourceAppId"].startswith("00000002-")
    deleted = graph.call("GET", "/directory/deletedItems/microsoft.graph.application", 200)["value"]
    assert [item["displayName"] for item in deleted] == ["Twin"]


def test_shared_names_of_permissions(sim: Simulator) -> None:
    principal = Graph(sim).graph_principal()
    names = [scope["adminConsentDisplayName"] for scope in principal["oauth2PermissionScopes"]]
    assert names.count("Read user chat messages") == 2
    values = [role["value"] for role in principal["appRoles"]]
    assert len(set(values)) == len(values)
    assert any(role["displayName"] is None for role in principal["appRoles"])
    assert json.dumps(principal)
