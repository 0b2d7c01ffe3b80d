# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which points there are."""

from __future__ import annotations

import threading
from pathlib import Path

from . import broken, faults, kill, leaks, planted, races
from .points import Point
from .runner import Runner


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


def whole(runner: Runner, pairs: int, build: Path) -> list[Point]:
    """Everything; what finds most comes first."""
    found = recorded(runner)
    points = broken.points()
    points += [kill.twice(seed) for seed in range(1, 13)] + [races.race_and_kill(seed) for seed in range(1, 13)]
    points += [races.point(2, 20), races.point(4, 20), races.point(2, 20, apart=5), races.point(4, 20, apart=3)]
    for name in ("forced", "takeover"):
        points += kill.points(kill.BY_NAME[name], found[name])
    points += kill.orphans(kill.BY_NAME["forced"], found["forced"])
    points += [faults.pair(seed) for seed in range(1, pairs + 1)]
    points += [faults.alone(name) for name in faults.FAULTS]
    points += kill.points(kill.BY_NAME["setup"], found["setup"])
    points += kill.alternating(kill.BY_NAME["ageing"], found["ageing"])
    return points + leaks.points(build) + planted.points()


def short(build: Path) -> list[Point]:
    """A few of each part; nothing is recorded first."""
    points = [kill.at_first(kill.BY_NAME[name], method, path, when) for name, method, path, when in SHORT_KILLS]
    points += [broken.points()[0], faults.alone("lost_answer_to_mint"), faults.pair(3), races.point(2, 6)]
    points += [point for point in planted.points() if point.name in SHORT_PLANTED]
    return points + [point for point in leaks.points(build) if point.name != "leak/build"]


SHORT_PLANTED = ("planted/clean", "planted/without-invocation", "planted/left")
SHORT_KILLS = (
    ("setup", "POST", "/usersync/connector/$", "after"),
    ("takeover", "POST", "/addPassword$", "after"),
    ("forced", "PUT", "/connector/", "orphans"),
    ("ageing", "POST", "/removePassword$", "before"),
)
