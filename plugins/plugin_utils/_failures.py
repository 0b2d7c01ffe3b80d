# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""How many hosts have failed so far, so that a fleet that goes wrong is not begun any further.

The workers of one run count together, in the memory that only they share (_shared). Where the platform has none, each
task knows of its own host alone, and the share counts between batches only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._shared import SharedMemory

FAILED = SharedMemory("usersync-failed")


def note(limit: Mapping[str, Any] | None, hosts: Iterable[str]) -> None:
    """These hosts have failed. :param limit: C(failures) of usersync_connection"""
    if not limit:
        return
    with FAILED.content() as content:
        named = content.setdefault(str(limit["counted_as"]), [])
        named += [host for host in hosts if host not in named]


def too_many(limit: Mapping[str, Any] | None, host: str) -> str:
    """Why this host is not begun, or nothing."""
    if not limit:
        return ""
    others = [one for one in FAILED.peek().get(str(limit["counted_as"])) or [] if one != host]
    if len(others) <= int(limit["most"]):
        return ""
    failed = "host has" if len(others) == 1 else "hosts have"
    return f"failures: nothing was begun, because {len(others)} {failed} failed, and no more than {limit['most']} may"
