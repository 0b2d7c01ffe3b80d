# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A full sync or the update of one user: start, wait, judge. A verb: it starts one in every run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .. import _errors as errors
from .._run import Result, Run
from .._usersync import connector as connectors
from .._usersync import sync
from .._usersync.client import Host
from .._usersync.connector import Connector
from .._usersync.sync import States, Status

FIRST_PAUSE = 0.25
# A sync that has been started may be seen by the other nodes a little later
LAG = 15.0


def validate(options: dict[str, Any]) -> None:
    """:raises OptionError: the user is missing, or named for a full sync"""
    name = options.get("user")
    if options["mode"] == "single_user" and not (name and name.strip()):
        raise errors.OptionError("user", "must name the user, since mode is single_user")
    if options["mode"] == "full" and name:
        raise errors.OptionError("user", "is only for mode: single_user")
    for option in ("wait_timeout", "poll", "progress_every"):
        if options[option] <= 0:
            raise errors.OptionError(option, "must be more than 0 seconds")
    if options.get("connector_id"):
        connectors.check_id(options["connector_id"])


@dataclass
class Started:
    """:ivar id: of the sync, None where the host did not tell; :ivar before: the connector's last sync before ours"""

    id: str | None
    before: Status | None
    ours: bool
    status: Status | None = None


def run(host: Host, options: dict[str, Any], run: Run) -> Result:
    """The module usersync_sync."""
    states = States.of(options)
    found = connectors.find(host, options)
    if found is None and run.check_mode:
        run.warn("the connector does not exist yet; check mode takes it that usersync_connector makes it first")
        return Result(
            True, None, {"sync": options["mode"]}, {"connector_id": None, "mode": options["mode"], "sync": None}
        )
    if found is None:
        raise errors.MissingError(
            "connector_id: the host has no such connector; create it first with usersync_connector",
            code="connector_unknown",
        )
    user = options.get("user") if options["mode"] == "single_user" else None
    before = sync.last(host, found.id, states)
    base = {"connector_id": found.id, "mode": options["mode"], "already_running": before is not None and before.running}
    if before is not None and before.running and options["already_running"] != "wait":
        _already(before, options)
        return _result(False, before, before, base)
    if run.check_mode:
        return Result(True, None, {"sync": options["mode"]}, {**base, "sync": None, "seconds": 0.0})
    begin = run.monotonic()
    if before is not None and before.running:
        run.progress(f"a sync is running already ({_progress(before)}); waiting for it to end")
        before = _wait(host, found, Started(before.id, None, False, before), options, run, begin, states)
    started = _start(host, found, user, before, options, states, run, begin)
    if not started.ours and options["already_running"] == "ignore":
        base["already_running"] = True
        return _result(False, started.status or before, before, base)
    if not options["wait"]:
        base["seconds"] = round(run.monotonic() - begin, 1)
        return _result(True, started.status, before, {**base, "sync_id": started.id})
    status = _wait(host, found, started, options, run, begin, states)
    base["seconds"] = round(run.monotonic() - begin, 1)
    judge(status)
    return _result(True, status, before, base)


def judge(status: Status) -> None:
    """:raises StateError: the sync ended, but not well"""
    said = f": {_worst(status)}" if status.messages else ""
    details = {"sync": status.as_dict()}
    if status.login_failed:
        raise errors.LoginError(
            f"the host could not log in to Entra ID for its sync ({status.state}){said}; check application id, tenant "
            "id and secret of the connector, and that the host reaches the token endpoint",
            code="sync_login_failed",
            **details,
        )
    if status.rights_missing:
        raise errors.StateError(
            f"Microsoft Graph refused the sync for lack of permissions ({status.state}){said}; grant the app its "
            "application permissions with admin consent",
            code="sync_permission_missing",
            **details,
        )
    if status.state in status.states.failure:
        raise errors.StateError(f"the sync ended as {status.state}{said}", code="sync_failed", **details)
    if status.counters.get("failed", 0) > 0:
        raise errors.StateError(
            f"the sync ended as {status.state} with {status.counters['failed']} failed users{said}",
            code="sync_users_failed",
            **details,
        )


def _already(before: Status, options: dict[str, Any]) -> None:
    if options["already_running"] == "fail":
        raise errors.ConflictError(
            f"a sync of this connector is running already ({_progress(before)}); wait for its end, or set "
            "already_running to wait or ignore",
            code="already_running",
            sync=before.as_dict(),
        )


def _start(
    host: Host,
    found: Connector,
    user: str | None,
    before: Status | None,
    options: dict[str, Any],
    states: States,
    run: Run,
    begin: float,
) -> Started:
    """Start it; when one was running first, as already_running says."""
    while True:
        try:
            number, body = sync.start(host, found.id, user)
        except errors.LostAnswerError:
            run.warn("the answer to the start of the sync was lost; looking whether it runs")
            status = sync.last(host, found.id, states)
            if status is None or (before is not None and (status.id, status.created) == (before.id, before.created)):
                raise
            return Started(status.id, before, True, status)
        except errors.ConflictError:
            running = sync.last(host, found.id, states)
            if options["already_running"] == "ignore":
                return Started(running.id if running else None, before, False, running)
            if options["already_running"] == "fail" or running is None:
                _already(running or _unseen(states), {"already_running": "fail"})
            if running is not None and running.running:
                run.progress(f"a sync is running already ({_progress(running)}); waiting for it to end")
                before = _wait(host, found, Started(running.id, None, False, running), options, run, begin, states)
            elif run.monotonic() - begin >= options["wait_timeout"]:
                raise
            else:
                run.sleep(min(options["poll"], 5.0))
            continue
        return Started(number, before, True, sync.parse(body, states))


def _wait(
    host: Host, found: Connector, started: Started, options: dict[str, Any], run: Run, begin: float, states: States
) -> Status:
    """Until the sync has ended.

    :raises WaitError: it has not within the timeout
    :raises StateError: it is in a state that is not known
    """
    pause, told, seen_at = FIRST_PAUSE, run.monotonic(), run.monotonic()
    status = started.status
    while True:
        if status is not None and not status.known:
            raise errors.StateError(
                f"the sync is in a state that is not known, {status.state!r}; if it means that it runs, ended well or "
                "failed, add it to running_states, success_states or failure_states",
                code="unknown_state",
                sync=status.as_dict(),
            )
        if status is not None and not status.running:
            return status
        now = run.monotonic()
        if now - begin >= options["wait_timeout"]:
            raise errors.WaitError(
                f"the sync has not ended within {options['wait_timeout']:.0f} s ({_progress(status)}); it goes on by "
                "itself; raise wait_timeout to wait longer",
                code="sync_timeout",
                sync=status.as_dict() if status else None,
            )
        if status is None and now - seen_at >= max(LAG, 2 * options["poll"]):
            raise errors.StateError(
                "the host accepted the sync but shows no status of it; look at its Sync Status page",
                code="no_status",
            )
        if now - told >= options["progress_every"]:
            told = now
            run.progress(f"sync {_progress(status)} after {now - begin:.0f} s")
        run.sleep(min(pause, max(options["wait_timeout"] - (now - begin), 0.1)))
        pause = min(pause * 1.5, options["poll"])
        status = _read(host, found, started, states)


def _read(host: Host, found: Connector, started: Started, states: States) -> Status | None:
    if started.id is not None:
        return sync.by_id(host, found.id, started.id, states)
    status = sync.last(host, found.id, states)
    before = started.before
    if status is not None and before is not None and (status.id, status.created) == (before.id, before.created):
        return None
    return status


def _unseen(states: States) -> Status:
    empty = Status(None, "RUNNING", {}, [], None, None, None, None)
    return replace(empty, states=states)


def _progress(status: Status | None) -> str:
    if status is None:
        return "not shown yet"
    counted = ", ".join(f"{name} {count}" for name, count in status.counters.items() if count)
    number = f" {status.id}" if status.id else ""
    return f"{status.state}{number}" + (f": {counted}" if counted else "")


def _worst(status: Status) -> str:
    telling = [text for text in status.messages if sync.LOGIN_TROUBLE.search(text) or sync.RIGHTS_TROUBLE.search(text)]
    return (telling or status.messages)[-1]


def _result(changed: bool, status: Status | None, before: Status | None, base: dict[str, Any]) -> Result:
    values = {"seconds": 0.0, "sync_id": status.id if status else None, **base}
    values["sync"] = status.as_dict() if status else None
    shown = {"last_sync": before.id} if before else {}
    return Result(changed, shown, {"last_sync": values["sync_id"]}, values)
