# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: pauses grow, end with the deadline, and a line of progress comes when it is due."""

from __future__ import annotations

from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.module_utils._waiting import SHORTEST, Waiting


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []
        self.lines: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 3))
        self.now += seconds

    def run(self) -> Run:
        return Run(sleep=self.sleep, monotonic=lambda: self.now, progress=self.lines.append)


def test_pauses_grow_and_the_last_one_ends_with_the_deadline() -> None:
    clock = Clock()
    wait = Waiting(clock.run(), 7.0, pause=1.0, longest=3.0)
    while not wait.over:
        wait.rest()
    assert clock.pauses == [1.0, 2.0, 3.0, 1.0]
    assert wait.spent == 7.0


def test_a_deadline_that_has_passed_still_pauses_between_looks() -> None:
    clock = Clock()
    wait = Waiting(clock.run(), 0.0)
    assert wait.over
    wait.rest()
    assert clock.pauses == [SHORTEST]


def test_a_line_of_progress_when_it_is_due() -> None:
    clock = Clock()
    wait = Waiting(clock.run(), 100.0, pause=10.0, longest=10.0, progress_every=25.0)
    while not wait.over:
        wait.rest(lambda: f"{wait.left:.0f} s left")
    assert clock.lines == ["70 s left", "40 s left", "10 s left"]
