# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The data set as lines for the end of a play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .groups import groups

HEAD = ("HOST", "STATE", "PRODUCT", "USER SYNC", "LAST SYNC", "SECRET EXPIRES", "KNOWN BY")
ORDER = ("unreachable", "error", "warning", "ok")
LONGEST_CELL = 40
MOST_NAMED = 10


def lines(report: Mapping[str, Any]) -> list[str]:
    """The worst first, then the findings, then one line that sums up."""
    hosts = sorted(report["hosts"], key=lambda host: (ORDER.index(host["state"]), host["host"]))
    rows = [row for host in hosts for row in _rows(host)]
    shown = _columns([HEAD, *rows])
    return [*shown, *(_finding(one) for one in groups(report["findings"])), summary(report)]


def summary(report: Mapping[str, Any]) -> str:
    """One sentence."""
    hosts, found = report["summary"]["hosts"], report["summary"]["findings"]
    parts = [f"{hosts[state]} {state}" for state in ("ok", "warning", "error", "unreachable") if hosts[state]]
    counts = [f"{found[level]} {level}" for level in ("error", "warning", "info") if found[level]]
    told = f"{hosts['total']} hosts: {', '.join(parts) or 'none'}; findings: {', '.join(counts) or 'none'}"
    expired, first = report["summary"]["expired_secrets"], report["summary"]["next_secret_end"]
    if expired:
        told += f"; {_counted(expired, 'secret')} expired"
    if first:
        told += f"; the next secret to expire is that of {first['host']} on {first['end'][:10]}"
    return told


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + (" has" if number == 1 else "s have")


def _finding(one: Mapping[str, Any]) -> str:
    """One line for all findings of one code and level."""
    start = f"{one['level'].upper()} {one['code']}"
    sentence = f"{_plain(one['what'])}; {_plain(one['remedy'])}"
    if len(one["findings"]) == 1:
        return f"{start}: {sentence}"
    named = one["hosts"] or one["app_ids"]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    which = f"{', '.join(map(_plain, named[:MOST_NAMED]))}{more}"
    return f"{start} ({len(one['findings'])}): {which}; {'each' if one['alike'] else 'the first'}: {sentence}"


def _rows(host: Mapping[str, Any]) -> list[tuple[str, ...]]:
    version = " ".join(str(part) for part in (host["product"], host["product_version"]) if part) or "-"
    start = (host["host"], host["state"], version, host["usersync_version"] or "-")
    if not host["connectors"]:
        return [(*start, "-", "-", "-")]
    return [
        (*start, _sync(one["last_sync"]), _end(one["secret"]), one["secret"]["known_by"] or "-")
        for one in host["connectors"]
    ]


def _sync(sync: Mapping[str, Any] | None) -> str:
    if sync is None:
        return "never"
    word = "running" if sync["running"] else "ok" if sync["success"] else f"{sync['state']}, not ok"
    return f"{word} {sync['ended'][:16].replace('T', ' ')}" if sync["ended"] else word


def _end(secret: Mapping[str, Any]) -> str:
    if secret["in_app"] is False:
        return "not of its app"
    if not secret["end"]:
        return "not known"
    return f"{secret['end'][:10]} ({secret['days_left']} days)"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    cut = [[_plain(cell)[:LONGEST_CELL] for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cut) for column in range(len(HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cut]


def _plain(text: Any) -> str:
    """What a host says may not steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in str(text))
