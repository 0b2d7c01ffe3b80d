# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forced renewal that is throttled, refused, sent twice or stopped, while a second one runs beside it."""

from __future__ import annotations

import functools
import re
import time
from collections import Counter
from typing import Any

from .fleet import FORCE, ROTATE, Fleet
from .kill import WRITES, in_service
from .points import Point, Result, judged

Where = dict[str, Any]


def writes(requests: list[str]) -> list[tuple[str, Where]]:
    """Each write of a recorded run: a word for it, and the filters of a fault that hits it."""
    seen: Counter[tuple[str, str]] = Counter()
    words: Counter[str] = Counter()
    made = []
    for request in requests:
        method, _blank, path = request.partition(" ")
        if method not in WRITES or path.endswith("/token"):
            continue
        tail = re.sub(
            r"/[0-9a-f-]{36}", "/[^/]+", path[path.rindex("/applications" if "/v1.0/" in path else "/usersync") :]
        )
        seen[method, tail] += 1
        word = f"{method}-{re.sub('[^A-Za-z]+', '-', tail).strip('-')}"
        words[word] += 1
        made.append((f"{word}-{words[word]}", {"method": method, "path": f"{tail}$", "nth": seen[method, tail]}))
    return made


def disturbed(name: str, kind: str, where: Where, second: bool, fleet: Fleet) -> Result:
    """One fault at one write of either run."""
    fleet.begin(in_service)

    def disturb() -> bool:
        planned = fleet.sim.fault(kind, **where)
        children = [fleet.start(ROTATE, *FORCE)]
        if second:
            children.append(fleet.start(ROTATE, *FORCE))
        for child in children:
            fleet.end(child)
        time.sleep(float(where.get("seconds", 0)))  # what a middlebox sends again belongs to no later run
        return fleet.used(planned)

    return judged(name, fleet, disturb, ROTATE)


def stopped(name: str, number: int, fleet: Fleet) -> Result:
    """The caller is stopped at its k-th request for longer than any window, and a second run works meanwhile."""
    fleet.begin(in_service)

    def disturb() -> bool:
        seconds = fleet.times.window + fleet.times.delivery + 3
        first = fleet.start(ROTATE, *FORCE, forks=1)
        planned = fleet.sim.fault("stop", pgid=first.pid, nth=number, seconds=seconds)
        while first.poll() is None and not fleet.used(planned):
            time.sleep(0.1)
        fleet.play(ROTATE, *FORCE)
        fleet.end(first)
        return fleet.used(planned)

    return judged(name, fleet, disturb, ROTATE)


def points(requests: list[str]) -> list[Point]:
    """``requests``: those of an undisturbed forced renewal."""
    made = []
    for number, (word, where) in enumerate(writes(requests)):
        for kind, params in (("throttle", {}), ("unavailable", {}), ("unavailable", {"after": True})):
            name = f"beside/{kind}{'-after' if params else ''}/{word}"
            made.append(Point(name, functools.partial(disturbed, name, kind, {**where, **params}, True)))
        if where["method"] == "PUT":
            name, late = f"beside/throttle-beyond-the-window/{word}", {**where, "retry_after": "6"}
            made.append(Point(name, functools.partial(disturbed, name, "throttle", late, True)))
        name = f"twice/{word}"
        made.append(Point(name, functools.partial(disturbed, name, "twice", {**where, "seconds": 1}, bool(number % 2))))
    for number, request in enumerate(requests, 1):
        if request.startswith(WRITES) or "/usersync/" in request:
            name = f"stopped/{number}"
            made.append(Point(name, functools.partial(stopped, name, number)))
    return made
