# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Graph: the life of an application, its lists, its secrets and its consent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import CREATE, EVENTUAL, GRAPH, Graph

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


@pytest.fixture
def graph(sim: Simulator) -> Graph:
    return Graph(sim)


def test_create_shows_all_members(graph: Graph) -> None:
    app = graph.make_app("User Sync (jira01)", tags=["host:jira01"])
    assert app["signInAudience"] == "AzureADMyOrg"
    assert app["web"]["implicitGrantSettings"] == {
        "enableAccessTokenIssuance": False,
        "enableIdTokenIssuance": False,
    }
    assert app["requiredResourceAccess"] == []
    assert app["notes"] is None
    assert not [name for name in app if name.startswith("_")]
    for key in (app["id"], f"(appId='{app['appId']}')"):
        path = f"/applications{key}" if key.startswith("(") else f"/applications/{key}"
        assert graph.call("GET", path, 200)["id"] == app["id"]


def test_upsert_by_unique_name(graph: Graph) -> None:
    path = "/applications(uniqueName='usersync-o''brien')"
    graph.error("PATCH", path, 404, "Request_ResourceNotFound", json={"displayName": "x"})
    graph.error("PATCH", path, 400, "Request_BadRequest", "displayName", json={"notes": "x"}, headers=CREATE)
    app = graph.call("PATCH", path, 201, json={"displayName": "x"}, headers=CREATE)
    assert app["uniqueName"] == "usersync-o'brien"
    assert graph.call("PATCH", path, 204, json={"displayName": "y"}, headers=CREATE) is None
    assert graph.call("GET", path, 200)["displayName"] == "y"
    graph.error("PATCH", f"/applications/{app['id']}", 400, "Request_BadRequest", json={"uniqueName": "other"})
    plain = graph.make_app("portal made")
    assert plain["uniqueName"] is None
    graph.call("PATCH", f"/applications/{plain['id']}", 204, json={"uniqueName": "backfilled"})
    error = graph.error(
        "PATCH", f"/applications/{graph.make_app()['id']}", 400, "Request_BadRequest", json={"uniqueName": "Backfilled"}
    )
    assert "same value for property uniqueName" in error["message"]


def test_patch_keeps_what_it_does_not_name(graph: Graph) -> None:
    app = graph.make_app(web={"redirectUris": ["https://a.test/x"], "homePageUrl": "https://a.test"}, tags=["a"])
    graph.call("PATCH", f"/applications/{app['id']}", 204, json={"web": {"redirectUris": ["https://b.test/x"]}})
    found = graph.call("GET", f"/applications/{app['id']}", 200)
    assert found["web"]["homePageUrl"] == "https://a.test"
    assert found["web"]["redirectUriSettings"] == [{"uri": "https://b.test/x", "index": None}]
    assert found["tags"] == ["a"]


@pytest.mark.parametrize(
    "body",
    [
        {"bogus": 1},
        {"tags": "text"},
        {"tags": None},
        {"tags": ["with space"]},
        {"tags": ["twice", "twice"]},
        {"displayName": "x" * 121},
        {"appId": "11111111-1111-4111-8111-111111111111"},
        {"signInAudience": "Everybody"},
        {"isFallbackPublicClient": "yes"},
        {"web": {"redirectUris": ["http://jira.test/"]}},
        {"web": {"redirectUri": []}},
        {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": "no-guid", "type": "Role"}]}]},
        {"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": DIRECTORY_READ}]}]},
        {"passwordCredentials": [{"displayName": "x"}]},
    ],
)
def test_bodies_are_checked(graph: Graph, body: dict[str, object]) -> None:
    app = graph.make_app()
    graph.error("PATCH", f"/applications/{app['id']}", 400, "Request_BadRequest", json=body)


def test_create_with_one_password(graph: Graph) -> None:
    app = graph.make_app(passwordCredentials=[{"displayName": "first"}])
    assert len(app["passwordCredentials"][0]["secretText"]) >= 16
    found = graph.call("GET", f"/applications/{app['id']}", 200)
    assert found["passwordCredentials"][0]["secretText"] is None
    for wish in ({"keyId": "11111111-1111-4111-8111-111111111111"}, {"secretText": "mine"}):
        body = {"displayName": "x", "passwordCredentials": [wish]}
        graph.error("POST", "/applications", 400, "Request_BadRequest", json=body)
    assert graph.call("GET", "/applications?$filter=displayName eq 'x'", 200)["value"] == []


def test_secret_is_shown_once_and_removed_by_its_key(graph: Graph) -> None:
    app = graph.make_app()
    path = f"/applications/{app['id']}"
    made = graph.add_password(app["id"], displayName="usersync:jira01:1", endDateTime="2099-01-01T00:00:00Z")
    assert set(made) - {"@odata.context"} == {
        "customKeyIdentifier",
        "displayName",
        "endDateTime",
        "hint",
        "keyId",
        "secretText",
        "startDateTime",
    }
    assert made["secretText"][:3] == made["hint"]
    assert 16 <= len(made["secretText"]) <= 64
    assert any(not sign.isalnum() for sign in made["secretText"])
    assert made["endDateTime"] == "2099-01-01T00:00:00Z"
    shown = graph.call("GET", f"{path}?$select=passwordCredentials", 200)["passwordCredentials"]
    assert [(item["keyId"], item["secretText"], item["hint"]) for item in shown] == [
        (made["keyId"], None, made["hint"])
    ]
    graph.call("POST", f"{path}/removePassword", 204, json={"keyId": made["keyId"]})
    graph.error(
        "POST",
        f"{path}/removePassword",
        400,
        "Request_BadRequest",
        "No password credential",
        json={"keyId": made["keyId"]},
    )
    for wish in ({"endDateTime": "2020-01-01T00:00:00Z"}, {"keyId": made["keyId"]}, {"hint": 5}):
        graph.add_password(app["id"], 400, **wish)


def test_two_secrets_only_when_personal_accounts_are_let_in(graph: Graph) -> None:
    app = graph.make_app(signInAudience="AzureADandPersonalMicrosoftAccount")
    graph.add_password(app["id"])
    graph.add_password(app["id"])
    error = graph.add_password(app["id"], 400)["error"]
    assert "maximum of 2" in error["message"]


def test_size_limit(sim: Simulator, graph: Graph) -> None:
    app = sim.seed("application", display_name="full")
    sim.seed("credential", app_id=app["app_id"])
    sim.call(_fill, sim, app["id"])
    error = graph.add_password(app["id"], 403)["error"]
    assert error["code"] == "Directory_ResourceSizeExceeded"


def _fill(sim: Simulator, object_id: str) -> None:
    record = sim.world.tenant.find("application", "id", object_id)
    assert record is not None
    record.data = {**record.data, "passwordCredentials": record.data["passwordCredentials"] * 600}


def test_soft_delete_holds_the_name_and_restore_brings_no_consent(sim: Simulator, graph: Graph) -> None:
    path = "/applications(uniqueName='held')"
    app = graph.call("PATCH", path, 201, json={"displayName": "held"}, headers=CREATE)
    principal = graph.make_principal(app["appId"])
    sim.seed("consent", app_id=app["appId"], roles=["Directory.Read.All"])
    graph.call("DELETE", f"/applications/{app['id']}", 204)
    graph.error("GET", path, 404, "Request_ResourceNotFound")
    graph.error("PATCH", path, 400, "Request_BadRequest", "same value", json={"displayName": "x"}, headers=CREATE)
    deleted = graph.call("GET", "/directory/deletedItems/microsoft.graph.application", 200)["value"]
    assert [item["id"] for item in deleted] == [app["id"]]
    assert deleted[0]["deletedDateTime"]
    principals = graph.call("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal", 200)["value"]
    assert [item["id"] for item in principals] == [principal["id"]]
    graph.error("POST", f"/directory/deletedItems/{principal['id']}/restore", 400, "Request_BadRequest")
    restored = graph.call("POST", f"/directory/deletedItems/{app['id']}/restore", 200)
    assert restored["deletedDateTime"] is None
    graph.error("GET", f"/servicePrincipals(appId='{app['appId']}')", 404, "Request_ResourceNotFound")
    graph.call("POST", f"/directory/deletedItems/{principal['id']}/restore", 200)
    assert graph.call("GET", f"/servicePrincipals/{principal['id']}/appRoleAssignments", 200)["value"] == []
    graph.call("DELETE", f"/applications/{app['id']}", 204)
    graph.call("DELETE", f"/directory/deletedItems/{app['id']}", 204)
    graph.call("PATCH", path, 201, json={"displayName": "again"}, headers=CREATE)


def test_deleted_items_end_after_thirty_days(sim: Simulator, graph: Graph) -> None:
    sim.seed("deleted", display_name="gone", unique_name="gone", days_ago=3)
    sim.advance(28 * 86400)
    graph.log_in()
    items = graph.call("GET", "/directory/deletedItems/microsoft.graph.application", 200)["value"]
    assert items == []


def test_lists_filters_and_pages(sim: Simulator, graph: Graph) -> None:
    for number in range(5):
        sim.seed("application", display_name=f"O'Brien {number}", tags=["odd" if number % 2 else "even"])
    app = sim.seed("application", display_name="with uri", identifierUris=["api://example.test/x"])
    ask = "/applications?$select=id,displayName&$filter="
    assert len(graph.call("GET", f"{ask}displayName eq 'O''Brien 3'", 200)["value"]) == 1
    assert len(graph.call("GET", f"{ask}displayName eq 'o''BRIEN 3'", 200)["value"]) == 1
    graph.error("GET", f"{ask}displayName eq 'O'Brien 3'", 400, "Request_BadRequest")
    assert len(graph.call("GET", f"{ask}tags/any(t:t eq 'odd')", 200)["value"]) == 2
    found = graph.call("GET", f"{ask}identifierUris/any(s:s eq 'api://example.test/x')", 200)["value"]
    assert found == [{"id": app["id"], "displayName": "with uri"}]
    assert len(graph.call("GET", f"{ask}appId eq '{app['app_id']}' or displayName eq 'nobody'", 200)["value"]) == 1
    starts = f"{ask}startswith(displayName,'O''Brien') and notes eq null"
    graph.error("GET", starts, 400, "Request_UnsupportedQuery", headers=EVENTUAL)
    graph.error("GET", f"{starts}&$count=true", 400, "Request_UnsupportedQuery")
    first = graph.call("GET", f"{starts}&$count=true&$top=2", 200, headers=EVENTUAL)
    assert (first["@odata.count"], len(first["value"])) == (5, 2)
    second = graph.call("GET", first["@odata.nextLink"], 200, headers=EVENTUAL)
    assert "@odata.count" not in second
    third = graph.call("GET", second["@odata.nextLink"], 200, headers=EVENTUAL)
    assert "@odata.nextLink" not in third
    names = [item["displayName"] for part in (first, second, third) for item in part["value"]]
    assert names == [f"O'Brien {number}" for number in range(5)]
    graph.error("GET", first["@odata.nextLink"], 400, "Request_UnsupportedQuery")
    for query in ("$filter=notes eq 'x'", "$expand=createdOnBehalfOf", "$filter=web/homePageUrl eq 'x'"):
        graph.error("GET", f"/applications?{query}", 400, "Request_UnsupportedQuery")
    for query in ("$filter=bogus eq 'x'", "$select=bogus", "$top=0", "$top=1000", "$filter=displayName eq"):
        graph.error("GET", f"/applications?{query}", 400, "Request_BadRequest")


def test_small_pages_everywhere(sim: Simulator) -> None:
    sim.reset(page_size=2)
    graph = Graph(sim)
    users: list[str] = []
    link = "/users?$select=id"
    while link:
        page = graph.call("GET", link, 200)
        users += [user["id"] for user in page["value"]]
        link = page.get("@odata.nextLink", "")
    assert len(set(users)) == len(users) == 25
    sim.reset(page_size=100)


def test_consent_to_app_roles(graph: Graph) -> None:
    app = graph.make_app()
    principal = graph.make_principal(app["appId"])
    resource = graph.graph_principal()
    body = {"principalId": principal["id"], "resourceId": resource["id"], "appRoleId": DIRECTORY_READ}
    to, own = f"/servicePrincipals/{resource['id']}/appRoleAssignedTo", f"/servicePrincipals/{principal['id']}"
    made = graph.call("POST", to, 201, json=body)
    assert (made["principalType"], made["resourceDisplayName"]) == ("ServicePrincipal", "Microsoft Graph")
    graph.error("POST", to, 400, "Request_BadRequest", "already exists", json=body)
    again = f"{own}/appRoleAssignments"
    graph.error("POST", again, 409, "Request_MultipleObjectsWithSameKeyValue", "EntitlementGrant", json=body)
    swapped = {**body, "principalId": resource["id"], "resourceId": principal["id"]}
    graph.error("POST", to, 400, "Request_BadRequest", "Not a valid reference update", json=swapped)
    unknown = {**body, "appRoleId": app["id"]}
    graph.error("POST", to, 400, "Request_BadRequest", "was not found", json=unknown)
    assert [item["id"] for item in graph.call("GET", again, 200)["value"]] == [made["id"]]
    graph.call("DELETE", f"{to}/{made['id']}", 204)
    assert graph.call("GET", again, 200)["value"] == []


def test_delegated_consent(graph: Graph) -> None:
    app = graph.make_app()
    principal = graph.make_principal(app["appId"])
    resource = graph.graph_principal()
    body = {
        "clientId": principal["id"],
        "consentType": "AllPrincipals",
        "principalId": None,
        "resourceId": resource["id"],
        "scope": "User.Read",
    }
    path = "/oauth2PermissionGrants"
    graph.error("POST", path, 400, "Request_BadRequest", "is needed", json={**body, "consentType": "Principal"})
    graph.error("POST", path, 400, "Request_BadRequest", json={**body, "clientId": app["appId"]})
    graph.error("POST", path, 400, "Request_BadRequest", "3850", json={**body, "scope": "x" * 3851})
    made = graph.call("POST", path, 201, json=body)
    graph.error("POST", path, 409, "Request_MultipleObjectsWithSameKeyValue", "already exists", json=body)
    graph.call("PATCH", f"{path}/{made['id']}", 204, json={"scope": "User.Read User.ReadBasic.All"})
    graph.error("PATCH", f"{path}/{made['id']}", 400, "Request_BadRequest", json={"consentType": "Principal"})
    found = graph.call("GET", f"{path}?$filter=clientId eq '{principal['id']}'", 200)["value"]
    assert [item["scope"] for item in found] == ["User.Read User.ReadBasic.All"]
    graph.error("GET", f"{path}?$filter=resourceId eq '{resource['id']}'", 400, "Request_UnsupportedQuery")
    graph.call("DELETE", f"{path}/{made['id']}", 204)
    graph.error("GET", f"{path}/{made['id']}", 404, "Request_ResourceNotFound")


def test_owners(sim: Simulator, graph: Graph) -> None:
    app = graph.make_app()
    path = f"/applications/{app['id']}/owners"
    owners = graph.call("GET", path, 200)["value"]
    assert [(item["@odata.type"], item["id"]) for item in owners] == [
        ("#microsoft.graph.servicePrincipal", sim.automation["principal_id"])
    ]
    user = graph.call("GET", "/users?$top=1", 200)["value"][0]["id"]
    link = {"@odata.id": f"{sim.graph_url}/v1.0/directoryObjects/{user}"}
    graph.call("POST", f"{path}/$ref", 204, json=link)
    graph.error("POST", f"{path}/$ref", 400, "Request_BadRequest", "already exist", json=link)
    wrong = {"@odata.id": f"{sim.graph_url}/v1.0/directoryObjects/{app['id']}"}
    graph.error("POST", f"{path}/$ref", 400, "Request_BadRequest", "invalid for the 'owners'", json=wrong)
    graph.error("DELETE", f"{path}/{user}", 403, "Authorization_RequestDenied")
    graph.call("DELETE", f"{path}/{user}/$ref", 204)
    bound = graph.make_app(**{"owners@odata.bind": [link["@odata.id"]]})
    assert len(graph.call("GET", f"/applications/{bound['id']}/owners", 200)["value"]) == 2


def test_federated_credentials_and_policies(sim: Simulator, graph: Graph) -> None:
    app = graph.make_app()
    path = f"/applications/{app['id']}/federatedIdentityCredentials"
    body = {"issuer": "https://issuer.test", "subject": "a", "audiences": ["api://x"]}
    graph.call("PATCH", f"{path}(name='one')", 201, json=body, headers=CREATE)
    graph.call("PATCH", f"{path}(name='one')", 204, json={**body, "subject": "b"}, headers=CREATE)
    assert [item["subject"] for item in graph.call("GET", path, 200)["value"]] == ["b"]
    graph.call("DELETE", f"{path}(name='one')", 204)
    policy = graph.call("GET", "/policies/defaultAppManagementPolicy", 200)
    assert (policy["id"], policy["isEnabled"]) == ("00000000-0000-0000-0000-000000000000", False)
    sim.seed("policy", max_lifetime="P90D")
    error = graph.add_password(app["id"], 400)["error"]
    assert error["code"] == "CredentialInvalidLifetimeAsPerAppPolicy"
    assert error["details"][0]["code"] == "InvalidKeyEndDate"
    sim.seed("policy", max_lifetime="P900D", app_id=app["appId"])
    assert len(graph.call("GET", f"/applications/{app['id']}/appManagementPolicies", 200)["value"]) == 1
    graph.add_password(app["id"])


def test_users_groups_and_their_memberships(graph: Graph) -> None:
    users = graph.call("GET", "/users?$select=id,userPrincipalName,displayName", 200)["value"]
    assert {"Jörg Müller", "Siobhán O'Brien"} <= {user["displayName"] for user in users}
    plus = next(user for user in users if "+" in user["userPrincipalName"])
    assert graph.call("GET", f"/users/{plus['userPrincipalName']}", 200)["id"] == plus["id"]
    groups = graph.call("GET", "/groups", 200)["value"]
    assert len(groups) == 6
    staff = next(group for group in groups if group["displayName"] == "all-staff")
    members = graph.call("GET", f"/groups/{staff['id']}/members", 200)["value"]
    assert {item["@odata.type"] for item in members} == {"#microsoft.graph.group"}
    deep = graph.call("GET", f"/groups/{staff['id']}/transitiveMembers/microsoft.graph.user", 200)["value"]
    assert len(deep) == 25
    direct = graph.call("GET", f"/users/{users[1]['id']}/memberOf", 200)["value"]
    transitive = graph.call("GET", f"/users/{users[1]['id']}/transitiveMemberOf", 200)["value"]
    assert staff["id"] not in {group["id"] for group in direct}
    assert staff["id"] in {group["id"] for group in transitive}
    assert graph.call("GET", f"/users/{users[3]['id']}/manager?$select=id", 200)["id"] == users[0]["id"]
    graph.error("GET", f"/users/{users[0]['id']}/manager", 404, "Request_ResourceNotFound")
    graph.error("GET", "/me", 400, "BadRequest", "delegated")
    domains = graph.call("GET", "/organization", 200)["value"][0]["verifiedDomains"]
    assert [item["name"] for item in domains if item["isDefault"]] == ["example.test"]


def test_addresses_that_do_not_exist(graph: Graph) -> None:
    graph.error("GET", "/nonsense", 400, "BadRequest")
    graph.error("PUT", "/applications", 405, "Request_BadRequest")
    graph.error("GET", "/applications(displayName='x')", 400, "BadRequest")
    graph.error("GET", "/applications(uniqueName='it's')", 400, "Request_BadRequest", "doubled")
    headers = {"Content-Type": "application/json"}
    graph.error("POST", "/applications", 400, "BadRequest", data="{", headers=headers)
    answer = graph.call("GET", "/organization", headers={"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["request-id"]
