# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The page where an administrator consents to what an app requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .clouds import ALIASES, CLOUDS

# token service -> portal
PORTALS = {
    "https://login.microsoftonline.us": "https://portal.azure.us",
    "https://login.chinacloudapi.cn": "https://portal.azure.cn",
    "https://login.microsoftonline.de": "https://portal.microsoftazure.de",
}
PORTAL = "https://portal.azure.com"
BLADE = "view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/CallAnAPI/appId"


def address(authority: str, tenant_id: str, app: Mapping[str, Any]) -> str | None:
    """One click for an app that has a redirect URI, to which the browser is sent afterwards.

    Without any the consent page answers AADSTS500113 (no reply address is registered), whatever is consented to. Then
    it is the portal's page of the app, with its button for admin consent.

    :param app: as Graph has it; one that is not there yet has no page
    """
    app_id = app.get("appId")
    if not app_id:
        return None
    known = ALIASES.get(authority, authority)
    platforms = (app.get(name) or {} for name in ("web", "spa", "publicClient"))
    # a token service that is none of Microsoft's has no portal that anybody knows
    private = all(known != service for service, _graph in CLOUDS.values())
    if private or any(platform.get("redirectUris") for platform in platforms):
        return f"{authority}/{tenant_id}/adminconsent?client_id={app_id}"
    return f"{PORTALS.get(known, PORTAL)}/{tenant_id}#{BLADE}/{app_id}"
