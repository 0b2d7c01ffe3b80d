# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The life of every secret on one axis, in units of 0 to 1000."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from .. import _moments as moments

WIDTH = 1000
# What lives longer, or was born earlier, goes to the edge
MOST_BEFORE, MOST_AFTER = timedelta(days=400), timedelta(days=760)
LEAST = timedelta(days=60)
MOST_TICKS = 6


def draw(report: Mapping[str, Any]) -> dict[str, Any]:
    """C(rows) (one for each credential, the first to end first), C(ticks) (C(x), C(label)) and C(now) (an x)."""
    now = moments.parse(report["generated"]) or datetime.now(timezone.utc)
    lives = [
        (app, one, moments.parse(one["start"]) or now, moments.parse(one["end"]) or now + MOST_AFTER)
        for app in report["apps"]
        for one in app["credentials"]
    ]
    first = min([now - LEAST / 2, *(start for *_rest, start, _end in lives)])
    last = max([now + LEAST, *(end for *_rest, end in lives)])
    first, last = max(first, now - MOST_BEFORE), min(last, now + MOST_AFTER)

    def place(when: datetime) -> float:
        share = (min(max(when, first), last) - first) / (last - first)
        return round(share * WIDTH, 1)

    rows = [
        {
            "app": app["display_name"] or app["key"],
            "app_id": app["app_id"],
            "credential": one,
            "state": _state(one, report["warn_days"]),
            "x": place(start),
            "width": max(round(place(end) - place(start), 1), 4.0),
            "beyond": end > last,
        }
        for app, one, start, end in sorted(lives, key=lambda life: (life[3], str(life[1]["display_name"])))
    ]
    return {"rows": rows, "ticks": _ticks(first, last, place), "now": place(now)}


def _state(one: Mapping[str, Any], warn_days: int) -> str:
    if one["expired"]:
        return "error" if one["hosts"] else "past"
    return "warning" if one["days_left"] is not None and one["days_left"] < warn_days else "ok"


def _ticks(first: datetime, last: datetime, place: Any) -> list[dict[str, Any]]:
    months = [first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    while months[-1] < last:
        months.append((months[-1] + timedelta(days=32)).replace(day=1))
    inside = [month for month in months if first <= month <= last]
    step = -(-len(inside) // MOST_TICKS) or 1
    return [{"x": place(month), "label": month.strftime("%Y-%m")} for month in inside[::step]]
