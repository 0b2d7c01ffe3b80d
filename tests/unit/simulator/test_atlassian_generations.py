# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed in the products in 2025 and 2026: Basic off, rate limits, elevation by REST, tokens that end."""

from __future__ import annotations

import email.utils
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.simulator.hosts import PLATFORMS, VERSIONS
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.atlassian_client import CONNECTORS, Client

FLEET = {"jira01": "jira", "confluence01": "confluence", "bitbucket01": "bitbucket", "bamboo01": "bamboo"}
ELEVATE = "rest/tsv/latest/elevate-permissions/password"
LIMITS = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Interval-Seconds", "X-RateLimit-FillRate"}


@pytest.fixture(scope="module")
def simulator() -> Any:
    with Simulator(hosts=6) as sim:
        yield sim


@pytest.fixture
def fleet(simulator: Simulator) -> Any:
    """``fleet("jira11", websudo=True)``: the hosts of a platform; every host has one bare connector."""

    def make(platform: str = "jira10", generation: str = "2.x", **options: Any) -> Simulator:
        one = {"connectors": [{"id": "c1", "name": "Entra"}]}
        simulator.reset(platform=platform, generation=generation, host_options={"*": one | options})
        return simulator

    yield make
    assert simulator.state()["internal_errors"] == []


def status(client: Client) -> int:
    return client.call("GET", CONNECTORS).status_code


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", FLEET)
def test_basic_is_off_in_jira_alone_and_from_11(fleet: Any, name: str, platform: str) -> None:
    sim = fleet(platform)
    off = name == "jira01" and platform in ("jira11", "jira12")
    assert status(Client(sim, name)) == (403 if off else 200)
    assert status(Client(sim, name, "pat")) == (403 if name == "bitbucket01" else 200)
    about = Client(sim, name, "none").call("GET", "rest/applinks/1.0/manifest").json()
    assert about["version"] == PLATFORMS[platform][FLEET[name]]


@pytest.mark.parametrize("platform", ["jira11", "jira12"])
@pytest.mark.parametrize("name", FLEET)
def test_rate_limit_with_its_headers(fleet: Any, name: str, platform: str) -> None:
    sim = fleet(platform, pat_is_admin=True)
    admin = Client(sim, name, "pat")
    answers = [admin.call("GET", CONNECTORS) for _unused in range(40)]
    if platform == "jira11":
        assert {answer.status_code for answer in answers} == {200}
        assert not LIMITS & set(answers[0].headers)
        return
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert set(refused.headers) >= LIMITS and set(answers[0].headers) >= LIMITS
    assert (refused.headers["Retry-After"], answers[0].headers["Retry-After"]) == ("1", "0")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    # the limit is on the app's resource, not on the product's own
    assert admin.call("GET", "rest/applinks/1.0/manifest").status_code == 200
    sim.advance(1)
    assert status(admin) == 200


def test_rate_limit_is_per_user_and_node(fleet: Any) -> None:
    plain = {"name": "other", "password": "other-password", "admin": True}
    sim = fleet(rate_limit=2, nodes=2, node_lag=0.0, extra_users=[plain])
    first = Client(sim, "jira01")
    assert [status(first) for _unused in range(3)] == [200, 200, 429]
    # another session comes to the other node
    second = Client(sim, "jira01")
    assert [status(second) for _unused in range(3)] == [200, 200, 429]
    other = Client(sim, "jira01")
    other.auth = ("other", "other-password")
    assert status(other) == 200


def test_rate_limit_as_a_fault(fleet: Any) -> None:
    sim = fleet()
    sim.fault("rate_limit", host="jira01", permits=1)
    assert [status(Client(sim, "jira01")) for _unused in range(2)] == [200, 429]
    assert [status(Client(sim, "jira02")) for _unused in range(2)] == [200, 200]


def test_retry_after_as_a_date(fleet: Any) -> None:
    sim = fleet(rate_limit=1, retry_after="date")
    admin = Client(sim, "jira01")
    assert status(admin) == 200
    told = admin.call("GET", CONNECTORS).headers["Retry-After"]
    assert email.utils.parsedate_to_datetime(told).tzinfo is not None


@pytest.mark.parametrize(("platform", "there"), [("jira9", False), ("jira10", False), ("jira11", True)])
def test_elevation_by_rest_is_bamboos_from_10_1(fleet: Any, platform: str, there: bool) -> None:
    sim = fleet(platform, websudo=True)
    admin = Client(sim, "bamboo01")
    assert status(admin) == 401
    wrong = admin.call("POST", ELEVATE, json={"password": "not-the-password-of-anybody"})
    assert wrong.status_code == (401 if there else 404)
    done = admin.call("POST", ELEVATE, json={"password": admin.host["password"]})
    assert (done.status_code, status(admin)) == ((200, 200) if there else (404, 401))
    # the old form stands beside it
    form = admin.call("POST", "admin/webSudoSubmit.action", data={"password": admin.host["password"]})
    assert (form.status_code, status(admin)) == (302, 200)
    assert Client(sim, "confluence01").call("POST", ELEVATE, json={}).status_code == 404


def test_elevation_of_a_user_with_an_authenticator_app(fleet: Any) -> None:
    sim = fleet("jira11", websudo=True, totp=True)
    admin = Client(sim, "bamboo01")
    answer = admin.call("POST", ELEVATE, json={"password": admin.host["password"]})
    assert answer.status_code == 403 and "TOTP" in answer.json()["message"]
    assert status(admin) == 401


def test_a_token_ends_and_the_product_tells_when(fleet: Any) -> None:
    sim = fleet(token_days=10, other_tokens=[{"name": "backup", "days": 90}])
    admin = Client(sim, "jira01", "pat")
    listed = admin.call("GET", "rest/pat/latest/tokens").json()
    assert [one["name"] for one in listed] == ["usersync", "backup"] and all("expiringAt" in one for one in listed)
    assert admin.host["token"] not in str(listed)
    sim.advance(11 * 86400)
    assert status(admin) == 401
    assert Client(sim, "bitbucket01").call("GET", "rest/pat/latest/tokens").status_code == 404


def test_how_an_unknown_token_is_refused(fleet: Any) -> None:
    sim = fleet(bad_token_shows="anonymous")
    client = Client(sim, "jira01", "none", Authorization="Bearer not-a-token")
    answer = client.call("GET", CONNECTORS)
    assert answer.status_code == 401 and answer.json()["message"].startswith("Client must be authenticated")


@pytest.mark.parametrize(("generation", "version"), list(VERSIONS.items()))
def test_versions_of_user_sync(fleet: Any, generation: str, version: str) -> None:
    sim = fleet(generation=generation)
    installed = Client(sim, "jira01").call("GET", "rest/plugins/1.0/").json()["plugins"]
    assert [one["version"] for one in installed if "usersync" in one["key"]] == [version]
    tree = Client(sim, "jira01").configuration("c1")
    assert ("serverSideGroupFilter" in tree["azureSettings"]) is generation.startswith("2.")


@pytest.mark.parametrize(
    ("fault", "method", "code", "word"),
    [
        ({"kind": "license", "status": 401}, "GET", 401, "license has expired"),
        ({"kind": "license", "method": "PUT"}, "PUT", 403, "license has expired"),
        ({"kind": "read_only"}, "PUT", 405, "read-only"),
        ({"kind": "reindex"}, "GET", 503, "currently being reindexed"),
        ({"kind": "maintenance"}, "GET", 503, "undergoing maintenance"),
        ({"kind": "app_disabled"}, "GET", 404, "null for uri"),
    ],
)
def test_states_that_refuse(fleet: Any, fault: dict[str, Any], method: str, code: int, word: str) -> None:
    sim = fleet()
    sim.fault(host="jira01", **fault)
    admin = Client(sim, "jira01")
    answer = admin.call(method, admin.connector("c1"), json={} if method == "PUT" else None)
    assert answer.status_code == code and word in answer.text
    if fault["kind"] == "app_disabled":
        installed = admin.call("GET", "rest/plugins/1.0/").json()["plugins"]
        assert [one["enabled"] for one in installed if "usersync" in one["key"]] == [False]
