# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What the user asked for, and helpers for times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone


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


def moment(text: str | None) -> datetime | None:
    """A time of Graph or of a host, in UTC; None for none and for what is no time."""
    if not isinstance(text, str) or not text.strip():
        return None
    whole, _dot, rest = text.strip().replace("Z", "+00:00").partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    offset = rest[len(digits) :]
    if digits:
        whole += f".{digits[:6].ljust(6, '0')}{offset}"
    if len(whole) > 5 and whole[-5] in "+-" and whole[-4:].isdigit():
        whole = f"{whole[:-2]}:{whole[-2:]}"
    try:
        parsed = datetime.fromisoformat(whole)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def stamp(value: datetime | None) -> str | None:
    """A time as the data set has it."""
    return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def days_left(end: datetime, now: datetime) -> int:
    """Whole days, negative when over."""
    return (end - now).days
