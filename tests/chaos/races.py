# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several forced rotations of one app at once, as job slices that overlap by mistake."""

from __future__ import annotations

import functools
import time

from .fleet import FORCE, ROTATE, SETUP, Fleet
from .points import Point, Result, judged


def set_up(fleet: Fleet) -> None:
    """From nothing, by our own playbook."""
    played = fleet.play(SETUP, forks=5)
    if played.code:
        raise RuntimeError(f"set-up failed while the fleet was being prepared:\n{played.output[-3000:]}")


def race(name: str, runs: int, apart: float, fleet: Fleet) -> Result:
    """``runs`` rotations of all hosts, each begun ``apart`` seconds after the one before."""
    fleet.begin(set_up)
    codes: list[int] = []

    def disturb() -> bool:
        children = []
        for number in range(runs):
            if number:
                time.sleep(apart)
            children.append(fleet.start(ROTATE, *FORCE, forks=5))
        codes.extend(fleet.end(child).code for child in children)
        return True

    result = judged(name, fleet, disturb, ROTATE)
    result.notes["exit_codes"] = codes
    return result


def point(runs: int, hosts: int, apart: float = 0) -> Point:
    name = f"race/{runs}x{hosts}" + (f"-{apart:g}s-apart" if apart else "")
    return Point(name, functools.partial(race, name, runs, apart), f"race{hosts}")
