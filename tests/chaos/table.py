# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m chaos.table``: the figures of ``build/chaos.json`` as the table of docs/rotation.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# Beginning of the names of a part -> what is done to a run
PARTS = {
    "kill/setup": "set-up of an empty tenant dies, at each of its requests, before and after it was carried out",
    "kill/takeover": "the same while hosts are taken over that were set up by hand",
    "kill/forced": "the same while all secrets are renewed; workers that outlive the caller included",
    "kill/ageing": "the same while secrets are renewed that end soon, and which the hosts then outlive",
    "kill/twice": "the next run dies too",
    "fleets/setup": "two fleets of four hosts with the same names in one tenant: set-up of one dies while the other "
    "synchronises",
    "fleets/forced": "the same with a renewal",
    "fleets/remove": "the same while a host is removed",
    "fleets/at-once": "set-up, renewal and removal of one fleet beside a renewal of the other",
    "fault": "each fault of the simulator alone: lost, late and wrong answers, lag, outages, 429 of both sides in "
    "seconds and with a date",
    "pair": "two faults at once, by chance",
    "beside": "429 and 503 at each write while a second run is at work",
    "twice": "a middlebox sends a write twice",
    "stopped": "the caller is stopped for longer than the delivery window",
    "race": "several runs at once, on up to 20 hosts; eight renewals; one of two dies; a process for each host that "
    "shares no folder with another",
    "restored": "a host is brought back to the state before its renewal, also after a run that died",
    "users": "single users fail in the sync",
    "planted": "secrets that only a user, a host, a proxy or an answer knows; each cure taken out once, which must be "
    "noticed",
    "leak": "what a run, a build and an artifact of ansible-runner leave",
    "broken": "steps in the wrong order on purpose, which the harness must notice",
}


def rows(results: list[dict[str, Any]]) -> list[str]:
    """One row of the table for each part; :param results: as the figures hold them"""
    made = []
    for part, words in PARTS.items():
        mine = [one for one in results if one["name"].startswith(f"{part}/") and one["reached"]]
        if not mine:
            continue
        survived = sum(not one["wrong"] for one in mine)
        requests, overlap = sum(one["requests"] for one in mine), max(one["overlap"] for one in mine)
        made.append(f"| `{part}` | {words} | {len(mine)} | {survived} | {requests:,} | {overlap} |")
    return made


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "build" / "chaos.json"
    figures = json.loads((Path(sys.argv[1]) if sys.argv[1:] else default).read_text(encoding="utf-8"))
    print("| part | what dies or fails | points | survived | requests | most live secrets of one holder |")
    print("|---|---|---|---|---|---|")
    print("\n".join(rows(figures["results"])))
    print(json.dumps({name: figures[name] for name in ("points", "requests", "seconds", "more_runs", "leaks")}))


if __name__ == "__main__":
    main()
