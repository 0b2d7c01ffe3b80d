# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulated hosts start, show and fail syncs, without a tenant that lets them in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.simulator.atlassian import directory
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.atlassian_client import API, Client

MEMBERS = {
    "status",
    "id",
    "connectorUID",
    "resultCount",
    "addedCount",
    "updatedCount",
    "notModifiedCount",
    "deletedCount",
    "failedCount",
    "filteredCount",
    "messages",
    "clusterNode",
    "created",
    "lastModified",
    "duration",
}
CONNECTOR = {"id": "c1", "name": "Entra", "application_id": "a", "tenant_id": "t", "client_secret": "nobody-knows"}


@pytest.fixture(scope="module")
def simulator() -> Any:
    with Simulator(hosts=2) as sim:
        yield sim


@pytest.fixture
def host(simulator: Simulator) -> Any:
    """A function that makes the hosts anew with options and returns the simulator and a client of the first."""

    def make(**options: Any) -> tuple[Simulator, Client]:
        simulator.reset(host_options={"*": {"connectors": [CONNECTOR]} | options})
        return simulator, Client(simulator, "jira01")

    yield make
    assert simulator.state()["internal_errors"] == []


def test_status_object_has_the_documented_members(host: Any) -> None:
    _sim, admin = host()
    status = admin.sync("c1")
    assert set(status) == MEMBERS
    assert status["status"] == "FAILED"
    assert status["connectorUID"] == "c1"
    assert status["clusterNode"] == "NOT_CLUSTERED"
    assert status["created"].endswith("Z")
    assert status["messages"][0].startswith("Scheduled with jobid ")
    assert status["messages"][1].startswith("Token request failed: ")
    assert admin.call("GET", f"{API}/usersync/syncstatus/{status['id']}").json() == status
    assert admin.call("GET", f"{API}/usersync/syncstatus/999").status_code == 404
    assert admin.call("GET", admin.connector("c1", f"/syncstatus/{status['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("never_synced", "code", "text"), [("404", 404, None), ("204", 204, ""), ("empty", 200, ""), ("null", 200, "null")]
)
def test_no_sync_yet(host: Any, never_synced: str, code: int, text: str | None) -> None:
    _sim, admin = host(never_synced=never_synced)
    answer = admin.call("GET", admin.connector("c1", "/syncstatus"))
    assert answer.status_code == code
    assert text is None or answer.text == text


@pytest.mark.parametrize("code", [200, 201, 202])
@pytest.mark.parametrize(("shape", "member"), [("status", "messages"), ("id", "id"), ("message", "message")])
def test_answer_of_a_start(host: Any, code: int, shape: str, member: str) -> None:
    _sim, admin = host(sync_status=code, sync_body=shape)
    answer = admin.call("POST", admin.connector("c1", "/sync"))
    assert answer.status_code == code
    assert member in answer.json()


def test_start_without_any_body(host: Any) -> None:
    _sim, admin = host(sync_status=204)
    answer = admin.call("POST", admin.connector("c1", "/sync"))
    assert (answer.status_code, answer.text) == (204, "")
    assert admin.call("GET", admin.connector("c1", "/sync")).status_code == 405
    assert admin.call("POST", admin.connector("none", "/sync")).status_code == 404


def test_already_running(host: Any) -> None:
    sim, admin = host()
    sim.fault("sync_slow", seconds=600)
    first = admin.call("POST", admin.connector("c1", "/sync")).json()
    again = admin.call("POST", admin.connector("c1", "/sync"))
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert admin.call("GET", admin.connector("c1", "/syncstatus")).json()["status"] == "RUNNING"
    sim, admin = host(when_running="conflict")
    sim.fault("sync_slow", seconds=600)
    admin.call("POST", admin.connector("c1", "/sync"))
    assert admin.call("POST", admin.connector("c1", "/syncsingle/x")).status_code == 409


def test_slow_sync_follows_the_clock(host: Any) -> None:
    sim, admin = host()
    sim.fault("sync_slow", seconds=3600, times=1)
    number = admin.call("POST", admin.connector("c1", "/sync")).json()["id"]
    sim.advance(3601)
    for _unused in range(100):
        status = admin.call("GET", admin.connector("c1", "/syncstatus")).json()
        if status["status"] != "RUNNING":
            break
    assert (status["id"], status["status"]) == (number, "FAILED")
    assert status["duration"] >= 3600


def test_planned_failures(host: Any) -> None:
    sim, admin = host()
    sim.fault("sync_fails", message="AADSTS7000222: expired", times=1)
    status = admin.sync("c1")
    assert (status["status"], status["messages"][-1]) == ("FAILED", "AADSTS7000222: expired")
    sim.fault("sync_fails", state="INTERRUPTED", times=1)
    assert admin.sync("c1")["status"] == "INTERRUPTED"
    sim.fault("sync_fails", failed=3, times=1)
    status = admin.sync("c1")
    assert (status["status"], status["failedCount"], status["resultCount"]) == ("DONE", 3, 3)


def test_failed_login_may_hide_behind_done(host: Any) -> None:
    _sim, admin = host(failed_login_shows="done")
    status = admin.sync("c1")
    assert status["status"] == "DONE"
    assert status["messages"][-1].startswith("Token request failed")


def test_scheduled_state_comes_first(host: Any) -> None:
    _sim, admin = host(state_scheduled="SCHEDULED", state_failed="ERROR")
    assert admin.call("POST", admin.connector("c1", "/sync")).json()["status"] == "SCHEDULED"
    for _unused in range(100):
        status = admin.call("GET", admin.connector("c1", "/syncstatus")).json()["status"]
        if status == "ERROR":
            break
    assert status == "ERROR"


def test_cluster_node_is_named(host: Any) -> None:
    _sim, admin = host(nodes=2, node_lag=0)
    assert admin.sync("c1")["clusterNode"] in ("node1", "node2")


def test_slash_in_a_user_name(host: Any) -> None:
    _sim, admin = host()
    assert admin.call("POST", admin.connector("c1", "/syncsingle/dom%2Fuser%2Bx%40y"), json={}).status_code == 200
    _sim, admin = host(encoded_slash="refused")
    assert admin.call("POST", admin.connector("c1", "/syncsingle/dom%2Fuser"), json={}).status_code == 400


def test_settings_of_a_wrong_shape_fail_the_sync_only(host: Any) -> None:
    sim, admin = host()
    configuration = admin.configuration("c1")
    configuration["azureSettings"]["requiredGroups"] = 5
    configuration["provisioningSettings"] = []
    assert admin.call("PUT", admin.connector("c1"), json=configuration).status_code == 200
    assert admin.sync("c1")["status"] == "FAILED"
    assert sim.state()["hosts"]["jira01"]["syncs"]


MAPPING = [{"attribute": "ATTR_NAME", "source": "upn"}, {"attribute": "ATTR_ACTIVE", "source": "on"}]


def test_users_are_added_updated_or_left(host: Any) -> None:
    users: dict[str, Any] = {}
    counters = directory.Counters()
    for upn in ("a@x", "a@x", "b@x"):
        directory.store_user(users, {"id": "1", "upn": upn, "on": True}, MAPPING, counters)
    directory.store_user(users, {"id": "2", "on": True}, MAPPING, counters)
    assert counters == directory.Counters(added=1, updated=1, unchanged=1, failed=1)
    assert counters.total == 4
    assert users["1"]["ATTR_NAME"] == "b@x"


@pytest.mark.parametrize(
    ("behaviour", "left", "first", "second"),
    [
        ("DISABLE_USERS", {"ATTR_NAME": "a", "ATTR_ACTIVE": False}, {"updated": 1}, {"updated": 1, "unchanged": 1}),
        ("DELETE_USERS", None, {"deleted": 1}, None),
        ("KEEP_USERS", {"ATTR_NAME": "a", "ATTR_ACTIVE": True}, {"unchanged": 1}, {"unchanged": 2}),
    ],
)
def test_clean_up(behaviour: str, left: Any, first: dict[str, int], second: dict[str, int] | None) -> None:
    users = {"1": {"ATTR_NAME": "a", "ATTR_ACTIVE": True}}
    counters = directory.Counters()
    directory.clean_up(users, "1", behaviour, counters)
    assert counters == directory.Counters(**first)
    assert users.get("1") == left
    if second is not None:
        directory.clean_up(users, "1", behaviour, counters)
        assert counters == directory.Counters(**second)


def test_anonymising_happens_once() -> None:
    users = {"1": {"ATTR_NAME": "a", "ATTR_ACTIVE": True}}
    counters = directory.Counters()
    for _unused in range(2):
        directory.clean_up(users, "1", "ANONYMIZE_USERS", counters)
    assert counters == directory.Counters(updated=1, unchanged=1)
    assert users["1"]["ATTR_NAME"] != "a"


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ({"securityEnabled": True, "mailEnabled": False, "groupTypes": []}, "security"),
        ({"securityEnabled": True, "mailEnabled": True, "groupTypes": []}, "mailEnabledSecurity"),
        ({"securityEnabled": False, "mailEnabled": True, "groupTypes": []}, "distribution"),
        ({"securityEnabled": True, "mailEnabled": True, "groupTypes": ["Unified"]}, "office365SecurityEnabled"),
        ({"securityEnabled": False, "mailEnabled": True, "groupTypes": ["Unified"]}, "office365NotSecurityEnabled"),
    ],
)
def test_group_kinds(group: dict[str, Any], kind: str) -> None:
    assert directory.group_kind(group) == kind
