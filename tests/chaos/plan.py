# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which points there are."""

from __future__ import annotations

import threading

import kill
from points import Point
from runner import Runner


def recorded(runner: Runner) -> dict[str, list[str]]:
    """The requests of each scenario's undisturbed run."""
    found: dict[str, list[str]] = {}
    lock = threading.Lock()

    def one(scenario: kill.Scenario) -> None:
        fleet = runner.fleet()
        try:
            requests = kill.record(fleet, scenario)
        finally:
            runner.give_back("small", fleet)
        with lock:
            found[scenario.name] = requests

    runner.each([lambda scenario=scenario: one(scenario) for scenario in kill.SCENARIOS])  # type: ignore[misc]
    if missing := {scenario.name for scenario in kill.SCENARIOS} - set(found):
        raise RuntimeError(f"the undisturbed run failed: {', '.join(sorted(missing))}")
    return found


def whole(runner: Runner, pairs: int) -> list[Point]:
    """Everything."""
    found = recorded(runner)
    points = []
    for scenario in kill.SCENARIOS:
        points += kill.points(scenario, found[scenario.name], ("before", "after", "orphans"))
    return points


def short(runner: Runner) -> list[Point]:
    """A few of each part."""
    found = recorded(runner)
    points = []
    for name, wanted in SHORT_KILLS.items():
        points += kill.chosen(kill.BY_NAME[name], found[name], wanted)
    return points


SHORT_KILLS = {
    "setup": {"POST .*/usersync/connector/$": "after"},
    "takeover": {"POST .*/addPassword": "after", "PUT .*/connector/": "after"},
    "forced": {"PUT .*/connector/": "orphans", "POST .*/removePassword": "before"},
}
