# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What a host is like, in a form that may be sent to a stranger, and that the simulator can play.

Built from what we know and nothing else: names of members, kinds of values, the host's own words for three settings
whose values are words of the product. No value, no id, no address, no name that a person has given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .._guid import GUID
from . import changes, paths, sync
from .connector import Connector, path_of

if TYPE_CHECKING:
    from .client import Host

FORMAT = 1
# Settings whose values the product chooses, in its own words
SPELT = ("type", "flow", "cleanup_behavior")
WORD = re.compile(r"[A-Za-z][A-Za-z_ -]{0,40}")
# What a program calls a member; a name of a person, a host or a group mostly has another sign in it
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}|\d{1,3}")
ID = re.compile(r"(?<=/)([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d+)(?=/|$)")


def of_host(host: Host, found: Iterable[Connector], listed: bool, versions: dict[str, Any] | None) -> dict[str, Any]:
    """The return value C(discovery); reads only.

    :returns: C(format), C(sent), C(product), C(versions), C(listed), C(connectors)
    """
    described = [of_connector(host, one) for one in found]
    known = versions or {}
    return {
        "format": FORMAT,
        "product": host.product,
        "versions": {name: known.get(name) for name in ("product", "app", "app_key")},
        "listed": listed,
        "connectors": described,
        "sent": [f"{method} {_without_ids(path)}: {status}" for method, path, status in host.sent],
    }


def of_connector(host: Host, one: Connector) -> dict[str, Any]:
    whole = one
    last = host.read(f"{path_of(one.id)}/syncstatus", missing=(404,))
    status = sync.parse(last)
    spelling = {}
    for leaf in SPELT:
        value = whole.keys.read(leaf)
        if isinstance(value, bool) or (isinstance(value, str) and WORD.fullmatch(value)):
            spelling[leaf] = value
    return {
        "id": "integer" if one.id.isdecimal() else "UUID" if GUID.fullmatch(one.id) else "text",
        "around": _rows(whole.around),
        "tree": _rows(whole.configuration),
        "recognised": whole.keys.known(),
        "spelling": spelling,
        "secret": changes.held_secret(whole).visibility,
        "status": _rows(last) if isinstance(last, dict) else [],
        "state": status.state if status is not None and WORD.fullmatch(status.state) else None,
    }


def _rows(tree: dict[str, Any]) -> list[dict[str, str]]:
    """Paths and kinds, where every part of the path is a word of a program; a list's length is not told."""
    rows = []
    for row in paths.tree(tree):
        parts = paths.parse("discovery", row["path"])
        shown = tuple(part if NAME.fullmatch(part) else "(not shown)" for part in parts)
        kind = "list" if row["kind"].startswith("list of ") else row["kind"]
        entry = {"path": paths.show(shown), "kind": kind}
        if entry not in rows:
            rows.append(entry)
    return rows


def _without_ids(path: str) -> str:
    return ID.sub("<id>", path.split("?")[0])
