# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A full sync or the update of one user: start, wait, judge. A verb: it starts one in every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .. import _errors as errors
from .._run import Result, Run
from .._usersync import connector as connectors
from .._usersync import sync
from .._usersync.client import Host
from .._usersync.sync import States, Status
from .._waiting import Waiting
from . import twins

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


def run(host: Host, options: dict[str, Any], run: Run) -> Result:
    """The module usersync_sync."""
    found = twins.find(host, options)
    if found is None and run.check_mode:
        run.warn("the connector does not exist yet; check mode assumes that usersync_connector creates it first")
        return Result(
            True, None, {"sync": options["mode"]}, {"connector_id": None, "mode": options["mode"], "sync": None}
        )
    if found is None:
        raise errors.MissingError(
            "connector_id: the host has no such connector; create it first with usersync_connector",
            code="connector_unknown",
        )
    before = sync.last(host, found.id, States.of(options))
    base = {"connector_id": found.id, "mode": options["mode"], "already_running": before is not None and before.running}
    if before is not None and before.running and options["already_running"] != "wait":
        _already(before, options)
        return _result(False, before, before, base)
    if run.check_mode:
        return Result(True, None, {"sync": options["mode"]}, {**base, "sync": None, "seconds": 0.0})
    begin = run.monotonic()
    course = Course(host, found.id, options, run, before)
    if options["wait"]:
        course.follow(options["wait_timeout"])
    else:
        course.follow(options["wait_timeout"], until_started=True)
    base["seconds"] = round(run.monotonic() - begin, 1)
    if not course.ours:
        base["already_running"] = True
        return _result(False, course.status or before, before, {**base, "seconds": 0.0})
    if options["wait"]:
        if course.status is None:
            raise AssertionError("unreachable")
        if options["accept"] == "login":
            proven(course.status, run)
        else:
            judge(course.status)
        return _result(True, course.status, before, base)
    return _result(True, course.status, before, {**base, "sync_id": course.id})


class Course:
    """One sync: started as soon as no other is in its way, then looked at until it has ended.

    :ivar id: of the sync, None where the host did not tell, or while it has not been started
    :ivar status: as last read; of the sync in the way while there is one
    :ivar ours: it was started by this, and not found running (C(already_running) C(ignore))
    """

    def __init__(
        self, host: Host, connector_id: str, options: Mapping[str, Any], run: Run, before: Status | None
    ) -> None:
        self.host, self.connector_id, self.options, self.run = host, connector_id, options, run
        self.user: str | None = options.get("user") if options["mode"] == "single_user" else None
        self.states = States.of(options)
        self.before = before
        self.id: str | None = None
        self.status: Status | None = None
        self.started = self.ours = False
        self.begun = self._seen_at = run.monotonic()
        self._in_the_way: Status | None = None
        self._conflict: errors.ConflictError | None = None
        if before is not None and before.running:
            self._wait_for(before)

    @classmethod
    def resumed(
        cls, host: Host, options: Mapping[str, Any], run: Run, connector_id: str, sync_id: str, start: str | None
    ) -> Course:
        """One that an earlier task has started. :param start: when it began by the host; None where that is not known

        :raises StateError: the host does not know that very sync, C(code) is C(sync_unknown)
        """
        course = cls(host, connector_id, options, run, None)
        course.id, course.started, course.ours = sync_id, True, True
        course.status = _read(host, connector_id, sync_id, None, course.states)
        if course.status is None or (start is not None and course.status.created != start):
            raise errors.StateError(
                f"the host does not know the sync {sync_id} that an earlier run has started", code="sync_unknown"
            )
        _check_known(course.status)
        return course

    @property
    def ended(self) -> bool:
        return self.started and self.status is not None and not self.status.running

    def step(self) -> bool:
        """Start it, or look once. :returns: it has ended; :raises StateError: its state or its place is not known"""
        if self.ended:
            return True
        if self._in_the_way is not None:
            self._look_at_the_other()
        elif not self.started:
            self._start()
        else:
            self._look()
        return self.ended

    def follow(self, seconds: float, until_started: bool = False) -> None:
        """Step until it has ended. :raises WaitError: it has not within that time."""
        waiting = Waiting(
            self.run,
            seconds - (self.run.monotonic() - self.begun),
            FIRST_PAUSE,
            self.options["poll"],
            factor=1.5,
            progress_every=self.options["progress_every"],
        )
        while not self.step() and not (until_started and self.started):
            if waiting.over:
                if self._conflict is not None and not self.started and self._in_the_way is None:
                    raise self._conflict
                raise errors.WaitError(
                    f"the sync has not finished within {seconds:.0f} s ({progress(self.status)}); it continues on its "
                    "own; raise wait_timeout to wait longer",
                    code="sync_timeout",
                    sync=self.status.as_dict() if self.status else None,
                )
            waiting.rest(lambda: f"sync {progress(self.status)} after {self.run.monotonic() - self.begun:.0f} s")

    def _wait_for(self, other: Status) -> None:
        self.run.progress(f"a sync is already running ({progress(other)}); waiting for it to finish")
        self._in_the_way = self.status = other

    def _look_at_the_other(self) -> None:
        other = self._in_the_way
        if other is None:
            raise AssertionError("unreachable")
        seen = _read(self.host, self.connector_id, other.id, None, self.states)
        if seen is None:
            return
        _check_known(seen)
        self.status = seen
        if not seen.running:
            self.before, self._in_the_way = seen, None

    def _start(self) -> None:
        mode = self.options["already_running"]
        try:
            self.id, body = sync.start(self.host, self.connector_id, self.user)
        except errors.LostAnswerError:
            self.run.warn("the answer to the start of the sync was lost; checking whether it is running")
            status = sync.last(self.host, self.connector_id, self.states)
            if status is None or _same(status, self.before):
                raise
            self._is_started(status.id, status)
        except errors.ConflictError as exc:
            running, self._conflict = sync.last(self.host, self.connector_id, self.states), exc
            if mode == "ignore":
                self._is_started(running.id if running else None, running)
                self.ours = False
            elif mode == "fail" or running is None:
                _already(running or _unseen(self.states), {"already_running": "fail"})
            elif running.running:
                self._wait_for(running)
        else:
            self._is_started(self.id, sync.parse(body, self.states))

    def _is_started(self, sync_id: str | None, status: Status | None) -> None:
        self.id, self.status, self.started, self.ours = sync_id, status, True, True
        self._seen_at = self.run.monotonic()
        if status is not None:
            _check_known(status)

    def _look(self) -> None:
        status = _read(self.host, self.connector_id, self.id, self.before, self.states)
        if status is not None:
            _check_known(status)
            self.status = status
        elif self.run.monotonic() - self._seen_at >= max(LAG, 2 * self.options["poll"]):
            raise errors.StateError(
                "the host accepted the sync but shows no status for it; check its Sync Status page", code="no_status"
            )


def proven(status: Status, run: Run) -> None:
    """What confirms a secret: the host has logged in. Users who failed are a warning.

    :raises LoginError: it has not; :raises StateError: nothing tells that it has
    """
    if status.login_proven:
        failed = status.counters.get("failed", 0)
        if failed:
            said = f": {_worst(status)}" if status.messages else ""
            run.warn(f"the sync ended as {status.state} with {failed} failed users{said}")
        return
    judge(status)


def judge(status: Status) -> None:
    """:raises StateError: the sync ended, but not well"""
    said = f": {_worst(status)}" if status.messages else ""
    details = {"sync": status.as_dict()}
    if status.login_failed:
        raise errors.LoginError(
            f"the host could not log in to Entra ID for its sync ({status.state}){said}; check the connector's "
            "application ID, tenant ID and secret, and that the host reaches the token endpoint",
            code="sync_login_failed",
            **details,
        )
    if status.rights_missing:
        raise errors.StateError(
            f"Microsoft Graph refused the sync because of missing permissions ({status.state}){said}; grant the app "
            "its application permissions with admin consent",
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
            f"a sync of this connector is already running ({progress(before)}); wait for it to finish, or set "
            "already_running to wait or ignore",
            code="already_running",
            sync=before.as_dict(),
        )


def _check_known(status: Status) -> None:
    if not status.known:
        raise errors.StateError(
            f"the sync is in an unknown state, {status.state!r}; if it means that the sync is running, succeeded or "
            "failed, add it to running_states, success_states or failure_states",
            code="unknown_state",
            sync=status.as_dict(),
        )


def _read(host: Host, connector_id: str, sync_id: str | None, before: Status | None, states: States) -> Status | None:
    if sync_id is not None:
        return sync.by_id(host, connector_id, sync_id, states)
    status = sync.last(host, connector_id, states)
    return None if status is not None and _same(status, before) else status


def _same(one: Status, other: Status | None) -> bool:
    return other is not None and (one.id, one.created) == (other.id, other.created)


def _unseen(states: States) -> Status:
    empty = Status(None, "RUNNING", {}, [], None, None, None, None)
    return replace(empty, states=states)


def progress(status: Status | None) -> str:
    """State and counters in a few words."""
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
