# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection spoilt on purpose: the harness must see it, or its silence would mean nothing."""

from __future__ import annotations

import functools
import shutil
import time
from pathlib import Path

from .fleet import FORCE, ROTATE, Fleet
from .kill import in_service
from .points import Point, Result

COLLECTION = Path("ansible_collections", "fleetops", "usersync")


RENEWAL = Path("plugins", "module_utils", "_workflow", "renewal.py")
RETIRE = "        self._retire()\n"


class NotSpoilt(Exception):
    """The steps no longer stand where they were to be moved."""


def retire_before(collection: Path, other: str) -> None:
    """In the state machine, retire right before the step that begins with this line."""
    path = collection / RENEWAL
    text = path.read_text(encoding="utf-8")
    if text.count(other) != 1 or text.count(RETIRE) != 1:
        raise NotSpoilt(f"{RENEWAL} has {text.count(other)} times {other.strip()!r}, {text.count(RETIRE)} times retire")
    indent = " " * (len(other) - len(other.lstrip()))
    path.write_text(text.replace(RETIRE, "").replace(other, f"{indent}self._retire()\n{other}"), encoding="utf-8")


def spoilt_rotation(name: str, other: str, expected: str, fleet: Fleet) -> Result:
    """A forced rotation by the spoilt collection. Survives when the harness reports what is expected."""
    started = time.monotonic()
    fleet.begin(in_service)
    result = Result(name)
    copy = fleet.tools.scratch / f"{name.replace('/', '-')}-{id(fleet)}"
    shutil.copytree(fleet.tools.collections / COLLECTION, copy / COLLECTION, symlinks=True)
    retire_before(copy / COLLECTION, other)
    fleet.play(ROTATE, *FORCE, collections=copy)
    shutil.rmtree(copy)
    reported = fleet.sim.call(fleet.watch.course)
    if not any(expected in sentence for sentence in reported):
        result.wrong.append(f"the harness did not see that retire came first; it reported {reported}")
    result.notes["reported"] = reported
    result.requests = len(fleet.sim.call(fleet.watch.entries))
    result.overlap = fleet.watch.overlap()
    result.seconds = round(time.monotonic() - started, 2)
    return result


def points() -> list[Point]:
    made = []
    for step, other, expected in (
        ("confirm", '        try:\n            with self.at("confirm" if', "before the host logged in"),
        ("deliver", "            self._deliver()\n            if self.late", "lost its working secret"),
    ):
        name = f"broken/retire-before-{step}"
        made.append(Point(name, functools.partial(spoilt_rotation, name, other, expected)))
    return made
