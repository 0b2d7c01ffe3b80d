# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What the tenant allows for client secrets: app management policies and the limits of an app (entra-graph.md 1.10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .credentials import parse_time

if TYPE_CHECKING:
    from .graph import Graph

PERSONAL_AUDIENCES = ("AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
PERSONAL_LIMIT = 2
DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def longest_lifetime(graph: Graph, app: Mapping[str, Any]) -> timedelta | None:
    """The longest lifetime that the app's policy, else the tenant's, allows for a new secret.

    None when there is no limit, or none that this caller may read (Policy.Read.All).

    :raises StateError: when the policy forbids secrets for this app
    """
    restrictions = _restrictions(graph, app["id"]) if app["id"] else []
    limits = []
    for restriction in restrictions:
        if restriction.get("state") == "disabled" or not _applies(restriction, app):
            continue
        if restriction.get("restrictionType") == "passwordAddition":
            raise errors.StateError(
                "the tenant's app management policy forbids client secrets for this app; an administrator may exempt "
                "the app in the policy",
                code="CredentialTypeNotAllowedAsPerAppPolicy",
            )
        if restriction.get("restrictionType") == "passwordLifetime" and restriction.get("maxLifetime"):
            limits.append(parse_duration(restriction["maxLifetime"]))
    return min(limits, default=None)


def _restrictions(graph: Graph, object_id: str) -> list[dict[str, Any]]:
    try:
        assigned = [p for p in graph.list(f"applications/{object_id}/appManagementPolicies") if p.get("isEnabled")]
        if assigned:
            return (assigned[0].get("restrictions") or {}).get("passwordCredentials") or []
        default = graph.find("policies/defaultAppManagementPolicy") or {}
    except errors.DeniedError:
        return []
    if not default.get("isEnabled"):
        return []
    return (default.get("applicationRestrictions") or {}).get("passwordCredentials") or []


def _applies(restriction: Mapping[str, Any], app: Mapping[str, Any]) -> bool:
    since = parse_time(restriction.get("restrictForAppsCreatedAfterDateTime"))
    created = parse_time(app.get("createdDateTime"))
    return since is None or created is None or created >= since


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration, a year as 365 days and a month as 30. :raises ValueError: for another text"""
    match = DURATION.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no ISO 8601 duration")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=365 * years + 30 * months + 7 * weeks + days, hours=hours, minutes=minutes, seconds=seconds)


def check_room(app: Mapping[str, Any], now: datetime) -> None:
    """:raises StateError: when the app can take no further secret"""
    held = app.get("passwordCredentials") or []
    if app.get("signInAudience") not in PERSONAL_AUDIENCES or len(held) < PERSONAL_LIMIT:
        return
    listed = ", ".join(f"{entry['keyId']} '{entry.get('displayName') or ''}'" for entry in held)
    raise errors.StateError(
        f"the app is open to personal accounts, so it takes {PERSONAL_LIMIT} secrets at most and has {len(held)} "
        f"({listed}); remove one that no host uses (state: absent with key_id), or set sign_in_audience to "
        "AzureADMyOrg",
        code="password_limit",
        candidates=[entry["keyId"] for entry in held],
    )
