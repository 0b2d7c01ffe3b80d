# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Password credentials: whose they are, how long they live, and the journal of pending holders in the app's tags.

An own credential is called exactly C(usersync:<holder>:<fingerprint of the host's id, or ->:<UTC time of the attempt>),
with C(:spare) where nobody knows it. Everything else is foreign and stays, whatever its name begins with.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .. import _moments as moments
from . import holders

PREFIX = "usersync:"
PENDING = "usersync-pending:"
# followed by the key id of a secret that its host holds, as a read after its delivery showed
DELIVERED = "usersync-delivered:"
SPARE = ":spare"
TIME_FORMAT = "%Y%m%dT%H%M%S.%fZ"
# one secret for a whole app, as versions before the first release made it
APP_WIDE = re.compile(r"usersync:app:.*")
# from the right, since an address may hold colons
_NAME = re.compile(
    rf"{PREFIX}(?P<holder>\S+):(?P<host>[^:]+):(?P<time>[0-9]{{8}}T[0-9]{{6}}\.[0-9]{{6}}Z)(?P<spare>{SPARE})?"
)


# as versions before the first release named secrets, by the inventory
_BY_INVENTORY = re.compile(r"usersync:(?P<name>[^:\s]+):[0-9]{8}T[0-9]{6}\.[0-9]{6}Z(?::spare)?")


@dataclass(frozen=True)
class Name:
    """The display name of an own credential, read.

    :ivar host: fingerprint of the host's own id, or C(-)
    :ivar moment: when the attempt began
    :ivar spare: nobody knows this secret; it stands in the directory only to say that a renewal is under way
    """

    holder: str
    host: str
    moment: datetime
    spare: bool = False

    def __str__(self) -> str:
        moment = self.moment.astimezone(timezone.utc).strftime(TIME_FORMAT)
        return f"{PREFIX}{self.holder}:{self.host}:{moment}{SPARE if self.spare else ''}"


@functools.lru_cache(maxsize=8192)
def read_name(name: str | None) -> Name | None:
    """What an own credential's display name says; None for every other name."""
    parts = _NAME.fullmatch(name or "")
    if not parts or not holders.is_fingerprint(parts["host"]) or not holders.is_holder(parts["holder"]):
        return None
    try:
        moment = datetime.strptime(parts["time"], TIME_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return Name(parts["holder"], parts["host"], moment, bool(parts["spare"]))


def attempt_name(holder: str, host: str, moment: datetime, spare: bool = False) -> str:
    """The display name of one attempt. Those of one holder and host sort by time."""
    return str(Name(holder, host, moment, spare))


def is_spare(name: str | None) -> bool:
    """Whether nobody knows the secret of that own credential, by its display name."""
    read = read_name(name)
    return read is not None and read.spare


def attempt_time(name: str | None) -> datetime | None:
    """When the attempt of that name began; None for a foreign one."""
    read = read_name(name)
    return read.moment if read else None


def holder_of(credential: Mapping[str, Any]) -> str | None:
    """The holder of an own credential, None for a foreign one."""
    read = read_name(credential.get("displayName"))
    return read.holder if read else None


def host_of(credential: Mapping[str, Any]) -> str | None:
    """The fingerprint of the host that an own credential was made for, None for a foreign one."""
    read = read_name(credential.get("displayName"))
    return read.host if read else None


def former_name(display_name: str | None) -> str | None:
    """The name that a secret bears: its holder, or the name of a host in an inventory, as secrets once had it."""
    read = read_name(display_name)
    old = _BY_INVENTORY.fullmatch(display_name or "")
    return read.holder if read else old["name"] if old and old["name"] != "app" else None


def own(app: Mapping[str, Any], holder: str, host: str | None = None) -> list[dict[str, Any]]:
    """The holder's own credentials as Graph has them, oldest attempt first.

    :param host: fingerprint of the host's id. The same address with another id is another host, so that everything
        which renews or removes names it; None is for who only looks
    """
    mine = []
    for entry in app.get("passwordCredentials") or []:
        read = read_name(entry.get("displayName"))
        if read is not None and read.holder == holder and host in (None, read.host):
            mine.append((read.moment, read.spare, entry["keyId"], entry))
    return [entry for *_order, entry in sorted(mine, key=lambda known: known[:3])]


def hosts_of(app: Mapping[str, Any], holder: str) -> list[str]:
    """The fingerprints under which a holder has own credentials."""
    return sorted({str(host_of(entry)) for entry in own(app, holder)})


def live(credential: Mapping[str, Any], now: datetime) -> bool:
    """Valid at this moment as far as its dates go."""
    return ends(credential) > now


def ends(credential: Mapping[str, Any]) -> datetime:
    """Its end; a credential without one never ends."""
    return moments.parse(credential.get("endDateTime")) or datetime.max.replace(tzinfo=timezone.utc)


def describe(credential: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A credential without its secret: C(days_left) is whole days, negative when over."""
    end = ends(credential)
    return {
        "key_id": credential.get("keyId"),
        "display_name": credential.get("displayName"),
        "holder": holder_of(credential),
        "host_fingerprint": host_of(credential),
        "own": holder_of(credential) is not None,
        "hint": credential.get("hint"),
        "start": credential.get("startDateTime"),
        "end": credential.get("endDateTime"),
        "days_left": (end - now).days,
        "expired": end <= now,
    }


def describe_all(app: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """All password credentials of an app, in a stable order."""
    listed = app.get("passwordCredentials") or []
    return [describe(entry, now) for entry in sorted(listed, key=lambda e: (e.get("displayName") or "", e["keyId"]))]


def pending_holders(app: Mapping[str, Any]) -> list[str]:
    """Holders whose new secret is not confirmed yet."""
    return sorted(tag[len(PENDING) :] for tag in app.get("tags") or [] if tag.startswith(PENDING))
