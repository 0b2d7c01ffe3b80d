# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a sync does with the users it has read: filter, map, compare with the directory, clean up, count."""

from __future__ import annotations

import dataclasses
import typing as t

Json = dict[str, t.Any]


@dataclasses.dataclass
class Counters:
    """The counters of a status object (FIDELITY.md, Syncs); there is none for disabled users."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: int = 0
    filtered: int = 0

    @property
    def total(self) -> int:
        return self.added + self.updated + self.unchanged + self.deleted + self.failed + self.filtered


def mapped(user: Json, mapping: list[Json]) -> Json:
    """The record that the directory keeps of a Graph user."""
    record = {}
    for row in mapping:
        if isinstance(row, dict) and row.get("attribute"):
            record[str(row["attribute"])] = user.get(str(row.get("source")))
    return record


def in_groups(user_id: str, required: list[str], memberships: dict[str, set[str]]) -> bool:
    """Whether the user is in one of the required groups (none required: everyone is)."""
    return not required or any(user_id in memberships.get(name, set()) for name in required)


def group_kind(group: Json) -> str:
    """The setting under "Group types to sync" that a Graph group falls under."""
    secure = group.get("securityEnabled") is not False
    if "Unified" in (group.get("groupTypes") or []):
        return "office365SecurityEnabled" if secure else "office365NotSecurityEnabled"
    if group.get("mailEnabled"):
        return "mailEnabledSecurity" if secure else "distribution"
    return "security"


def store_user(users: dict[str, Json], user: Json, mapping: list[Json], counters: Counters) -> None:
    """Add or update one user, matched by the Entra object id."""
    record = mapped(user, mapping)
    if not record.get("ATTR_NAME"):
        counters.failed += 1
        return
    key = str(user["id"])
    if key not in users:
        counters.added += 1
    elif users[key] != record:
        counters.updated += 1
    else:
        counters.unchanged += 1
    users[key] = record


def clean_up(users: dict[str, Json], key: str, behaviour: str, counters: Counters) -> None:
    """Treat a user whom the sync no longer wants. Disabling and anonymising count as updates (assumed)."""
    record = users[key]
    if behaviour == "DELETE_USERS":
        del users[key]
        counters.deleted += 1
    elif behaviour == "DISABLE_USERS" and record.get("ATTR_ACTIVE") is not False:
        record["ATTR_ACTIVE"] = False
        counters.updated += 1
    elif behaviour == "ANONYMIZE_USERS" and record.get("ATTR_FULLNAME") != "Anonymized user":
        record.update(
            ATTR_NAME=f"anonymized-{key}", ATTR_FULLNAME="Anonymized user", ATTR_EMAIL=None, ATTR_ACTIVE=False
        )
        counters.updated += 1
    else:
        counters.unchanged += 1
