# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of what was measured, as SVG: CPU a host per phase, and how it grows with the fleet."""

from __future__ import annotations

from typing import Any

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 860, 380, 70, 50, 330
COLOURS = {"collection": "#1b6ca8", "uri": "#d1603d", "floor": "#7a7a7a"}
WORDS = {"collection": "fleetops.usersync", "uri": "ansible.builtin.uri tasks", "floor": "threads, no Ansible"}
PHASES = {"setup": "set-up", "converged": "converged", "renewal": "forced renewal", "audit": "audit"}


def picture(measured: dict[str, dict[str, Any]]) -> str:
    """Two panels side by side; both scales are linear and begin at zero."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        "<title>Controller CPU a host</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_bars(measured),
        *_lines(measured.get("collection", {})),
    ]
    for number, (name, colour) in enumerate(COLOURS.items()):
        x = LEFT + number * 170
        parts.append(f'<rect x="{x}" y="360" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="371">{WORDS[name]}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _bars(measured: dict[str, dict[str, Any]]) -> list[str]:
    shared = set.intersection(*({*sizes} for sizes in measured.values()))
    if not shared:
        return []
    size = max(shared, key=int)
    values = {name: {p: sizes[size]["phases"][p]["cpu_per_host"] for p in PHASES} for name, sizes in measured.items()}
    top = max(value for phases in values.values() for value in phases.values()) or 1
    parts = [f'<text x="{LEFT}" y="28" font-size="14">CPU seconds a host, {size} hosts</text>', *_axis(LEFT, 400, top)]
    for group, (phase, word) in enumerate(PHASES.items()):
        x = LEFT + 12 + group * 82
        parts.append(f'<text x="{x}" y="{BOTTOM + 16}">{word}</text>')
        for number, (name, phases) in enumerate(values.items()):
            height = (BOTTOM - TOP) * phases[phase] / top
            parts.append(
                f'<rect x="{x + number * 20}" y="{BOTTOM - height:.1f}" width="17" height="{height:.1f}" '
                f'fill="{COLOURS[name]}"><title>{WORDS[name]}, {word}: {phases[phase]:.3f} s</title></rect>'
            )
    return parts


def _lines(sizes: dict[str, Any]) -> list[str]:
    if not sizes:
        return []
    known = sorted(sizes, key=int)
    top = max(sizes[size]["phases"][phase]["cpu_per_host"] for size in known for phase in PHASES) or 1
    left, right, largest = 500, WIDTH - 20, int(known[-1])
    parts = [f'<text x="{left}" y="28" font-size="14">fleetops.usersync, by hosts</text>', *_axis(left, right, top)]
    for number, (phase, word) in enumerate(PHASES.items()):
        points = [
            (
                left + (right - left - 60) * int(size) / largest,
                BOTTOM - (BOTTOM - TOP) * sizes[size]["phases"][phase]["cpu_per_host"] / top,
            )
            for size in known
        ]
        dash = ("", "2 3", "7 3", "7 3 2 3")[number]
        listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f'<polyline points="{listed}" fill="none" stroke="{COLOURS["collection"]}" stroke-dasharray="{dash}" '
            f'stroke-width="2"><title>{word}</title></polyline>'
        )
        x, y = points[-1]
        parts.append(f'<text x="{x + 4:.1f}" y="{y + 4:.1f}" font-size="10">{word}</text>')
    parts += [
        f'<text x="{left + (right - left - 60) * int(size) / largest - 8:.1f}" y="{BOTTOM + 16}">{size}</text>'
        for size in known
    ]
    return parts


def _axis(left: int, right: int, top: float) -> list[str]:
    parts = [f'<path d="M{left} {TOP}V{BOTTOM}H{right}" fill="none" stroke="black"/>']
    for quarter in range(5):
        y = BOTTOM - (BOTTOM - TOP) * quarter / 4
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{top * quarter / 4:.2f}</text>')
    return parts
