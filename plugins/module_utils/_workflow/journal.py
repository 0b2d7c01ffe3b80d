# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What an earlier run has left in the directory, and what an old sync tells. Pure: sees what was read, asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .. import _moments as moments
from .._entra import credentials
from .._usersync.sync import Status
from .secret_mint import window_end

# Clocks of hosts, and what they say of a moment, are trusted to this
MARGIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Delivered:
    """A secret that an earlier run has delivered, as Graph has it.

    :ivar sync_id: of the sync that run started after the delivery, which confirms it, and :ivar start: when that began
        by the host; both None where the host itself shows that it holds the secret, so that any login confirms it
    """

    entry: dict[str, Any]
    sync_id: str | None = None
    start: str | None = None

    @property
    def key_id(self) -> str:
        return str(self.entry["keyId"])


def tag_of(key_id: str, sync_id: str, start: str) -> str:
    """What :func:`marks.mark` takes: written after a read has shown the delivery and its sync has been started."""
    return f"{key_id}:{sync_id}:{start}"


def resumable(
    app: Mapping[str, Any],
    holder: str,
    mine: list[dict[str, Any]],
    hint: str | None,
    options: Mapping[str, Any],
    now: datetime,
) -> Delivered | None:
    """The delivery of an earlier run that may be confirmed without another mint (tests/model).

    Only where no other attempt of the holder can have been delivered after it: the delivery windows of all others were
    closed before it was minted. And only by the very sync that was started after it, since a host that was restored
    meanwhile logs in with an older secret; or where the host shows the first characters of this secret and of no other.

    :param mine: the holder's own credentials, oldest attempt first
    :param hint: first characters of the secret that the host shows, None where it shows none
    :param options: delivery_window and delivery_timeout
    """
    attempts = [entry for entry in mine if not credentials.is_spare(entry["displayName"])]
    if not attempts or credentials.PENDING + holder not in (app.get("tags") or []):
        return None
    newest, others = attempts[-1], attempts[:-1]
    begun = credentials.attempt_time(newest["displayName"])
    if begun is None or not credentials.live(newest, now):
        return None
    ends = [window_end(entry["displayName"], options) for entry in others]
    if not all(end is not None and end <= begun for end in ends):
        return None
    for tag in app.get("tags") or []:
        key_id, _colon, rest = tag.removeprefix(credentials.DELIVERED).partition(":")
        sync_id, _colon, start = rest.partition(":")
        if tag.startswith(credentials.DELIVERED) and key_id == newest["keyId"] and sync_id and start:
            return Delivered(newest, sync_id, start)
    if hint and hint == newest.get("hint") and hint not in [entry.get("hint") for entry in others]:
        return Delivered(newest)
    return None


def sync_is_old(last: Status | None, newest: Mapping[str, Any] | None, heard: str | None, now: datetime) -> bool:
    """Whether the host has not synchronised since it got its newest secret, as one that was restored has not.

    Only where it can be known: both times have a zone, and the host's own clock is told by the same answer.

    :param heard: the host's C(Date)
    :param now: the directory's time
    """
    if last is None or last.running or newest is None:
        return False
    begun = credentials.attempt_time(str(newest.get("displayName")))
    synced, clock = moments.parse(last.created, needs_zone=True), moments.http_date(heard)
    if begun is None or synced is None or clock is None:
        return False
    return synced - (clock - now) + MARGIN < begun
