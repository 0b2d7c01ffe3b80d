# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One point: a disturbance, then the same demands on whatever it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from .fleet import Fleet, Played

MORE_RUNS = 2


@dataclass
class Result:
    """How a point ended. ``wrong`` is empty for one that survived; ``notes`` are facts of its own kind."""

    name: str
    wrong: list[str] = field(default_factory=list)
    reached: bool = True
    requests: int = 0
    seconds: float = 0
    overlap: int = 0
    more_runs: int = 0
    searched: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def survived(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Point:
    """``run`` gets a fleet of its kind. ``kind`` names the fleet's options and times (see ``__main__``)."""

    name: str
    run: Callable[[Fleet], Result]
    kind: str = "small"

    @property
    def part(self) -> str:
        return self.name.split("/", 1)[0]


@dataclass(frozen=True)
class Call:
    """A clean run: its playbook and arguments, the part of the fleet, and the hosts that it must not leave out."""

    playbook: str
    arguments: tuple[str, ...] = ()
    part: int | None = None
    hosts: tuple[str, ...] | None = None

    def play(self, fleet: Fleet) -> Played:
        return fleet.play(self.playbook, *self.arguments, part=self.part)


def judged(
    name: str,
    fleet: Fleet,
    disturb: Callable[[], bool],
    clean: str | tuple[Call, ...],
    spoilt: frozenset[str] = frozenset(),
    after: Callable[[], list[str]] = list,
) -> Result:
    """Disturb, run clean, judge, run again, search. ``disturb`` returns whether it hit; ``after`` judges further."""
    started = time.monotonic()
    result = Result(name)
    result.reached = disturb()
    killed = fleet.await_orphans()
    if killed:
        result.wrong.append(f"{killed} processes of the disturbed run hung")
    fleet.sim.clear_faults()
    calls = (Call(clean),) if isinstance(clean, str) else clean
    for call in calls:
        played = call.play(fleet)
        while played.window_over and result.more_runs < MORE_RUNS:
            result.more_runs += 1
            played = call.play(fleet)
        if played.code:
            result.wrong.append(f"the clean run ended with exit code {played.code}")
    watch = fleet.watch
    result.wrong += fleet.sim.call(watch.course) + fleet.sim.call(watch.closing, spoilt)
    if not result.wrong:
        for call in calls:
            result.wrong += _further(fleet, call)
        result.wrong += after()
    result.requests = len(fleet.sim.call(watch.entries))
    result.overlap = watch.overlap()
    searched = fleet.leaks()
    result.searched = {"files": searched.files, "bytes": searched.size, "secrets": len(searched.secrets)}
    result.wrong += searched.sentences()
    result.seconds = round(time.monotonic() - started, 2)
    return result


def _further(fleet: Fleet, call: Call) -> list[str]:
    """What is wrong with one more run: it must change nothing."""
    since = fleet.sim.last_entry()
    again = call.play(fleet)
    wrong = [f"the further run ended with exit code {again.code}"] if again.code else []
    changed = sorted(host for host, count in again.changed.items() if count)
    if changed:
        wrong.append(f"the further run changed {', '.join(changed)}")
    names = fleet.names(call.part)
    asked = {entry["host"] for entry in fleet.sim.journal(since) if not entry["internal"]}
    # a host that lacks nothing is in no recap
    if missing := [name for name in (names if call.hosts is None else call.hosts) if names[name] not in asked]:
        wrong.append(f"the further run left out {', '.join(missing)}")
    writes = [f"{entry['method']} {entry['path']}" for entry in fleet.sim.writes(since)]
    return wrong + [f"the further run wrote: {text}" for text in writes]
