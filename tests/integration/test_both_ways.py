# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task for a host, or one for each step: the same writes in the same order, whatever fails."""

from __future__ import annotations

import re
from typing import Any

import pytest

HOST = "jira01"
FORCE = ("-e", "azure_connector_force=true")
SEPARATE = ("-e", "azure_connector_separate_steps=true")
FAULTS: dict[str, dict[str, Any] | None] = {
    "nothing": None,
    "mint": {"kind": "error", "service": "graph", "path": "addPassword", "status": 403, "times": 9},
    "deliver": {"kind": "error", "service": "atlassian", "method": "PUT", "status": 403, "times": 9},
    "confirm": {"kind": "sync_fails", "host": HOST},
    "retire": {"kind": "error", "service": "graph", "path": "removePassword", "status": 403, "times": 9},
}
SHOW = """\
- name: What the run has left in the variables of the hosts
  hosts: usersync_hosts
  gather_facts: false
  tasks:
    - name: Connect the hosts
      ansible.builtin.include_role:
        name: fleetops.usersync.azure_connector
        tasks_from: connect
      vars:
        azure_connector_only_secret: true
    - name: All of it
      ansible.builtin.debug:
        msg: >-
          {{ hostvars[inventory_hostname] | dict2items | rejectattr('key', 'match', '^(azure_connector|simulator)') }}
"""


def steps(played: Any) -> list[str]:
    """Method and place of each write, without ids."""
    return [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/|$)", "ID", line) for line in played.writes]


@pytest.mark.parametrize("fault", FAULTS)
def test_both_ways_write_the_same(fleet: Any, fault: str) -> None:
    told = {}
    for way in ((), SEPARATE):
        it = fleet(1)
        assert it.play().code == 0
        it.simulation.later(days=1)
        if FAULTS[fault]:
            it.simulation.tell("/faults", **FAULTS[fault])
        played = it.play(*FORCE, *way, playbook="fleetops.usersync.rotate_secrets")
        assert (played.code == 0) is (fault == "nothing"), played.output
        if fault != "nothing":
            assert f"failed at {fault}: " in played.output
        told[way] = steps(played)
        assert it.unharmed()
    assert told[()] == told[SEPARATE] and told[()]


@pytest.mark.parametrize("way", [(), SEPARATE], ids=["whole", "separate"])
def test_a_secret_under_a_former_name_goes_where_the_host_held_it(fleet: Any, way: tuple[str, ...]) -> None:
    it = fleet(1)
    (host,) = it.hosts
    assert it.play(playbook="fleetops.usersync.prepare_apps").code == 0
    app_id, former = it.app()["appId"], "usersync:old.example.com:-:20261101T000000.000000Z"
    it.simulation.tell("/seed", connector={"host": host, "app_id": app_id, "display_name": former})
    it.simulation.tell("/seed", credential={"app_id": app_id, "display_name": former.replace("old", "other")})
    it.simulation.later(days=1)
    it.variables["azure_connector_former_holders"] = ["old.example.com", "other.example.com"]
    played = it.play(*way)
    assert played.code == 0 and it.unharmed(), played.output
    assert sorted(it.holders()) == sorted([host, "other.example.com"]), it.holders()


@pytest.mark.parametrize("fault", ["nothing", "deliver", "confirm"])
def test_no_variable_holds_a_secret_afterwards(fleet: Any, fault: str) -> None:
    it = fleet(1)
    assert it.play().code == 0
    it.simulation.later(days=1)
    if FAULTS[fault]:
        it.simulation.tell("/faults", **FAULTS[fault])
    (it.folder / "show.yml").write_text(SHOW, encoding="utf-8")
    played = it.play(*FORCE, *SEPARATE, "-v", playbook="show.yml")
    assert "All of it" in played.output, played.output
    for item in it.simulation.ask("/secrets"):
        if item["kind"] == "client secret":
            assert item["value"] not in played.output
