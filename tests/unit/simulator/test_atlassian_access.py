# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins and refusals of the simulated hosts: CAPTCHA, tokens, websudo, XSRF, and everything else at the door."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.atlassian_client import API, CONNECTORS, Client

FLEET = ("jira01", "confluence01", "bitbucket01", "bamboo01")
WRONG = "not-the-password-of-anybody"
API_TOKEN = "vendor-api-token-of-this-test"


@pytest.fixture(scope="module")
def simulator() -> Any:
    with Simulator(hosts=6) as sim:
        yield sim


@pytest.fixture
def fleet(simulator: Simulator) -> Any:
    """A function that makes the fleet anew with options for all hosts; every host has one bare connector."""

    def make(**options: Any) -> Simulator:
        simulator.reset(host_options={"*": {"connectors": [{"id": "c1", "name": "Entra"}]} | options})
        return simulator

    yield make
    assert simulator.state()["internal_errors"] == []


def status(client: Client) -> int:
    return client.call("GET", CONNECTORS).status_code


@pytest.mark.parametrize("name", FLEET)
def test_basic_and_tokens(fleet: Any, name: str) -> None:
    sim = fleet(api_token=API_TOKEN)
    assert status(Client(sim, name)) == 200
    assert status(Client(sim, name, API_TOKEN)) == 200
    assert status(Client(sim, name, "pat")) == (403 if name == "bitbucket01" else 200)
    assert status(Client(sim, name, "none")) == 401
    journalled = sim.journal(host=name)
    assert [entry["client"] for entry in journalled] == ["usersync-admin"] * 3 + [None]


def test_switches_for_logins(fleet: Any) -> None:
    sim = fleet(pat=False, api_token=API_TOKEN, passwords_allowed=False)
    assert status(Client(sim, "jira01", "pat")) == 401
    assert status(Client(sim, "jira01")) == 403
    assert status(Client(sim, "jira01", API_TOKEN)) == 200
    sim = fleet(pat_is_admin=True)
    assert status(Client(sim, "bitbucket01", "pat")) == 200
    sim = fleet(two_step=True)
    assert status(Client(sim, "jira01")) == 401
    assert status(Client(sim, "jira01", "pat")) == 200
    session = Client(sim, "jira01", "none")
    login = {"username": session.host["username"], "password": session.host["password"], "rememberMe": False}
    assert session.call("POST", "rest/tsv/1.0/authenticate", json=login).status_code == 200
    assert status(session) == 200


@pytest.mark.parametrize("name", FLEET)
def test_captcha_after_three_failures(fleet: Any, name: str) -> None:
    sim = fleet()
    wrong, right = Client(sim, name, WRONG), Client(sim, name)
    for _unused in range(3):
        answer = wrong.call("GET", CONNECTORS)
        assert answer.status_code == 401
        if name != "bitbucket01":
            assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    answer = right.call("GET", CONNECTORS)
    if name in ("jira01", "bitbucket01"):
        assert answer.status_code == 403
        assert answer.headers["X-Authentication-Denied-Reason"].startswith("CAPTCHA_CHALLENGE; login-url=https://")
    else:
        assert answer.status_code == 401
        assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"
    page = {"jira01": "login.jsp", "confluence01": "dologin.action", "bamboo01": "userlogin.action"}
    form = {"os_username": right.host["username"], "os_password": right.host["password"]}
    if name == "bitbucket01":
        form = {key.replace("os_", "j_"): value for key, value in form.items()}
    person = Client(sim, name, "none")
    assert person.call("POST", page.get(name, "j_atl_security_check"), data=form).status_code == 302
    assert status(right) == 200


def test_two_failures_and_a_success_start_again(fleet: Any) -> None:
    sim = fleet()
    wrong, right = Client(sim, "jira01", WRONG), Client(sim, "jira01")
    for client in (wrong, wrong, right, wrong, wrong, right):
        status(client)
    assert status(right) == 200


def test_basic_switched_off_and_allowlist(fleet: Any) -> None:
    sim = fleet()
    sim.fault("basic_disabled", host="jira01")
    refused = Client(sim, "jira01").call("GET", CONNECTORS)
    assert refused.status_code == 403
    assert "Basic Authentication has been disabled" in refused.json()["message"]
    pat = Client(sim, "jira01", "pat")
    assert status(pat) == 200
    body = {"block-requests": True, "allowed-paths": ["/rest/samlsso-admin/*"]}
    assert pat.call("PUT", "rest/basicauth/1.0/config", json=body).json()["allowed-paths"] == body["allowed-paths"]
    assert status(Client(sim, "jira01")) == 200
    assert Client(sim, "jira01").call("GET", "rest/plugins/1.0/").status_code == 403


def test_not_an_administrator(fleet: Any) -> None:
    sim = fleet(extra_users=[{"name": "plain", "password": "plain-password", "admin": False}])
    plain = Client(sim, "jira01")
    plain.auth = ("plain", "plain-password")
    assert status(plain) == 403
    assert plain.call("GET", "rest/plugins/1.0/").status_code == 401
    sim.fault("not_admin", host="confluence01", times=1)
    assert [status(Client(sim, "confluence01")) for _unused in range(2)] == [403, 200]


@pytest.mark.parametrize(
    ("name", "page", "form"),
    [
        ("jira01", "secure/admin/WebSudoAuthenticate.jspa", "webSudoPassword"),
        ("confluence01", "doauthenticate.action", "password"),
        ("bamboo01", "admin/webSudoSubmit.action", "password"),
    ],
)
def test_websudo(fleet: Any, name: str, page: str, form: str) -> None:
    sim = fleet(websudo=True)
    admin = Client(sim, name)
    demanded = admin.call("GET", CONNECTORS)
    assert demanded.status_code == 401
    assert demanded.json()["message"] == "This resource requires WebSudo."
    assert admin.call("POST", page, data={form: WRONG}).status_code == 401
    assert status(admin) == 401
    assert admin.call("POST", page, data={form: admin.host["password"]}).status_code == 302
    assert status(admin) == 200
    assert status(Client(sim, name)) == 401
    sim.advance(11 * 60)
    assert status(admin) == 401


def test_websudo_step_wants_the_token_header(fleet: Any) -> None:
    admin = Client(fleet(websudo=True), "jira01", **{"X-Atlassian-Token": ""})
    page = "secure/admin/WebSudoAuthenticate.jspa"
    assert admin.call("POST", page, data={"webSudoPassword": admin.host["password"]}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Atlassian-Token": "", "Content-Type": ""}, 403),
        ({"X-Atlassian-Token": "", "Content-Type": "application/x-www-form-urlencoded"}, 403),
        ({"X-Atlassian-Token": "", "Content-Type": "multipart/form-data; boundary=x"}, 403),
        ({"X-Atlassian-Token": "", "Content-Type": "text/plain;charset=utf-8"}, 403),
        ({"X-Atlassian-Token": "", "Content-Type": "application/json"}, 200),
        ({"X-Atlassian-Token": "no-check", "Content-Type": ""}, 200),
        ({"X-Atlassian-Token": "nocheck", "Content-Type": "text/plain"}, 200),
        ({"X-Atlassian-Token": "no-check", "User-Agent": "Mozilla/5.0 (X11)"}, 403),
        ({"X-Atlassian-Token": "no-check", "User-Agent": "Mozilla/5.0 (X11)", "Origin": "https://evil.example"}, 403),
        ({"X-Atlassian-Token": "no-check", "User-Agent": "Mozilla/5.0 (X11)", "Origin": "SELF"}, 200),
        ({"X-Atlassian-Token": "no-check", "User-Agent": "Mozilla/5.0 (X11)", "Referer": "SELF/secure"}, 200),
    ],
)
def test_xsrf(fleet: Any, headers: dict[str, str], expected: int) -> None:
    sim = fleet()
    admin = Client(sim, "jira01")
    sent = {name: value.replace("SELF", sim.graph_url) or None for name, value in headers.items()}
    if sent.get("X-Atlassian-Token") is None:
        del admin.headers["X-Atlassian-Token"]
    answer = admin.call("POST", admin.connector("c1", "/sync"), headers=sent)
    assert answer.status_code == expected, answer.text
    if expected == 403:
        assert answer.json()["message"] == "XSRF check failed"


def test_xsrf_is_only_logged_for_put(fleet: Any) -> None:
    admin = Client(fleet(), "jira01")
    del admin.headers["X-Atlassian-Token"]
    answer = admin.call("PUT", admin.connector("c1"), data=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_xsrf_fault_refuses_every_post(fleet: Any) -> None:
    sim = fleet()
    sim.fault("xsrf", host="jira01")
    admin = Client(sim, "jira01")
    assert admin.call("POST", admin.connector("c1", "/sync"), json={}).status_code == 403
    assert status(admin) == 200


def test_doors(fleet: Any) -> None:
    sim = fleet()
    admin = Client(sim, "jira01")

    def with_fault(kind: str) -> requests.Response:
        sim.clear_faults()
        sim.fault(kind, host="jira01")
        return admin.call("GET", CONNECTORS)

    redirect = with_fault("sso_redirect")
    assert redirect.status_code == 302
    assert "/plugins/servlet/samlsso" in redirect.headers["Location"]
    assert requests.get(redirect.headers["Location"], verify=sim.ca_file, timeout=5).status_code == 200
    page = with_fault("html")
    assert (page.status_code, page.headers["Content-Type"][:9]) == (200, "text/html")
    assert with_fault("app_missing").status_code == 404
    assert "de.resolution.usersync" not in admin.call("GET", "rest/plugins/1.0/").text
    assert admin.call("GET", "rest/plugins/1.0/de.resolution.usersync-key").status_code == 404
    starting = with_fault("restarting")
    assert (starting.status_code, starting.headers["Content-Type"][:9]) == (503, "text/html")
    captcha = with_fault("captcha")
    assert captcha.status_code == 403
    with pytest.raises(requests.ConnectionError):
        with_fault("down")
    assert sim.journal()[-1]["status"] is None
    sim.clear_faults()
    assert status(admin) == 200
    assert status(Client(sim, "jira02")) == 200


def test_rate_limit(fleet: Any) -> None:
    sim = fleet(rate_limit=2)
    admin = Client(sim, "jira01")
    answers = [admin.call("GET", CONNECTORS) for _unused in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    sim.advance(2)
    assert status(admin) == 200


def test_context_path_is_kept(fleet: Any) -> None:
    sim = fleet()
    admin = Client(sim, "confluence01")
    assert admin.base.endswith("/confluence01/wiki")
    admin.base = admin.base.removesuffix("/wiki")
    assert admin.call("GET", CONNECTORS).status_code == 404


def test_session_cookie_is_kept(fleet: Any) -> None:
    sim = fleet()
    admin = Client(sim, "jira01")
    status(admin)
    cookie = next(iter(admin.cookies))
    assert (cookie.name, cookie.path, cookie.secure) == ("JSESSIONID", "/jira01", True)
    assert "Set-Cookie" not in admin.call("GET", CONNECTORS).headers


def test_login_page_leads_back(fleet: Any) -> None:
    sim = fleet()
    person = Client(sim, "jira01", "none")
    edit = "plugins/servlet/de.resolution.usersync/admin/editconnector?id=c1"
    to_login = person.call("GET", edit)
    assert to_login.status_code == 302
    page = person.get(to_login.headers["Location"], timeout=5)
    assert 'value="plugins/servlet/de.resolution.usersync/admin/editconnector?id=c1"' in page.text
    form = {"os_username": person.host["username"], "os_password": person.host["password"], "os_destination": edit}
    back = person.post(to_login.headers["Location"], data=form, timeout=5)
    assert back.status_code == 200
    assert "<h1>Entra</h1>" in back.text
    assert "Authorize" not in back.text


def test_admin_page_creates_where_rest_refuses(fleet: Any) -> None:
    sim = fleet(creation="refused", deletion="refused")
    admin = Client(sim, "jira01")
    page = "plugins/servlet/de.resolution.usersync/admin"
    assert admin.call("POST", page, data={"create": "Second"}).status_code == 302
    elements = admin.call("GET", CONNECTORS).json()
    assert [element["configuration"]["name"] for element in elements] == ["Entra", "Second"]
    assert admin.call("POST", page, data={"delete": "c1"}).status_code == 302
    assert len(admin.call("GET", CONNECTORS).json()) == 1
    assert f"{API}/usersync" not in admin.call("GET", page).text
