# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seeded users and groups of the tenant."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING

from .moments import stamp
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

# Names that break careless code come first: umlauts, apostrophes, plus signs, a guest.
AWKWARD = (
    ("Jörg", "Müller", "joerg.mueller"),
    ("Siobhán", "O'Brien", "siobhan.o'brien"),
    ("Anna", "Weiß", "anna.weiss+jira"),
    ("Łukasz", "Żółć", "lukasz.zolc"),
    ("Renée", "d'Arcy-Õun", "renee.d'arcy"),
    ("李", "雷", "li.lei"),
)
GIVEN = ("Ada", "Ben", "Clara", "David", "Emma", "Felix", "Grete", "Hugo", "Ines", "Jakob", "Katja", "Leon", "Mia")
FAMILY = ("Adler", "Berg", "Conrad", "Dorn", "Engel", "Fuchs", "Graf", "Hahn", "Iser", "Jung", "Kern")
GROUPS: tuple[tuple[str, str, list[str], bool], ...] = (
    ("usersync-users", "Everyone who uses the Atlassian hosts", [], True),
    ("jira-administrators", "Administrators of Jira", [], True),
    ("Confluence & Wiki (Köln)", "Authors of the wiki", [], True),
    ("bitbucket-developers", "Developers", [], True),
    ("Projekt Ärger", "A Microsoft 365 group", ["Unified"], False),
    ("all-staff", "Everybody, by way of other groups", [], True),
)


def _user(tenant: Tenant, number: int, given: str, family: str, alias: str, now: datetime) -> Data:
    upn = f"{alias}@{tenant.domain}"
    return {
        "id": tenant.world.ids.uuid(),
        "deletedDateTime": None,
        "accountEnabled": number % 11 != 10,
        "businessPhones": [],
        "city": None,
        "companyName": None,
        "country": None,
        "createdDateTime": stamp(now),
        "department": ("IT", "Sales", "Research")[number % 3],
        "displayName": f"{given} {family}",
        "employeeId": f"{number + 1:05d}",
        "givenName": given,
        "jobTitle": None,
        "mail": upn,
        "mailNickname": alias.replace("'", "").replace("+", ""),
        "mobilePhone": None,
        "officeLocation": None,
        "otherMails": [],
        "postalCode": None,
        "preferredLanguage": None,
        "state": None,
        "streetAddress": None,
        "surname": family,
        "usageLocation": "DE",
        "userPrincipalName": upn,
        "userType": "Member",
    }


def populate(tenant: Tenant, count: int, now: datetime) -> None:
    """Fill the tenant with ``count`` users and six groups; the same seed gives the same people."""
    rng = random.Random(f"people:{tenant.world.options.seed}")
    ids: list[str] = []
    for number in range(count):
        if number < len(AWKWARD):
            given, family, alias = AWKWARD[number]
        else:
            given, family = rng.choice(GIVEN), rng.choice(FAMILY)
            alias = f"{given}.{family}{number:03d}".lower()
        data = _user(tenant, number, given, family, alias, now)
        data["_manager"] = ids[(number - 1) // 5] if number else None
        ids.append(tenant.store.add(Record("user", data, now)).id)
    groups: list[str] = []
    for index, (name, description, types, security) in enumerate(GROUPS):
        members = [user for number, user in enumerate(ids) if index == 0 or number % (index + 1) == 0]
        if name == "all-staff":
            members = groups[:3]
        data = {
            "id": tenant.world.ids.uuid(),
            "deletedDateTime": None,
            "createdDateTime": stamp(now),
            "description": description,
            "displayName": name,
            "groupTypes": types,
            "mail": f"group{index}@{tenant.domain}" if types else None,
            "mailEnabled": bool(types),
            "mailNickname": f"group{index}",
            "securityEnabled": security,
            "visibility": "Private" if types else None,
            "_members": tuple(members),
        }
        groups.append(tenant.store.add(Record("group", data, now)).id)
    containers: dict[str, list[str]] = {}
    for record in tenant.store.records("group"):
        for member in record.data["_members"]:
            containers.setdefault(member, []).append(record.id)
    tenant.containers = containers
