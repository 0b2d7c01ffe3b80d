# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Killing or stopping a caller, alone or with everything it started. Linux only: it reads ``/proc``."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def parents() -> dict[int, tuple[int, int]]:
    """Parent and process group of every process that can be seen."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            # The name of the program, in brackets, may itself hold brackets and blanks
            state, parent, group = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
            if state != "Z":
                found[int(path.parent.name)] = (int(parent), int(group))
    return found


def tree(group: int) -> set[int]:
    """The processes of a group, and their descendants wherever these have gone."""
    seen = parents()
    members = {number for number, (_parent, own_group) in seen.items() if own_group == group}
    grown = -1
    while grown != len(members):
        grown = len(members)
        members |= {number for number, (parent, _group) in seen.items() if parent in members}
    return members


def kill_group(group: int) -> bool:
    """SIGKILL to a process group; False if it is gone. Refuses the own one."""
    if group <= 1 or group == os.getpgid(0):
        raise ValueError(f"refusing to kill process group {group}")
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def kill_tree(group: int) -> bool:
    """The same with all descendants: workers of ansible-core 2.19 and later each have a session of their own.

    All are stopped first, so that none can start another or outlive its parent's list of children.
    """
    stopped = stop_tree(group)
    there = kill_group(group)
    _tell(stopped, signal.SIGKILL)
    return there


def stop_tree(group: int) -> set[int]:
    """SIGSTOP to a process group and all descendants; returns who was stopped."""
    stopped: set[int] = set()
    while new := tree(group) - stopped - {os.getpid()}:
        _tell(new, signal.SIGSTOP)
        stopped |= new
    return stopped


def go_on(stopped: set[int]) -> None:
    """SIGCONT to processes that were stopped."""
    _tell(stopped, signal.SIGCONT)


def _tell(numbers: set[int], what: signal.Signals) -> None:
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, what)
