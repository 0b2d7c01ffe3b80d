# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bench compares with what it says it compares with, and its figures follow from what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import contenders
import pytest
import sums
import yaml
from plot import picture

TESTS = Path(__file__).resolve().parents[1]


def _tasks(value: Any) -> int:
    """How many tasks stand in a file; those that it includes count there."""
    if isinstance(value, list):
        return sum(_tasks(item) for item in value)
    return _tasks(value["tasks"]) if "tasks" in value else 1


def test_the_uri_playbooks_have_the_tasks_that_are_listed() -> None:
    files = {
        path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (TESTS / "bench/uri").glob("*.yml")
    }
    counted = {name: _tasks(content) for name, content in files.items() if isinstance(content, list)}
    assert {name: count for name, count in counted.items() if count} == contenders.URI_TASKS


def _summary(cpu: float, megabytes: float = 80.0) -> dict[str, Any]:
    phase = {"cpu_per_host": cpu, "peak_megabytes": megabytes}
    return {"start_up_cpu_seconds": 1.0, "turns": 5, "phases": dict.fromkeys(contenders.PHASES, phase)}


MEASURED = {
    "collection": {"50": _summary(0.1), "500": _summary(0.11, 100.0)},
    "uri": {"50": _summary(2.0)},
    "floor": {"50": _summary(0.05)},
}


def test_ratios_compare_equal_fleets() -> None:
    found = sums.ratios(MEASURED)
    assert found["cpu_of_a_host_over_uri_at_50"] == dict.fromkeys(contenders.PHASES, 0.05)
    assert found["cpu_of_a_host_over_floor_at_50"] == dict.fromkeys(contenders.PHASES, 2.0)
    assert found["cpu_of_a_host_at_500_over_50"] == dict.fromkeys(contenders.PHASES, 1.1)
    assert found["peak_memory_at_500_over_50"] == dict.fromkeys(contenders.PHASES, 1.25)
    assert "cpu_of_a_host_over_uri_at_10" not in found


def test_start_up_is_no_part_of_a_host() -> None:
    def one(cpu: float) -> contenders.Measured:
        return contenders.Measured(cpu, 1.0, 50.0, 10, {"graph": {"GET": 20}}, 0)

    turn = {contenders.NOTHING: one(1.0)} | dict.fromkeys(contenders.PHASES, one(6.0))
    summary = sums.summary(10, [turn])
    assert summary["phases"]["setup"]["cpu_per_host"] == 0.5
    assert summary["phases"]["setup"]["requests_per_host"] == {"graph": 2.0}


@pytest.mark.parametrize("measured", [MEASURED, {"collection": MEASURED["collection"]}, {"uri": {}, "floor": {}}])
def test_the_picture_is_drawn_from_whatever_was_measured(measured: dict[str, Any]) -> None:
    root = ElementTree.fromstring(picture(measured))
    assert root.tag.endswith("svg")


class _Simulation:
    def __init__(self, works: bool) -> None:
        self._works = works

    def state(self) -> dict[str, Any]:
        return {"works": {"jira01": self._works}}


def _requests(*paths: str) -> list[dict[str, Any]]:
    return [{"service": "graph", "method": "POST", "path": f"/v1.0/{path}", "done": True} for path in paths]


def test_a_run_without_the_common_effect_is_no_measurement() -> None:
    whole = _requests("addPassword", "sync", "removePassword")
    assert contenders.lacking("renewal", _Simulation(True), whole) == []
    assert contenders.lacking("renewal", _Simulation(False), whole) == ["jira01 does not work"]
    assert contenders.lacking("renewal", _Simulation(True), whole[:2]) == ["0 older secrets were retired, of 1"]
    assert contenders.lacking("converged", _Simulation(True), _requests("sync"))[-1] == "it wrote: POST /v1.0/sync"
