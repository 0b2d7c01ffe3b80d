# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One host on its way: what it lacks is read, and a new secret goes through its five steps (rotation.md).

::

    read -> mint -> prove -> deliver -> [authorize] -> confirm -> retire
                       ^                    |
                       +-- once, when the login of that sync is refused

A host that lacks no secret goes from read to deliver, where its settings are written, and to confirm, where it
synchronises; one that lacks nothing ends at read. Whatever step fails or dies, the next run reads what it has left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from .. import _errors as errors
from .._entra import credentials, marks
from .._entra.graph import Graph
from .._run import Result, Run
from .._usersync import authorize
from .._usersync.client import Host
from . import beside, connector, consumer, journal, need, secret_mint, secret_plan, secret_retire
from .confirming import Confirming
from .renewal_read import OLD_SYNC, Reading
from .secret_mint import Minted
from .sync import Course, proven

# What stands when a step fails. Of the host's other secrets nothing is assumed: what is alive is read
STANDS = {
    "read": "nothing was changed",
    "mint": "the host still has its old secret",
    "prove": "the new secret was not sent to the host, which still has its old one",
    "deliver": "the host has its old secret or the new one",
    "authorize": "everything is prepared, and the next run continues once somebody has clicked Authorize",
    "confirm": "the host has the new secret, but no login has confirmed it yet",
    "retire": "the host works with the new secret",
    "settings": "its secret was not touched",
    "sync": "its settings and its secret are in place",
}
# The journal costs two requests, so a sync that ends at once goes without
JOURNAL_AFTER = 8.0
LOGIN_FAILED = "its sync failed at login"
# Entra ID says of the secret itself that it is wrong or over
SECRET_REFUSED = ("AADSTS7000215", "AADSTS7000222")


class Renewal(Reading):
    """The state machine of one host.

    :ivar step: the step that is under way, or was the last one
    :ivar steps: what was done: C(step) and C(seconds)
    :ivar done: the same in a few words for people
    """

    def __init__(self, graph: Graph, host: Host, options: Mapping[str, Any], run: Run) -> None:
        super().__init__(graph, host, options, run)
        self.step = "read"
        self.steps: list[dict[str, Any]] = []
        self.done: list[str] = []
        self.why: list[str] = []
        self.minted: Minted | None = None
        self.written: Result | None = None
        self.course: Course | None = None
        self.retired: list[str] = []
        self.journalled = False
        self.late = False
        self.waited: dict[str, Any] | None = None

    # -- the way --------------------------------------------------------------------------------------------------

    def go(self) -> Confirming | None:
        """All steps; :returns: what is still under way when C(confirm_wait) has passed, None when all is done."""
        with self.at("read"):
            self.read()
        self.why = [*self.needed.reasons]
        if self.needed.nothing:
            return None
        if self.run.check_mode:
            self._foretell()
            return None
        return self._renew_or_write(again=True)

    def _renew_or_write(self, again: bool) -> Confirming | None:
        if self.needed.reasons:
            waiting = self._click_before_all()
            if waiting is not None:
                return waiting
            self._make_beside()
            self._mint()
        if self.minted is not None or self.needed.settings:
            self._deliver()
            if self.late and again:
                # whoever waited for the end of the window may retire it in a moment, however well it works now
                self.late = False
                return self._renew_once(errors.StateError("the delivery finished after its window had closed"))
        waiting = self._click()
        if waiting is not None:
            return waiting
        if not (self.minted or self.needed.resumed or self.needed.sync or self.syncs_after_change()):
            return None
        try:
            with self.at("confirm" if self.confirmable else "sync"):
                if not self._confirm():
                    return self._confirming("sync")
        except errors.UsersyncError as exc:
            if not (again and self._may_renew(exc)):
                raise
            return self._renew_once(exc)
        self._retire()
        return None

    def _renew_once(self, exc: errors.UsersyncError) -> Confirming | None:
        self.run.warn(f"{exc.message}; a new secret is created once")
        resumed, self.untrusted = self.needed.resumed, True
        self.needed = replace(self.needed, reasons=[need.UNFINISHED if resumed else LOGIN_FAILED], resumed=None)
        self.why += self.needed.reasons
        self.minted = None
        with self.at("read"):
            self.fingerprint = consumer.host_fingerprint(self.host)
            self.check_usable()
        return self._renew_or_write(again=False)

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        """The step that is under way; a failure in it is told with what stands."""
        self.step = step
        begin = self.run.monotonic()
        try:
            yield
        except errors.UsersyncError as exc:
            exc.details.setdefault("step", step)
            exc.details.setdefault("stands", self.stands(step))
            raise
        finally:
            self.steps.append({"step": step, "seconds": round(self.run.monotonic() - begin, 2)})

    def stands(self, step: str) -> str:
        """What stands when this step fails."""
        if self.minted is None and step == "deliver":
            return STANDS["settings"]
        if step in ("read", "mint", "settings", "sync", "authorize") or self.holder is None:
            return STANDS[step]
        try:
            app = self.graph.find(f"applications/{self.app['id']}") or {}
        except errors.UsersyncError:
            return STANDS[step]
        alive = [entry for entry in self.own(app) if credentials.live(entry, self.run.now())]
        count = len([entry for entry in alive if not credentials.is_spare(entry["displayName"])])
        return f"{STANDS[step]}; {count} {'secret of its own is' if count == 1 else 'secrets of its own are'} alive"

    def _make_beside(self) -> None:
        """A second connector comes before its secret, which bears its id."""
        if self.holder_is_known:
            return
        with self.at("deliver"):
            self.holder = beside.make(self.host, self.seen, self.connector_options(), self.run)
        self.holder_is_known = True
        self.done.append("connector made")

    # -- mint, prove ----------------------------------------------------------------------------------------------

    def _mint(self) -> None:
        options = {
            **self.secret,
            "holder": self.holder,
            "host_fingerprint": self.fingerprint,
            "takeover": self.seen.found is not None and not self.seen.created,
            "former": self.held_before,
        }
        wanted = secret_plan.wanted_end(options, self.run.now())
        with self.at("mint"):
            self.minted = secret_mint.mint(self.graph, self.app, options, self._end(options, wanted), self.run)
        if self.minted is None:
            return
        self.app, self.waited = self.minted.app, self.minted.waited
        if not self.secret["prove"]:
            return
        with self.at("prove"):
            secret_mint.prove(self.graph, self.minted, options, self.run)

    def _end(self, options: Mapping[str, Any], wanted: datetime) -> Callable[[dict[str, Any]], secret_plan.End | None]:
        return lambda app: secret_plan.permitted_end(self.graph, app, wanted, options, self.run)

    # -- deliver, authorize ---------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        options, window = self.connector_options(), None
        if self.minted is not None:
            options["application_secret"], window = self.minted.secret, self.minted.window
        with self.at("deliver"):
            self.written = connector.write(self.host, self.seen, options, self.run, window)
            if window is not None and window.left(self.run) < -float(self.secret["delivery_timeout"]):
                self.late = True
        if self.written.values["created"]:
            self.done.append("connector made")
        elif self.foreseen.changed:
            self.done.append("connector changed")

    def _click_before_all(self) -> Confirming | None:
        """What an earlier run has begun is not begun again before somebody has clicked: each run would mint."""
        described = self.foreseen.values["connector"]
        if not need.waits_for_click(described, self.needed.reasons):
            return None
        return self._wait_for_click(authorized=False)

    def _click(self) -> Confirming | None:
        described = (self.written or self.foreseen).values["connector"]
        if described["flow"] != need.OLD_FLOW or not (self.minted or self.needed.resumed or self.written):
            return None
        if described["authorized"] is True or (described["authorized"] is None and self.minted is None):
            return None
        return self._wait_for_click(authorized=described["authorized"])

    def _wait_for_click(self, authorized: bool | None) -> Confirming | None:
        found, seconds = self.seen.found, float(self.options["sync"]["wait_for_authorization"])
        if found is None:
            raise AssertionError("unreachable")
        with self.at("authorize"):
            if authorized is False and seconds > 0:
                # a person takes longer than any host, so that no worker is held
                return self._confirming("authorize")
            self.seen.found = authorize.wait(self.host, found, seconds, self.connector_options().get("key_map"))
        return None

    # -- confirm, retire ------------------------------------------------------------------------------------------

    @property
    def confirmable(self) -> str | None:
        """The key id of the secret that a login of the host confirms now."""
        if self.minted is not None:
            return self.minted.key_id
        return self.needed.resumed.key_id if self.needed.resumed else None

    def _confirm(self) -> bool:
        """Whether the sync has ended within C(confirm_wait); see :func:`sync.proven` for how."""
        found = self.seen.found
        if found is None:
            raise AssertionError("unreachable")
        resumed = self.needed.resumed
        if resumed is not None and resumed.sync_id is not None:
            self.course = Course.resumed(
                self.host, self.sync_options(), self.run, found.id, resumed.sync_id, str(resumed.start)
            )
        else:
            self.course = Course(self.host, found.id, self.sync_options(), self.run, self.seen.last)
        patience = min(float(self.options["confirm_wait"]), float(self.options["sync"]["wait_timeout"]))
        try:
            self.course.follow(min(JOURNAL_AFTER, patience))
        except errors.WaitError:
            if self.minted is not None:
                self.write_journal()
            try:
                self.course.follow(patience)
            except errors.WaitError:
                return False
        except errors.UsersyncError:
            if self.minted is not None:
                self.write_journal()
            raise
        self.done.append("synchronised")
        if self.course.status is None:
            raise AssertionError("unreachable")
        self.seen.last = self.course.status
        proven(self.course.status, self.run)
        return True

    def sync_options(self) -> dict[str, Any]:
        """Those of usersync_sync. One user never stands for the first full sync, nor for one that did not succeed."""
        sync, last = self.options["sync"], self.seen.last
        alone = bool(sync["user"] and last and last.well and (self.confirmable or OLD_SYNC in self.needed.sync))
        return {**sync, "mode": "single_user" if alone else "full", "already_running": "wait"}

    def _may_renew(self, exc: errors.UsersyncError) -> bool:
        """Whether another secret may cure that; of one that was just delivered only Entra ID itself tells."""
        resumed = self.needed.resumed
        ended = isinstance(exc, (errors.StateError, errors.LoginError))
        if resumed is not None and resumed.sync_id is not None and ended:
            # the one sync that could have confirmed it has ended without doing so
            return True
        if not isinstance(exc, errors.LoginError) or exc.code != "sync_login_failed":
            return False
        described = (self.written or self.foreseen).values["connector"]
        if described["flow"] == need.OLD_FLOW and described["authorized"] is not True:
            return False
        said = str(exc.details.get("sync"))
        return self.minted is None or any(code in said for code in SECRET_REFUSED)

    def write_journal(self) -> None:
        """The new secret was delivered, as a read has shown, and that sync began afterwards."""
        course = self.course
        if self.journalled or self.minted is None or course is None or not (course.ours and course.id):
            return
        object_id, start = self.app["id"], course.status.created if course.status else None
        if start is None:
            return
        with marks.one_writer(object_id):
            seen = self.graph.get(f"applications/{object_id}", {"$select": "id,tags"})
            delivered = journal.tag_of(str(self.minted.key_id), course.id, start)
            marks.mark(self.graph, seen, str(self.holder), delivered)
        self.journalled = True

    def _retire(self) -> None:
        kept = self.confirmable
        if kept is None:
            return
        minted = self.minted
        others = [entry["keyId"] for entry in self.own(self.app) if entry["keyId"] != kept]
        with self.at("retire"):
            self.retired, self.app = secret_retire.retire(
                self.graph,
                self.app["id"],
                {**self.secret, "holder": self.holder, "host_fingerprint": self.fingerprint},
                kept,
                minted.retire if minted else others,
                minted.abandoned if minted else [],
                self.run,
            )
        self.done.insert("connector made" in self.done, self._made if minted else "secret confirmed")
        entry = next((one for one in self.own(self.app) if one["keyId"] == kept), None)
        if entry is not None:
            self.credential = credentials.describe(entry, self.run.now())

    @property
    def _made(self) -> str:
        """The first secret of a new connector, or another one."""
        return "secret created" if self.foreseen.values["created"] else "secret renewed"

    def _confirming(self, wait: str) -> Confirming:
        minted, found = self.minted, self.seen.found
        if found is None:
            raise AssertionError("unreachable")
        others = [entry["keyId"] for entry in self.own(self.app) if entry["keyId"] != self.confirmable]
        retire = minted.retire if minted else others if self.needed.resumed else []
        started = self.course.id if self.course and self.course.started else None
        full = self.sync_options()["mode"] == "full"
        return Confirming(
            wait,
            self.holder,
            self.fingerprint,
            self.app["id"],
            found.id,
            started,
            self.confirmable,
            retire,
            minted.abandoned if minted else [],
            full,
            self._made,
        )

    # -- check mode -----------------------------------------------------------------------------------------------

    def _foretell(self) -> None:
        """Check mode: the steps as they would be."""
        if self.needed.reasons:
            options = {**self.secret, "holder": self.holder, "host_fingerprint": self.fingerprint, "takeover": False}
            options["former"] = self.held_before
            wanted = secret_plan.wanted_end(options, self.run.now())
            self.minted = secret_mint.mint(self.graph, self.app, options, self._end(options, wanted), self.run)
            self.done.append(self._made)
        elif self.needed.resumed:
            self.done.append("secret confirmed")
        if self.foreseen.values["created"]:
            self.done.insert(0, "connector made")
        elif self.foreseen.changed or self.needed.reasons:
            self.done.append("connector changed")
        if not self._click_foreseen():
            self.done.append("synchronised")

    def _click_foreseen(self) -> bool:
        """Whether nothing is synchronised after the change, because it is not wanted."""
        renewed = self.needed.reasons or self.needed.resumed or self.needed.sync
        return not renewed and not self.syncs_after_change()
