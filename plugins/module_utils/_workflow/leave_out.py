# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Hosts that are left out for a while, with a reason and a date: maintenance windows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

from .._errors import OptionError

EXAMPLE = '{reason: "data centre move", until: "2026-12-31"}'
# One that is left out for longer is forgotten
LONGEST_DAYS = 366


@dataclass(frozen=True)
class LeftOut:
    """:ivar reason: as the user gave it, in one line; :ivar until: the last day, in UTC"""

    reason: str
    until: date

    @property
    def sentence(self) -> str:
        return f"left out until the end of {self.until.isoformat()} (UTC): {self.reason}"

    def as_dict(self) -> dict[str, str]:
        return {"reason": self.reason, "until": self.until.isoformat()}


def left_out(option: str, given: Any, now: datetime) -> LeftOut | None:
    """Whether a host takes no part now; None too when its date has passed.

    :param option: what the user calls it
    :param given: C(reason) and C(until), a date of which the host is left out to the end; nothing for a host that takes
        part
    :raises OptionError: it cannot be read; a host is never left out by mistake, nor for ever
    """
    if given is None or given == {} or given == "":
        return None
    if not isinstance(given, Mapping) or set(given) - {"reason", "until"}:
        raise OptionError(option, f"must be a dictionary of reason and until, as {EXAMPLE}")
    reason = " ".join(str(given.get("reason") or "").split())
    if not reason:
        raise OptionError(option, f"needs a reason that the report can show, as {EXAMPLE}")
    until = _day(given.get("until"))
    if until is None:
        raise OptionError(
            option, f"needs a date in until, year-month-day, the last day on which it applies, as {EXAMPLE}"
        )
    today = now.astimezone(timezone.utc).date()
    if (until - today).days > LONGEST_DAYS:
        raise OptionError(
            option, f"leaves the host out until {until}, which is more than a year away; choose an earlier date"
        )
    return None if until < today else LeftOut(reason[:200], until)


def _day(value: Any) -> date | None:
    """YAML makes a date of an unquoted one."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value or "").strip()
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
