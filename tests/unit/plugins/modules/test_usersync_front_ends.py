# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A refusal is told in the refuser's own words: who it was, what he said, what it means here and what to do."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.sentences import SENTENCES
from ansible_collections.fleetops.usersync.tests.frontends import KINDS, Proxy
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import NEW_SECRET, SECRET

# front end -> (code, refuser, its words); those that let everything through are in the matrix
REFUSED = {
    "strips_authorization": ("login_stripped", "product", "Client must be authenticated to access this resource."),
    "gateway_login": ("gateway_login", "gateway", "401 Authorization Required."),
    "gateway_negotiate": ("gateway_login", "gateway", "Unauthorized. Kerberos login needed."),
    "gateway_refused": ("gateway_refused", "gateway", "403 Forbidden"),
    "firewall_put": (
        "firewall",
        "firewall",
        "Request Rejected. The requested URL was rejected. Your support ID is: 1827361902837465.",
    ),
    "firewall_put_200": (
        "firewall",
        "firewall",
        "Request Rejected. The requested URL was rejected. Your support ID is: 1827361902837465.",
    ),
    "firewall_all": ("firewall", "firewall", "Reference #18"),
    "firewall_cloud": ("firewall", "firewall", "Ray ID: 8f1b2c3d4e5f6a7b"),
    "firewall_echo": ("firewall", "firewall", "Request blocked."),
    "too_large": ("body_too_large", "gateway", "413 Request Entity Too Large"),
    "maintenance_200": ("maintenance", "gateway", "We are down for scheduled maintenance until 06:00 UTC."),
    "maintenance_503": ("maintenance", "gateway", "We are down for scheduled maintenance until 06:00 UTC."),
    "method_blocked": ("method_blocked", "gateway", "405 Not Allowed"),
    "not_routed": ("not_routed", "gateway", "404 Not Found"),
    "no_node": ("no_node", "gateway", "502 Bad Gateway"),
    "late_node": ("no_node", "gateway", "504 Gateway Time-out"),
    "proxy_login": ("proxy_login", "gateway", "407 Proxy Authentication Required"),
    "sign_on_page": ("sso_page", "sso", "Sign in to your account. You are being signed in."),
    "sign_on_redirect": ("sso_redirect", "sso", None),
    "canonical_host": ("redirect", "unknown", None),
    "canonical_root": ("redirect", "unknown", None),
    "other_page_put": ("page", "gateway", "Welcome. Welcome to the intranet."),
    "throttles": ("throttled", "unknown", "Too many requests"),
    "client_certificate_400": ("client_certificate", "gateway", "No required SSL certificate was sent"),
    "plain_port": ("plain_port", "gateway", "The plain HTTP request was sent to HTTPS port"),
}
ON_PUT = {"firewall_put", "firewall_put_200", "too_large", "method_blocked", "other_page_put"}
# such answers are waited for
PATIENT = {"throttles", "no_node", "late_node", "maintenance_503"}
PASS = {"plain", "gateway_header", "throttles_by_date", "sends_posts_twice", "loses_a_post"}


@pytest.fixture
def front(live: Any) -> Iterator[Callable[[str], Any]]:
    """``front("firewall_put")`` puts it before the simulated hosts; returns the proxy."""
    started: list[Proxy] = []

    def start(kind: str) -> Proxy:
        proxy = Proxy(live.sim.graph_url, live.sim.ca_file, KINDS[kind]())
        proxy.__enter__()
        started.append(proxy)
        live.more = {"url": live.host["url"].replace(live.sim.graph_url, proxy.url), "ca_path": proxy.ca_file}
        return proxy

    yield start
    for proxy in started:
        proxy.__exit__()


def sentence(code: str) -> re.Pattern[str]:
    """The sentence of a code, whatever stands for its places."""
    parts = re.split(r"\{\w+\}", SENTENCES[code][1])
    return re.compile("[^;]*".join(re.escape(part) for part in parts))


def test_every_kind_is_looked_at() -> None:
    assert set(KINDS) == set(REFUSED) | PASS | {"client_certificate", "client_certificate_closes"}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_in_the_refusers_own_words(live: Any, front: Any, kind: str) -> None:
    live.world()
    live.connector(**live.wanted())
    proxy = front(kind)
    result = live.connector(**live.wanted(application_secret=NEW_SECRET, schedule_enabled=True))
    code, refuser, words = REFUSED[kind]
    assert result.get("failed") and result["failure"]["code"] == code, result
    assert sentence(code).match(result["msg"]), result["msg"]
    assert result["failure"]["refuser"] == refuser, result["failure"]
    if words:
        assert words in result["msg"] and words in result["failure"]["said"], result["msg"]
    # a host behind it that does not see the write goes on with what it had
    assert live.held("client_secret") == SECRET
    password = live.host["password"]
    pair = base64.b64encode(f"{live.host['username']}:{password}".encode()).decode()
    for secret in (password, SECRET, NEW_SECRET, pair, pair[:20], password[:10]):
        assert secret not in str(result)
    assert ("PUT" in {method for method, _path in proxy.stopped}) == (kind in ON_PUT)


@pytest.mark.parametrize("kind", sorted(set(REFUSED) - ON_PUT - PATIENT))
def test_who_refuses_at_the_door_is_asked_once(live: Any, front: Any, kind: str) -> None:
    live.world()
    proxy = front(kind)
    live.connector(**live.wanted())
    asked = [path for _method, path in proxy.stopped + proxy.passed]
    assert len(asked) == 1, asked


@pytest.mark.parametrize("kind", sorted(ON_PUT))
def test_after_an_accepted_login_nothing_is_told_of_the_login(live: Any, front: Any, kind: str) -> None:
    live.world()
    live.connector(**live.wanted())
    front(kind)
    result = live.connector(**live.wanted(application_secret=NEW_SECRET))
    assert result["failed"] and result["failure"]["kind"] != "login"
    assert not re.match(r"username|password|token", result["msg"]), result["msg"]


def test_a_refused_write_without_words_is_not_a_wrong_login(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    live.sim.fault("not_admin", host="jira01", method="PUT")
    result = live.connector(**live.wanted(application_secret=NEW_SECRET))
    assert result["failure"]["code"] == "refused_later" and "User is not an administrator" in result["msg"]
    live.sim.clear_faults()
    live.sim.fault("error", service="atlassian", method="PUT", status=401, message="Token is invalid", times=9)
    result = live.connector(**live.wanted(application_secret=NEW_SECRET))
    assert result["failure"]["code"] == "login_lost", result
    assert "accepted this login before" in result["msg"]


def test_a_front_end_that_demands_a_client_certificate(live: Any, front: Any) -> None:
    live.world()
    proxy = front("client_certificate")
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "client_certificate", result
    assert sentence("client_certificate").match(result["msg"]) and proxy.passed == []

    proxy = front("client_certificate_closes")
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "reset" and "(client_cert)" in result["msg"], result


def test_a_date_in_retry_after_is_waited_for(live: Any, front: Any) -> None:
    live.world()
    front("throttles_by_date")
    result = live.connector(**live.wanted())
    assert result["changed"] and result["http"]["retries"] == 1


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ({"kind": "license", "status": 401}, "license", "Your Jira license has expired."),
        ({"kind": "license", "method": "PUT"}, "license", "Your Jira license has expired."),
        ({"kind": "read_only"}, "read_only", "This site is read-only."),
        ({"kind": "reindex"}, "reindex", "Jira is currently being reindexed."),
        ({"kind": "maintenance"}, "maintenance", "This instance is undergoing maintenance"),
        ({"kind": "basic_disabled"}, "basic_disabled", "Basic Authentication has been disabled on this instance."),
    ],
)
def test_states_of_a_host(live: Any, fault: dict[str, Any], code: str, words: str) -> None:
    live.world()
    live.connector(**live.wanted())
    live.sim.fault(**fault)
    result = live.connector(**live.wanted(application_secret=NEW_SECRET))
    assert result["failure"]["code"] == code, result["msg"]
    assert sentence(code).match(result["msg"]) and words in result["msg"]
    assert "not the problem" in result["msg"] if code == "license" else True


def test_an_app_that_is_switched_off(live: Any) -> None:
    live.world()
    live.sim.fault("app_disabled")
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "app_disabled" and "de.resolution.usersync" in result["msg"], result["msg"]


@pytest.mark.parametrize(("product", "page"), [("jira", "/secure/ViewProfile.jspa"), ("auto", "Personal Access")])
def test_basic_switched_off_names_the_token_and_its_page(live: Any, product: str, page: str) -> None:
    live.sim.clear_faults()
    live.sim.reset(platform="jira11", host_options={})
    live.name = "jira01"
    live.begin()
    result = live.connector(**live.wanted(product=product))
    assert result["failure"]["code"] == "basic_disabled" and page in result["msg"] and "use token" in result["msg"]
    assert len(live.requests()) == 1
    live.sim.reset(platform="jira10")


def test_the_sync_tells_the_same(live: Any, front: Any) -> None:
    live.world()
    live.connector(**live.wanted(**live.app()))
    front("gateway_refused")
    result = live.sync()
    assert result["failure"]["code"] == "gateway_refused" and "403 Forbidden" in result["msg"]
    assert live.info()["failure"]["said"] == result["failure"]["said"]


def test_a_creation_that_a_proxy_sends_twice(live: Any, front: Any) -> None:
    live.world()
    app = live.app()
    front("sends_posts_twice")
    result = live.connector(**live.wanted(**app))
    assert result["changed"], result
    assert len(live.inside.store.connectors) == 2
    used = result["connector"]["id"]
    other = next(number for number in live.inside.store.connectors if number != used)
    assert any(f"click Delete next to {other}" in text for text in result["warnings"]), result["warnings"]
    live.more = {}
    assert live.sync(connector_id=used)["sync"]["success"]

    # the next run does not guess; it says which is in use, and what to click
    for again in (live.connector(**live.wanted(**app)), live.sync()):
        assert again["failure"]["code"] == "ambiguous_connector", again
        assert f"So {used} is in use" in again["msg"] and f"click Delete next to {other}" in again["msg"], again["msg"]
        assert "synchronised 25 users last (DONE" in again["msg"] and "has never synchronised" in again["msg"]
        assert "editconnector" not in again["msg"] and "/admin" in again["msg"]
    assert not live.connector(**live.wanted(**app, connector_id=used)).get("failed")
    live.sim.call(live.inside.click_delete, other)
    assert not live.connector(**live.wanted(**app))["changed"]


def test_a_creation_whose_answer_is_lost(live: Any, front: Any) -> None:
    live.world()
    front("loses_a_post")
    result = live.connector(**live.wanted())
    assert result["changed"] and len(live.inside.store.connectors) == 1, result
    assert any("was lost" in text for text in result["warnings"])


def test_twins_of_which_nothing_tells(live: Any) -> None:
    live.world()
    live.click_create()
    live.click_create()
    result = live.connector(**live.wanted())
    assert "It is not certain which one is in use" in result["msg"] and live.writes() == []


def test_a_number_as_id_on_a_host_whose_ids_are_uuids(live: Any) -> None:
    live.world()
    result = live.connector(**live.wanted(connector_id="4"))
    assert result["failure"]["code"] == "connector_unknown" and "2.14.1, whose ids are UUIDs" in result["msg"], result
    assert live.writes() == []
