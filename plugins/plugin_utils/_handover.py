# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""How a host is reached whose sync takes long, from the task that started it to the one that waits for all.

The logins are kept where the tokens are, in anonymous memory that only the workers of this run share, since a result or
a variable would show them. Where the platform has no such memory nothing is handed over, and the next run goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._shared import SharedMemory

WAITING = SharedMemory("usersync-waiting")
HANDED_OVER = ("entra", "host", "app", "connector", "secret", "sync")


def leave(name: str, options: Mapping[str, Any], confirming: Mapping[str, Any]) -> None:
    """:param options: of usersync_connection; :param confirming: what it returned"""
    with WAITING.content() as content:
        kept = {group: options[group] for group in HANDED_OVER if options.get(group) is not None}
        content[name] = {"name": name, **kept, "confirming": dict(confirming)}


def take(names: Iterable[str]) -> list[dict[str, Any]]:
    """What C(connections) of usersync_connection_confirm takes; each is taken once."""
    with WAITING.content() as content:
        return [content.pop(name) for name in names if name in content]


def forget(name: str) -> None:
    """An earlier task of the same run may have left this host."""
    if name in WAITING.peek():
        take([name])
