# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The APIs that every tenant has: Microsoft Graph, and the old Azure AD Graph."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .applications import blank
from .call import GRAPH_APP_ID
from .principals import new_principal
from .schema import DATA
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

LEGACY_APP_ID = "00000002-0000-0000-c000-000000000000"
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DATA / "graph-permissions.json").read_text(encoding="utf-8"))
    return document


def _scope(value: str, scope_id: str, admin: str, user: str, kind: str) -> Data:
    return {
        "adminConsentDescription": admin,
        "adminConsentDisplayName": admin,
        "id": scope_id,
        "isEnabled": True,
        "origin": "Application",
        "type": kind,
        "userConsentDescription": user,
        "userConsentDisplayName": user,
        "value": value,
    }


def _role(value: str, role_id: str, name: str | None) -> Data:
    return {
        "allowedMemberTypes": ["Application"],
        "description": name,
        "displayName": name,
        "id": role_id,
        "isEnabled": True,
        "origin": "Application",
        "value": value,
    }


def add_apis(tenant: Tenant, now: datetime) -> None:
    """Service principals of the APIs, with the permissions that they offer."""
    for key, app_id, name in (
        ("graph", GRAPH_APP_ID, "Microsoft Graph"),
        ("legacy", LEGACY_APP_ID, "Windows Azure Active Directory"),
    ):
        offered = catalogue()[key]
        application = {**blank(), "appId": app_id, "displayName": name, "_organization": MICROSOFT}
        application["signInAudience"] = "AzureADMultipleOrgs"
        data = new_principal(tenant, application, now)
        data["oauth2PermissionScopes"] = [_scope(*item) for item in offered["scopes"]]
        data["appRoles"] = [_role(*item) for item in offered["roles"]]
        if key == "graph":
            data["servicePrincipalNames"] = [app_id, "https://graph.microsoft.com"]
        tenant.store.add(Record("servicePrincipal", data, now))


def permission_id(value: str, kind: str, api: str = "graph") -> str:
    """The id of a permission by its value and type (``Role`` or ``Scope``). Raises KeyError."""
    for item in catalogue()[api]["roles" if kind == "Role" else "scopes"]:
        if item[0] == value:
            found: str = item[1]
            return found
    raise KeyError(f"{kind} {value!r}")
