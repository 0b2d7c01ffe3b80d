# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs points side by side, each worker with simulators of its own."""

from __future__ import annotations

import queue
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from . import worlds
from .figures import Figures
from .fleet import Fleet, Times, Tools
from .points import Point, Result

# Kinds of fleets: hosts and times. Races keep a secret under way for longer, since many runs share the machine.
KINDS = {
    "small": (worlds.FLEET, Times()),
    "several": (worlds.SEVERAL, Times()),
    "race4": ({"hosts": 4, "users": 4}, Times(window=30, delivery=3)),
    "race6": ({"hosts": 6, "users": 4}, Times(window=20, delivery=2)),
    "race20": ({"hosts": 20, "users": 4}, Times(window=90, delivery=5)),
}


class Runner:
    """``jobs`` threads; most of the work is done by the playbooks they start."""

    def __init__(self, tools: Tools, jobs: int, minutes: float, figures: Figures, keep: Path | None = None) -> None:
        self._tools = tools
        self._jobs = jobs
        self._until = time.monotonic() + minutes * 60
        self._figures = figures
        self._keep = keep
        self._stack = ExitStack()
        self._idle: dict[str, list[Fleet]] = {kind: [] for kind in KINDS}
        self._made = 0
        self._closing = False
        self._lock = threading.Lock()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *error: object) -> None:
        self._closing = True
        self._stack.close()

    def fleet(self, kind: str = "small") -> Fleet:
        """A fleet of the kind that is idle, or a new one."""
        with self._lock:
            if self._idle[kind]:
                return self._idle[kind].pop()
            self._made += 1
            options, times = KINDS[kind]
            return self._stack.enter_context(Fleet(self._tools, f"{kind}-{self._made}", times, **options))

    def give_back(self, kind: str, fleet: Fleet) -> None:
        with self._lock:
            self._idle[kind].append(fleet)

    def each(self, tasks: list[Callable[[], None]]) -> None:
        """Run tasks side by side until all are done."""
        waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        for task in tasks:
            waiting.put(task)

        def work() -> None:
            while True:
                try:
                    task = waiting.get_nowait()
                except queue.Empty:
                    return
                task()

        threads = [threading.Thread(target=work, daemon=True) for _number in range(min(self._jobs, len(tasks)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def run(self, points: list[Point]) -> None:
        """Try them; what does not begin in time is left."""
        self.each([lambda point=point: self._try(point) for point in points])  # type: ignore[misc]

    def _try(self, point: Point) -> None:
        if self._closing or time.monotonic() >= self._until:
            return
        fleet = self.fleet(point.kind)
        try:
            result = point.run(fleet)
        except Exception as error:  # a defect of the harness is a point that did not survive
            text = traceback.format_exc(limit=-3)
            result = Result(point.name, [f"the harness broke: {type(error).__name__}: {error}", text])
        if self._closing:  # interrupted: the fleet went away under the point, which says nothing about it
            return
        if result.wrong and self._keep is not None:
            target = self._keep / point.name.replace("/", "_")
            shutil.copytree(fleet.place, target, dirs_exist_ok=True)
        self.give_back(point.kind, fleet)
        self._figures.add(result)
