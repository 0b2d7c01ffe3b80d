# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The login service, with the real MSAL over real TLS."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import jwt
import msal
import pytest
import requests
from ansible_collections.fleetops.usersync.tests.simulator.entra.assertions import make_certificate
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import Graph, token

REDIRECT = "https://jira.example.test/plugins/servlet/de.resolution.usersync/oauth2/authorize"


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(hosts=0) as sim:
        yield sim


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    running.reset()
    yield running
    assert running.world.internal_errors == []


def log_in(sim: Simulator, client_id: str, credential: Any, tenant: str | None = None) -> dict[str, Any]:
    session = requests.Session()
    session.trust_env = False
    session.verify = sim.ca_file
    client = msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        authority=f"{sim.authority_url}/{tenant or sim.tenant_id}",
        instance_discovery=False,
        http_client=session,
    )
    answer: dict[str, Any] = client.acquire_token_for_client([f"{sim.graph_url}/.default"])
    return answer


@pytest.mark.parametrize("name", ["id", "domain", "initial_domain"])
def test_login_by_any_name_of_the_tenant(sim: Simulator, name: str) -> None:
    tenant = sim.describe()["tenant"][name]
    answer = log_in(sim, sim.automation["client_id"], sim.automation["client_secret"], tenant)
    assert answer["token_type"] == "Bearer"
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["appid"] == sim.automation["client_id"]
    assert claims["tid"] == sim.tenant_id
    assert claims["aud"] == sim.graph_url
    assert "Application.ReadWrite.All" in claims["roles"]
    assert answer["access_token"] in sim.secrets()


def test_the_token_verifies_with_the_published_key(sim: Simulator) -> None:
    access_token = token(sim).json()["access_token"]
    session = requests.Session()
    session.trust_env = False
    session.verify = sim.ca_file
    found = session.get(f"{sim.authority_url}/{sim.tenant_id}/v2.0/.well-known/openid-configuration").json()
    key = jwt.PyJWK(session.get(found["jwks_uri"]).json()["keys"][0])
    issuer = f"https://sts.windows.net/{sim.tenant_id}/"
    claims = jwt.decode(access_token, key.key, algorithms=["RS256"], audience=sim.graph_url, issuer=issuer)
    assert claims["tid"] == sim.tenant_id


def test_wrong_secret(sim: Simulator) -> None:
    answer = log_in(sim, sim.automation["client_id"], "wrong")
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])
    assert sim.journal()[-1]["status"] == 401
    assert sim.journal()[-1]["code"] == "AADSTS7000215"


def test_unknown_tenant_and_unknown_app(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        log_in(sim, sim.automation["client_id"], "x", "nowhere.test")
    answer = token(sim, {"client_id": "11111111-1111-4111-8111-111111111111", "client_secret": "x"})
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [700016])
    assert answer.json()["error"] == "unauthorized_client"


def test_expired_secret_follows_the_clock(sim: Simulator) -> None:
    made = sim.seed("identity", display_name="short", days=1)
    assert token(sim, made).status_code == 200
    sim.advance(2 * 86400)
    answer = token(sim, made)
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [7000222])
    assert "credential_expired" in [event["event"] for event in sim.timeline()]


@pytest.mark.parametrize(
    ("form", "number", "status"),
    [
        ({"client_secret": ""}, 7000216, 401),
        ({"scope": ""}, 900144, 400),
        ({"scope": "https://elsewhere.test/.default"}, 500011, 400),
        ({"scope": "User.Read"}, 1002012, 400),
        ({"grant_type": "password"}, 70003, 400),
    ],
)
def test_bad_requests(sim: Simulator, form: dict[str, str], number: int, status: int) -> None:
    answer = token(sim, None, **form)
    assert (answer.status_code, answer.json()["error_codes"]) == (status, [number])


def test_without_principal_or_disabled(sim: Simulator) -> None:
    app = sim.seed("application", display_name="bare", service_principal=False)
    secret = sim.seed("credential", app_id=app["app_id"])["secret"]
    identity = {"client_id": app["app_id"], "client_secret": secret}
    assert token(sim, identity).json()["error_codes"] == [7000229]
    graph = Graph(sim)
    principal = graph.make_principal(app["app_id"])
    assert token(sim, identity).status_code == 200
    graph.call("PATCH", f"/servicePrincipals/{principal['id']}", 204, json={"accountEnabled": False})
    assert token(sim, identity).json()["error_codes"] == [7000112]


def test_certificate(sim: Simulator) -> None:
    app_id = sim.automation["client_id"]
    made = sim.seed("certificate", app_id=app_id)
    credential = {"private_key": made["private_key"], "thumbprint": made["thumbprint"]}
    assert "access_token" in log_in(sim, app_id, credential)
    modern = {"private_key": made["private_key"], "public_certificate": made["certificate"]}
    assert "access_token" in log_in(sim, app_id, modern)
    other = sim.seed("certificate", app_id=sim.seed("identity", display_name="other")["client_id"])
    answer = log_in(sim, app_id, {"private_key": other["private_key"], "thumbprint": other["thumbprint"]})
    assert answer["error_codes"] == [700027]
    forged = {"private_key": other["private_key"], "thumbprint": made["thumbprint"]}
    assert log_in(sim, app_id, forged)["error_codes"] == [700027]


def test_certificate_registered_by_a_patch(sim: Simulator) -> None:
    graph = Graph(sim)
    app = graph.make_app()
    graph.make_principal(app["appId"])
    der, public, private = make_certificate("x")
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode()}
    graph.call("PATCH", f"/applications/{app['id']}", 204, json={"keyCredentials": [key]})
    found = graph.call("GET", f"/applications/{app['id']}", 200)["keyCredentials"]
    assert (len(found), found[0]["key"]) == (1, None)
    credential = {"private_key": private, "public_certificate": public}
    assert "access_token" in log_in(sim, app["appId"], credential)
    graph.call("PATCH", f"/applications/{app['id']}", 204, json={"keyCredentials": []})
    assert log_in(sim, app["appId"], credential)["error_codes"] == [700027]


def test_federated_credential(sim: Simulator) -> None:
    app_id = sim.automation["client_id"]
    made = sim.seed("federation", app_id=app_id, issuer="https://issuer.test", subject="repo:a")
    assert "access_token" in log_in(sim, app_id, {"client_assertion": lambda: made["token"]})
    for changed, number in (
        ({"issuer": "https://other.test", "subject": "repo:a"}, 700211),
        ({"issuer": "https://issuer.test", "subject": "repo:b"}, 700213),
        ({"issuer": "https://issuer.test", "subject": "repo:a", "audience": "api://x"}, 700212),
    ):
        wrong = sim.seed("federated_token", **changed)["token"]
        assert log_in(sim, app_id, {"client_assertion": lambda wrong=wrong: wrong})["error_codes"] == [number]


def test_fresh_secret_is_refused_for_a_while(sim: Simulator) -> None:
    graph = Graph(sim)
    app = graph.make_app()
    graph.make_principal(app["appId"])
    sim.fault("secret_refused", seconds=15)
    identity = {"client_id": app["appId"], "client_secret": graph.add_password(app["id"])["secretText"]}
    assert len(graph.call("GET", f"/applications/{app['id']}", 200)["passwordCredentials"]) == 1
    assert token(sim, identity).json()["error_codes"] == [7000215]
    sim.advance(16)
    assert token(sim, identity).status_code == 200


def test_no_consent_is_no_token_error(sim: Simulator) -> None:
    identity = sim.seed("identity", display_name="poor", profile="none")
    answer = token(sim, identity)
    assert answer.status_code == 200
    assert "roles" not in jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    Graph(sim, identity).error("GET", "/users", 403, "Authorization_RequestDenied", "Insufficient privileges")


def test_authorization_code_flow(sim: Simulator) -> None:
    app = sim.seed("application", display_name="old flow", web={"redirectUris": [REDIRECT]})
    secret = sim.seed("credential", app_id=app["app_id"])["secret"]
    session = requests.Session()
    session.trust_env = False
    session.verify = sim.ca_file
    url = f"{sim.authority_url}/{sim.tenant_id}/oauth2/v2.0/authorize"
    query = {
        "client_id": app["app_id"],
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "User.Read offline_access",
        "state": "a b&c",
    }
    refused = session.get(url, params=query)
    assert refused.status_code == 400
    assert "AADSTS65001" in refused.text
    sim.seed("consent", app_id=app["app_id"], scopes=["User.Read", "User.ReadBasic.All"])
    wrong = session.get(url, params={**query, "redirect_uri": "https://evil.test/"})
    assert "AADSTS50011" in wrong.text
    assert "<button" in session.get(url, params=query).text
    moved = session.post(url, data=query, allow_redirects=False)
    assert moved.status_code == 302
    target = requests.utils.urlparse(moved.headers["Location"])
    values = dict(part.split("=", 1) for part in target.query.split("&"))
    assert values["state"] == "a+b%26c"
    identity = {"client_id": app["app_id"], "client_secret": secret}
    form = {"grant_type": "authorization_code", "code": values["code"], "redirect_uri": REDIRECT, "scope": ""}
    first = token(sim, identity, **form)
    assert first.status_code == 200, first.text
    assert token(sim, identity, **form).json()["error"] == "invalid_grant"
    headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
    me = session.get(f"{sim.graph_url}/v1.0/me", headers=headers)
    assert me.json()["displayName"] == "Jörg Müller"
    again = token(sim, identity, grant_type="refresh_token", refresh_token=first.json()["refresh_token"], scope="")
    assert again.status_code == 200
    wrong_secret = token(
        sim, {**identity, "client_secret": "x"}, grant_type="refresh_token", refresh_token=first.json()["refresh_token"]
    )
    assert wrong_secret.json()["error_codes"] == [7000215]
