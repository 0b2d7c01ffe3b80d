# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""When a holder needs a new secret (rotation.md). Pure: sees what was read, asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._entra.credentials import attempt_time, is_spare

OLD_FLOW = "authorization_code"
UNFINISHED = "an earlier renewal did not finish"


def secret_reasons(
    app: Mapping[str, Any],
    holder: str,
    host: str | None = None,
    *,
    min_remaining_days: int,
    connector: Mapping[str, Any] | None = None,
    last_sync: Mapping[str, Any] | None = None,
    consumers: bool = False,
    resumable: bool = False,
    force: bool = False,
) -> list[str]:
    """Why this holder needs a new secret; empty when it does not.

    :param app: in the shape of :func:`applications.describe`
    :param host: fingerprint of the host's own id; None where it was not read
    :param connector: in the shape that usersync_connector returns; only looked at when consumers is true
    :param resumable: an earlier run has delivered the newest one, and a login may confirm it
    :param consumers: connector and last_sync were read, so that missing ones count
    """
    reasons = ["forced"] if force else []
    alive = live_own(app["credentials"], holder, host)
    if not alive:
        reasons.append("it has no live secret of its own")
    elif alive[-1]["days_left"] < min_remaining_days:
        reasons.append(f"its secret expires in {alive[-1]['days_left']} days")
    if resumable or (consumers and delivered_before(app, holder, connector or {}, host)):
        pass
    elif holder in app["pending"]:
        reasons.append(UNFINISHED)
    elif alive and is_spare(alive[-1]["display_name"]):
        reasons.append("its only live secret is a spare that nobody knows")
    elif len(alive) > 1:
        reasons.append(f"it has {len(alive)} live secrets of its own where one is enough")
    if consumers:
        authorized = (connector or {}).get("authorized")
        # a sync that ran before the click proves nothing about the secret
        clicks = (connector or {}).get("flow") == OLD_FLOW and (
            authorized is False or (authorized is None and holder in app["pending"])
        )
        reasons += _connector_reasons(app, alive, connector or {}, {} if clicks else last_sync or {})
    return reasons


def delivered_before(
    app: Mapping[str, Any], holder: str, connector: Mapping[str, Any], host: str | None = None
) -> bool:
    """Whether an earlier run delivered the holder's one secret, and ended while nobody had clicked Authorize.

    Then no other one is minted for each run until somebody clicks. Only where the host shows what it holds, and only
    when nothing has to be retired afterwards but spares: three characters are no proof that could cost a secret.
    """
    alive = live_own(app["credentials"], holder, host)
    known = [entry for entry in alive if not is_spare(entry["display_name"])]
    hint = (connector.get("secret") or {}).get("hint")
    return (
        connector.get("flow") == OLD_FLOW
        and holder in app["pending"]
        and len(known) == 1
        and known == alive[-1:]
        and bool(hint)
        and hint == known[0]["hint"]
    )


def waits_for_click(connector: Mapping[str, Any], reasons: Sequence[str]) -> bool:
    """Whether the host lacks nothing but the Authorize click, or may lack nothing else.

    What an earlier run has begun is not begun again before somebody has clicked: else each run of a night would mint.
    """
    return bool(connector.get("exists")) and connector.get("authorized") is False and not {*reasons} - {UNFINISHED}


def live_own(credentials: Sequence[Mapping[str, Any]], holder: str, host: str | None = None) -> list[Mapping[str, Any]]:
    """The holder's own live credentials, oldest attempt first."""
    mine = [
        entry
        for entry in credentials
        if entry["holder"] == holder and host in (None, entry["host_fingerprint"]) and not entry["expired"]
    ]
    return sorted(mine, key=lambda entry: (attempt_time(entry["display_name"]), is_spare(entry["display_name"])))


def _connector_reasons(
    app: Mapping[str, Any],
    alive: Sequence[Mapping[str, Any]],
    connector: Mapping[str, Any],
    last_sync: Mapping[str, Any],
) -> list[str]:
    if not connector.get("exists"):
        return ["its connector is missing"]
    if str(connector.get("application_id") or "").lower() != str(app["app_id"]).lower():
        return ["its connector names another app"]
    reasons = []
    hint = (connector.get("secret") or {}).get("hint")
    if hint and alive and alive[-1]["hint"] and hint != alive[-1]["hint"]:
        reasons.append("its connector does not have the newest secret")
    if (connector.get("secret") or {}).get("needed"):
        reasons.append("a change of its connector needs a secret, because the host hides the current one")
    if last_sync.get("login_failed"):
        reasons.append("its last sync failed at login")
    return reasons
