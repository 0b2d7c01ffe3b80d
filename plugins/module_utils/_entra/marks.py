# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The journal of pending holders in the tags of an app.

Graph replaces the tags as a whole and its reads lag, so a write may undo an earlier one. Therefore every write applies
anew all that this run has decided for the app, and one lock per app keeps the run's own writes apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from .._shared import SharedMemory
from .credentials import DELIVERED, PENDING

if TYPE_CHECKING:
    from .._run import Run
    from .graph import Graph

DECIDED = SharedMemory("usersync-marks")
LONGEST_WAIT = 900.0
SECOND_LOOKS = (1.5, 3.0, 6.0)
READ = {"$select": "id,tags,passwordCredentials"}


def one_writer(object_id: str) -> AbstractContextManager[bool]:
    """Graph answers concurrent credential writes to one app with Directory_ConcurrencyViolation."""
    return DECIDED.alone(object_id, LONGEST_WAIT)


def decided(app: Mapping[str, Any]) -> list[str]:
    """The tags of an app as read, with everything applied that this run has decided."""
    tags: list[str] = list(app.get("tags") or [])
    for tag, there in DECIDED.peek().get(app["id"], {}).items():
        if there and tag not in tags:
            tags.append(tag)
        elif not there and tag in tags:
            tags.remove(tag)
    return tags


def mark(graph: Graph, app: Mapping[str, Any], holder: str, delivered: str | None = None) -> None:
    """Set a holder's mark. :param app: as just read, within :func:`one_writer`

    :param delivered: what the journal says of a delivery from now on
    """
    _write(graph, app, [PENDING + holder, *([DELIVERED + delivered] if delivered else [])], True)


def clear(graph: Graph, app: Mapping[str, Any], holder: str, key_ids: Collection[str] = ()) -> None:
    """Clear a holder's mark, and what the journal says of these secrets and of those that are gone.

    A read that lags may look right already, so that only a mark which this run never set is left alone when it is
    not there (tests/model, closing state).

    :param app: as just read, with what C(READ) names, within :func:`one_writer`
    """
    _write(graph, app, [PENDING + holder, *over(app, key_ids)], False)


def _write(graph: Graph, app: Mapping[str, Any], wanted: list[str], there: bool) -> None:
    with DECIDED.content() as known:
        ours = known.setdefault(app["id"], {})
        certain = not there and not any(ours.get(tag) is True for tag in wanted)
        ours.update(dict.fromkeys(wanted, there))
    tags = decided(app)
    if not certain or tags != list(app.get("tags") or []):
        graph.patch(f"applications/{app['id']}", {"tags": tags})


def over(app: Mapping[str, Any], key_ids: Collection[str] = ()) -> list[str]:
    """What the journal says of deliveries that are of no use any more: of these secrets, and of those that are gone.

    A run that was stopped writes of a secret that another one has retired meanwhile. Whom a read that lags takes
    a delivery from mints once more; those of this run are left alone.

    :param app: with what C(READ) names
    """
    held = {entry["keyId"] for entry in app.get("passwordCredentials") or []}
    ours = DECIDED.peek().get(app["id"], {})
    found = [(tag, tag.removeprefix(DELIVERED).partition(":")[0]) for tag in decided(app) if tag.startswith(DELIVERED)]
    return [tag for tag, key_id in found if key_id in key_ids or (key_id not in held and ours.get(tag) is not True)]


def others(app: Mapping[str, Any]) -> bool:
    """Whether another run works on this app as well, such as another slice of the same job."""
    ours = DECIDED.peek().get(app["id"], {})
    return any(tag.startswith(PENDING) and tag not in ours for tag in app.get("tags") or [])


def keep(graph: Graph, object_id: str, run: Run) -> None:
    """Look again at what :func:`mark` wrote, and repeat what is lost, until a look finds all of it.

    A run beside this one may have read before that write and written after it. It costs seconds, so a run that is
    alone does not do it.
    """
    for pause in SECOND_LOOKS:
        run.sleep(pause)
        with one_writer(object_id):
            app = graph.get(f"applications/{object_id}", {"$select": "id,tags"})
            tags = decided(app)
            if tags == list(app.get("tags") or []):
                return
            graph.patch(f"applications/{object_id}", {"tags": tags})
