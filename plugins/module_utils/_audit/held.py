# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which of an app's credentials a connector holds, and how that is known.

Microsoft Graph never shows a secret, only its first three characters, and most hosts hide theirs; so this is told by
the best sign there is, and the sign is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .. import _moments as moments
from .settings import days_left, stamp

HINT, HOLDER, ONLY = "hint", "holder", "only credential"


def held(connector: Mapping[str, Any], app: Mapping[str, Any] | None, holder: str, now: datetime) -> dict[str, Any]:
    """The entry C(secret) of a connector.

    C(known_by): C(hint) when the host shows its secret and the first characters fit, C(holder) when the credential
    bears the host's name, C(only credential) when the app has no other, null when nothing tells. C(in_app): false when
    the host shows a secret that the app does not have, null when that cannot be seen.
    """
    shown = connector.get("secret") or {}
    entry: dict[str, Any] = {
        "visibility": shown.get("visibility"),
        "proven": shown.get("known_by") == "proven by sync",
        "known_by": None,
        "in_app": None,
        **dict.fromkeys(("key_id", "display_name", "own", "start", "end", "days_left", "expired")),
    }
    if app is None:
        return entry
    credentials: Sequence[Mapping[str, Any]] = app.get("credentials") or []
    found, how = _find(credentials, shown.get("hint"), holder, holder in (app.get("pending") or []))
    if found is None:
        unseen = any(not one.get("hint") for one in credentials)
        return {**entry, "in_app": False if shown.get("hint") and not unseen else None}
    end = moments.parse(found.get("end"))
    return {
        **entry,
        "known_by": how,
        "in_app": True,
        "key_id": found.get("key_id"),
        "display_name": found.get("display_name"),
        "own": bool(found.get("own")),
        "start": stamp(moments.parse(found.get("start"))),
        "end": stamp(end),
        "days_left": days_left(end, now) if end else None,
        "expired": end is not None and end <= now,
    }


def _find(
    credentials: Sequence[Mapping[str, Any]], hint: str | None, holder: str, pending: bool
) -> tuple[Mapping[str, Any] | None, str | None]:
    own = sorted((one for one in credentials if one.get("holder") == holder), key=lambda one: str(one["display_name"]))
    if hint:
        fitting = [one for one in credentials if one.get("hint") == hint]
        # Three characters may be those of two secrets: its own one first, else the one that ends first
        mine = [one for one in own if one in fitting]
        if mine:
            return mine[-1], HINT
        if fitting:
            return min(fitting, key=lambda one: str(one.get("end") or "9")), HINT
        return None, None
    if own and not pending:
        alive = [one for one in own if not one.get("expired")]
        return (alive or own)[-1], HOLDER
    if len(credentials) == 1 and not pending:
        return credentials[0], ONLY
    return None, None
