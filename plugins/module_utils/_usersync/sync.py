# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Syncs: start, read the status, judge it (FIDELITY.md, Syncs)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from .. import _errors as errors
from .client import parsed
from .connector import ID, path_of

if TYPE_CHECKING:
    from .client import Host

RUNNING = ("RUNNING", "SCHEDULED", "QUEUED", "PENDING", "STARTED", "IN_PROGRESS")
SUCCESS = ("DONE",)
FAILURE = ("FAILED", "ERROR", "CANCELLED", "CANCELED", "ABORTED", "INTERRUPTED", "TIMEOUT")
# Microsoft warns that its texts change, so the codes and the product's own words count (FIDELITY.md, Syncs)
LOGIN_TROUBLE = re.compile(
    r"AADSTS\d{4,}|token request failed|invalid_(client|grant)|unauthorized_client|not authori[sz]ed\b.*authorize",
    re.I,
)
RIGHTS_TROUBLE = re.compile(r"Authorization_RequestDenied|insufficient privileges", re.I)
COUNTER = re.compile(r"([A-Za-z]+)Count$")
MOST_MESSAGES, LONGEST_MESSAGE = 200, 500


@dataclass(frozen=True)
class States:
    """Which words mean what; compared without case."""

    running: frozenset[str] = field(default_factory=lambda: _words(RUNNING))
    success: frozenset[str] = field(default_factory=lambda: _words(SUCCESS))
    failure: frozenset[str] = field(default_factory=lambda: _words(FAILURE))

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> States:
        """The lists of the options, each alone in place of its default."""
        given = {
            name: _words(options[f"{name}_states"])
            for name in ("running", "success", "failure")
            if options.get(f"{name}_states") is not None
        }
        return cls(**given)


@dataclass(frozen=True)
class Status:
    """A status object.

    :ivar state: the host's word, in upper case; empty when there is none
    :ivar counters: C(added), C(updated), C(not_modified), C(deleted), C(failed), C(filtered), C(result) and whatever
        else ends in C(Count)
    """

    id: str | None
    state: str
    counters: dict[str, int]
    messages: list[str]
    created: str | None
    last_modified: str | None
    duration: int | None
    node: str | None
    states: States = field(default_factory=States)

    @property
    def running(self) -> bool:
        return self.state in self.states.running

    @property
    def known(self) -> bool:
        return self.running or self.state in self.states.success or self.state in self.states.failure

    @property
    def login_failed(self) -> bool:
        return any(LOGIN_TROUBLE.search(message) for message in self.messages)

    @property
    def rights_missing(self) -> bool:
        return any(RIGHTS_TROUBLE.search(message) for message in self.messages)

    @property
    def success(self) -> bool:
        """Ended well: DONE alone does not say it (FIDELITY.md, Syncs)."""
        trouble = self.login_failed or self.rights_missing or self.counters.get("failed", 0) > 0
        return self.state in self.states.success and not trouble

    @property
    def well(self) -> bool:
        """Ended, and nothing but single users failed."""
        return self.state in self.states.success and not (self.login_failed or self.rights_missing)

    @property
    def login_proven(self) -> bool:
        """The host logged in at the tenant, whatever became of the users: Graph has answered it."""
        if self.login_failed or self.running:
            return False
        answered = any(self.counters.get(name, 0) > 0 for name in ("added", "updated", "not_modified", "filtered"))
        return self.state in self.states.success or self.rights_missing or answered

    def as_dict(self) -> dict[str, Any]:
        """The return value C(last_sync), C(sync)."""
        return {
            "id": self.id,
            "state": self.state,
            "running": self.running,
            "success": self.success,
            "login_failed": self.login_failed,
            "permission_missing": self.rights_missing,
            "counters": dict(self.counters),
            "messages": list(self.messages),
            "created": self.created,
            "last_modified": self.last_modified,
            "duration": self.duration,
            "node": self.node,
        }


def parse(body: Any, states: States | None = None) -> Status | None:
    """The status of a body, None when it is none (no sync ever ran: live-host.md)."""
    if not isinstance(body, dict) or not isinstance(body.get("status"), str) or not body["status"].strip():
        return None
    counters = {}
    for name, value in body.items():
        match = COUNTER.fullmatch(str(name))
        if match and (count := _integer(value)) is not None:
            counters[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", match.group(1)).lower()] = count
    listed = body.get("messages")
    messages = listed if isinstance(listed, list) else [listed] if isinstance(listed, str) else []
    return Status(
        id=sync_id(body),
        state=body["status"].strip().upper(),
        counters=counters,
        messages=[str(message)[:LONGEST_MESSAGE] for message in messages if isinstance(message, str)][:MOST_MESSAGES],
        created=_text(body.get("created")),
        last_modified=_text(body.get("lastModified")),
        duration=_integer(body.get("duration")),
        node=_text(body.get("clusterNode")),
        states=states or States(),
    )


def sync_id(body: Any) -> str | None:
    """The id of a sync in an answer, where it has one."""
    value = body.get("id") if isinstance(body, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not ID.fullmatch(str(value)):
        return None
    return str(value)


def last(host: Host, connector_id: str, states: States | None = None) -> Status | None:
    """The status of the connector's last sync, None when none ever ran."""
    return parse(host.read(f"{path_of(connector_id)}/syncstatus", missing=(404,)), states)


def by_id(host: Host, connector_id: str, wanted: str, states: States | None = None) -> Status | None:
    """The status of one sync; falls back to the connector's last one when that is it (live-host.md)."""
    found = parse(host.read(f"usersync/syncstatus/{wanted}", missing=(404, 405)), states)
    if found is None:
        found = last(host, connector_id, states)
    return found if found is not None and found.id in (None, wanted) else None


def start(host: Host, connector_id: str, username: str | None) -> tuple[str | None, Any]:
    """Start a full sync, or the update of one user.

    :returns: the id of the sync where the answer has one, and the answer's JSON
    :raises ConflictError: one is running already
    :raises MissingError: the host knows no such connector
    """
    path = f"{path_of(connector_id)}/sync"
    if username is not None:
        if unquote(username) in (".", ".."):
            raise errors.OptionError(
                "user",
                "cannot be . or .., which would lead to another place in an address; use another user, or a full sync",
            )
        path = f"{path_of(connector_id)}/syncsingle/{quote(username, safe='')}"
    try:
        answer = host.write("POST", path)
    except errors.NotFoundError:
        raise errors.MissingError(
            f"connector_id: the host refuses to start a sync of connector {connector_id}, which it no longer knows",
            code="connector_unknown",
        ) from None
    except errors.AnswerError as exc:
        status = exc.details.get("status")
        if status == 400 and username is not None and re.search(r"[/\\%]", username):
            raise errors.OptionError(
                "user",
                f"the host refuses the name {username} in an address (400), because its server or a proxy in front of "
                "it does not accept encoded slashes; use another user, or a full sync",
            ) from None
        raise
    try:
        body = parsed(answer)
    except ValueError:
        body = None
    return sync_id(body), body


def _words(words: Iterable[str]) -> frozenset[str]:
    return frozenset(str(word).strip().upper() for word in words)


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
