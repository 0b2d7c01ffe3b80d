# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One point: a disturbance, then the same demands on whatever it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from .fleet import Fleet

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


def judged(
    name: str,
    fleet: Fleet,
    disturb: Callable[[], bool],
    playbook: str,
    spoilt: frozenset[str] = frozenset(),
    after: Callable[[], list[str]] = list,
    arguments: tuple[str, ...] = (),
) -> Result:
    """Disturb, run clean, judge, run again, search. ``disturb`` returns whether it hit; ``after`` judges further.

    ``arguments``: of the clean and the further run.
    """
    started = time.monotonic()
    result = Result(name)
    result.reached = disturb()
    killed = fleet.await_orphans()
    if killed:
        result.wrong.append(f"{killed} processes of the disturbed run hung")
    fleet.sim.clear_faults()
    clean = fleet.play(playbook, *arguments)
    while clean.lease_over and result.more_runs < MORE_RUNS:
        result.more_runs += 1
        clean = fleet.play(playbook, *arguments)
    if clean.code:
        result.wrong.append(f"the clean run ended with exit code {clean.code}")
    watch = fleet.watch
    result.wrong += fleet.sim.call(watch.course) + fleet.sim.call(watch.closing, spoilt)
    if not result.wrong:
        result.wrong += _further(fleet, playbook, arguments) + after()
    result.requests = len(fleet.sim.call(watch.entries))
    result.overlap = watch.overlap()
    searched = fleet.leaks()
    result.searched = {"files": searched.files, "bytes": searched.size, "secrets": len(searched.secrets)}
    result.wrong += searched.sentences()
    result.seconds = round(time.monotonic() - started, 2)
    return result


def _further(fleet: Fleet, playbook: str, arguments: tuple[str, ...]) -> list[str]:
    """What is wrong with one more run: it must change nothing."""
    since = fleet.sim.last_entry()
    again = fleet.play(playbook, *arguments)
    wrong = [f"the further run ended with exit code {again.code}"] if again.code else []
    changed = sorted(host for host, count in again.changed.items() if count)
    if changed:
        wrong.append(f"the further run changed {', '.join(changed)}")
    if missing := sorted(set(fleet.sim.world.hosts) - set(again.changed)):
        wrong.append(f"the further run left out {', '.join(missing)}")
    writes = [f"{entry['method']} {entry['path']}" for entry in fleet.sim.writes(since)]
    return wrong + [f"the further run wrote: {text}" for text in writes]
