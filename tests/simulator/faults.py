# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planned faults: which request they hit, how often, and with which parameters."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Any

from .journal import Entry

# Handled by the kernel in the same way for every service.
KERNEL_KINDS = frozenset(
    {"lost_answer", "drop_before", "throttle", "unavailable", "concurrency", "error", "slow", "kill", "stop", "twice"}
)
TENANT_KINDS = frozenset({"lag", "flap", "secret_refused", "policy", "password_limit"})
HOST_KINDS = frozenset(
    {
        "html",
        "sso_redirect",
        "captcha",
        "basic_disabled",
        "not_admin",
        "xsrf",
        "websudo",
        "app_missing",
        "app_disabled",
        "license",
        "maintenance",
        "rate_limit",
        "read_only",
        "reindex",
        "down",
        "restarting",
        "sync_fails",
        "sync_slow",
        "put_drops_unknown",
        "create_refused",
        "delete_refused",
        "node_lag",
    }
)
KINDS = KERNEL_KINDS | TENANT_KINDS | HOST_KINDS

# Kinds that describe one event; all others last until they are cleared.
ONCE = frozenset(
    {"lost_answer", "drop_before", "throttle", "unavailable", "concurrency", "error", "kill", "stop", "twice"}
)

_FILTERS = ("service", "host", "method", "path", "nth", "times", "internal")


class BadFault(ValueError):
    """The description of a fault is wrong; the text says how."""


@dataclass(slots=True)
class Fault:
    """One planned fault with its counters (``seen`` matching requests, ``used`` of them hit).

    ``met``: whether it changed anything, which for those that last no counter tells.
    """

    id: int
    kind: str
    service: str | None = None
    host: str | None = None
    method: str | None = None
    path: str | None = None
    nth: int | None = None
    times: int | None = None
    internal: bool | None = False
    params: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    used: int = 0
    met: bool = False

    def covers(self, service: str | None, host: str | None, method: str | None, path: str | None) -> bool:
        """Whether the filters fit; what the caller does not name is not compared."""
        return (
            (self.service is None or service is None or self.service == service)
            and (self.host is None or host is None or self.host == host)
            and (self.method is None or method is None or self.method.upper() == method)
            and (self.path is None or path is None or re.search(self.path, path) is not None)
        )

    def spent(self) -> bool:
        return self.times is not None and self.used >= self.times

    def fire(self) -> bool:
        """Count one matching request and say whether it is hit."""
        if self.spent():
            return False
        self.seen += 1
        if self.nth is not None and self.seen < self.nth:
            return False
        self.used += 1
        self.met = True
        return True

    def view(self) -> dict[str, Any]:
        """The parameters as the places that act on the fault see them."""
        return {"id": self.id, "kind": self.kind, **self.params}

    def as_dict(self) -> dict[str, Any]:
        shown = {name: getattr(self, name) for name in ("id", "kind", *_FILTERS, "seen", "used")}
        return {**shown, **self.params}


class Faults:
    """All planned faults, oldest first."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.planned: list[Fault] = []

    def add(self, kind: str, **params: Any) -> int:
        """Plan a fault and return its id. Raises BadFault for an unknown kind or a bad filter."""
        if kind not in KINDS:
            raise BadFault(f"unknown kind of fault {kind!r}; known: {', '.join(sorted(KINDS))}")
        filters = {name: params.pop(name) for name in _FILTERS if name in params}
        try:
            re.compile(filters.get("path") or "")
        except re.error as error:
            raise BadFault(f"path is not a regular expression: {error}") from error
        if filters.get("times") is None and (kind in ONCE or filters.get("nth") is not None):
            filters["times"] = 1
        if kind in ("kill", "stop") and not isinstance(params.get("pgid"), int):
            raise BadFault(f"a fault of kind '{kind}' needs 'pgid', the process group to {kind}")
        fault = Fault(next(self._ids), kind, params=params, **filters)
        self.planned.append(fault)
        return fault.id

    def clear(self, fault_id: int | None = None) -> int:
        """Remove one or all; returns how many went."""
        before = len(self.planned)
        self.planned = [] if fault_id is None else [fault for fault in self.planned if fault.id != fault_id]
        return before - len(self.planned)

    def for_request(self, entry: Entry) -> list[Fault]:
        """The kernel's faults that hit this request; each matching one is counted."""
        return [
            fault
            for fault in self.planned
            if fault.kind in KERNEL_KINDS
            and "window" not in fault.params
            and (fault.internal is None or fault.internal == entry.internal)
            and fault.covers(entry.service, entry.host, entry.method, entry.path)
            and fault.fire()
        ]

    def take(
        self,
        kind: str,
        *,
        host: str | None = None,
        method: str | None = None,
        path: str | None = None,
        service: str | None = None,
    ) -> dict[str, Any] | None:
        """Use up one stroke of the first fitting fault and return its parameters, or None."""
        for fault in self.planned:
            if fault.kind == kind and fault.covers(service, host, method, path) and fault.fire():
                return fault.view()
        return None

    def active(self, kind: str, *, host: str | None = None, service: str | None = None) -> dict[str, Any] | None:
        """Parameters of the first fitting fault that is not spent, without using it up, or None."""
        if not self.planned:
            return None
        for fault in self.planned:
            if fault.kind == kind and not fault.spent() and fault.covers(service, host, None, None):
                fault.met = True
                return fault.view()
        return None
