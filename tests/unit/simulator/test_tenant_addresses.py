# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names under which the tenant is asked, batches, casts, the management service, and what principals inherit."""

from __future__ import annotations

import base64

import jwt
import pytest
from ansible_collections.fleetops.usersync.tests.simulator.entra.assertions import make_certificate
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import Graph, token

MANAGEMENT = "https://management.core.windows.net/"
ROLE = {
    "allowedMemberTypes": ["Application"],
    "description": "read",
    "displayName": "read",
    "id": "11111111-2222-4333-8444-555555555555",
    "isEnabled": True,
    "value": "Things.Read",
}
SCOPE = {
    "adminConsentDescription": "read",
    "adminConsentDisplayName": "read",
    "id": "22222222-2222-4333-8444-555555555555",
    "isEnabled": True,
    "type": "Admin",
    "value": "Things.Peek",
}


def asked_as(graph: Graph, name: str) -> str:
    """Ask under another host name from now on; returns it with the port."""
    graph.headers["Host"] = f"{name}:{graph.sim.graph_url.rsplit(':', 1)[1]}"
    return f"https://{graph.headers['Host']}"


def test_links_lead_to_the_address_that_was_asked(tenant: Simulator, directory: Graph) -> None:
    root = asked_as(directory, "graph.example")
    for version in ("v1.0", "beta"):
        page = directory.call("GET", f"{tenant.graph_url}/{version}/users?$top=2", 200)
        assert page["@odata.nextLink"].startswith(f"{root}/{version}/users?")
        assert page["@odata.context"].startswith(f"{root}/{version}/$metadata#users")
    answer = directory.call("POST", "/applications", json={"displayName": "x"})
    assert answer.headers["Location"].startswith(f"{root}/v1.0/")


def test_the_login_tells_the_address_that_was_asked(tenant: Simulator, directory: Graph) -> None:
    root = asked_as(directory, "login.example")
    found = directory.get(f"{tenant.authority_url}/{tenant.tenant_id}/v2.0/.well-known/openid-configuration").json()
    for name in ("token_endpoint", "jwks_uri", "authorization_endpoint", "issuer"):
        assert found[name].startswith(f"{root}/{tenant.tenant_id}/"), name
    common = directory.get(f"{tenant.authority_url}/organizations/v2.0/.well-known/openid-configuration").json()
    assert common["issuer"] == f"{root}/{{tenantid}}/v2.0"


def test_a_token_may_be_asked_for_any_of_the_simulators_names(tenant: Simulator) -> None:
    port = tenant.graph_url.rsplit(":", 1)[1]
    for resource in (f"https://graph.example:{port}", "https://graph.microsoft.com", "https://graph.microsoft.com/"):
        answer = token(tenant, scope=f"{resource}/.default")
        assert answer.status_code == 200, answer.text
        claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
        assert claims["aud"] == resource
    assert token(tenant, scope="https://vault.example/.default").json()["error_codes"] == [500011]


def test_a_token_of_version_one_names_the_older_issuer(tenant: Simulator) -> None:
    claims = jwt.decode(token(tenant).json()["access_token"], options={"verify_signature": False})
    assert (claims["ver"], claims["iss"]) == ("1.0", f"https://sts.windows.net/{tenant.tenant_id}/")


@pytest.mark.parametrize("name", ["nonsense", "0000", "with space"])
def test_a_tenant_that_is_neither_a_guid_nor_a_domain(tenant: Simulator, directory: Graph, name: str) -> None:
    for path in ("oauth2/v2.0/token", "v2.0/.well-known/openid-configuration"):
        method = "POST" if path.endswith("token") else "GET"
        answer = directory.request(method, f"{tenant.authority_url}/{name}/{path}", data={"grant_type": "x"})
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [900023])
    unknown = directory.get(f"{tenant.authority_url}/nobody.example/v2.0/.well-known/openid-configuration")
    assert unknown.json()["error_codes"] == [90002]


def test_an_app_without_principal_is_an_invalid_client(tenant: Simulator) -> None:
    app = tenant.seed("application", display_name="alone", service_principal=False)
    secret = tenant.seed("credential", app_id=app["app_id"])["secret"]
    answer = token(tenant, {"client_id": app["app_id"], "client_secret": secret})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_codes"] == [7000229]


def test_a_token_of_another_service_opens_nothing(tenant: Simulator, directory: Graph) -> None:
    answer = token(tenant, scope=f"{MANAGEMENT}/.default")
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    error = directory.error("GET", "/applications", 401, "InvalidAuthenticationToken", headers=headers)
    assert "audience" in error["message"]
    url = f"{tenant.graph_url}/subscriptions?api-version=2022-12-01"
    assert directory.call("GET", url).status_code == 401


def test_the_management_service_lists_what_a_login_of_az_asks_for(tenant: Simulator, directory: Graph) -> None:
    directory.headers["Authorization"] = (
        f"Bearer {token(tenant, scope=f'{MANAGEMENT}/.default').json()['access_token']}"
    )
    listed = directory.call("GET", f"{tenant.graph_url}/subscriptions?api-version=2022-12-01", 200)["value"]
    assert [(item["tenantId"], item["state"]) for item in listed] == [(tenant.tenant_id, "Enabled")]
    one = directory.call("GET", f"{tenant.graph_url}{listed[0]['id']}?api-version=2022-12-01", 200)
    assert one["subscriptionId"] == listed[0]["subscriptionId"]
    tenants = directory.call("GET", f"{tenant.graph_url}/tenants?api-version=2022-12-01", 200)["value"]
    assert [item["tenantId"] for item in tenants] == [tenant.tenant_id]
    answer = directory.call("GET", f"{tenant.graph_url}/subscriptions/{tenant.tenant_id}?api-version=2022-12-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SubscriptionNotFound")


def test_casts_in_both_spellings(tenant: Simulator, directory: Graph) -> None:
    gone = directory.make_app("gone")
    directory.call("DELETE", f"/applications/{gone['id']}", 204)
    for cast in ("microsoft.graph.application", "graph.application", "Microsoft.Graph.application"):
        found = directory.call("GET", f"/directory/deletedItems/{cast}", 200)["value"]
        assert [item["id"] for item in found] == [gone["id"]]
    mine = f"/servicePrincipals/{tenant.automation['principal_id']}/ownedObjects/graph.application"
    live = directory.make_app("live")
    assert [item["id"] for item in directory.call("GET", mine, 200)["value"]] == [live["id"]]


def test_a_batch_answers_each_request_on_its_own(tenant: Simulator, directory: Graph) -> None:
    requests = [
        {"id": "1", "method": "POST", "url": "/applications", "body": {"displayName": "batched"}},
        {"id": "2", "method": "GET", "url": "/applications?$filter=displayName eq 'batched'", "dependsOn": ["1"]},
        {"id": "3", "method": "GET", "url": "applications/bogus"},
        {"id": "4", "method": "GET", "url": "/users", "dependsOn": ["3"]},
    ]
    for item in requests[:1]:
        item["headers"] = {"Content-Type": "application/json"}
    answers = directory.call("POST", "/$batch", 200, json={"requests": requests})["responses"]
    found = {item["id"]: item for item in answers}
    assert {key: item["status"] for key, item in found.items()} == {"1": 201, "2": 200, "3": 404, "4": 424}
    assert found["2"]["body"]["value"][0]["id"] == found["1"]["body"]["id"]
    assert found["3"]["body"]["error"]["code"] == "Request_ResourceNotFound"
    paths = [entry["path"] for entry in tenant.writes()]
    assert "/v1.0/applications" in paths
    many = [{"id": str(number), "method": "GET", "url": "/users"} for number in range(21)]
    for wrong in (many, [*many[:1], many[0]], [{"id": "1", "method": "POST", "url": "/$batch", "body": {}}]):
        directory.error("POST", "/$batch", 400, "BadRequest", json={"requests": wrong})


def test_one_assignment_by_its_id(directory: Graph) -> None:
    principal = directory.make_principal(directory.make_app()["appId"])
    resource = directory.graph_principal()
    role = next(role["id"] for role in resource["appRoles"] if role["value"] == "User.Read.All")
    body = {"principalId": principal["id"], "resourceId": resource["id"], "appRoleId": role}
    made = directory.call("POST", f"/servicePrincipals/{principal['id']}/appRoleAssignments", 201, json=body)
    for path in (
        f"/servicePrincipals/{principal['id']}/appRoleAssignments/{made['id']}",
        f"/servicePrincipals/{resource['id']}/appRoleAssignedTo/{made['id']}",
    ):
        assert directory.call("GET", path, 200)["appRoleId"] == role
    wrong = f"/servicePrincipals/{resource['id']}/appRoleAssignments/{made['id']}"
    directory.error("GET", wrong, 404, "Request_ResourceNotFound")


def test_a_principal_follows_its_application(tenant: Simulator, directory: Graph) -> None:
    app = directory.make_app("own API", appRoles=[ROLE], api={"oauth2PermissionScopes": [SCOPE]})
    principal = directory.make_principal(app["appId"])
    assert [role["value"] for role in principal["appRoles"]] == ["Things.Read"]
    assert [scope["value"] for scope in principal["oauth2PermissionScopes"]] == ["Things.Peek"]
    path, own = f"/applications/{app['id']}", f"/servicePrincipals/{principal['id']}"
    second = {**ROLE, "id": "33333333-2222-4333-8444-555555555555", "value": "Things.Write"}
    directory.call("PATCH", path, 204, json={"appRoles": [ROLE, second], "identifierUris": [f"api://{app['appId']}"]})
    assert [role["value"] for role in directory.call("GET", own, 200)["appRoles"]] == ["Things.Read", "Things.Write"]
    client = tenant.seed("identity", display_name="client", profile="none")
    body = {"principalId": client["principal_id"], "resourceId": principal["id"], "appRoleId": ROLE["id"]}
    directory.call("POST", f"{own}/appRoleAssignedTo", 201, json=body)
    answer = token(tenant, client, scope=f"api://{app['appId']}/.default")
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["roles"]) == (f"api://{app['appId']}", ["Things.Read"])
    directory.error("PATCH", path, 400, "CannotDeleteOrUpdateEnabledEntitlement", json={"appRoles": [second]})
    disabled = {**ROLE, "isEnabled": False}
    directory.call("PATCH", path, 204, json={"appRoles": [disabled, second]})
    directory.call("PATCH", path, 204, json={"appRoles": [second]})
    assert [role["value"] for role in directory.call("GET", own, 200)["appRoles"]] == ["Things.Write"]


def test_a_principal_may_be_made_with_its_type(directory: Graph) -> None:
    for kind in ("Application", "application"):  # azure.azcollection writes it small
        body = {"appId": directory.make_app()["appId"], "servicePrincipalType": kind, "accountEnabled": True}
        assert directory.call("POST", "/servicePrincipals", 201, json=body)["servicePrincipalType"] == "Application"
    body = {"appId": directory.make_app()["appId"], "servicePrincipalType": "ManagedIdentity"}
    directory.error("POST", "/servicePrincipals", 400, "Request_BadRequest", json=body)


@pytest.mark.parametrize("kind", ["applications", "servicePrincipals"])
def test_certificates_with_line_breaks_come_back_when_selected(tenant: Simulator, directory: Graph, kind: str) -> None:
    app = directory.make_app()
    principal = directory.make_principal(app["appId"])
    path = f"/{kind}/{(app if kind == 'applications' else principal)['id']}"
    der, _pem, private = make_certificate("by hand")
    text = base64.encodebytes(der).decode()
    assert "\n" in text.strip()
    key_id = "44444444-2222-4333-8444-555555555555"
    wanted = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": text, "keyId": key_id, "displayName": "CN=x"}
    directory.call("PATCH", path, 204, json={"keyCredentials": [wanted]})
    assert directory.call("GET", path, 200)["keyCredentials"][0]["key"] is None
    shown = directory.call("GET", f"{path}?$select=id,keyCredentials", 200)["keyCredentials"][0]
    assert (shown["keyId"], shown["displayName"], base64.b64decode(shown["key"])) == (key_id, "CN=x", der)
    listed = directory.call("GET", f"/{kind}?$select=id,keyCredentials&$filter=appId eq '{app['appId']}'", 200)
    assert listed["value"][0]["keyCredentials"][0]["key"] is None
    other = make_certificate("another")[0]
    body = [shown, {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(other).decode()}]
    directory.call("PATCH", path, 204, json={"keyCredentials": body})
    assert len(directory.call("GET", path, 200)["keyCredentials"]) == 2
    assert private.startswith("-----BEGIN")


def test_times_without_an_offset_are_taken_as_utc(directory: Graph) -> None:
    """As the service does: python clients send them (ansible-collections/azure issue 1872 tells how far they came)."""
    app = directory.make_app()
    made = directory.add_password(app["id"], endDateTime="2098-01-01T00:00:00")
    assert made["endDateTime"] == "2098-01-01T00:00:00Z"
    body = {"type": "AsymmetricX509Cert", "usage": "Verify", "endDateTime": "2098-01-01T00:00:00.123456"}
    path = f"/applications/{app['id']}"
    directory.error("PATCH", path, 400, "KeyCredentialsInvalidValue", json={"keyCredentials": [body]})
