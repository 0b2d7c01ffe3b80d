# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""usersync_sync: start, wait, judge, through main() and over TLS; the hosts really log in and read users."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _errors as errors
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_sync import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import sync as status
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.connect import open_host
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import sync
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import PRODUCTS

POLL = {"poll": 0.1, "wait_timeout": 20.0}
LOGIN = ("url", "username", "password", "ca_path", "connector_id")
DEFAULTS = {name: entry.get("default") for name, entry in DEFINITION.argument_spec.items() if name not in LOGIN}


def set_up(live: Any, name: str = "jira01", generation: str = "2.x", **traits: Any) -> Any:
    """A host whose connector holds a secret that works."""
    live.world(name, generation, **traits)
    result = live.connector(**live.wanted(**live.app()))
    assert result["changed"], result
    live.begin()
    return live


@pytest.mark.parametrize("name", PRODUCTS)
def test_full_sync(live: Any, name: str) -> None:
    set_up(live, name)
    result = live.sync(**POLL)
    assert result["changed"] and result["sync"]["success"], result
    assert result["sync"]["state"] == "DONE"
    assert result["sync"]["counters"]["added"] > 0 and result["sync"]["counters"]["failed"] == 0
    assert result["sync_id"] == result["sync"]["id"] and not result["already_running"]
    assert live.writes() == [("POST", f"/usersync/connector/{result['connector_id']}/sync")]
    again = live.sync(**POLL)
    assert again["changed"] and again["sync"]["counters"]["not_modified"] == result["sync"]["counters"]["added"]


def test_last_sync_proves_a_hidden_secret(live: Any) -> None:
    set_up(live, secret_visibility="masked")
    options = live.login()
    assert live.connector(**options)["connector"]["secret"]["known_by"] == "trusted"
    live.sync(**POLL)
    after = live.connector(**options)
    assert not after["changed"] and after["connector"]["secret"]["known_by"] == "proven by sync"
    assert after["connector"]["secret"]["hint"] is None
    assert after["last_sync"]["success"] is True


def test_check_mode_starts_nothing(live: Any) -> None:
    set_up(live)
    result = live.sync(check=True)
    assert result["changed"] and result["sync"] is None and live.writes() == []


@pytest.mark.parametrize("name", ["ada@example.test", "ops/night shift", "a+b@x.test", "jürgen müller", "100%?#&;"])
def test_single_user_name_is_encoded_whole(live: Any, name: str) -> None:
    set_up(live)
    result = live.sync(mode="single_user", user=name, **POLL)
    assert result["failed"] and result["failure"]["code"] == "sync_users_failed", result
    assert result["failure"]["sync"]["counters"]["failed"] == 1
    assert live.writes()[0][1].endswith(f"/syncsingle/{quote(name, safe='')}")


def test_a_server_that_takes_no_encoded_slash(live: Any) -> None:
    set_up(live, encoded_slash="refused")
    result = live.sync(mode="single_user", user="ops/ada", **POLL)
    assert result["msg"].startswith("user: ") and "encoded slashes" in result["msg"]


def test_single_user(live: Any) -> None:
    set_up(live)
    first = live.sync(**POLL)
    number = next(iter(live.inside.store.directories))
    someone = next(iter(live.inside.store.directories[number].users))
    result = live.sync(mode="single_user", user=someone, **POLL)
    assert result["sync"]["success"], result
    assert result["sync"]["counters"]["not_modified"] == 1 < first["sync"]["counters"]["added"]


@pytest.mark.parametrize("generation", ["1.4", "1.9", "2.x"])
@pytest.mark.parametrize("body", ["status", "id", "message", "empty"])
def test_waits_whatever_the_answer_tells(live: Any, generation: str, body: str) -> None:
    set_up(live, generation=generation, sync_body=body, sync_seconds=0.2)
    live.connector(**live.wanted())
    result = live.sync(**POLL)
    state = (result.get("sync") or result["failure"]["sync"])["state"]
    assert state in ("DONE", "FAILED")
    second = live.sync(**POLL)
    first_id = (result.get("sync") or result["failure"]["sync"])["id"]
    assert (second.get("sync") or second["failure"]["sync"])["id"] != first_id


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_good_status(live: Any, status: int) -> None:
    set_up(live, sync_status=status)
    assert live.sync(**POLL)["sync"]["success"]


@pytest.mark.parametrize("shows", ["state", "done"])
def test_refused_login_is_no_success(live: Any, shows: str) -> None:
    live.world(failed_login_shows=shows)
    live.connector(**live.wanted(**{**live.app(), "application_secret": "wrong-secret-of-this-test"}))
    result = live.sync(**POLL)
    assert result["failure"]["code"] == "sync_login_failed" and "AADSTS7000215" in result["msg"]
    assert "wrong-secret-of-this-test" not in str(result)


def test_missing_permission_is_no_success(live: Any) -> None:
    live.world()
    app = live.sim.seed("application", display_name="No rights")
    secret = live.sim.seed("credential", app_id=app["app_id"])["secret"]
    live.connector(**live.wanted(application_id=app["app_id"], application_secret=secret))
    result = live.sync(**POLL)
    assert result["failure"]["code"] == "sync_permission_missing" and "admin consent" in result["msg"]


def test_failed_users_and_failed_sync(live: Any) -> None:
    set_up(live)
    live.sim.fault("sync_fails", failed=3, times=1)
    result = live.sync(**POLL)
    assert result["failure"]["code"] == "sync_users_failed" and "3 failed users" in result["msg"]
    assert result["failure"]["sync"]["state"] == "DONE" and not result["failure"]["sync"]["success"]
    live.sim.fault("sync_fails", times=1)
    result = live.sync(**POLL)
    assert result["failure"]["code"] == "sync_failed" and "FAILED" in result["msg"]


def test_unknown_state_is_an_error_with_the_raw_word(live: Any) -> None:
    set_up(live)
    live.sim.fault("sync_fails", state="PARTIALLY_MOONLIT", times=2)
    result = live.sync(**POLL)
    assert result["failure"]["code"] == "unknown_state" and "'PARTIALLY_MOONLIT'" in result["msg"]
    assert "success_states" in result["msg"]
    told = live.sync(success_states=["done", "partially_moonlit"], **POLL)
    assert told["sync"]["success"], told


def test_first_state_of_another_name(live: Any) -> None:
    set_up(live, state_scheduled="SCHEDULED", sync_seconds=0.3)
    assert live.sync(**POLL)["sync"]["success"]


@pytest.mark.parametrize("when_running", ["conflict", "running_id"])
def test_already_running(live: Any, when_running: str) -> None:
    set_up(live, when_running=when_running, sync_seconds=0.6)
    first = live.sync(wait=False)
    assert first["changed"] and first["sync_id"]
    refused = live.sync(already_running="fail", **POLL)
    assert refused["failure"]["code"] == "already_running" and "already_running" in refused["msg"]
    left = live.sync(already_running="ignore", **POLL)
    assert not left["changed"] and left["sync_id"] == first["sync_id"] and left["already_running"]
    assert len(live.writes()) == 1
    waited = live.sync(already_running="wait", **POLL)
    assert waited["changed"] and waited["already_running"] and waited["sync_id"] != first["sync_id"]
    assert waited["sync"]["success"]


@pytest.mark.parametrize("already", ["ignore", "wait", "fail"])
def test_one_that_began_between_the_look_and_the_start(
    live: Any, monkeypatch: pytest.MonkeyPatch, already: str
) -> None:
    set_up(live, when_running="conflict", sync_seconds=0.6)
    first = live.sync(wait=False)["sync_id"]
    see(monkeypatch, [None])
    result = live.sync(already_running=already, **POLL)
    if already == "fail":
        assert result["failure"]["code"] == "already_running"
    elif already == "ignore":
        assert not result["changed"] and result["already_running"] and result["sync_id"] == first
    else:
        assert result["changed"] and result["sync"]["success"] and result["sync_id"] != first


def see(monkeypatch: pytest.MonkeyPatch, shown: list[Any]) -> None:
    """Let the first looks at the last sync show these instead; "real" stands for what the host tells."""
    real = status.last

    def last(*args: Any) -> Any:
        first = shown.pop(0) if shown else "real"
        return real(*args) if first == "real" else first

    monkeypatch.setattr(status, "last", last)


def test_a_node_that_still_shows_the_sync_before(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(live, sync_body="empty")
    assert live.sync(**POLL)["changed"]
    with open_host(live.login(), Run()) as host:
        connector = str(next(iter(live.inside.store.connectors)))
        before = status.last(host, connector)
    see(monkeypatch, ["real", before, before])
    result = live.sync(**POLL)
    assert before is not None and result["sync"]["success"] and result["sync_id"] != before.id


def test_conflicts_without_end(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(live, when_running="conflict")
    assert live.sync(**POLL)["changed"]
    live.sim.fault("sync_slow", seconds=30, times=1)
    live.sync(wait=False)
    with open_host(live.login(), Run()) as host:
        ended = status.by_id(host, str(next(iter(live.inside.store.connectors))), "1")
    assert ended is not None and not ended.running
    see(monkeypatch, [ended] * 50)
    result = live.sync(already_running="wait", poll=0.1, wait_timeout=0.5)
    assert result["failed"] and result["failure"]["kind"] == "conflict", result


def test_a_status_of_another_sync_is_none_of_this_one() -> None:
    class Host:
        def read(self, path: str, **_more: Any) -> Any:
            return None if path.endswith("/8") else {"id": 7, "status": "DONE"}

    assert status.by_id(Host(), "4", "8") is None  # type: ignore[arg-type]
    assert status.by_id(Host(), "4", "7").id == "7"  # type: ignore[arg-type,union-attr]


def test_the_message_that_tells_most_is_told() -> None:
    spoken = ["Scheduled", "AADSTS7000215: Invalid client secret provided", "Sync failed"]
    ended = status.parse({"id": 7, "status": "FAILED", "messages": spoken + ["user failed"] * 5000, "addedCount": True})
    assert ended is not None and len(ended.messages) == 200 and ended.counters == {}
    with pytest.raises(errors.LoginError, match="AADSTS7000215"):
        sync.judge(ended)


def test_timeout_of_the_wait(live: Any) -> None:
    set_up(live)
    live.sim.fault("sync_slow", seconds=30, times=1)
    result = live.sync(poll=0.1, wait_timeout=0.5)
    assert result["failure"]["code"] == "sync_timeout" and "wait_timeout" in result["msg"]


def test_progress_at_a_human_pace(live: Any) -> None:
    set_up(live, sync_seconds=0.8)
    lines: list[str] = []
    options = {**live.login(), **DEFAULTS, "wait_timeout": 20.0, "poll": 0.05, "progress_every": 0.25}
    run = Run(progress=lines.append)
    with open_host(options, run) as host:
        result = sync.run(host, options, run)
    assert result.values["sync"]["success"]
    assert 1 <= len(lines) <= 4 and all("RUNNING" in line for line in lines)


def test_a_wait_of_hours_asks_and_tells_in_measure(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(live)
    clock, lines, asked = [0.0], list[str](), list[float]()

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    def read(*_args: Any) -> Any:
        asked.append(clock[0])
        state = "DONE" if clock[0] > 5 * 3600 else "RUNNING"
        return status.parse({"id": 94, "status": state, "addedCount": len(asked)})

    monkeypatch.setattr(sync, "_read", read)
    run = Run(progress=lines.append, sleep=sleep, monotonic=lambda: clock[0])
    options = {**live.login(), **DEFAULTS, "wait_timeout": 6 * 3600.0}
    with open_host(options, run) as host:
        result = sync.run(host, options, run)
    assert result.values["sync"]["success"] and 5 * 3600 <= result.values["seconds"] < 5 * 3600 + 20
    # at most one question in ten seconds once it is clear that it takes long, and one line in a minute
    assert len(asked) <= 5 * 360 + 15 and len(lines) <= 5 * 60
    assert lines[100].startswith("sync RUNNING 94: added ")


def test_lost_answer_of_the_start(live: Any) -> None:
    set_up(live)
    live.sim.fault("lost_answer", service="atlassian", method="POST", path="/sync$")
    result = live.sync(**POLL)
    assert result["sync"]["success"], result
    assert any("lost" in text for text in result["warnings"])
    assert len(live.inside.syncs.runs) == 1


def test_start_that_never_arrived(live: Any) -> None:
    set_up(live)
    live.sim.fault("drop_before", service="atlassian", method="POST", path="/sync$")
    result = live.sync(**POLL)
    assert result["failed"] and len(live.inside.syncs.runs) == 0
    assert live.sync(**POLL)["sync"]["success"]
    live.sim.fault("drop_before", service="atlassian", method="POST", path="/sync$")
    assert live.sync(**POLL)["failed"] and len(live.inside.syncs.runs) == 1


def test_no_connector_and_unknown_connector(live: Any) -> None:
    live.world()
    assert live.sync()["failure"]["code"] == "connector_unknown"
    foretold = live.sync(check=True)
    assert foretold["changed"] and foretold["connector_id"] is None and "creates it first" in foretold["warnings"][0]
    assert live.sync(connector_id="4")["failure"]["code"] == "connector_unknown"
    assert live.writes() == []


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"mode": "single_user"}, "user"),
        ({"mode": "single_user", "user": " "}, "user"),
        ({"user": "ada"}, "user"),
        ({"poll": 0}, "poll"),
        ({"wait_timeout": -1}, "wait_timeout"),
        ({"connector_id": "../../../secure"}, "connector_id"),
    ],
)
def test_bad_options(live: Any, options: dict[str, Any], option: str) -> None:
    live.begin()
    result = live.sync(**options)
    assert result["failed"] and option in result["msg"] and live.requests() == []


@pytest.mark.parametrize("never", ["404", "204", "empty", "null"])
def test_never_synced_is_no_error(live: Any, never: str) -> None:
    set_up(live, never_synced=never)
    assert live.connector(**live.login())["last_sync"] is None
    assert live.sync(**POLL)["sync"]["success"]
