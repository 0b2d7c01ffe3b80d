# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What is taken back of a renewal that ended before its secret was sent anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from typing import Any

from .. import _errors as errors
from .._entra import marks, snapshot
from .._entra.credentials import pending_holders
from .._entra.graph import Graph
from .._run import Run
from .secret_retire import remove


def take_back(
    graph: Graph, before: Mapping[str, Any], holder: str, key_ids: Collection[str], run: Run, locked: bool = False
) -> list[str]:
    """Remove secrets that nobody holds, and the mark unless an earlier renewal had set it.

    Only for secrets that this run made and never sent. What cannot be removed now is told; the mark then stays, so that
    the next run sees to it.

    :param before: the app as Graph had it before this run set the mark
    :param locked: the caller is within :func:`marks.one_writer`
    :returns: the key ids that are gone
    """
    gone: list[str] = []
    snapshot.touch(before["id"], holder)
    try:
        with nullcontext() if locked else marks.one_writer(before["id"]):
            for key_id in key_ids:
                remove(graph, before["id"], key_id, run)
                gone.append(key_id)
            if holder not in pending_holders(before):
                marks.clear(graph, graph.get(f"applications/{before['id']}", marks.READ), holder)
    except errors.UsersyncError as exc:
        run.warn(
            f"what this run began for '{holder}' could not be undone completely ({exc.message}); the next run does it"
        )
    return gone


def removed_again(exc: errors.UsersyncError, gone: list[str]) -> errors.UsersyncError:
    """The same failure, which tells that the new secret was removed; :param gone: its key ids"""
    if not gone:
        return exc
    return errors.LoginError(
        f"{exc.message}; it was never sent to a host and was removed again, the old one stays in use",
        code=exc.code,
        **{**exc.details, "removed": gone},
    )
