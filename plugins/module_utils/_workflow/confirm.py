# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Hosts whose sync, or whose Authorize click, takes long are waited for all together, each finished as it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .. import _errors as errors
from .._run import Result, Run
from .._usersync import authorize
from .._usersync import connector as connectors
from .._waiting import Waiting
from . import secret_retire
from .connection import Clients
from .renewal import STANDS
from .sync import Course, progress, proven

FIRST_PAUSE = 1.0


@dataclass
class Confirming:
    """One host. :ivar outcome: what is returned of it, None while it is waited for"""

    name: str
    options: Mapping[str, Any]
    run: Run
    step: str = "confirm"
    clients: Clients | None = None
    course: Course | None = None
    outcome: dict[str, Any] | None = None
    done: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    asked: bool = False

    @property
    def state(self) -> Mapping[str, Any]:
        confirming: Mapping[str, Any] = self.options["confirming"]
        return confirming

    def patience(self, timeout: float) -> float:
        """Seconds that this host is waited for; a click has its own time."""
        if self.step != "authorize":
            return timeout
        return min(timeout, float(self.options["sync"]["wait_for_authorization"]))


def run(
    connect: Callable[[Mapping[str, Any], Run], AbstractContextManager[Clients]], options: Mapping[str, Any], run: Run
) -> Result:
    """The module usersync_connection_confirm.

    :param connect: opens the clients of one connection
    """
    listed = [_confirming(connection, run) for connection in options["connections"]]
    if run.check_mode:
        outcomes = [{"name": one.name, "failed": False, "done": [], "sync": None, "warnings": []} for one in listed]
        return Result(bool(listed), values={"outcomes": outcomes})
    waiting = Waiting(
        run,
        options["timeout"],
        FIRST_PAUSE,
        options["poll"],
        factor=1.5,
        progress_every=options["progress_every"],
    )
    with ExitStack() as stack:
        while True:
            for one in listed:
                if one.outcome is None:
                    _look(one, stack, connect)
            left = [one for one in listed if one.outcome is None]
            if not left:
                break
            spent = waiting.spent
            for one in left:
                if spent >= one.patience(options["timeout"]):
                    _give_up(one, one.patience(options["timeout"]))
            left = [one for one in left if one.outcome is None]
            if not left:
                break
            waiting.rest(partial(_progress, len(listed), [one.name for one in left]))
    outcomes = [one.outcome for one in listed]
    return Result(any(outcome and outcome["done"] for outcome in outcomes), values={"outcomes": outcomes})


def _progress(every: int, left: list[str]) -> str:
    named = ", ".join(left[:5]) + (" ..." if len(left) > 5 else "")
    return f"{every - len(left)} of {every} hosts have finished, waiting for {named}"


def _confirming(connection: Mapping[str, Any], run: Run) -> Confirming:
    warnings: list[str] = []
    own = replace(run, warn=warnings.append, progress=lambda text: run.progress(f"{connection['name']}: {text}"))
    step = "authorize" if connection["confirming"]["wait"] == "authorize" else "confirm"
    one = Confirming(connection["name"], connection, own, step)
    one.warnings = warnings
    return one


def _look(
    one: Confirming, stack: ExitStack, connect: Callable[[Mapping[str, Any], Run], AbstractContextManager[Clients]]
) -> None:
    """One look; what it ends is finished. One host's error stays its own."""
    try:
        if one.clients is None:
            one.clients = stack.enter_context(connect(one.options, one.run))
        if one.step == "authorize" and not _authorized(one, one.clients):
            return
        if one.course is None:
            one.course = _course(one, one.clients)
        if not one.course.step():
            return
        one.done.append("synchronised")
        if one.course.status is None:
            raise AssertionError("unreachable")
        proven(one.course.status, one.run)
        if one.state["key_id"]:
            one.step = "retire"
            _retire(one, one.clients)
        _end(one, None)
    except (errors.TransportError, errors.UnavailableError, errors.ThrottledError) as exc:
        # it may be restarted, or busy with the sync itself
        if one.step == "retire":
            _end(one, exc)
        else:
            one.run.progress(exc.message)
    except errors.UsersyncError as exc:
        _end(one, exc)


def _authorized(one: Confirming, clients: Clients) -> bool:
    found = connectors.read_one(clients.host, one.state["connector_id"], one.options["connector"].get("key_map"))
    if found is None or authorize.state(found) is not True:
        if not one.asked:
            one.asked = True
            authorize.ask(clients.host, one.state["connector_id"], one.patience(float("inf")), one.run)
        return False
    one.step = "confirm"
    return True


def _course(one: Confirming, clients: Clients) -> Course:
    state, sync = one.state, one.options["sync"]
    options = {**sync, "mode": "full" if state["full"] else "single_user", "already_running": "wait"}
    if state["sync_id"]:
        return Course.resumed(clients.host, options, one.run, state["connector_id"], state["sync_id"], None)
    return Course(clients.host, state["connector_id"], options, one.run, None)


def _retire(one: Confirming, clients: Clients) -> None:
    state, secret = one.state, one.options["secret"]
    secret_retire.retire(
        clients.graph,
        state["object_id"],
        {**secret, "holder": state["holder"], "host_fingerprint": state["host_fingerprint"]},
        state["key_id"],
        state["retire"],
        state["abandoned"],
        one.run,
    )
    one.done.insert(0, state["made"])


def _give_up(one: Confirming, seconds: float) -> None:
    if one.step == "authorize":
        found = connectors.edit_address(one.clients.host, one.state["connector_id"]) if one.clients else "its page"
        _end(
            one,
            errors.WaitError(
                f"the connector is not authorized yet: open {found}, click Authorize, and run again",
                code="not_authorized",
                authorize_url=found,
            ),
        )
        return
    status = one.course.status if one.course else None
    _end(
        one,
        errors.WaitError(
            f"the sync has not finished within {seconds:.0f} s ({progress(status)}); it continues on its own, and "
            "the next run checks it",
            code="sync_timeout",
        ),
    )


def _end(one: Confirming, exc: errors.UsersyncError | None) -> None:
    status = one.course.status if one.course else None
    one.outcome = {
        "name": one.name,
        "failed": exc is not None,
        "done": one.done if exc is None or one.step == "retire" else [],
        "sync": status.as_dict() if status else None,
        "warnings": one.warnings,
    }
    if exc is not None:
        exc.details.setdefault("step", one.step)
        exc.details.setdefault("stands", STANDS[one.step])
        one.outcome |= {"msg": exc.message, "failure": exc.as_failure()}
