# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of admin consent, as a form with one button; an administrator is always signed in there."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from ..journal import ENTRY
from .grants import store_assignment, store_grant
from .store import Record

if TYPE_CHECKING:
    from .tenant import Tenant


def _error(request: web.Request, number: int, text: str) -> web.Response:
    request[ENTRY].code = f"AADSTS{number}"
    body = (
        "<!DOCTYPE html><html><head><title>Sign in</title></head><body>"
        f"<h1>Sorry, but we're having trouble signing you in.</h1><p>AADSTS{number}: {escape(text)}</p></body></html>"
    )
    return web.Response(status=400, text=body, content_type="text/html")


async def page(tenant: Tenant, request: web.Request) -> web.Response:
    """GET shows the form or an error page; POST of the form grants what the app requests and redirects back."""
    posted = await request.post() if request.method == "POST" else None
    source = request.query if posted is None else posted
    client_id, redirect_uri = str(source.get("client_id", "")), str(source.get("redirect_uri", ""))
    request[ENTRY].client = client_id or None
    application = tenant.find("application", "appId", client_id)
    if application is None:
        return _error(request, 700016, f"Application with identifier '{client_id}' was not found in the directory.")
    registered = [
        uri for platform in ("web", "spa", "publicClient") for uri in application.data[platform]["redirectUris"]
    ]
    if not registered:
        return _error(request, 500113, "No reply address is registered for the application.")
    if redirect_uri and redirect_uri not in registered:
        return _error(request, 50011, f"The redirect URI '{redirect_uri}' does not match those of the application.")
    if posted is None:
        fields = {"client_id": client_id, "redirect_uri": redirect_uri}
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items()
        )
        body = (
            "<!DOCTYPE html><html><head><title>Permissions requested</title></head><body>"
            f'<form method="post" action="{escape(request[ENTRY].path)}">{hidden}'
            '<button type="submit">Accept</button></form></body></html>'
        )
        return web.Response(text=body, content_type="text/html")
    consent(tenant, application)
    answer = urlencode({"admin_consent": "True", "tenant": tenant.id})
    target = redirect_uri or registered[0]
    return web.Response(status=302, headers={"Location": f"{target}{'&' if '?' in target else '?'}{answer}"})


def consent(tenant: Tenant, application: Record) -> None:
    """Grant for the whole tenant what the application requests, beside what it has."""
    principal = tenant.find("servicePrincipal", "appId", application.data["appId"])
    now = tenant.world.now()
    for item in application.data["requiredResourceAccess"]:
        resource = tenant.find("servicePrincipal", "appId", item["resourceAppId"])
        if principal is None or resource is None:
            continue
        held = {
            one.data["appRoleId"]
            for one in tenant.store.records("appRoleAssignment")
            if (one.data["principalId"], one.data["resourceId"]) == (principal.id, resource.id)
        }
        for access in item["resourceAccess"]:
            if access["type"] == "Role" and access["id"] not in held:
                store_assignment(tenant, principal, resource, access["id"], now)
        names = {scope["id"]: scope["value"] for scope in resource.data["oauth2PermissionScopes"]}
        wanted = [names[one["id"]] for one in item["resourceAccess"] if one["type"] == "Scope" and one["id"] in names]
        _add_scopes(tenant, principal, resource, wanted)


def _add_scopes(tenant: Tenant, principal: Record, resource: Record, wanted: list[str]) -> None:
    now = tenant.world.now()
    for grant in tenant.store.records("oAuth2PermissionGrant"):
        data = grant.data
        if (data["clientId"], data["resourceId"], data["consentType"]) == (principal.id, resource.id, "AllPrincipals"):
            grant.put(now, scope=" ".join(dict.fromkeys([*data["scope"].split(), *wanted])))
            return
    if wanted:
        store_grant(tenant, principal.id, resource.id, " ".join(wanted), now)
