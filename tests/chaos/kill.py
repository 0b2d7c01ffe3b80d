# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The caller dies at its k-th request."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import worlds
from .fleet import FORCE, ROTATE, SETUP, Fleet
from .points import Point, Result, judged

SHORT_LIFE = ("-e", "azure_connector_secret_valid_days=20", "-e", "azure_connector_secret_min_remaining_days=10")
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def in_service(fleet: Fleet) -> None:
    """A fleet that was taken over from hand-made settings and has secrets of its own."""
    by_hand(fleet)
    must(fleet, SETUP)


def ageing(fleet: Fleet) -> None:
    """The same, but the secrets end in 20 days, and the next run wants 30."""
    by_hand(fleet)
    must(fleet, SETUP, *SHORT_LIFE)


def empty(fleet: Fleet) -> None:
    """Before anything was set up."""
    fleet.sim.call(worlds.empty, fleet.sim.world)


def by_hand(fleet: Fleet) -> None:
    """Set up by hand and working; nothing of ours yet."""
    fleet.variables["azure_connector_app_adopt"] = fleet.sim.call(worlds.taken_over, fleet.sim.world)


def must(fleet: Fleet, playbook: str, *arguments: str, **how: Any) -> None:
    """A run that is no matter of the point; it must succeed."""
    for _attempt in range(3):
        played = fleet.play(playbook, *arguments, **how)
        if played.code == 0:
            return
        if not played.window_over:
            break
    raise RuntimeError(f"{playbook} failed while the fleet was being prepared:\n{played.output[-3000:]}")


@dataclass(frozen=True)
class Scenario:
    """A run that dies: the state before it, its playbook and arguments."""

    name: str
    make: Callable[[Fleet], None]
    playbook: str
    arguments: tuple[str, ...] = ()
    later_days: float = 0


SCENARIOS = (
    Scenario("setup", empty, SETUP),
    Scenario("takeover", by_hand, SETUP),
    Scenario("forced", in_service, ROTATE, FORCE),
    Scenario("ageing", ageing, ROTATE, later_days=25),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def record(fleet: Fleet, scenario: Scenario) -> list[str]:
    """The requests of the undisturbed run with one fork, as ``POST /v1.0/...``."""
    fleet.begin(scenario.make)
    since = fleet.sim.last_entry()
    played = fleet.play(scenario.playbook, *scenario.arguments, forks=1)
    if played.code:
        raise RuntimeError(f"the undisturbed run {scenario.name} failed:\n{played.output[-3000:]}")
    return [f"{entry['method']} {entry['path']}" for entry in fleet.sim.journal(since) if not entry["internal"]]


def kill_at(name: str, scenario: Scenario, when: str, where: dict[str, Any], forks: int, fleet: Fleet) -> Result:
    """The point itself. ``where``: filters of the fault."""
    fleet.begin(scenario.make)

    def disturb() -> bool:
        child = fleet.start(scenario.playbook, *scenario.arguments, forks=forks)
        how = {"orphans": True, "when": "after"} if when == "orphans" else {"when": when}
        fleet.sim.fault("kill", pgid=child.pid, **where, **how)
        return fleet.end(child).code < 0

    def later() -> list[str]:
        """The proof that the near end was averted: the hosts outlive their old secrets."""
        if scenario.later_days:
            fleet.sim.advance(scenario.later_days * 86400)
            return [f"{host} did not outlive its old secret" for host in fleet.not_working()]
        return []

    return judged(name, fleet, disturb, scenario.playbook, after=later)


def twice(seed: int) -> Point:
    """Two runs die one after the other, then the clean one; which and where follows from the seed."""
    rng = random.Random(f"twice {seed}")
    scenario = BY_NAME[rng.choice(["forced", "takeover"])]
    deaths = [(rng.randrange(10, 45), rng.choice(["before", "after"])) for _death in range(2)]
    name = f"kill/twice/{seed}-{scenario.name}-" + "-".join(f"{when}-{number}" for number, when in deaths)

    def run(fleet: Fleet) -> Result:
        fleet.begin(scenario.make)

        def disturb() -> bool:
            died = False
            for number, when in deaths:
                child = fleet.start(scenario.playbook, *scenario.arguments, forks=1 + seed % 3)
                fleet.sim.fault("kill", pgid=child.pid, nth=number, when=when)
                died = fleet.end(child).code < 0 or died
                fleet.sim.clear_faults()
            return died

        return judged(name, fleet, disturb, scenario.playbook)

    return Point(name, run)


def points(scenario: Scenario, requests: list[str]) -> list[Point]:
    """Every request, before it is answered and after it was carried out."""
    numbers = range(1, len(requests) + 1)
    return [_point(scenario, when, number) for number in numbers for when in ("before", "after")]


def alternating(scenario: Scenario, requests: list[str]) -> list[Point]:
    """Every request in turns, for a run that differs little from another one."""
    return [_point(scenario, ("before", "after")[number % 2], number) for number, _request in enumerate(requests, 1)]


def orphans(scenario: Scenario, requests: list[str]) -> list[Point]:
    """The caller alone dies at a request that writes; its workers live on."""
    return [_point(scenario, "orphans", n) for n, request in enumerate(requests, 1) if request.startswith(WRITES)]


def at_first(scenario: Scenario, method: str, path: str, when: str) -> Point:
    """The first request of that kind, without a recording."""
    name = f"kill/{scenario.name}/{when}/first-{method}-{re.sub('[^A-Za-z]+', '-', path).strip('-')}"
    where = {"method": method, "path": path, "nth": 1}
    return Point(name, functools.partial(kill_at, name, scenario, when, where, 2))


def _point(scenario: Scenario, when: str, number: int) -> Point:
    name = f"kill/{scenario.name}/{when}/{number}"
    return Point(name, functools.partial(kill_at, name, scenario, when, {"nth": number}, 1 + number % 3))
