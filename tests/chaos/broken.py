# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection spoilt on purpose: the harness must see it, or its silence would mean nothing."""

from __future__ import annotations

import functools
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .fleet import FORCE, ROTATE, Fleet
from .kill import in_service
from .points import Point, Result

COLLECTION = Path("ansible_collections", "fleetops", "usersync")


class NotSpoilt(Exception):
    """The role no longer has the tasks that were to be moved."""


def _lists(value: Any) -> Iterator[list[Any]]:
    """Every list of tasks, blocks included."""
    if isinstance(value, list):
        yield value
        for item in value:
            yield from _lists(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _lists(item)


def move_before(collection: Path, moved: str, other: str) -> None:
    """In the role, put the task whose name begins with ``moved`` right before the one that begins with ``other``."""
    paths = sorted((collection / "roles" / "azure_connector" / "tasks").glob("*.yml"))
    files = {path: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}
    listed, number = _find(files, moved)
    task = listed.pop(number)
    listed, number = _find(files, other)
    listed.insert(number, task)
    for path, tasks in files.items():
        path.write_text(yaml.safe_dump(tasks, sort_keys=False, width=1000), encoding="utf-8")


def _find(files: dict[Path, Any], name: str) -> tuple[list[Any], int]:
    """The list that holds the task, and its place there."""
    for tasks in files.values():
        for listed in _lists(tasks):
            for number, task in enumerate(listed):
                if isinstance(task, dict) and str(task.get("name", "")).startswith(name):
                    return listed, number
    raise NotSpoilt(f"no file of the role has a task that begins with '{name}'")


def spoilt_rotation(name: str, moved: str, other: str, expected: str, fleet: Fleet) -> Result:
    """A forced rotation by the spoilt collection. Survives when the harness reports what is expected."""
    started = time.monotonic()
    fleet.begin(in_service)
    result = Result(name)
    copy = fleet.tools.scratch / f"{name.replace('/', '-')}-{id(fleet)}"
    shutil.copytree(fleet.tools.collections / COLLECTION, copy / COLLECTION, symlinks=True)
    move_before(copy / COLLECTION, moved, other)
    fleet.play(ROTATE, *FORCE, collections=copy)
    shutil.rmtree(copy)
    reported = fleet.sim.call(fleet.watch.course)
    if not any(expected in sentence for sentence in reported):
        result.wrong.append(f"the harness did not see that {moved} came before {other}; it reported {reported}")
    result.notes["reported"] = reported
    result.requests = len(fleet.sim.call(fleet.watch.entries))
    result.overlap = fleet.watch.overlap()
    result.seconds = round(time.monotonic() - started, 2)
    return result


def points() -> list[Point]:
    made = []
    for moved, other, expected in (
        ("Retire - older secrets of this host", "Confirm - ", "before the host logged in"),
        ("Retire - older secrets of this host", "Deliver - ", "lost its working secret"),
    ):
        name = f"broken/retire-before-{other.lower().rstrip(' -')}"
        made.append(Point(name, functools.partial(spoilt_rotation, name, moved, other, expected)))
    return made
