# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Production and staging: two inventories in one tenant and one app, which call different hosts by one name."""

from __future__ import annotations

from typing import Any

REMOVE = "fleetops.usersync.remove"


def keys(it: Any) -> set[str]:
    return {entry["keyId"] for entry in it.app()["passwordCredentials"]}


def test_two_inventories_that_call_their_hosts_alike(fleet: Any) -> None:
    it = fleet(2)
    (first, production), (second, staging) = it.hosts.items()
    it.inventory["usersync_hosts"]["hosts"] = {"jira01": production}
    assert it.play().code == 0
    before = keys(it)
    assert len(before) == 1

    it.inventory["usersync_hosts"]["hosts"] = {"jira01": staging}
    # a set-up that never was removes nothing of the others either
    assert it.play(playbook=REMOVE).code == 0 and keys(it) == before
    played = it.play()
    assert played.code == 0, played.output
    assert before < keys(it) and len(keys(it)) == 2
    assert it.simulation.state()["works"] == {first: True, second: True} and it.pending() == []

    gone = it.play("-e", "azure_connector_remove_app=usersync", playbook=REMOVE)
    assert gone.failed == {"jira01"}, gone.output
    assert production["azure_connector_url"].removeprefix("https://") in gone.output and keys(it) == before
    assert it.simulation.state()["works"][first]
