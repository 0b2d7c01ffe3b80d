# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Points in time: read from what services, hosts and people write, and written back in one form."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<fraction>\d+))?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE,
)


def parse(text: Any, needs_zone: bool = False) -> datetime | None:
    """A time in UTC, from C(2026-12-31), C(2026-12-31T10:00:00.1234567Z) or C(2026-12-31T10:00:00.000+0000).

    :param needs_zone: a text without a zone is no time; otherwise it is UTC
    :returns: None for every other text, and for what is no text
    """
    found = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None or (needs_zone and not found["zone"]):
        return None
    fraction = (found["fraction"] or "")[:6].ljust(6, "0")
    clock = found["time"] or "00:00"
    try:
        return datetime.fromisoformat(
            f"{found['day']}T{clock if clock.count(':') == 2 else f'{clock}:00'}.{fraction}{_zone(found['zone'])}"
        ).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> str:
    if text is None or text in "Zz":
        return "+00:00"
    return f"{text[:3]}:{text[3:].lstrip(':') or '00'}"


def stamp(moment: datetime) -> str:
    """In UTC and whole seconds, as Microsoft Graph takes it and our results have it: C(2026-12-31T10:00:00Z)."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(text: Any) -> datetime | None:
    """A C(Date) header, or a C(Retry-After) that is a date; None for any other text."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
