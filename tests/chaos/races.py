# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several forced rotations of one app at once, as job slices that overlap by mistake."""

from __future__ import annotations

import functools
import random
import time

from .fleet import FORCE, ROTATE, SETUP, Fleet
from .kill import in_service
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


def race_and_kill(seed: int) -> Point:
    """Two forced rotations overlap and one of them dies, at a request of either; the seed says when."""
    rng = random.Random(f"race and kill {seed}")
    apart, number, when = rng.choice([0, 1, 2, 4]), rng.randrange(15, 80), rng.choice(["before", "after"])
    victim = rng.randrange(2)
    name = f"race/killed-{seed}-{apart}s-apart-{when}-{number}-of-both"

    def run(fleet: Fleet) -> Result:
        fleet.begin(in_service)

        def disturb() -> bool:
            children = [fleet.start(ROTATE, *FORCE)]
            time.sleep(apart)
            children.append(fleet.start(ROTATE, *FORCE))
            fleet.sim.fault("kill", pgid=children[victim].pid, nth=number, when=when)
            codes = [fleet.end(child).code for child in children]
            return any(code < 0 for code in codes)

        return judged(name, fleet, disturb, ROTATE)

    return Point(name, run)


def apart(name: str, fleet: Fleet) -> Result:
    """A process for each host, none of which shares a folder with another, as on different machines."""
    fleet.begin(set_up)

    def disturb() -> bool:
        children = [fleet.start(ROTATE, *FORCE, "--limit", host, machine=host) for host in fleet.sim.world.hosts]
        codes = [fleet.end(child).code for child in children]
        return not any(codes)

    return judged(name, fleet, disturb, ROTATE)


def machines() -> Point:
    return Point("race/machines", functools.partial(apart, "race/machines"), "race4")


def point(runs: int, hosts: int, apart: float = 0) -> Point:
    name = f"race/{runs}x{hosts}" + (f"-{apart:g}s-apart" if apart else "")
    return Point(name, functools.partial(race, name, runs, apart), f"race{hosts}")
