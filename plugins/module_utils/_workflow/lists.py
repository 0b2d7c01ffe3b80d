# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Lists of a desired state: compared without order; not given and empty are different."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MODES = ("merge", "exact", "absent")


def combine(
    current: Sequence[str], wanted: Sequence[str] | None, mode: str, keep: Iterable[str] = ()
) -> list[str] | None:
    """The list to write, or None when it is right as it is.

    :param wanted: None leaves alone; an empty list clears, except in mode absent
    :param mode: merge adds, exact replaces, absent removes
    :param keep: members that exact and clearing leave in place
    """
    if wanted is None:
        return None
    if mode == "absent":
        target = [entry for entry in current if entry not in set(wanted)]
    elif mode == "exact" or not wanted:
        target = list(dict.fromkeys([*wanted, *(entry for entry in current if entry in set(keep))]))
    else:
        target = [*current, *(entry for entry in dict.fromkeys(wanted) if entry not in set(current))]
    return None if set(target) == set(current) else target
