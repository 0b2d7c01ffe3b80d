# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The step read of a renewal: what directory and host have, and what of it is not enough (rotation.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import credentials, snapshot
from .._entra.graph import Graph
from .._run import Result, Run
from .._usersync import sync
from .._usersync.client import Host
from . import beside, connector, consumer, former, journal, need, user_guard
from .usable import refuse_unusable

# Most unconfirmed secrets of one holder
MOST = 10
OLD_SYNC = "the host has not synchronised since it got its newest secret"
# Settings that change nothing about who is synchronised
QUIET = {"schedule_enabled", "schedule_cron", "name"}
CONNECTOR_DEFAULTS: dict[str, Any] = {
    "state": "present",
    "application_secret": None,
    "update_secret": "when_needed",
    "hidden_secret": "required",
    "wait_for_authorization": None,
}


@dataclass
class Needed:
    """What a look at directory and host has come to.

    :ivar reasons: for a new secret; empty when none is needed
    :ivar resumed: an earlier run has delivered this one, and a login confirms it
    :ivar settings: settings of the connector differ
    :ivar sync: why the host is to synchronise
    """

    reasons: list[str] = field(default_factory=list)
    resumed: journal.Delivered | None = None
    settings: bool = False
    sync: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.reasons or self.resumed or self.settings or self.sync)


class Reading:
    """What is known of one host.

    :ivar holder: the consumer; :ivar fingerprint: of the host's own id, None while nobody had to know it
    :ivar holder_is_known: False while a second connector of the host is still to be made
    :ivar app: as Graph returned it
    :ivar seen: the connector and its last sync
    :ivar foreseen: what the connector's settings would become
    :ivar credential: the newest live own one, as the modules return it
    :ivar usable: nothing stands in the way of the app's logins; None where that may not be read
    :ivar user_change: how many users the tenant offers, and how many the last sync had, where that matters
    :ivar held_before: key ids of secrets under former holders that the host showed before anything was minted
    :ivar untrusted: the sync that the journal names does not confirm what the journal says
    """

    def __init__(self, graph: Graph, host: Host, options: Mapping[str, Any], run: Run) -> None:
        self.graph, self.host, self.options, self.run = graph, host, options, run
        self.secret = {**options["app"], **options["secret"]}
        self.holder: str | None = None
        self.fingerprint: str | None = None
        self.app: dict[str, Any] = {}
        self.seen = connector.Seen(None)
        self.needed = Needed()
        self.foreseen = Result(False)
        self.credential: dict[str, Any] | None = None
        self.untrusted = False
        self.holder_is_known = True
        self.held_before: list[str] = []
        self.usable: bool | None = None
        self.user_change: dict[str, Any] | None = None

    def read(self) -> None:
        """What directory and host have; what of it is not enough is in C(needed)."""
        force = bool(self.options["secret"]["force"])
        sync = self.options["sync"]
        self.seen = connector.look(self.host, self.connector_options(), last_sync=not force or bool(sync["user"]))
        found = self.seen.found
        if found is None and self.options["only_secret"]:
            raise errors.MissingError(
                "the host has no connector for Entra ID yet; the playbook fleetops.usersync.setup creates it",
                code="no_connector",
            )
        heard = self.host.heard
        self.holder_is_known = found is not None or not self.host.azure_connectors
        holder = consumer.holder(self.host, found.id if found else None) if self.holder_is_known else ""
        self.holder = holder = holder or beside.foreseen(self.host)
        kept = snapshot.read(self.graph, self.options["app"], lambda: holder)
        self.app = kept.app or apps.require(self.graph, self.options["app"], self.run)
        self.usable = refuse_unusable(self.graph, self.app) or None
        self.needed = self._judge(self.app, heard)
        if self.needed.reasons or self.needed.resumed:
            # the same address with another id is another host
            self.fingerprint = consumer.host_fingerprint(self.host)
            self.needed = self._judge(self.app, heard)
        if self.needed.reasons:
            self.check_usable()
            self._look_at_former()
        if not self.needed.nothing:
            self._look_at_users()

    def _look_at_former(self) -> None:
        names, now = self.options["secret"]["former_holders"], self.run.now()
        shown = self.foreseen.values["connector"]["secret"]["hint"]
        mine = str(self.holder), self.fingerprint, names
        self.held_before = former.held(self.app, *mine, shown, now)
        for entry in former.listed(self.app, *mine, now):
            key_id = entry["keyId"]
            then = f"stays; remove it once nothing uses it (azuread_app_secret, state: absent, key_id: {key_id})"
            if key_id in self.held_before:
                then = "is removed by this renewal, since it is the one that the host used"
            self.run.warn(f"there is a live secret under a former name of this host, {entry['displayName']}: it {then}")

    def _look_at_users(self) -> None:
        """Before anything is written: whom the next full sync leaves out, and who is to confirm a secret."""
        sync_options, described = self.options["sync"], self.foreseen.values["connector"]
        if self.needed.reasons and sync_options["user"]:
            user_guard.check_user(self.graph, self.run, sync_options["user"], described)
        if self.options["only_secret"]:
            return
        read = not self.options["secret"]["force"] or bool(sync_options["user"])
        last = self.seen.last
        if not read and self.seen.found is not None and user_guard.risky(self.foreseen.values["written"]):
            last, read = sync.last(self.host, self.seen.found.id), True
        limit = self.options["connector"]["max_user_change"]
        self.user_change = user_guard.check(self.graph, self.run, self.foreseen, last, limit, last_known=read)

    def _judge(self, app: Mapping[str, Any], heard: str | None) -> Needed:
        now, secret, sync = self.run.now(), self.options["secret"], self.options["sync"]
        mine = self.own(app)
        last = self.seen.last
        self.foreseen = connector.write(
            self.host, self.seen, self.connector_options(), replace(self.run, check_mode=True)
        )
        described = self.foreseen.values["connector"]
        hint = described["secret"]["hint"]
        resumed = None
        if not secret["force"] and not self.untrusted:
            resumed = journal.resumable(app, str(self.holder), mine, hint, secret, now)
        reasons = need.secret_reasons(
            apps.describe({**app, "passwordCredentials": mine}, now),
            str(self.holder),
            self.fingerprint,
            min_remaining_days=secret["min_remaining_days"],
            connector=described,
            last_sync=last.as_dict() if last else None,
            resumable=resumed is not None,
            consumers=True,
            force=secret["force"],
        )
        live = [entry for entry in mine if credentials.live(entry, now)]
        self.credential = credentials.describe(live[-1], now) if live else None
        wanted: list[str] = []
        if described.get("authorized") is not False and not reasons and resumed is None:
            if journal.sync_is_old(last, live[-1] if live else None, heard, now):
                wanted.append(OLD_SYNC)
            elif sync["mode"] == "always":
                wanted.append("a sync was requested")
            elif sync["mode"] == "auto" and not (last and (last.running or last.well)):
                wanted.append("its last sync did not succeed" if last else "it has never synchronised")
        if reasons:
            resumed = None
        return Needed(reasons, resumed, self.foreseen.changed, wanted)

    def check_usable(self) -> None:
        """No secret is made that could not be proved or used."""
        if self.options["secret"]["hold"]:
            raise errors.StateError(self.options["secret"]["hold"], code="held")
        now = self.run.now()
        alive = [entry for entry in self.own(self.app) if credentials.live(entry, now)]
        if len(alive) >= MOST:
            raise errors.StateError(
                f"holder {self.holder} has {len(alive)} live secrets of its own, because none of the last ones was "
                "ever confirmed; find out why its sync fails, then remove those that the host does not use "
                "(azuread_app_secret, state: absent, key_id)",
                code="piled_up",
            )

    def own(self, app: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The holder's own credentials, oldest attempt first."""
        return credentials.own(app, str(self.holder), self.fingerprint)

    def syncs_after_change(self) -> bool:
        """Whether a change of settings is followed by a sync: not by one that only lets the host do so by itself."""
        return self.options["sync"]["mode"] != "never" and bool(set(self.foreseen.values["written"]) - QUIET)

    def connector_options(self) -> dict[str, Any]:
        """Options of usersync_connector, without the secret."""
        target = {"application_id": self.app.get("appId"), "tenant_id": self.graph.tenant_id}
        given = self.options["connector"]
        if self.options["only_secret"]:
            given = {name: given.get(name) for name in ("connector_id", "connector_name", "key_map", "flow")}
        return {**CONNECTOR_DEFAULTS, "verify_timeout": self.options["connector"]["verify_timeout"], **given, **target}
