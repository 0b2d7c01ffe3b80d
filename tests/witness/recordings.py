# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client sent, kept beside the tests so that every run of the unit tests can send it again."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from ansible_collections.fleetops.usersync.tests.simulator import Simulator
from ansible_collections.fleetops.usersync.tests.simulator.recorder import Exchange, Recorder

# A run from a copy of the files writes new recordings where it came from.
FOLDER = Path(os.environ.get("WITNESS_RECORDINGS") or Path(__file__).resolve().parent / "recordings")
_VARYING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)[\w-]{40,}|(?<=token=)[\w%=-]+", re.I)


def outline(exchanges: list[Exchange]) -> list[str]:
    """What was asked and what came of it, without ids: method, address, members sent, status."""
    return [
        f"{item['method']} {_VARYING.sub('*', item['url'])} {sorted(_members(item['sent']))} {item['status']}"
        for item in exchanges
    ]


def _members(value: Any, before: str = "") -> set[str]:
    if isinstance(value, dict):
        return {name for key, item in value.items() for name in (f"{before}{key}", *_members(item, f"{before}{key}/"))}
    if isinstance(value, list):
        return {name for item in value for name in _members(item, before)}
    return set()


class Recording:
    """From its making until ``finish``."""

    def __init__(self, name: str, sim: Simulator, keep: bool) -> None:
        self.path = FOLDER / f"{name}.json"
        self._sim, self._keep = sim, keep
        self._recorder = Recorder(sim.automation["client_id"], sim.secrets)
        sim.record(self._recorder)

    def finish(self) -> None:
        """Raises AssertionError when the client sent or got something else than the recording that is kept."""
        self._sim.record(None)
        assert self._recorder.exchanges, "the client sent nothing"
        if self._keep:
            self.path.write_text(self._recorder.lines(), encoding="utf-8")
        kept = json.loads(self.path.read_text(encoding="utf-8"))
        told = f"make witness WITNESS=--record, for {self.path.name}"
        assert outline(self._recorder.exchanges) == outline(kept), told
