# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Getting in: every login, and one sentence with option and remedy for every way in which a host says no."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import LoginError
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import connector, probe, sync
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.connect import open_host
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import PRODUCTS, SECRET


def refused(live: Any, result: dict[str, Any], code: str, *words: str) -> None:
    """One sentence, the code, no write, and the secrets in none of it."""
    assert result.get("failed"), result
    assert result["failure"]["code"] == code, result["msg"]
    for word in words:
        assert word in result["msg"], result["msg"]
    assert "Traceback" not in result["msg"] and "\n" not in result["msg"]
    assert SECRET not in str(result) and live.host["password"] not in str(result)
    assert live.writes() == []


@pytest.mark.parametrize("name", PRODUCTS)
def test_wrong_password_is_tried_once(live: Any, name: str) -> None:
    live.world(name)
    result = live.connector(**live.wanted(password="wrong-password"))
    refused(live, result, "wrong_password", "password: ", "tried only once")
    assert len(live.requests()) == 1
    assert [user.failures for user in live.inside.guard.users.values()] == [1]


def test_nothing_is_asked_after_a_refusal(live: Any) -> None:
    live.world()
    with open_host({**live.login(password="wrong-password"), "timeout": 30.0}, Run()) as host:
        with pytest.raises(LoginError):
            connector.read_all(host)
        for again in (lambda: connector.read_all(host), lambda: sync.last(host, "4")):
            with pytest.raises(LoginError):
                again()
        assert probe.app(host).installed is None and probe.product(host).version is None
    assert len(live.requests()) == 1


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("module", ["sync", "info"])
def test_other_modules_try_once_too(live: Any, name: str, module: str) -> None:
    live.world(name)
    result = getattr(live, module)(password="wrong-password")
    refused(live, result, "wrong_password", "password: ")
    assert len(live.requests()) == 1


@pytest.mark.parametrize("name", PRODUCTS)
def test_captcha(live: Any, name: str) -> None:
    live.world(name)
    live.sim.fault("captcha")
    result = live.connector(**live.wanted())
    refused(live, result, "captcha", "CAPTCHA", "browser")
    assert len(live.requests()) == 1


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("basic_disabled", "basic_disabled", ("basic authentication is switched off", "token")),
        ("not_admin", "not_admin", ("username: ", "administrator")),
        ("sso_redirect", "sso_redirect", ("url: single sign-on", "/rest/samlsso-admin/")),
        ("html", "html", ("username: ", "its login page (200) instead of JSON", "check that url", 'says: "Log in')),
        ("app_missing", "app_missing", ("User Sync is not installed", "install the app")),
        ("restarting", "restarting", ("url: the host answers 503", "try again")),
        ("websudo", "websudo", ("websudo: ", "set websudo or websudo_when_asked to true")),
    ],
)
@pytest.mark.parametrize("name", PRODUCTS)
def test_refusals(live: Any, name: str, fault: str, code: str, words: tuple[str, ...]) -> None:
    live.world(name)
    live.sim.fault(fault)
    refused(live, live.connector(**live.wanted()), code, *words)


@pytest.mark.parametrize("generation", ["1.9", "2.x"])
def test_app_missing_with_a_connector_id(live: Any, generation: str) -> None:
    live.world(generation=generation)
    live.sim.fault("app_missing")
    for state in ("present", "absent"):
        result = live.connector(**live.login(connector_id="7", state=state))
        refused(live, result, "app_missing", "User Sync is not installed")


def test_not_admin_by_401(live: Any) -> None:
    live.world(not_admin_status=401)
    live.sim.fault("not_admin")
    refused(live, live.connector(**live.wanted()), "not_admin", "username: ", "401")


def test_xsrf_on_the_first_write(live: Any) -> None:
    live.world()
    live.sim.fault("xsrf")
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "xsrf" and "canonical base URL" in result["msg"]
    assert live.inside.store.connectors == {}


def test_two_step_and_token_only(live: Any) -> None:
    live.world(two_step=True)
    refused(live, live.connector(**live.wanted()), "two_step", "two-step", "token")
    live.world(passwords_allowed=False)
    refused(live, live.connector(**live.wanted()), "token_only", "API tokens", "password: ")


def test_a_node_that_is_down(live: Any) -> None:
    live.world()
    live.sim.fault("down")
    result = live.connector(**live.wanted())
    assert result["failed"] and result["failure"]["kind"] in ("lost_answer", "unavailable", "transport")
    assert live.writes() == []


def test_server_error(live: Any) -> None:
    live.world()
    live.sim.fault("error", service="atlassian", status=500, message="java.lang.IllegalStateException", times=9)
    result = live.connector(**live.wanted())
    assert result["failed"] and "500" in result["msg"] and live.writes() == []


def test_a_short_restart_is_waited_for(live: Any) -> None:
    live.world()
    live.sim.fault("unavailable", service="atlassian", times=2)
    result = live.connector(check=True, **live.wanted())
    assert result["changed"] and result["http"]["retries"] == 2


def test_throttled(live: Any) -> None:
    live.world()
    live.sim.fault("throttle", service="atlassian", retry_after="0.01", times=1)
    assert live.connector(check=True, **live.wanted())["http"]["retries"] == 1


def test_tls_name_and_address(live: Any) -> None:
    live.world()
    no_ca = live.connector(**live.wanted(ca_path=None))
    refused(live, no_ca, "tls", "TLS", "ca_path")
    unknown = live.connector(**live.wanted(url="https://jira.example.invalid/jira"))
    refused(live, unknown, "name", "url: the name jira.example.invalid cannot be resolved")
    closed = live.connector(**live.wanted(url="https://localhost:9/jira"))
    refused(live, closed, "connect", "url: ", "could not be reached")
    lacking = live.connector(**live.wanted(ca_path="/nonexistent/ca.pem"))
    assert "ca_path: there is no file" in lacking["msg"]


@pytest.mark.parametrize(
    "url",
    [
        "jira.example.com",
        "ftp://jira.example.com",
        "https://",
        "https://jira.example.com:port",
        "https://[jira",
        "https://admin:hunter2@jira.example.com",
        "https://jira.example.com/rest/samlsso-admin/1.0",
        "https://jira.example.com/plugins/servlet/samlsso/usersync",
        "https://jira.example.com/?a=b",
        "",
        " ",
    ],
)
def test_malformed_addresses(live: Any, url: str) -> None:
    result = live.connector(**live.wanted(url=url))
    assert result["failed"] and result["msg"].startswith("url: "), result["msg"]
    assert "hunter2" not in str(result["msg"]) and result["failure"]["kind"] == "option"


def test_wrong_context_path(live: Any) -> None:
    live.world("confluence01")
    result = live.connector(**live.wanted(url=live.host["url"].rpartition("/")[0]))
    refused(live, result, "not_routed", "url: no Atlassian product answers", "context path")


def test_plain_http_needs_a_switch(live: Any) -> None:
    live.world()
    result = live.connector(**live.wanted(url="http://jira.example.com/jira"))
    assert result["failed"] and "url: http://jira.example.com/jira is plain http" in result["msg"]
    allowed = live.connector(**live.wanted(url="http://localhost.localdomain:9/jira", allow_plain_http=True))
    assert allowed["failed"] and "plain http" not in allowed["msg"]


@pytest.mark.parametrize(
    ("login", "option"),
    [
        ({"username": None, "password": None}, "username"),
        ({"username": None}, "username"),
        ({"password": None}, "password"),
        ({"token": "t0ken"}, "token"),
        ({"username": None, "password": None, "token": "two words"}, "token"),
        ({"username": "a:b"}, "username"),
        ({"headers": {"X-Proxy": "one\ntwo"}}, "headers"),
        ({"username": None, "password": None, "token": "t0ken", "websudo": True}, "websudo"),
    ],
)
def test_logins_that_cannot_be(live: Any, login: dict[str, Any], option: str) -> None:
    live.world()
    result = live.connector(**live.wanted(**login))
    assert result["msg"].startswith(f"{option}: "), result["msg"]
    assert live.requests() == []


@pytest.mark.parametrize("name", ["jira01", "confluence01", "bamboo01"])
def test_personal_access_token(live: Any, name: str) -> None:
    live.world(name)
    token = live.host["token"]
    result = live.connector(**live.wanted(username=None, password=None, token=token))
    assert result["changed"], result
    assert token not in str(result)
    wrong = live.connector(**live.wanted(username=None, password=None, token="wrong-token"))
    assert wrong["failure"]["code"] == "wrong_token" and wrong["msg"].startswith("token: ")


@pytest.mark.parametrize(("own", "shared"), [("token", "password"), ("password", "token")])
def test_a_login_of_the_environment_yields_to_the_hosts_own(
    live: Any, monkeypatch: pytest.MonkeyPatch, own: str, shared: str
) -> None:
    live.world()
    host = live.host
    logins = {
        "token": {"token": host["token"]},
        "password": {"username": host["username"], "password": host["password"]},
    }
    wrong = {"token": {"token": "wrong-token"}, "password": {"username": "other", "password": "wrong-password"}}
    for name, value in wrong[shared].items():
        monkeypatch.setenv(f"USERSYNC_ATLASSIAN_{name.upper()}", value)
    nobody = {"username": None, "password": None}
    result = live.connector(**live.wanted(**{**nobody, **logins[own]}))
    assert result.get("changed"), result
    # two logins that are both the host's own are still one too many
    both = live.connector(**live.wanted(**logins["password"], **logins["token"]))
    assert both["msg"].startswith("token: give either")


def test_token_of_bitbucket_is_no_administrators(live: Any) -> None:
    live.world("bitbucket01")
    result = live.connector(**live.wanted(username=None, password=None, token=live.host["token"]))
    refused(live, result, "not_admin_token", "token: ", "Bitbucket")


def test_api_token_as_password(live: Any) -> None:
    live.world(api_token="api-token-of-the-vendors-app")
    assert live.connector(**live.wanted(password="api-token-of-the-vendors-app"))["changed"]


def test_headers_alone(live: Any) -> None:
    live.world()
    token = live.host["token"]
    headers = {"Authorization": f"Bearer {token}", "X-Proxy-Client": "fleetops"}
    result = live.connector(**live.wanted(username=None, password=None, headers=headers))
    assert result["changed"], result
    assert token not in str(result)


@pytest.mark.parametrize("name", ["jira01", "confluence01", "bamboo01"])
@pytest.mark.parametrize("product", ["named", "auto"])
def test_websudo(live: Any, name: str, product: str) -> None:
    live.world(name, websudo=True)
    options = live.wanted(websudo=True, product=name[:-2] if product == "named" else "auto")
    result = live.connector(**options)
    assert result["changed"], result
    live.begin()
    wrong = live.connector(**{**options, "password": "wrong-password"})
    assert wrong["failure"]["code"] == "wrong_password"
    assert len([path for _method, path in live.requests() if "manifest" not in path]) <= 1


def test_websudo_where_there_is_none(live: Any) -> None:
    live.world("bitbucket01")
    result = live.connector(**live.wanted(websudo=True))
    assert result["changed"] and any("no secure administrator sessions" in text for text in result["warnings"])


def test_user_agent_is_no_browser_and_xsrf_header_is_sent(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    seen: list[dict[str, str]] = []
    real = requests.Session.send

    def spy(self: Any, request: Any, **kwargs: Any) -> Any:
        seen.append({"method": request.method, **request.headers})
        return real(self, request, **kwargs)

    live.world()
    made = live.connector(**live.wanted())
    monkeypatch.setattr(requests.Session, "send", spy)
    live.sync(wait=False)
    start = next(headers for headers in seen if headers["method"] == "POST")
    assert made["changed"]
    assert start["Content-Type"] == "application/json" and start["X-Atlassian-Token"] == "no-check"
    assert seen and all("Mozilla" not in headers["User-Agent"] for headers in seen)
    assert seen and all("Origin" not in headers and "Referer" not in headers for headers in seen)
