# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Password credentials: whose they are, how long they live, and the journal of pending holders in the app's tags.

An own credential is called C(usersync:<holder>:<UTC time of the attempt>); everything else is foreign and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .. import _errors as errors

PREFIX = "usersync:"
PENDING = "usersync-pending:"
# followed by the key id of a secret that its host holds, as a read after its delivery showed
DELIVERED = "usersync-delivered:"
SPARE = ":spare"
HOLDER = re.compile(r"[^:\s]{1,120}")
TIME_FORMAT = "%Y%m%dT%H%M%S.%fZ"


def check_holder(holder: str) -> None:
    """:raises OptionError: when the holder cannot stand in a credential's name and in a tag"""
    if not HOLDER.fullmatch(holder) or not holder.isprintable():
        raise errors.OptionError(
            "holder", f"'{holder}' must have 1 to 120 characters, none of them white space or a colon"
        )


def attempt_name(holder: str, moment: datetime, spare: bool = False) -> str:
    """The display name of one attempt; sorts by time.

    :param spare: a secret that is thrown away; it stands in the directory only to say that a renewal is under way
    """
    return f"{PREFIX}{holder}:{moment.strftime(TIME_FORMAT)}{SPARE if spare else ''}"


def is_spare(name: str | None) -> bool:
    """Whether nobody knows the secret of that own credential, by its display name."""
    return bool(name) and str(name).endswith(SPARE)


def attempt_time(name: str) -> datetime | None:
    """When the attempt of that name began; None for a name that does not tell."""
    parts = name.removesuffix(SPARE).rsplit(":", 1)
    try:
        return datetime.strptime(parts[-1], TIME_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def holder_of(credential: Mapping[str, Any]) -> str | None:
    """The holder of an own credential, None for a foreign one."""
    name = credential.get("displayName") or ""
    if not name.startswith(PREFIX):
        return None
    return name[len(PREFIX) :].partition(":")[0] or None


def own(app: Mapping[str, Any], holder: str) -> list[dict[str, Any]]:
    """The holder's own credentials as Graph has them, oldest attempt first."""
    mine = [entry for entry in app.get("passwordCredentials") or [] if holder_of(entry) == holder]
    return sorted(mine, key=lambda entry: (entry["displayName"], entry["keyId"]))


def live(credential: Mapping[str, Any], now: datetime) -> bool:
    """Valid at this moment as far as its dates go."""
    return ends(credential) > now


def ends(credential: Mapping[str, Any]) -> datetime:
    """Its end; a credential without one never ends."""
    return parse_time(credential.get("endDateTime")) or datetime.max.replace(tzinfo=timezone.utc)


def describe(credential: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A credential without its secret: C(days_left) is whole days, negative when over."""
    end = ends(credential)
    return {
        "key_id": credential.get("keyId"),
        "display_name": credential.get("displayName"),
        "holder": holder_of(credential),
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


def parse_time(text: str | None) -> datetime | None:
    """A time of Graph (ISO 8601, UTC, up to seven decimals)."""
    if not text:
        return None
    whole, _dot, rest = text.rstrip("Z").partition(".")
    moment = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc)
    return moment.replace(microsecond=int(rest[:6].ljust(6, "0"))) if rest.isdigit() else moment


def format_time(moment: datetime) -> str:
    """A time as Graph takes it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
