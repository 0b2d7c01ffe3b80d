# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A second Azure connector of a host, beside one that is there: secrets bear its id, so it is made before its secret.

It gets its name first, and its settings with its secret. A run that dies in between leaves a connector that names no
app, and the next run goes on with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._entra import holders
from .._run import Run
from .._usersync.changes import PLAIN_OPTIONS
from .._usersync.client import Host
from . import connector, consumer

# No connector has it
UNKNOWN_ID = "still-to-be-made"


def foreseen(host: Host) -> str:
    """Stands for the holder of the connector until that is made; nothing is ever written under it."""
    return holders.holder(host.address, UNKNOWN_ID, host.options.get("site"))


def make(host: Host, seen: connector.Seen, options: Mapping[str, Any], run: Run) -> str:
    """Make the connector, which C(seen) then holds; :returns: its holder"""
    bare = {**options, **{name: None for name in PLAIN_OPTIONS if name != "name"}, "settings": None}
    connector.write(host, seen, {**bare, "update_secret": "never"}, run)
    if seen.found is None:
        raise AssertionError("unreachable")
    return consumer.holder(host, seen.found.id)
