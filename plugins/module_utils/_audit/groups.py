# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Findings of one kind as one entry, so that a hundred hosts with the same trouble are one line to read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

HOST = "\0"


def groups(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each code and level, in the order of the findings.

    Each has C(code), C(level), C(page), C(hosts), C(app_ids), C(findings), and C(what) with C(remedy) of the first.
    Where the others say the same of other hosts (C(alike)), that sentence is enough.
    """
    gathered: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in findings:
        gathered.setdefault((one["code"], one["level"]), []).append(one)
    return [_group(code, level, found) for (code, level), found in gathered.items()]


def _group(code: str, level: str, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    hosts = list(dict.fromkeys(name for one in found for name in one["hosts"]))
    shapes = {(_shape(one, "what"), _shape(one, "remedy")) for one in found}
    return {
        "code": code,
        "level": level,
        "page": found[0]["page"],
        "hosts": hosts,
        "app_ids": list(dict.fromkeys(one["app_id"] for one in found if one["app_id"])),
        "alike": len(shapes) == 1,
        "what": found[0]["what"],
        "remedy": found[0]["remedy"],
        "findings": list(found),
    }


def _shape(one: Mapping[str, Any], member: str) -> str:
    """The sentence without the name of its one host."""
    text = str(one[member])
    if len(one["hosts"]) != 1:
        return text
    return re.sub(rf"(?<![\w.-]){re.escape(one['hosts'][0])}(?![\w-])", HOST, text)
