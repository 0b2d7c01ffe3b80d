# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One host as a whole, as the module usersync_connection takes it; the way itself is :mod:`renewal`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .. import _errors as errors
from .._address import Address
from .._entra.graph import Graph
from .._run import Result, Run
from .._usersync.client import Host
from . import connector, secret_plan, sync, user_guard
from .confirming import Confirming
from .numbers import check_number
from .renewal import Renewal

# Names for what is checked as if it stood in an option of another module
STAND_IN_HOLDER = "host.example.com"


@dataclass
class Clients:
    """:ivar graph: of the directory; :ivar host: the Atlassian host"""

    graph: Graph
    host: Host

    @property
    def stats(self) -> dict[str, int]:
        directory, host = self.graph.stats, self.host.stats
        return {name: directory.get(name, 0) + host.get(name, 0) for name in {**directory, **host}}

    @property
    def address(self) -> Address:
        return self.host.address


@contextmanager
def of(group: str) -> Iterator[None]:
    """Errors of options name the dictionary that they stand in."""
    try:
        yield
    except errors.OptionError as exc:
        option = str(exc.details.get("option"))
        if "." in option:
            raise
        told = exc.message.removeprefix(f"{option}: ")
        raise errors.OptionError(f"{group}.{option}", told, code=exc.code) from None


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option by its dictionary"""
    with of("app"):
        secret_plan.validate_identity(options["app"])
    with of("secret"):
        secret_plan.validate({**options["app"], **PRESENT, **options["secret"]})
    with of("connector"):
        connector.validate({**options["connector"], "state": "present"})
        user_guard.validate(options["connector"]["max_user_change"])
    with of("sync"):
        mode = "single_user" if options["sync"]["user"] is not None else "full"
        sync.validate({**options["sync"], "mode": mode})
        check_number("wait_for_authorization", options["sync"]["wait_for_authorization"])
    check_number("confirm_wait", options["confirm_wait"])


PRESENT: dict[str, Any] = {"state": "present", "holder": STAND_IN_HOLDER, "key_id": None, "expired": False}


def run(clients: Clients, options: dict[str, Any], run: Run) -> Result:
    """The module usersync_connection."""
    renewal = Renewal(clients.graph, clients.host, options, run)
    try:
        confirming = renewal.go()
    except errors.UsersyncError as exc:
        holder = renewal.holder if renewal.holder_is_known else None
        exc.details.update(steps=renewal.steps, holder=holder, reasons=renewal.why, done=renewal.done)
        raise
    return result(renewal, confirming)


def result(renewal: Renewal, confirming: Confirming | None) -> Result:
    """What the module returns; never a secret, nor what belongs to other hosts."""
    written = renewal.written or renewal.foreseen
    status = renewal.course.status if renewal.course and renewal.course.started else None
    last = renewal.seen.last
    changed = bool(renewal.done) or confirming is not None
    before, after = _diff(renewal, written)
    values: dict[str, Any] = {
        "holder": renewal.holder if renewal.holder_is_known else None,
        "host_fingerprint": renewal.fingerprint,
        "app_id": renewal.app.get("appId"),
        "object_id": renewal.app.get("id"),
        "tenant_id": renewal.graph.tenant_id,
        "reasons": renewal.why,
        "held_before": renewal.held_before,
        "sync_mode": renewal.sync_options()["mode"],
        "done": list(dict.fromkeys(renewal.done)),
        "steps": renewal.steps,
        # a fleet would keep the same paths once for each host
        "connector": {name: value for name, value in written.values["connector"].items() if name != "key_paths"},
        "created": written.values["created"],
        "written": written.values["written"] if changed else [],
        "product": written.values["product"],
        "credential": renewal.credential,
        "retired": sorted(renewal.retired),
        "waited": renewal.waited,
        "usable": renewal.usable,
        "sync": status.as_dict() if status else None,
        "last_sync": last.as_dict() if last else None,
        "confirming": confirming.as_dict() if confirming else None,
        "user_change": renewal.user_change,
    }
    for name in ("backup_file",):
        if written.values.get(name):
            values[name] = written.values[name]
    return Result(changed, before, after, values)


def _diff(renewal: Renewal, written: Result) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = dict(written.before or {}), dict(written.after or {})
    if renewal.needed.reasons:
        held = renewal.foreseen.values["connector"]["exists"]
        before["secret"] = "(the one that the host holds)" if held else None
        after["secret"] = f"(a new one, because {', '.join(renewal.why)})"
    if "synchronised" in renewal.done or renewal.course is not None:
        before["last_sync"] = renewal.foreseen.values["last_sync"] and renewal.foreseen.values["last_sync"]["id"]
        after["last_sync"] = renewal.course.id if renewal.course else "(a new one)"
    return before, after
