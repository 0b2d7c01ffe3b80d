# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What the user asked for, and times as the data set has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .. import _moments as moments


@dataclass(frozen=True)
class Settings:
    """How to judge.

    :ivar warn_days: a secret with fewer days left is a warning
    :ivar sync_max_age_hours: oldest sync that is fine, for all hosts; None derives it from each host's schedule
    :ivar fail_on: codes and levels that make the play fail
    :ivar permission_profile: what apps are to ask for, guide or least
    :ivar permissions: type and name of what the inventory asks for beside it, by name
    :ivar known_places: addresses without scheme of all hosts of the inventory, whatever a limit left out; None where
        nobody has looked
    :ivar former: by former holder, the host that says so
    :ivar known_holders: holders outside this play, such as hosts that --limit left out
    """

    now: datetime
    warn_days: int = 30
    sync_max_age_hours: float | None = None
    fail_on: Sequence[str] = ()
    permission_profile: str = "guide"
    permissions: Sequence[tuple[str, str]] = ()
    known_holders: frozenset[str] = field(default_factory=frozenset)
    former: Mapping[str, str] = field(default_factory=dict)
    known_places: frozenset[str] | None = None


def stamp(value: datetime | None) -> str | None:
    """A time as the data set has it."""
    return moments.stamp(value) if value else None


def days_left(end: datetime, now: datetime) -> int:
    """Whole days, negative when over."""
    return (end - now).days
