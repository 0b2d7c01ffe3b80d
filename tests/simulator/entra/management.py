# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of Azure's management service as a login of Azure's own tools asks for: one subscription, its tenant."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..journal import ENTRY
from .call import MANAGEMENT

if TYPE_CHECKING:
    from .tenant import Tenant

PATHS = frozenset({"subscriptions", "tenants"})


class Management:
    """All paths that begin with one of ``PATHS``."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.subscription_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"subscription of {tenant.id}"))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        status, body = self._answer(request)
        if "error" in body:
            request[ENTRY].code = body["error"]["code"]
        return web.json_response(body, status=status)

    def _answer(self, request: web.Request) -> tuple[int, dict[str, Any]]:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        caller = self.tenant.tokens.get(text.strip()) if scheme.lower() == "bearer" else None
        if caller is None or caller.expires <= self.tenant.world.now():
            return _error(401, "InvalidAuthenticationToken", "The access token is missing, invalid or expired.")
        if caller.service != MANAGEMENT:
            message = "The access token has been obtained for wrong audience or resource."
            return _error(401, "InvalidAuthenticationTokenAudience", message)
        request[ENTRY].client = caller.app_id
        if "api-version" not in request.query:
            return _error(400, "MissingApiVersionParameter", "The query parameter api-version is required.")
        parts = [part for part in request[ENTRY].path.lower().split("/") if part]
        if request.method != "GET":
            return _error(405, "HttpMethodNotSupported", f"The method '{request.method}' is not supported.")
        if parts == ["tenants"]:
            return 200, {"value": [self._tenant()]}
        if parts == ["subscriptions"]:
            return 200, {"value": [self._subscription()], "count": {"type": "Total", "value": 1}}
        if parts == ["subscriptions", self.subscription_id]:
            return 200, self._subscription()
        if parts[0] == "subscriptions" and parts[1] != self.subscription_id:
            return _error(404, "SubscriptionNotFound", f"The subscription '{parts[1]}' could not be found.")
        return _error(404, "NotFound", "The requested resource is not played here.")

    def _subscription(self) -> dict[str, Any]:
        return {
            "id": f"/subscriptions/{self.subscription_id}",
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionId": self.subscription_id,
            "tenantId": self.tenant.id,
            "displayName": "Simulated subscription",
            "state": "Enabled",
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01",
                "quotaId": "PayAsYouGo_2014-09-01",
                "spendingLimit": "Off",
            },
        }

    def _tenant(self) -> dict[str, Any]:
        return {
            "id": f"/tenants/{self.tenant.id}",
            "tenantId": self.tenant.id,
            "countryCode": "DE",
            "displayName": self.tenant.organization()["displayName"],
            "domains": list(self.tenant.domains),
            "tenantCategory": "Home",
            "defaultDomain": self.tenant.domain,
            "tenantType": "AAD",
        }


def _error(status: int, code: str, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"code": code, "message": message}}
