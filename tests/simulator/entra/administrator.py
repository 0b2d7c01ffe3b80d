# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person with a directory role who has logged in with the Azure CLI: the token that ``az`` hands out for Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .call import Caller
from .tokens import LIFETIME, sign

if TYPE_CHECKING:
    from .tenant import Tenant

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
# What Microsoft has consented to for the Azure CLI in every tenant
SCOPES = (
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "AuditLog.Read.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.AccessAsUser.All",
    "Group.ReadWrite.All",
    "User.Read.All",
    "User.ReadWrite.All",
)
# Directory.AccessAsUser.All lets the CLI do what the person may do, and an administrator may read all of these
AS_PERSON = ("Application.Read.All", "Directory.Read.All", "Policy.Read.All")


def access_token(tenant: Tenant, number: int = 0) -> dict[str, str]:
    """``access_token`` for Graph, ``user_id`` and ``user``. :param number: which of the seeded users it is"""
    user = sorted(tenant.store.records("user"), key=lambda record: record.data["userPrincipalName"])[number]
    now = tenant.world.now()
    seconds = int(now.timestamp())
    token = sign(
        {
            "aud": tenant.world.graph_url,
            "iss": f"https://sts.windows.net/{tenant.id}/",
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + int(LIFETIME.total_seconds()) + 1,
            "appid": AZURE_CLI,
            "app_displayname": "Microsoft Azure CLI",
            "idtyp": "user",
            "oid": user.id,
            "scp": " ".join(SCOPES),
            "tid": tenant.id,
            "upn": user.data["userPrincipalName"],
            "ver": "1.0",
        }
    )
    caller = Caller(AZURE_CLI, None, frozenset(), frozenset((*SCOPES, *AS_PERSON)), user.id, now + LIFETIME)
    tenant.remember_token(token, caller, "access token")
    return {"access_token": token, "user_id": user.id, "user": user.data["userPrincipalName"]}
