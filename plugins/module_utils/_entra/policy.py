# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What the tenant allows for client secrets: app management policies and the limits of an app (entra-graph.md 1.10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .credentials import parse_time

if TYPE_CHECKING:
    from .graph import Graph

PERSONAL_AUDIENCES = ("AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
PERSONAL_LIMIT = 2
# Directory_ResourceSizeExceeded was seen from about here on (entra-graph.md 1.4)
CREDENTIAL_LIMIT = 600
LIFETIME_REFUSED = "CredentialInvalidLifetimeAsPerAppPolicy"
DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(frozen=True)
class Lifetime:
    """How long a new secret may live.

    :ivar longest: for everybody; None when there is no limit, or none that this caller may read (Policy.Read.All)
    :ivar unless_exempt: for who is not exempt from the policy, which only Graph can tell
    """

    longest: timedelta | None = None
    unless_exempt: timedelta | None = None


def lifetime(graph: Graph, app: Mapping[str, Any]) -> Lifetime:
    """What the app's policy, else the tenant's, allows for a new secret.

    :raises StateError: when the policy forbids secrets for this app
    """
    restrictions = _restrictions(graph, app["id"]) if app["id"] else []
    limits: dict[bool, list[timedelta]] = {True: [], False: []}
    for restriction in restrictions:
        if restriction.get("state") == "disabled" or not _applies(restriction, app):
            continue
        exempts = bool((restriction.get("excludeActors") or {}).get("customSecurityAttributes"))
        if restriction.get("restrictionType") == "passwordAddition" and not exempts:
            raise errors.StateError(
                "the tenant's app management policy forbids client secrets for this app; an administrator may exempt "
                "the app in the policy",
                code="CredentialTypeNotAllowedAsPerAppPolicy",
            )
        if restriction.get("restrictionType") == "passwordLifetime" and restriction.get("maxLifetime"):
            limit = parse_duration(restriction["maxLifetime"])
            if limit is not None:
                limits[exempts].append(limit)
    return Lifetime(min(limits[False], default=None), min(limits[True], default=None))


def _restrictions(graph: Graph, object_id: str) -> list[dict[str, Any]]:
    """Of the app's own policy, which replaces the tenant's; [] where neither may be read or the cloud has none."""
    try:
        assigned = [p for p in graph.list(f"applications/{object_id}/appManagementPolicies") if p.get("isEnabled")]
        if assigned:
            return (assigned[0].get("restrictions") or {}).get("passwordCredentials") or []
        default = graph.find("policies/defaultAppManagementPolicy") or {}
    except errors.AnswerError as exc:
        # nice to know only: the write tells what a policy forbids
        if exc.details.get("status") not in (400, 403, 404) or exc.code is None:
            raise
        return []
    if not default.get("isEnabled"):
        return []
    return (default.get("applicationRestrictions") or {}).get("passwordCredentials") or []


def _applies(restriction: Mapping[str, Any], app: Mapping[str, Any]) -> bool:
    since = parse_time(restriction.get("restrictForAppsCreatedAfterDateTime"))
    created = parse_time(app.get("createdDateTime"))
    return since is None or created is None or created >= since


def parse_duration(text: str) -> timedelta | None:
    """An ISO 8601 duration, a year as 365 days and a month as 30; None for another text."""
    match = DURATION.fullmatch(text)
    if not match:
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=365 * years + 30 * months + 7 * weeks + days, hours=hours, minutes=minutes, seconds=seconds)


def lacks_room(app: Mapping[str, Any]) -> bool:
    """Whether the app can take no further secret."""
    held = len(app.get("passwordCredentials") or [])
    if app.get("signInAudience") in PERSONAL_AUDIENCES and held >= PERSONAL_LIMIT:
        return True
    return held + len(app.get("keyCredentials") or []) >= CREDENTIAL_LIMIT


def check_room(app: Mapping[str, Any]) -> None:
    """:raises StateError: when the app can take no further secret"""
    if not lacks_room(app):
        return
    held = app.get("passwordCredentials") or []
    if app.get("signInAudience") not in PERSONAL_AUDIENCES:
        raise errors.StateError(
            f"the app holds {len(held)} secrets and {len(app.get('keyCredentials') or [])} certificates, and the "
            f"directory takes about {CREDENTIAL_LIMIT}; remove some that are no longer used (state: absent with "
            "key_id, expired or all_holders)",
            code="Directory_ResourceSizeExceeded",
        )
    listed = ", ".join(f"{entry['keyId']} '{entry.get('displayName') or ''}'" for entry in held)
    raise errors.StateError(
        f"the app is open to personal accounts, so it takes {PERSONAL_LIMIT} secrets at most and has {len(held)} "
        f"({listed}); remove one that no host uses (state: absent with key_id), or set sign_in_audience to "
        "AzureADMyOrg",
        code="password_limit",
        candidates=[entry["keyId"] for entry in held],
    )
