# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that a backup brought back to the state before its renewal; a sync in which single users fail."""

from __future__ import annotations

import copy
import functools
from typing import Any

from .fleet import FORCE, ROTATE, SETUP, Fleet
from .kill import in_service
from .points import Point, Result, judged

HOUR = 3600
USERS = 2


def state_of(fleet: Fleet, name: str) -> Any:
    """What a backup of the host holds of its connectors and of their syncs."""
    host = fleet.sim.world.hosts[name]
    return fleet.sim.call(lambda: copy.deepcopy((host.store.connectors, host.syncs.runs)))


def bring_back(fleet: Fleet, name: str, state: Any) -> None:
    host = fleet.sim.world.hosts[name]

    def put() -> None:
        host.store.connectors, host.syncs.runs = copy.deepcopy(state)
        for connector in host.store.connectors.values():
            host.credentials_changed(connector)

    fleet.sim.call(put)


def restored(name: str, host: str, playbook: str, number: int | None, fleet: Fleet) -> Result:
    """Renewed (or dead at a request of it), then restored; the clean run is not told anything of it."""
    fleet.begin(in_service)
    saved = state_of(fleet, host)

    def disturb() -> bool:
        fleet.sim.advance(HOUR)
        child = fleet.start(ROTATE, *FORCE, forks=1)
        if number is not None:
            fleet.sim.fault("kill", pgid=child.pid, nth=number, when="after")
        played = fleet.end(child)
        fleet.sim.clear_faults()
        fleet.sim.advance(HOUR)
        bring_back(fleet, host, saved)
        fleet.look_anew()
        return played.code < 0 if number is not None else host in fleet.not_working()

    return judged(name, fleet, disturb, playbook)


def failed_users(name: str, fleet: Fleet) -> Result:
    """Each sync reports users that cannot be synchronised; the renewal is confirmed all the same."""
    fleet.begin(in_service)
    wrong: list[str] = []

    def disturb() -> bool:
        for host in fleet.sim.world.hosts:
            fleet.sim.fault("sync_fails", host=host, users=USERS, times=10)
        played = fleet.play(ROTATE, *FORCE)
        if played.code:
            wrong.append(f"the renewal ended with exit code {played.code}")
        wrong.extend(fleet.sim.call(fleet.watch.closing))
        if f"{USERS} users" not in played.output:
            wrong.append("the renewal did not say how many users failed")
        return True

    result = judged(name, fleet, disturb, ROTATE)
    result.wrong += wrong
    return result


def points(requests: list[str]) -> list[Point]:
    """``requests``: those of an undisturbed forced renewal."""
    made = []
    for host in ("jira01", "jira02"):
        for word, playbook in (("setup", SETUP), ("rotate", ROTATE)):
            name = f"restored/{host}/{word}"
            made.append(Point(name, functools.partial(restored, name, host, playbook, None)))
        deaths = [
            n for n, request in enumerate(requests, 1) if f"/{host}/" in request and request.startswith(("PUT", "POST"))
        ]
        for number in deaths:
            name = f"restored/{host}/killed-{number}"
            made.append(Point(name, functools.partial(restored, name, host, ROTATE, number)))
    made.append(Point("users/failed", functools.partial(failed_users, "users/failed")))
    return made
