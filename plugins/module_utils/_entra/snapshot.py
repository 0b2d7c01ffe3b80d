# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One read of an app serves all hosts of a run that only look at it; nothing of it is on a disk.

A snapshot may be old, so it decides only that nothing has to be done. Whoever writes reads for itself. What this run
has written for a holder makes the snapshot useless to that holder (:func:`touch`). Where the processes of a run share
no memory, each of them reads for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .._shared import SharedMemory
from . import applications
from .graph import Graph

SNAPSHOTS = SharedMemory("usersync-apps")
LONGEST_AGE = 300.0
LONGEST_WAIT = 90.0
_APPS, _TOUCHED = "apps", "touched"


@dataclass(frozen=True)
class Snapshot:
    """:ivar app: as Graph returned it, None when there is none"""

    app: dict[str, Any] | None


def read(graph: Graph, identity: Mapping[str, Any], holder: Callable[[], str] | None = None) -> Snapshot:
    """The app as some host of this run has read it lately, else as read now.

    :param holder: who wants to know
    """
    key = "\n".join([graph.login.key, *(f"{name}={identity.get(name)}" for name in applications.IDENTITY)])
    known = _known(graph, key, holder)
    if known is not None:
        return known
    with SNAPSHOTS.alone(key, LONGEST_WAIT):
        known = _known(graph, key, holder)
        if known is not None:
            return known
        app = applications.find(graph, identity)
        if app is None:
            # it may be made in a moment
            return Snapshot(None)
        for entry in app.get("keyCredentials") or []:
            entry.pop("key", None)
        ahead = graph.ahead.total_seconds()
        with SNAPSHOTS.content() as content:
            content.setdefault(_APPS, {})[key] = [time.time(), ahead, app]
            content[_TOUCHED] = {**content.get(_TOUCHED, {}), app["id"]: []}
        return Snapshot(app)


def touch(object_id: str, holder: str) -> None:
    """This run has written something for that holder."""
    with SNAPSHOTS.content() as content:
        touched = content.setdefault(_TOUCHED, {}).setdefault(object_id, [])
        if holder not in touched:
            touched.append(holder)


def once(name: str, find_out: Callable[[], Any]) -> Any:
    """What is the same for all hosts of a run, found out by the first of them; a JSON value."""
    return SNAPSHOTS.once(name, find_out, LONGEST_AGE)


def forget() -> None:
    """Everything, as at the beginning of a run."""
    with SNAPSHOTS.content() as content:
        content.clear()


def _known(graph: Graph, key: str, holder: Callable[[], str] | None) -> Snapshot | None:
    content = SNAPSHOTS.peek()
    entry = (content.get(_APPS) or {}).get(key)
    if not entry or not 0 <= time.time() - entry[0] < LONGEST_AGE:
        return None
    _moment, ahead, app = entry
    touched = (content.get(_TOUCHED) or {}).get(app["id"]) or []
    if touched and (holder is None or holder() in touched):
        return None
    graph.hear(timedelta(seconds=ahead))
    return Snapshot(app)
