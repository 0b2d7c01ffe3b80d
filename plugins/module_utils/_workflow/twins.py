# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Two connectors of one name: what a creation leaves that a proxy sent twice, or whose answer was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import _errors as errors
from .._usersync import connector as connectors
from .._usersync import paths, sync
from .._usersync.client import Host
from .._usersync.connector import Connector


def find(host: Host, options: Mapping[str, Any]) -> Connector | None:
    """:func:`connectors.find`, which of two of one name says which is in use and what to click."""
    try:
        return connectors.find(host, options)
    except errors.AmbiguousError as exc:
        ids = [str(one["id"]) for one in exc.details["candidates"]]
        same = len({one["name"] for one in exc.details["candidates"]}) == 1
        if not same:
            raise
        raise errors.AmbiguousError(
            f"{exc.message}. {told(host, ids, options.get('key_map'))}",
            code=exc.code,
            candidates=exc.details["candidates"],
        ) from None


def told(host: Host, ids: Iterable[str], key_map: Mapping[str, Any] | None = None) -> str:
    """Which of connectors of one name the status of syncs and the user directories speak for."""
    lines, used, unused = [], [], []
    for one in ids:
        last = sync.last(host, one)
        (used if last is not None else unused).append(one)
        lines.append(f"{one} {_synced(last)} and fills {_directory(host, one, key_map)}")
    said = "; ".join(lines)
    page = f"{host.base_url}/{connectors.ADMIN_PAGE}"
    begin = f"They have the same name, as after a creation that was sent twice: {said}"
    if len(used) == 1 and unused:
        return (
            f"{begin}. So {used[0]} is in use: open {page}, click Delete next to {' and '.join(unused)}, and run "
            f"again, or set connector_id to {used[0]}"
        )
    return (
        f"{begin}. It is not certain which one is in use: check their users at {page}, click Delete next to the other "
        "one, and run again"
    )


def _synced(last: sync.Status | None) -> str:
    if last is None:
        return "has never synchronised"
    users = sum(last.counters.get(name, 0) for name in ("added", "updated", "not_modified"))
    when = last.created or "at an unknown time"
    return f"synchronised {users} {'user' if users == 1 else 'users'} last ({last.state}, {when})"


def _directory(host: Host, one: str, key_map: Mapping[str, Any] | None) -> str:
    found = connectors.read_one(host, one, key_map)
    place = found.keys.find("directory_id") if found is not None else None
    number = paths.get(found.configuration, place) if found is not None and place else None
    known = isinstance(number, (int, str)) and number != ""
    return f"user directory {number}" if known else "its own user directory"
