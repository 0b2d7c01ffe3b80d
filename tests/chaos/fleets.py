# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two fleets of four hosts in one tenant, which call their hosts by the same names and share the default app.

One is set up, renewed, or has a host taken out, and dies at its k-th request, while the hosts of the other synchronise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from . import worlds
from .fleet import FORCE, NAMES, REMOVE, ROTATE, SETUP, Fleet
from .kill import WRITES, must
from .points import Call, Point, Result, judged

OURS, OTHERS = 0, 1
KIND = "several"
ONE, REST = ("--limit", NAMES[0]), ("--limit", f"all:!{NAMES[0]}")


def other_in_service(fleet: Fleet) -> None:
    """Only the other fleet is set up."""
    fleet.sim.call(worlds.several, fleet.sim.world)
    must(fleet, SETUP, part=OTHERS)


def both_in_service(fleet: Fleet) -> None:
    """Both are set up."""
    other_in_service(fleet)
    must(fleet, SETUP, part=OURS)


@dataclass(frozen=True)
class Scenario:
    """What our fleet does when it dies, and the clean runs afterwards."""

    name: str
    make: Callable[[Fleet], None]
    playbook: str
    arguments: tuple[str, ...]
    clean: tuple[Call, ...]
    removes: bool = False


SCENARIOS = (
    Scenario("setup", other_in_service, SETUP, (), (Call(SETUP, part=OURS), Call(SETUP, part=OTHERS))),
    Scenario("forced", both_in_service, ROTATE, FORCE, (Call(ROTATE, part=OURS), Call(ROTATE, part=OTHERS))),
    Scenario(
        "remove",
        both_in_service,
        REMOVE,
        ONE,
        (
            Call(REMOVE, ONE, OURS, NAMES[:1]),
            Call(SETUP, REST, OURS, NAMES[1:]),
            Call(SETUP, part=OTHERS),
        ),
        removes=True,
    ),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def _begin(scenario: Scenario, fleet: Fleet) -> None:
    fleet.begin(scenario.make)
    if scenario.removes:
        fleet.watch.removed = frozenset({fleet.names(OURS)[NAMES[0]]})


def synchronise(fleet: Fleet) -> None:
    """A full sync of every host of the other fleet, as by its own schedule."""
    world = fleet.sim.world

    def start() -> None:
        for real in fleet.names(OTHERS).values():
            host = world.hosts[real]
            for connector in host.store.connectors.values():
                host.syncs.start(connector, "n1", None)

    fleet.sim.call(start)


def failed_syncs(fleet: Fleet) -> list[str]:
    """Hosts of the other fleet whose last sync did not succeed."""
    world = fleet.sim.world

    def look() -> list[str]:
        wrong = []
        for name, real in fleet.names(OTHERS).items():
            runs = world.hosts[real].syncs.runs
            if not runs or runs[-1].status != "DONE":
                wrong.append(
                    f"the last sync of the other fleet's {name} ended as {runs[-1].status if runs else 'none'}"
                )
        return wrong

    return fleet.sim.call(look)  # type: ignore[no-any-return]


def record(fleet: Fleet, scenario: Scenario) -> list[str]:
    """The requests of our fleet's undisturbed run with one fork."""
    _begin(scenario, fleet)
    since = fleet.sim.last_entry()
    played = fleet.play(scenario.playbook, *scenario.arguments, forks=1, part=OURS)
    if played.code:
        raise RuntimeError(f"the undisturbed run {scenario.name} failed:\n{played.output[-3000:]}")
    return [f"{entry['method']} {entry['path']}" for entry in fleet.sim.journal(since) if not entry["internal"]]


def kill_at(name: str, scenario: Scenario, when: str, number: int, fleet: Fleet) -> Result:
    """The caller of our fleet dies; the other fleet's hosts synchronise meanwhile and once more afterwards."""
    _begin(scenario, fleet)

    def disturb() -> bool:
        child = fleet.start(scenario.playbook, *scenario.arguments, forks=1 + number % 3, part=OURS)
        fleet.sim.fault("kill", pgid=child.pid, nth=number, when=when)
        synchronise(fleet)
        died = fleet.end(child).code < 0
        synchronise(fleet)
        return died

    return judged(name, fleet, disturb, scenario.clean, after=lambda: failed_syncs(fleet))


def at_once(name: str, ours: str, others: str, fleet: Fleet) -> Result:
    """Both fleets at the same moment."""
    scenario = BY_NAME[ours]
    other = BY_NAME[others]
    _begin(scenario, fleet)

    def disturb() -> bool:
        first = fleet.start(scenario.playbook, *scenario.arguments, part=OURS)
        second = fleet.start(other.playbook, *other.arguments, part=OTHERS)
        for child in (first, second):
            fleet.end(child)
        return True

    return judged(name, fleet, disturb, scenario.clean)


def points(scenario: Scenario, requests: list[str]) -> list[Point]:
    """Every write before and after it is carried out, every other request in turns."""
    made = []
    for number, request in enumerate(requests, 1):
        both = ("before", "after") if request.startswith(WRITES) else (("before", "after")[number % 2],)
        made += [point(scenario, when, number) for when in both]
    return made


def point(scenario: Scenario, when: str, number: int) -> Point:
    name = f"fleets/{scenario.name}/{when}/{number}"
    return Point(name, functools.partial(kill_at, name, scenario, when, number), KIND)


def together() -> list[Point]:
    """Both at once, the other fleet's run being a forced renewal."""
    made = []
    for ours in BY_NAME:
        name = f"fleets/at-once/{ours}-and-forced"
        made.append(Point(name, functools.partial(at_once, name, ours, "forced"), KIND))
    return made
