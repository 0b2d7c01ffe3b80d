# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Secrets of a host under a name that it bore before: an address, a name of an inventory, its connector or none.

They are reported and stay. One goes with the next renewal only where the host itself showed its first characters before
anything was minted, and no other live secret of the app begins so: then it is the one that the host held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from .._entra import credentials


def listed(
    app: Mapping[str, Any], holder: str, host: str | None, names: Collection[str], now: datetime
) -> list[dict[str, Any]]:
    """Live credentials under a former name of the consumer, as Graph has them.

    :param names: what the user says the consumer was called; exact, and theirs are not looked at in turn
    """
    return [
        entry
        for entry in app.get("passwordCredentials") or []
        if credentials.live(entry, now) and _is_former(entry, holder, host, names)
    ]


def held(
    app: Mapping[str, Any],
    holder: str,
    host: str | None,
    names: Collection[str],
    hint: str | None,
    now: datetime,
) -> list[str]:
    """The key id of the former secret that the host held before this renewal; empty where that is not certain.

    :param hint: what the host showed before anything was minted
    """
    alive = [entry for entry in app.get("passwordCredentials") or [] if credentials.live(entry, now)]
    fitting = [entry for entry in alive if hint and entry.get("hint") in (hint, None)]
    if len(fitting) != 1 or fitting[0].get("hint") != hint:
        return []
    return [entry["keyId"] for entry in listed(app, holder, host, names, now) if entry in fitting]


def _is_former(entry: Mapping[str, Any], holder: str, host: str | None, names: Collection[str]) -> bool:
    name = credentials.former_name(entry.get("displayName"))
    if name is None:
        return False
    if name != holder:
        return name in names or _same_place(name, holder)
    # the same name, when the host did not tell its id, or does not any more
    made_for = credentials.host_of(entry)
    return host is not None and made_for != host and "-" in (made_for, host)


def _same_place(name: str, holder: str) -> bool:
    """With and without the connector's id: a second connector was made, or went, or the host has got a list of them."""
    place, _mark, connector = holder.partition("#")
    other_place, _mark, other_connector = name.partition("#")
    return place == other_place and bool(connector) != bool(other_connector)
