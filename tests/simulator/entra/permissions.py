# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what: Microsoft's own catalogue, and what its README names as oddities or as missing."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from .schema import DATA

READ_WRITE = "Application.ReadWrite.All"
OWNED_BY = "Application.ReadWrite.OwnedBy"

# Not in the catalogue; from documentation (permissions.md) or assumed.
MISSING: dict[str, dict[str, list[str]]] = {
    "/directory/deleteditems": {"GET": ["Application.Read.All", READ_WRITE, OWNED_BY, "Directory.Read.All"]},
    "/directory/deleteditems/{id}": {
        "GET": ["Application.Read.All", READ_WRITE, OWNED_BY, "Directory.Read.All"],
        "DELETE": [READ_WRITE, OWNED_BY],
    },
    "/directory/deleteditems/{id}/restore": {"POST": [READ_WRITE, OWNED_BY]},
    "/applications/{id}/appmanagementpolicies": {
        "GET": ["Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration"],
    },
    "/directoryobjects/{id}": {"GET": ["Directory.Read.All", "Directory.ReadWrite.All"]},
}


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Path, method, permission, and its partners of which one is needed as well."""
    table: dict[str, Any] = json.loads((DATA / "permissions.json").read_text(encoding="utf-8"))
    paths: dict[str, dict[str, dict[str, list[str]]]] = table["paths"]
    for path, methods in MISSING.items():
        for method, names in methods.items():
            paths.setdefault(path, {})[method] = {name: [] for name in names}
    return paths


@lru_cache(maxsize=1)
def role_ids() -> dict[str, str | None]:
    ids: dict[str, str | None] = json.loads((DATA / "permissions.json").read_text(encoding="utf-8"))["ids"]
    return ids


@lru_cache(maxsize=4096)
def granting(path: str, method: str, held: frozenset[str]) -> frozenset[str]:
    """Those of the held permissions that the catalogue accepts for this call, their partners considered."""
    rule = catalogue()[path][method]
    return frozenset(
        name
        for name, partners in rule.items()
        if name in held and (not partners or any(partner in held for partner in partners))
    )
