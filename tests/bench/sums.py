# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From single runs to the figures of build/bench.json."""

from __future__ import annotations

import statistics
from typing import Any

from contenders import NOTHING, PHASES, Measured


def summary(hosts: int, turns: list[dict[str, Measured]]) -> dict[str, Any]:
    """Medians of the turns, per phase; ``cpu_per_host`` is without start-up."""
    start_up = statistics.median(turn[NOTHING].cpu for turn in turns)
    phases = {}
    for phase in PHASES:
        runs = [turn[phase] for turn in turns]
        middle = statistics.median(run.cpu for run in runs)
        last = runs[-1]
        phases[phase] = {
            "cpu_seconds": round(middle, 2),
            "cpu_per_host": round((middle - start_up) / hosts, 4),
            "wall_seconds": round(statistics.median(run.wall for run in runs), 1),
            "peak_megabytes": round(statistics.median(run.megabytes for run in runs), 1),
            "lines": last.lines,
            "requests": last.requests,
            "requests_per_host": {
                service: round(sum(counts.values()) / hosts, 2) for service, counts in last.requests.items()
            },
            "polls": last.polls,
        }
    return {"start_up_cpu_seconds": round(start_up, 2), "turns": len(turns), "phases": phases}


def ratios(measured: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What performance.md promises, as far as it was measured."""

    def value(contender: str, hosts: int, phase: str, what: str) -> float | None:
        return measured.get(contender, {}).get(str(hosts), {}).get("phases", {}).get(phase, {}).get(what)

    found: dict[str, Any] = {}
    for hosts in (10, 50):
        for other in ("uri", "floor"):
            pairs = {
                p: (value("collection", hosts, p, "cpu_per_host"), value(other, hosts, p, "cpu_per_host"))
                for p in PHASES
            }
            found[f"cpu_of_a_host_over_{other}_at_{hosts}"] = {
                phase: round(ours / theirs, 3) for phase, (ours, theirs) in pairs.items() if ours and theirs
            }
    for what, name in (("cpu_per_host", "cpu_of_a_host"), ("peak_megabytes", "peak_memory")):
        for hosts in (200, 500):
            pairs = {p: (value("collection", hosts, p, what), value("collection", 50, p, what)) for p in PHASES}
            found[f"{name}_at_{hosts}_over_50"] = {
                phase: round(large / small, 2) for phase, (large, small) in pairs.items() if large and small
            }
    return {name: value for name, value in found.items() if value}
