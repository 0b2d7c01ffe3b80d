# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Cron expressions: which can be read at all, and how long a schedule may leave a connector alone.

The dialect of the Cron Expression is not documented (connector.md, Settings); 6 or 7 fields as of Quartz and Spring are
expected, 5 as of Unix are taken too. Only the longest pause counts here, so that it does not matter whether Sunday is
0, 1 or 7, nor which time zone the host is in. What is not understood gives None, never a guess.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MACROS = {
    "@yearly": "0 0 0 1 1 ?",
    "@annually": "0 0 0 1 1 ?",
    "@monthly": "0 0 0 1 * ?",
    "@weekly": "0 0 0 ? * 0",
    "@daily": "0 0 0 * * ?",
    "@midnight": "0 0 0 * * ?",
    "@hourly": "0 0 * * * ?",
}
# Two leap years lie in it, so that a 29 February is met
HORIZON_DAYS = 366 * 9
FIRST_DAY = date(2023, 1, 1)
PART = re.compile(r"(\*|\?|[a-z0-9]+)(?:-([a-z0-9]+))?(?:/(\d+))?")


@lru_cache(maxsize=256)
def longest_pause_hours(expression: str | None) -> float | None:
    """The longest time between two runs, in hours; None when the expression is not understood or never runs twice."""
    text = (expression or "").strip().lower()
    fields = MACROS.get(text, text).split()
    if len(fields) == 5:
        fields = ["0", *fields]
    if len(fields) not in (6, 7) or (len(fields) == 7 and fields[6] not in ("*", "?")):
        return None
    try:
        seconds, minutes, hours = _values(fields[0], 0, 59), _values(fields[1], 0, 59), _values(fields[2], 0, 23)
        month = _values(fields[4], 1, 12, MONTHS)
        day_of_month, day_of_week = _days_of_month(fields[3]), _days_of_week(fields[5])
    except ValueError:
        return None
    second = min(seconds)
    times = sorted(hour * 60 + minute + second / 60 for hour in hours for minute in minutes)
    in_a_day = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    days = [
        number
        for number in range(HORIZON_DAYS)
        if _runs_on(FIRST_DAY + timedelta(days=number), month, day_of_month, day_of_week)
    ]
    if len(days) < 2:
        return None
    over_night = max(later - earlier for earlier, later in pairwise(days)) * 1440 - (times[-1] - times[0])
    return round(max(in_a_day, over_night) / 60, 2)


def readable(expression: str) -> bool:
    """Whether any dialect of cron reads it: 5 fields of Unix, 6 of Spring, 6 or 7 of Quartz, or a word as @daily."""
    text = expression.strip().lower()
    fields = MACROS.get(text, text).split()
    if len(fields) == 5:
        fields = ["0", *fields]
    if len(fields) not in (6, 7):
        return False
    try:
        for field, most in zip(fields, (59, 59, 23), strict=False):
            _values(field, 0, most)
        _values(fields[4], 1, 12, MONTHS)
        if not re.fullmatch(r"l(-\d{1,2})?w?", fields[3]):
            _days_of_month(fields[3])
        if not re.fullmatch(r"l|([0-7]|[a-z]{3})(l|#[1-5])", fields[5]):
            _days_of_week(fields[5])
        if len(fields) == 7:
            _values(fields[6], 1970, 2199)
    except ValueError:
        return False
    return True


def _runs_on(day: date, months: set[int], days_of_month: set[int] | None, days_of_week: set[int] | None) -> bool:
    # Where both are restricted, dialects disagree between "and" and "or"; "and" gives the longer pause
    if day.month not in months:
        return False
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    by_month = days_of_month is None or day.day in days_of_month or (0 in days_of_month and day == last)
    return by_month and (days_of_week is None or day.isoweekday() % 7 in days_of_week)


def _days_of_month(text: str) -> set[int] | None:
    if text in ("*", "?"):
        return None
    if text in ("l", "lw"):
        return {0}
    # "15w" is the working day nearest to the 15th
    return _values(re.sub(r"(\d)w\b", r"\1", text), 1, 31)


def _days_of_week(text: str) -> set[int] | None:
    if text in ("*", "?"):
        return None
    if "#" in text or re.fullmatch(r"\d?l|[a-z]{3}l", text):
        raise ValueError(text)
    return {value % 7 for value in _values(text, 0, 7, DAYS, offset=0)}


def _values(text: str, low: int, high: int, names: tuple[str, ...] = (), offset: int = 1) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = PART.fullmatch(part)
        if match is None:
            raise ValueError(part)
        first, last, step = match.groups()
        if first in ("*", "?"):
            start, end = low, high
        else:
            start = _number(first, names, offset)
            end = _number(last, names, offset) if last else (high if step else start)
        if not (low <= start <= high and low <= end <= high) or step == "0":
            raise ValueError(part)
        over = [*range(start, high + 1), *range(low, end + 1)]
        span = over if end < start else list(range(start, end + 1))
        found.update(span[:: int(step or 1)])
    return found


def _number(text: str, names: tuple[str, ...], offset: int) -> int:
    return names.index(text) + offset if text in names else int(text)
