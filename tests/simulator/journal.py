# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of requests, the timeline of credential facts, and the register of secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

WRITING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(slots=True)
class Entry:
    """One request. A handler sets ``client`` (who asked) and ``code`` (the error code of its own protocol).

    ``status`` is null when the caller got no answer; ``done`` says that the request was handled.
    ``auth`` is the scheme of the Authorization header, ``body`` the parsed JSON of a Graph write (not in the answers
    of the control address, because it may hold secrets).
    """

    n: int
    time: str
    service: str
    host: str | None
    method: str
    path: str
    query: str
    internal: bool = False
    auth: str | None = None
    client: str | None = None
    status: int | None = None
    code: str | None = None
    done: bool = False
    faults: list[str] = field(default_factory=list)
    body: Any = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "time": self.time,
            "service": self.service,
            "host": self.host,
            "client": self.client,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "code": self.code,
            "internal": self.internal,
            "done": self.done,
            "auth": self.auth,
            "faults": list(self.faults),
        }

    def is_write(self) -> bool:
        """A write to a product: token requests and the hosts' own requests are none."""
        return self.method in WRITING_METHODS and self.service != "token" and not self.internal


# Where a handler finds the entry of its request
ENTRY = web.RequestKey("entry", Entry)


class Journal:
    """Numbers run on after a reset of the journal, so that ``since`` stays meaningful."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.last = 0

    def open(self, now: datetime, service: str, host: str | None, method: str, path: str, query: str) -> Entry:
        self.last += 1
        entry = Entry(self.last, iso(now), service, host, method, path, query)
        self.entries.append(entry)
        return entry

    def since(self, number: int = 0, service: str | None = None, host: str | None = None) -> list[Entry]:
        """Entries with ``n`` greater than the number, oldest first."""
        if not self.entries:
            return []
        start = max(0, number + 1 - self.entries[0].n)
        return [
            entry
            for entry in self.entries[start:]
            if (service is None or entry.service == service) and (host is None or entry.host == host)
        ]

    def clear(self) -> None:
        self.entries.clear()


class Timeline:
    """Facts about credentials in order; each carries the number of the request in which it happened.

    Events: ``credential_added``, ``credential_removed``, ``credential_expired``, ``secret_set`` (a host holds another
    secret), ``host_works`` and ``host_broke`` (added by the kernel after each of the others).
    """

    def __init__(self, clock: Callable[[], datetime], journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self.events: list[dict[str, Any]] = []
        self.watcher: Callable[[str | None], None] | None = None

    def add(self, event: str, **facts: Any) -> None:
        """Record a fact (never a secret's value) and let the kernel look which hosts work now."""
        self.note(event, **facts)
        if self.watcher is not None:
            self.watcher(facts.get("host"))

    def note(self, event: str, **facts: Any) -> None:
        self.events.append({"n": self._journal.last, "time": iso(self._clock()), "event": event, **facts})

    def clear(self) -> None:
        self.events.clear()


class SecretRegister:
    """Every secret, password and token that was ever issued or presented, for leak checks."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def add(self, value: str | None, kind: str) -> None:
        if value:
            self._values.setdefault(value, kind)

    def as_list(self) -> list[dict[str, str]]:
        return [{"kind": kind, "value": value} for value, kind in self._values.items()]

    def clear(self) -> None:
        self._values.clear()
