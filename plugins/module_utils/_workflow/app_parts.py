# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What belongs to an app registration without being a member of it: its service principal and its owners."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .. import _errors as errors
from .._entra import principals
from .._entra.graph import Graph
from .._run import Run
from .lists import combine

T = TypeVar("T")


def settled(
    graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any], action: Callable[[], T], other: str = ""
) -> T:
    """Repeat what an app made a moment ago may refuse, because not every replica knows it.

    :param other: id of another object that takes part; one that Graph does not know is missing, not late
    """
    fresh = principals.is_fresh(app, graph.run.now())

    def fits(error: errors.AnswerError) -> bool:
        return principals.is_replication(error) and not (other and other in str(error.details.get("text")).lower())

    return graph.settle(action, fits, options["settle_timeout"] if fresh else 0)


class ServicePrincipal:
    """The service principal of the app. :ivar now: as it is, or would be; None without one, or when it is unread"""

    def __init__(self, graph: Graph, options: Mapping[str, Any], run: Run) -> None:
        self.graph = graph
        self.options = options
        self.run = run
        self.now: dict[str, Any] | None = None
        self._unread = False

    @property
    def known(self) -> bool:
        """Whether there is none when there seems to be none."""
        return bool(self.options["service_principal"]) and not self._unread

    def read(self, app: Mapping[str, Any]) -> None:
        """Nice to know, unless something about it is wanted: who may not read it is warned."""
        if not self.options["service_principal"]:
            return
        try:
            self.now = principals.find_principal(self.graph, app["appId"])
        except errors.DeniedError as exc:
            if not exc.forbidden or self.options.get("service_principal_tags") is not None:
                raise
            self._unread = True
            self.run.warn(
                f"the app is assumed to have a service principal ({exc.message}); set service_principal: false if it "
                "does not matter"
            )

    def ensure(self, app: Mapping[str, Any]) -> bool:
        """Make it, and bring its tags in line; returns whether something changed."""
        if not self.options["service_principal"] or self._unread:
            return False
        made = self.now is None
        if made:
            self._make(app)
        wanted, modes = self.options.get("service_principal_tags"), self.options.get("list_modes") or {}
        tags = combine((self.now or {}).get("tags") or [], wanted, modes.get("service_principal_tags") or "merge")
        if tags is None:
            return made
        path = f"servicePrincipals/{self.now['id']}"
        if not self.run.check_mode:
            settled(self.graph, app, self.options, lambda: self.graph.patch(path, {"tags": tags}))
        self.now = {**self.now, "tags": tags}
        return True

    def _make(self, app: Mapping[str, Any]) -> None:
        modes = self.options.get("list_modes") or {}
        absent = modes.get("service_principal_tags") == "absent"
        tags = [] if absent else list(dict.fromkeys(self.options.get("service_principal_tags") or []))
        if self.run.check_mode:
            self.now = {"id": None, "accountEnabled": True, "tags": tags}
        else:
            self.now = principals.create_principal(self.graph, app["appId"], tags, self.options["settle_timeout"])


class Owners:
    """The owners of the app. :ivar now: their object ids, None when the option is not given"""

    def __init__(self, graph: Graph, options: Mapping[str, Any], run: Run) -> None:
        self.graph = graph
        self.options = options
        self.run = run
        self.now: list[str] | None = None

    def read(self, app: Mapping[str, Any], deleted: bool = False) -> None:
        """:param deleted: the app is in the bin, where its owners cannot be read"""
        if self.options.get("owners") is None:
            return
        if app.get("id") and not deleted:
            read = settled(self.graph, app, self.options, lambda: principals.owner_ids(self.graph, app["id"]))
            self.now = [owner.lower() for owner in read]
        else:
            # Graph makes the caller an owner of what it creates
            self.now = [self.graph.caller_id] if self.graph.caller_id else []

    def ensure(self, app: Mapping[str, Any]) -> bool:
        """Add and remove what differs; returns whether something changed."""
        if self.now is None:
            return False
        mode = (self.options.get("list_modes") or {}).get("owners") or "merge"
        keep = [self.graph.caller_id] if self.options["keep_caller_as_owner"] and self.graph.caller_id else []
        wanted = [owner.lower() for owner in self.options["owners"]]
        if mode == "absent":
            wanted = [owner for owner in wanted if owner not in keep]
        target = combine(self.now, wanted, mode, keep)
        if target is None:
            return False
        if not self.run.check_mode:
            self._write(app, target)
        self.now = target
        return True

    def _write(self, app: Mapping[str, Any], target: list[str]) -> None:
        current = self.now or []
        for owner in target:
            if owner not in current:
                add = functools.partial(principals.add_owner, self.graph, app["id"], owner)
                settled(self.graph, app, self.options, add, owner)
        # the caller last: from then on it may no longer be allowed to
        going = [owner for owner in current if owner not in target]
        for owner in sorted(going, key=lambda owner: owner == self.graph.caller_id):
            principals.remove_owner(self.graph, app["id"], owner)
