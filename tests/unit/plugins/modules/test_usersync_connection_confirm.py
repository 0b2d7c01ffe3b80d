# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""usersync_connection_confirm: many hosts are waited for together, and one host's error stays its own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.modules import usersync_connection, usersync_connection_confirm
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module

NAMES = ("jira01", "jira02")


def options(live: Any, tenant: Any, name: str) -> dict[str, Any]:
    live.name = name
    return {
        "entra": dict(tenant.login),
        "host": {**live.login(), "site": "test"},
        "app": {"unique_name": "usersync"},
        "secret": {"delivery_window": 30.0, "delivery_timeout": 0.0},
        "sync": {"poll": 0.1},
    }


@pytest.fixture
def waiting(live: Any, tenant: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Two hosts whose syncs last an hour after a renewal, and what the first task has returned of them."""
    live.world()
    tenant.ok("app", unique_name="usersync", display_name="User Sync")
    tenant.ok("permission", unique_name="usersync", permissions=GUIDE, consent="grant")
    for name in NAMES:
        assert run_module(usersync_connection.main, options(live, tenant, name))["changed"]
    live.sim.advance(86400)
    live.sim.fault("sync_slow", seconds=3600, times=2)
    connections = []
    for name in NAMES:
        given = options(live, tenant, name)
        given["secret"] = {**given["secret"], "force": True}
        result = run_module(usersync_connection.main, {**given, "confirm_wait": 0.2})
        assert result["confirming"]["wait"] == "sync", result
        connections.append({"name": name, **given, "confirming": result["confirming"]})
    return live.sim, connections


def confirm(connections: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    given = {"connections": connections, "poll": 0.1, "timeout": 20.0, **more}
    return run_module(usersync_connection_confirm.main, given)


def credentials(sim: Any) -> list[str]:
    app = next(app for app in sim.state()["tenant"]["applications"] if app["uniqueName"] == "usersync")
    return sorted(entry["keyId"] for entry in app["passwordCredentials"])


def test_each_is_retired_as_its_sync_ends_and_no_secret_is_told(waiting: Any) -> None:
    sim, connections = waiting
    assert len(credentials(sim)) == 4
    sim.advance(3700)
    result = confirm(connections)
    assert result["changed"] and [one["name"] for one in result["outcomes"]] == list(NAMES)
    assert result["outcomes"] and all(
        one["done"] == ["secret renewed", "synchronised"] and not one["failed"] for one in result["outcomes"]
    )
    assert credentials(sim) == sorted(one["confirming"]["key_id"] for one in connections)
    assert not any(one["host"]["password"] in str(result) for one in connections if one["host"].get("password"))


def test_the_time_is_over_for_all_together_and_nothing_is_lost(waiting: Any) -> None:
    sim, connections = waiting
    result = confirm(connections, timeout=0.5)
    assert not result["changed"] and not result.get("failed")
    assert result["outcomes"] and all(one["failure"]["code"] == "sync_timeout" for one in result["outcomes"]), result
    assert len(credentials(sim)) == 4
    sim.advance(3700)
    assert not any(one["failed"] for one in confirm(connections)["outcomes"])


def test_the_error_of_one_host_stays_its_own(waiting: Any) -> None:
    sim, connections = waiting
    connections[0]["host"] = {**connections[0]["host"], "rest_path": "/rest/other/1.0"}
    sim.advance(3700)
    first, second = confirm(connections)["outcomes"]
    assert first["failed"] and first["failure"]["step"] == "confirm" and first["failure"]["stands"]
    assert second["done"] == ["secret renewed", "synchronised"] and len(credentials(sim)) == 3


def test_a_sync_that_the_host_does_not_know_confirms_nothing(waiting: Any) -> None:
    sim, connections = waiting
    connections[0]["confirming"] = {**connections[0]["confirming"], "sync_id": "99999"}
    sim.advance(3700)
    first, second = confirm(connections)["outcomes"]
    assert first["failed"] and first["failure"]["code"] == "sync_unknown" and "99999" in first["msg"], first
    assert not second["failed"] and len(credentials(sim)) == 3


def test_nobody_to_wait_for_and_check_mode(waiting: Any) -> None:
    sim, connections = waiting
    assert confirm([]) == {**confirm([]), "changed": False, "outcomes": []}
    mark = sim.last_entry()
    run_module(usersync_connection_confirm.main, {"connections": connections}, check=True)
    assert [entry for entry in sim.journal(since=mark) if not entry["internal"]] == []
