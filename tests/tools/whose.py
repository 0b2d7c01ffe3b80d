# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a secret of the collection is, read from its display name for simulated hosts, whose path begins
with their name."""

from __future__ import annotations

import re

HOLDER = r"[^/\s]+/(?P<host>[^/:#\s]+)(?:/[^:#\s]*)?(?:#[A-Za-z0-9-]+)?"
OWN = re.compile(rf"usersync:{HOLDER}:(?:-|[0-9a-f]{{12}}):[0-9]{{8}}T[0-9.]+Z(?::spare)?")
MARK = re.compile(rf"usersync-pending:{HOLDER}")


def host_of_secret(name: str | None) -> str | None:
    """The simulated host that an own credential is for; None for a foreign one."""
    found = OWN.fullmatch(name or "")
    return found["host"] if found else None


def host_of_mark(tag: str) -> str | None:
    """The simulated host whose renewal is pending, by the tag of the app."""
    found = MARK.fullmatch(tag)
    return found["host"] if found else None
