# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authorize page of the authorization-code flow, as a form with one button."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from ..journal import ENTRY
from .tokens import GRAPH_APP_ID, SIGN_IN_SCOPES

if TYPE_CHECKING:
    from .tenant import Tenant

FIELDS = ("client_id", "response_type", "redirect_uri", "scope", "state", "response_mode")
CODE_LIFETIME = timedelta(minutes=10)


def _error(request: web.Request, number: int, text: str) -> web.Response:
    request[ENTRY].code = f"AADSTS{number}"
    body = (
        "<!DOCTYPE html><html><head><title>Sign in</title></head><body>"
        f"<h1>Sorry, but we're having trouble signing you in.</h1><p>AADSTS{number}: {escape(text)}</p></body></html>"
    )
    return web.Response(status=400, text=body, content_type="text/html")


async def page(tenant: Tenant, request: web.Request) -> web.Response:
    """GET shows the form or an error page; POST of the form redirects back with a code."""
    posted = await request.post() if request.method == "POST" else None
    source = request.query if posted is None else posted
    values = {name: str(source.get(name, "")) for name in FIELDS}
    client_id, redirect_uri = values["client_id"], values["redirect_uri"]
    request[ENTRY].client = client_id or None
    application = tenant.find("application", "appId", client_id)
    if application is None:
        return _error(request, 700016, f"Application with identifier '{client_id}' was not found in the directory.")
    registered = application.data["web"]["redirectUris"]
    if redirect_uri not in registered:
        return _error(
            request,
            50011,
            f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs "
            f"configured for the application '{client_id}'.",
        )
    if values["response_type"] != "code":
        return _error(request, 700054, "response_type is not enabled for the application; only 'code' is.")
    principal = tenant.find("servicePrincipal", "appId", client_id)
    user = tenant.store.records("user")[0]
    wanted = {name.rsplit("/", 1)[-1] for name in values["scope"].split()}
    if ".default" in wanted:
        wanted = wanted - {".default"} | _requested_scopes(tenant, application.data["requiredResourceAccess"])
    granted = tenant.granted_scopes(principal.id, user.id) if principal else set()
    missing = wanted - SIGN_IN_SCOPES - granted
    if principal is None or missing or not wanted - SIGN_IN_SCOPES:
        return _error(
            request,
            65001,
            f"The user or administrator has not consented to use the application with ID '{client_id}'. "
            "Send an interactive authorization request for this user and resource.",
        )
    if posted is None:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values.items()
        )
        body = (
            "<!DOCTYPE html><html><head><title>Permissions requested</title></head><body>"
            f"<p>{escape(user.data['userPrincipalName'])}</p>"
            f'<form method="post" action="{escape(request[ENTRY].path)}">{hidden}'
            '<button type="submit">Accept</button></form></body></html>'
        )
        return web.Response(text=body, content_type="text/html")
    code = tenant.world.ids.text(48)
    tenant.world.secrets.add(code, "authorization code")
    tenant.codes[code] = {
        "app_id": client_id,
        "user_id": user.id,
        "redirect_uri": redirect_uri,
        "scopes": sorted(wanted),
        "expires": tenant.world.now() + CODE_LIFETIME,
    }
    answer = {"code": code, "session_state": tenant.world.ids.uuid()}
    if values["state"]:
        answer["state"] = values["state"]
    mark = "&" if "?" in redirect_uri else "?"
    return web.Response(status=302, headers={"Location": f"{redirect_uri}{mark}{urlencode(answer)}"})


def _requested_scopes(tenant: Tenant, required: list[dict]) -> set[str]:  # type: ignore[type-arg]
    resource = tenant.find("servicePrincipal", "appId", GRAPH_APP_ID)
    names = {item["id"]: item["value"] for item in resource.data["oauth2PermissionScopes"]} if resource else {}
    return {
        names[access["id"]]
        for item in required
        if item["resourceAppId"] == GRAPH_APP_ID
        for access in item["resourceAccess"]
        if access["type"] == "Scope" and access["id"] in names
    }
