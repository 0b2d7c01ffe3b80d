# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which permissions of Microsoft Graph an app of User Sync asks for (permissions.md). Pure.

C(guide) is what the vendor's set-up guides have, for both flows of User Sync. C(least) is what the chosen flow and
settings need.
"""

from __future__ import annotations

from collections.abc import Iterable

APPLICATION, DELEGATED = "application", "delegated"
GUIDE, LEAST = "guide", "least"
PROFILES = (GUIDE, LEAST)
READS_ALL = (APPLICATION, "Directory.Read.All")
PICTURES = (APPLICATION, "User.Read.All")
OF_THE_GUIDE = ((DELEGATED, "User.Read"), (DELEGATED, "User.ReadBasic.All"), READS_ALL, PICTURES)

Pair = tuple[str, str]


def needed(old_flow: bool, pictures: bool) -> tuple[Pair, ...]:
    """Type and value of what one connector cannot do without.

    :param old_flow: it logs in with an authorization code (before User Sync 1.5.0), for which the guide's four stand
    :param pictures: it fetches profile pictures
    """
    if old_flow:
        return OF_THE_GUIDE
    return (READS_ALL, PICTURES) if pictures else (READS_ALL,)


def wanted(profile: str, connectors: Iterable[tuple[bool, bool]]) -> list[dict[str, str]]:
    """What an app asks for, as the option C(permissions) of azuread_app_permission takes it.

    :param profile: C(guide) or C(least)
    :param connectors: C(old_flow) and C(pictures) of each host that shares the app
    """
    pairs = set(OF_THE_GUIDE) if profile == GUIDE else {READS_ALL}
    if profile != GUIDE:
        for old_flow, pictures in connectors:
            pairs.update(needed(old_flow, pictures))
    return [{"name": name, "type": kind} for kind, name in OF_THE_GUIDE if (kind, name) in pairs]
