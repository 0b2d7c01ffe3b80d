# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet costs: the collection beside a playbook of ansible.builtin.uri tasks with the same effect, and a floor.

All run against one simulator in one sitting and in turns: set-up, a second run that changes nothing, a forced renewal
of every secret, an audit. Each sync takes five seconds; a secret is accepted at once. Start-up (an empty play on the
same inventory) is measured apart and left out of what a host costs. Absolute seconds are those of one machine: compare
ratios. Leaves build/bench.json and build/bench.svg.

    run.py                                   10 and 50 hosts for all three
    run.py --hosts 200 500 --only collection --repeat 1    larger fleets of the collection, added to what was measured
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "demo"), str(ROOT / "tests" / "tools")]

import tree
from contenders import CONTENDERS, FORKS, NOTHING, PHASES, Failed, Measured, measure
from plot import picture
from simulation import Simulation, running
from sums import ratios, summary

SYNC_SECONDS = 5
REPORT = tree.BUILD / "bench.json"
PICTURE = tree.BUILD / "bench.svg"


def one_turn(
    contender: str, simulation: Simulation, collections: Path, folder: Path, forks: int
) -> dict[str, Measured]:
    """All phases from an empty tenant on; a day passes between them, so that nobody waits for young secrets."""
    simulation.tell("/reset")
    measured = {}
    for phase in (NOTHING, *PHASES):
        simulation.tell("/journal/reset")
        measured[phase] = measure(contender, phase, simulation, collections, folder, forks)
        simulation.later(1)
    return measured


def fleet(hosts: int, options: argparse.Namespace, collections: Path) -> dict[str, list[dict[str, Measured]]]:
    """Measure one size; the contenders take turns."""
    turns: dict[str, list[dict[str, Measured]]] = {contender: [] for contender in options.only}
    given = ("--host-options", json.dumps({"*": {"sync_seconds": SYNC_SECONDS}}))
    with tempfile.TemporaryDirectory() as name, running(hosts, Path(name), *given) as simulation:
        for number in range(options.repeat):
            for contender in options.only:
                begun = time.monotonic()
                turn = one_turn(contender, simulation, collections, Path(name), options.forks)
                turns[contender].append(turn)
                told = ", ".join(f"{phase} {one.cpu:.1f} s" for phase, one in turn.items())
                print(
                    f"{hosts} hosts, turn {number + 1}, {contender}: {told}; {time.monotonic() - begun:.0f} s",
                    flush=True,
                )
    return turns


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 50], help="sizes of the fleet (default 10 50)")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS), help="who runs")
    parser.add_argument("--repeat", type=int, default=5, help="turns; their median counts (default 5)")
    parser.add_argument("--forks", type=int, default=FORKS, help=f"forks of ansible-playbook (default {FORKS})")
    parser.add_argument("--fresh", action="store_true", help="forget what build/bench.json holds")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    measured: dict[str, dict[str, Any]] = {}
    if REPORT.exists() and not options.fresh:
        measured = json.loads(REPORT.read_text(encoding="utf-8"))["measured"]
    tree.BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        collections = Path(name)
        tree.fill(collections / tree.COLLECTION)
        for hosts in options.hosts:
            try:
                turns = fleet(hosts, options, collections)
            except Failed as failure:
                print(failure)
                return 1
            for contender, listed in turns.items():
                measured.setdefault(contender, {})[str(hosts)] = summary(hosts, listed)
            about = {"forks": options.forks, "sync_seconds": SYNC_SECONDS, "python": sys.version.split()[0]}
            report = {"about": about, "ratios": ratios(measured), "measured": measured}
            REPORT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
            PICTURE.write_text(picture(measured), encoding="utf-8")
    print(json.dumps(ratios(measured), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
