# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""Many hosts read side by side in one process, so that those that lack nothing need no task of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import missing_library
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.plugin_utils._action import carry_out

# What the report needs of a host; all hosts carry all of it
KEPT = ("msg", "failed", "failure", "done", "reasons", "credential", "usable", "sync", "last_sync", "address")
CONNECTION = f"fleetops.usersync.{DEFINITION.name}"


def has_defaults(module_defaults: Any) -> bool:
    """Whether a play sets defaults of its own for usersync_connection."""
    listed = module_defaults if isinstance(module_defaults, list) else [module_defaults or {}]
    names = {name for entry in listed if isinstance(entry, Mapping) for name in entry}
    return any(name == CONNECTION or name.startswith("group/fleetops.usersync") for name in names)


def settled(
    asked: Mapping[str, Mapping[str, Any]], threads: int, say: Callable[[str], None]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Read hosts and write nothing.

    :param asked: by host, the options of usersync_connection
    :param say: takes one line for people
    :returns: by host that lacks nothing or cannot be read, what the report needs of its result; and their warnings
    """
    if not asked or missing_library():
        return {}, []
    with ThreadPoolExecutor(max(1, threads)) as pool:
        results = dict(zip(asked, pool.map(lambda name: _read(name, asked[name], say), asked), strict=True))
    found = {name: result for name, result in results.items() if _ends_here(result)}
    for name, result in found.items():
        if result.get("failed"):
            say(f"{name}: failed at read: {result.get('msg')}")
    return {name: _kept(result) for name, result in found.items()}, [
        f"{name}: {text}" for name, result in found.items() for text in _warnings(result)
    ]


def _read(name: str, options: Mapping[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    run = Run(check_mode=True, progress=lambda text: say(f"{name}: {text}"))
    return carry_out(DEFINITION, dict(options), run)[0]


def _ends_here(result: Mapping[str, Any]) -> bool:
    """Anything but a refusal to be read, or nothing to do, is for a task of the host."""
    if result.get("failed"):
        return (result.get("failure") or {}).get("step") == "read"
    return not result.get("changed")


def _kept(result: Mapping[str, Any]) -> dict[str, Any]:
    kept = {member: result[member] for member in KEPT if member in result}
    connector = result.get("connector") or {}
    return {**kept, "connector": {"schedule_enabled": connector.get("schedule_enabled")}}


def _warnings(result: Mapping[str, Any]) -> Iterable[str]:
    return map(str, result.get("warnings") or [])
