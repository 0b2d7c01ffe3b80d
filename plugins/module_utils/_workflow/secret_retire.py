# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The step retire of a new secret (rotation.md), and the removal of single credentials."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .. import _errors as errors
from .._entra import credentials, marks, snapshot
from .._entra.graph import Graph
from .._run import Run

# Seconds between looks for a secret that was added a moment ago
SHOWN_AFTER = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
UNKNOWN_KEY = "no password credential found"


@dataclass(frozen=True)
class Retiring:
    """What of a holder's own goes and what stays beside the confirmed one.

    :ivar going: credentials that are removed
    :ivar left: live ones that stay, so that the mark stays too
    :ivar tags: of the app afterwards
    """

    going: list[dict[str, Any]]
    left: list[dict[str, Any]]
    tags: list[str]


def choose(
    app: Mapping[str, Any],
    holder: str,
    host: str | None,
    kept: str,
    retire: Collection[str] | None,
    abandoned: Collection[str],
    now: datetime,
) -> Retiring:
    """:param host: fingerprint of the host's own id; the same address with another one is another host
    :param retire: key ids that may go, those of former holders too; None for all others of the holder"""
    mine = credentials.own(app, holder, host)
    former = [one for one in app.get("passwordCredentials") or [] if one["keyId"] in (retire or ()) and one not in mine]
    others = [entry for entry in [*mine, *former] if entry["keyId"] != kept]
    going = [
        entry for entry in others if retire is None or entry["keyId"] in retire or entry["displayName"] in abandoned
    ]
    left = [entry for entry in others if entry not in going and credentials.live(entry, now)]
    tags = marks.decided(app)
    if not left:
        over = marks.over(app, [kept, *(entry["keyId"] for entry in going)])
        tags = [tag for tag in tags if tag != credentials.PENDING + holder and tag not in over]
    return Retiring(going, left, tags)


def retire(
    graph: Graph,
    object_id: str,
    options: Mapping[str, Any],
    kept: str,
    going: Collection[str],
    abandoned: Collection[str],
    run: Run,
) -> tuple[list[str], dict[str, Any]]:
    """The step as a whole, once the host has logged in with the secret that is kept.

    :param options: holder, host_fingerprint
    :returns: key ids that went, and the app as it is now
    :raises WaitError: reads do not show the confirmed secret yet
    """
    holder, host = options["holder"], options.get("host_fingerprint")
    app: dict[str, Any] = {}
    for pause in (*SHOWN_AFTER, None):
        with marks.one_writer(object_id):
            app = graph.get(f"applications/{object_id}")
            if any(entry["keyId"] == kept for entry in app.get("passwordCredentials") or []):
                chosen = choose(app, holder, host, kept, going, abandoned, run.now())
                _carry_out(graph, app, holder, kept, chosen, run)
                break
        if pause is None:
            raise _not_shown(kept)
        run.sleep(pause)
    if marks.others(app):
        marks.keep(graph, object_id, run)
    gone = [entry["keyId"] for entry in chosen.going]
    left = [entry for entry in app.get("passwordCredentials") or [] if entry["keyId"] not in gone]
    return gone, {**app, "passwordCredentials": left, "tags": chosen.tags}


def carry_out(graph: Graph, app: Mapping[str, Any], holder: str, kept: str, chosen: Retiring, run: Run) -> None:
    """Remove what goes, then the marks, unless others of the holder are left; see :func:`choose`."""
    with marks.one_writer(app["id"]):
        seen = app if chosen.left else graph.get(f"applications/{app['id']}", marks.READ)
        _carry_out(graph, seen, holder, kept, chosen, run)
    if marks.others(seen):
        marks.keep(graph, app["id"], run)


def _carry_out(graph: Graph, app: Mapping[str, Any], holder: str, kept: str, chosen: Retiring, run: Run) -> None:
    snapshot.touch(app["id"], holder)
    for entry in chosen.going:
        remove(graph, app["id"], entry["keyId"], run)
    if not chosen.left:
        marks.clear(graph, app, holder, [kept, *(entry["keyId"] for entry in chosen.going)])


def shows(graph: Graph, app: dict[str, Any], key_id: str, run: Run) -> dict[str, Any]:
    """The app by a read that knows the confirmed secret; one that does not is older than its mint and hides others."""
    for pause in SHOWN_AFTER:
        if any(entry["keyId"] == key_id for entry in app.get("passwordCredentials") or []):
            return app
        run.sleep(pause)
        app = graph.get(f"applications/{app['id']}")
    raise _not_shown(key_id)


def _not_shown(key_id: str) -> errors.WaitError:
    return errors.WaitError(
        f"key_id: the directory does not show the secret {key_id} yet, so nothing was retired; the next run does it"
    )


def remove(graph: Graph, object_id: str, key_id: str, run: Run) -> None:
    """Remove one credential.

    'Not found' is gone, or not known everywhere yet, and the service may fail on a secret that was added a moment ago
    (FIDELITY.md, Graph in general). So both are asked again a few times; gone is what two reads in a row do not show.
    """
    unseen = 0
    for pause in (1.0, 2.0, 4.0, None):
        try:
            graph.post(f"applications/{object_id}/removePassword", {"keyId": key_id}, repeatable=True)
            return
        except (errors.LostAnswerError, errors.UnavailableError):
            if pause is None:
                raise
        except errors.AnswerError as exc:
            if UNKNOWN_KEY not in str(exc.details.get("text") or "").lower():
                raise
        seen = graph.find(f"applications/{object_id}") or {}
        shown = any(entry["keyId"] == key_id for entry in seen.get("passwordCredentials") or [])
        unseen = 0 if shown else unseen + 1
        if unseen == 2:
            return
        if pause is not None:
            run.sleep(pause)
    run.warn(f"the directory says that secret {key_id} is gone, but still shows it; the next run checks again")
