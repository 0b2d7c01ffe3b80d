# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which points there are."""

from __future__ import annotations

import functools
import random
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from . import beside, broken, faults, fleets, kill, leaks, planted, races, restored
from .points import Point
from .runner import Runner


def recorded(runner: Runner) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The requests of the undisturbed run of each scenario: of one fleet, and of one beside another."""
    alone: dict[str, list[str]] = {}
    beside_another: dict[str, list[str]] = {}
    lock = threading.Lock()

    def one(module: Any, scenario: Any, kind: str, found: dict[str, list[str]]) -> None:
        fleet = runner.fleet(kind)
        try:
            requests = module.record(fleet, scenario)
        finally:
            runner.give_back(kind, fleet)
        with lock:
            found[scenario.name] = requests

    tasks = [functools.partial(one, kill, scenario, "small", alone) for scenario in kill.SCENARIOS]
    tasks += [functools.partial(one, fleets, scenario, fleets.KIND, beside_another) for scenario in fleets.SCENARIOS]
    runner.each(tasks)  # type: ignore[arg-type]
    missing = {scenario.name for scenario in kill.SCENARIOS} - set(alone)
    missing |= {scenario.name for scenario in fleets.SCENARIOS} - set(beside_another)
    if missing:
        raise RuntimeError(f"the undisturbed run failed: {', '.join(sorted(missing))}")
    return alone, beside_another


def whole(runner: Runner, pairs: int, build: Path) -> list[Point]:
    """Everything; what finds most comes first, and the rest in an order that leaves a fair sample when time is over."""
    found, several = recorded(runner)
    points = broken.points() + fleets.together() + restored.points(found["forced"])
    points += [kill.twice(seed) for seed in range(1, 13)] + [races.race_and_kill(seed) for seed in range(1, 13)]
    points += [races.machines(), races.point(8, 4), races.point(2, 20), races.point(4, 20)]
    points += [races.point(2, 20, apart=5), races.point(4, 20, apart=3)]
    rest = [faults.alone(name) for name in faults.FAULTS] + [faults.pair(seed) for seed in range(1, pairs + 1)]
    for name in ("setup", "forced", "takeover"):
        rest += kill.points(kill.BY_NAME[name], found[name])
    rest += kill.alternating(kill.BY_NAME["ageing"], found["ageing"])
    rest += kill.orphans(kill.BY_NAME["forced"], found["forced"])
    for scenario in fleets.SCENARIOS:
        rest += fleets.points(scenario, several[scenario.name])
    random.Random(0).shuffle(rest)
    points += beside.points(found["forced"]) + rest
    points += leaks.points(build) + planted.points()
    twice = [name for name, count in Counter(point.name for point in points).items() if count > 1]
    if twice:
        raise RuntimeError(f"points that bear the same name hide each other: {', '.join(twice)}")
    return points


def short(build: Path) -> list[Point]:
    """A few of each part; nothing is recorded first."""
    points = [kill.at_first(kill.BY_NAME[name], method, path, when) for name, method, path, when in SHORT_KILLS]
    points += [broken.points()[0], faults.alone("lost_answer_to_mint"), faults.pair(3), races.point(2, 6)]
    points += [fleets.together()[1], restored.points([])[0]]
    points += [point for point in planted.points() if point.name in SHORT_PLANTED]
    return points + [point for point in leaks.points(build) if point.name != "leak/build"]


SHORT_PLANTED = ("planted/clean", "planted/without-invocation", "planted/left")
SHORT_KILLS = (
    ("setup", "POST", "/usersync/connector/$", "after"),
    ("takeover", "POST", "/addPassword$", "after"),
    ("forced", "PUT", "/connector/", "orphans"),
    ("ageing", "POST", "/removePassword$", "before"),
)
