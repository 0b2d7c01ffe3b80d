# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What the tenant allows for client secrets: app management policies and the limits of an app (FIDELITY.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import _errors as errors
from .. import _moments as moments

if TYPE_CHECKING:
    from .graph import Graph

PERSONAL_AUDIENCES = ("AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
PERSONAL_LIMIT = 2
# Directory_ResourceSizeExceeded was seen from about here on (FIDELITY.md, Graph in general)
CREDENTIAL_LIMIT = 600
LIFETIME_REFUSED = "CredentialInvalidLifetimeAsPerAppPolicy"
ADDITION_REFUSED = "CredentialTypeNotAllowedAsPerAppPolicy"
Restrictions: TypeAlias = "list[dict[str, Any]] | None"
DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(frozen=True)
class Allowed:
    """What the policies say about a new secret of one app.

    What has exemptions, or may be overruled by a policy that this caller may not read, only Graph can tell.

    :ivar forbidden: for everybody
    :ivar maybe_forbidden: for who is not exempt
    :ivar longest: for everybody; None when there is no limit, or none that this caller may read (Policy.Read.All)
    :ivar maybe_longest: for who is not exempt
    """

    forbidden: bool = False
    maybe_forbidden: bool = False
    longest: timedelta | None = None
    maybe_longest: timedelta | None = None

    def as_json(self) -> list[Any]:
        """To keep it; see :meth:`of_json`."""
        limits = [None if one is None else one.total_seconds() for one in (self.longest, self.maybe_longest)]
        return [self.forbidden, self.maybe_forbidden, *limits]

    @classmethod
    def of_json(cls, kept: list[Any]) -> Allowed:
        limits = [None if seconds is None else timedelta(seconds=seconds) for seconds in kept[2:]]
        return cls(kept[0], kept[1], *limits)


def allowed(graph: Graph, app: Mapping[str, Any]) -> Allowed:
    """Two reads; what may not be read is left to the answer of the write."""
    own = _own(graph, app["id"]) if app["id"] else []
    return judge(own, _default(graph), app.get("createdDateTime"), graph.run.now())


def judge(own: Restrictions, default: Restrictions, created: str | None, now: datetime) -> Allowed:
    """The policy of the app and the tenant's default, merged restriction by restriction (FIDELITY.md).

    :param own: restrictions of the app's policy; [] without one, None when it may not be read
    :param default: those of the tenant's default; [] when it is off, None when it may not be read
    :param created: when the app was made; None for one that is about to be
    """
    defined = {item.get("restrictionType") for item in own or []}
    acting = [(item, True) for item in own or []]
    acting += [(item, own is not None) for item in default or [] if item.get("restrictionType") not in defined]
    since = moments.parse(created) or now
    forbidden: set[bool] = set()
    limits: dict[bool, list[timedelta]] = {True: [], False: []}
    for item, known in acting:
        begins = moments.parse(item.get("restrictForAppsCreatedAfterDateTime"))
        if item.get("state") != "enabled" or (begins is not None and since < begins):
            continue
        certain = known and not (item.get("excludeActors") or {}).get("customSecurityAttributes")
        if item.get("restrictionType") == "passwordAddition":
            forbidden.add(certain)
        limit = parse_duration(item.get("maxLifetime") or "")
        if item.get("restrictionType") == "passwordLifetime" and limit is not None:
            limits[certain].append(limit)
    return Allowed(
        True in forbidden, False in forbidden, min(limits[True], default=None), min(limits[False], default=None)
    )


def check_addition(allowed: Allowed) -> None:
    """:raises StateError: the policy forbids secrets for this app, whoever asks"""
    if allowed.forbidden:
        raise errors.StateError(
            "the tenant's app management policy forbids client secrets for this app; have an administrator assign "
            "the app its own policy with passwordAddition in state disabled, or use a certificate or a federated "
            "credential",
            code=ADDITION_REFUSED,
        )


def _own(graph: Graph, object_id: str) -> Restrictions:
    def read() -> list[dict[str, Any]]:
        assigned = graph.list(f"applications/{object_id}/appManagementPolicies")
        return [(policy.get("restrictions") or {}) for policy in assigned if policy.get("isEnabled")]

    return _passwords(read)


def _default(graph: Graph) -> Restrictions:
    def read() -> list[dict[str, Any]]:
        default = graph.find("policies/defaultAppManagementPolicy") or {}
        return [default.get("applicationRestrictions") or {}] if default.get("isEnabled") else []

    return _passwords(read)


def _passwords(read: Callable[[], list[dict[str, Any]]]) -> Restrictions:
    """None where it may not be read; [] where the cloud has no such thing."""
    try:
        return [item for holder in read() for item in holder.get("passwordCredentials") or []]
    except errors.AnswerError as exc:
        # nice to know only: the write tells what a policy forbids
        if exc.details.get("status") not in (400, 403, 404) or exc.code is None:
            raise
        return None if exc.details.get("status") == 403 else []


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
            f"directory allows about {CREDENTIAL_LIMIT}; remove some that are no longer used (state: absent with "
            "key_id, expired or all_holders)",
            code="Directory_ResourceSizeExceeded",
        )
    listed = ", ".join(f"{entry['keyId']} '{entry.get('displayName') or ''}'" for entry in held)
    raise errors.StateError(
        f"the app is open to personal accounts, so it may have at most {PERSONAL_LIMIT} secrets and has {len(held)} "
        f"({listed}); remove one that no host uses (state: absent with key_id), or set sign_in_audience to "
        "AzureADMyOrg",
        code="password_limit",
        candidates=[entry["keyId"] for entry in held],
    )
