# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of a host: login, websudo, User Sync's settings, the Authorize step of the old flow (FIDELITY.md)."""

from __future__ import annotations

import html
import secrets
import typing as t
import urllib.parse

from aiohttp import web

from . import answers, products
from .call import Call
from .entra import DELEGATED_SCOPES, EntraClient, EntraFailure
from .guard import User
from .store import Connector

if t.TYPE_CHECKING:
    from .host import Host

ADMIN = "plugins/servlet/de.resolution.usersync/admin"
ADMIN_NEW = "plugins/servlet/samlsso/usersync"
EDIT = ADMIN + "/editconnector"
AUTHORIZE = "plugins/servlet/de.resolution.usersync/oauth2/authorize"
SSO = "plugins/servlet/samlsso"


class Servlets:
    """Pages for a person with a browser. They want a session (login form) or Basic authentication."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.traits = host.traits
        self._states: dict[str, str] = {}

    async def handle(self, call: Call) -> web.Response | None:
        """The page at the path, or None when it is none of ours."""
        product = self.traits.product
        if call.path == products.LOGIN_PATHS[product]:
            return await self._login(call)
        if call.path == "rest/tsv/1.0/authenticate" and call.method == "POST":
            return await self._tsv(call)
        if call.path.startswith(products.ELEVATE + "/") and self.traits.elevation:
            return await self._elevate(call, call.path.rpartition("/")[2])
        if product in products.WEBSUDO_FORMS and call.path == products.WEBSUDO_FORMS[product][0]:
            return await self._websudo(call, products.WEBSUDO_FORMS[product][1])
        if call.path in (ADMIN, ADMIN_NEW, EDIT, AUTHORIZE):
            return await self._user_sync(call)
        if call.path == SSO:
            return answers.page("Sign in", "<h1>Sign in at the identity provider</h1>")
        return None

    # -- getting in ------------------------------------------------------------------------------------------------

    async def _login(self, call: Call) -> web.Response:
        target = call.request.query.get("os_destination", "")
        if call.method != "POST":
            return answers.login_page(200, target)
        form = await call.request.post()
        name = str(form.get("os_username") or form.get("j_username") or "")
        password = str(form.get("os_password") or form.get("j_password") or "")
        if not self.host.guard.web_login(call.session, name, password):
            return answers.login_page(200, target)
        target = str(form.get("os_destination") or "") or ADMIN
        return _redirect(f"{call.base_url}/{target.lstrip('/')}")

    async def _tsv(self, call: Call) -> web.Response:
        try:
            body = await call.request.json()
            name, password = str(body["username"]), str(body["password"])
        except (ValueError, KeyError, TypeError):
            return answers.rest_error(400, "username and password are required")
        if not self.host.guard.web_login(call.session, name, password):
            return answers.rest_error(401, "Authentication failed")
        return answers.as_json({"status": "SUCCESS", "targetUrl": body.get("targetUrl") or "/"})

    async def _websudo(self, call: Call, field: str) -> web.Response:
        user = self.host.guard.require_admin(self.host.identify(call), call.faults)
        if call.method != "POST":
            return answers.page("Administrator Access", "<h1>Administrator Access</h1>")
        if call.request.headers.get("X-Atlassian-Token", "") not in ("no-check", "nocheck"):
            return answers.page("XSRF Security Token Missing", "<h1>XSRF Security Token Missing</h1>", 403)
        form = await call.request.post()
        if not self.host.guard.elevate(call.session, user, str(form.get(field) or "")):
            return answers.page("Administrator Access", "<h1>Administrator Access</h1><p>Wrong password</p>", 401)
        return _redirect(f"{call.base_url}/secure/admin")

    async def _elevate(self, call: Call, how: str) -> web.Response:
        """Elevation by REST. A user with an authenticator app needs its code, which the password is no way round."""
        user = self.host.guard.require_admin(self.host.identify(call), call.faults)
        if call.method != "POST" or how not in ("password", "totp", "recovery-code"):
            return answers.rest_error(405, "HTTP 405 Method Not Allowed", {"Allow": "POST"})
        try:
            body = await call.request.json()
        except ValueError:
            return answers.rest_error(400, "A JSON object is expected")
        if how == "password" and self.traits.totp:
            return answers.rest_error(403, "Two-step verification is on for this user: a TOTP code is required")
        given = str(body.get("password") or "") if isinstance(body, dict) else ""
        if how != "password" or not self.host.guard.elevate(call.session, user, given):
            return answers.rest_error(401, "Authentication failed")
        return answers.as_json({"status": "SUCCESS"})

    def _person(self, call: Call) -> User | None:
        """The administrator behind a page request; None when the login page has to come first."""
        user = self.host.identify(call)
        return None if user is None else self.host.guard.require_admin(user, call.faults)

    # -- User Sync's own pages -----------------------------------------------------------------------------------------

    async def _user_sync(self, call: Call) -> web.Response:
        if "app_missing" in call.faults:
            return answers.page("Oops", "<h1>404: there is no such page</h1>", 404)
        if self._person(call) is None:
            query = f"?{call.request.query_string}" if call.request.query_string else ""
            target = urllib.parse.quote(call.path + query, safe="")
            return _redirect(f"{call.base_url}/{products.LOGIN_PATHS[self.traits.product]}?os_destination={target}")
        if call.path == AUTHORIZE:
            return await self._authorize(call)
        if call.path == EDIT:
            return self._edit(call)
        return await self._admin(call)

    async def _admin(self, call: Call) -> web.Response:
        if call.method == "POST":
            form = await call.request.post()
            if form.get("create"):
                self.host.click_create(str(form["create"]))
            if form.get("delete") in self.host.store.connectors:
                self.host.click_delete(str(form["delete"]))
            return _redirect(f"{call.base_url}/{ADMIN}")
        rows = "".join(
            f"<tr><td>{html.escape(str(self.host.store.leaf(connector, 'name')))}</td>"
            f'<td><a href="{call.base_url}/{EDIT}?id={connector.id}">Edit</a></td></tr>'
            for connector in self.host.store.connectors.values()
        )
        create = '<form method="post"><input name="create" value="Azure AD"><button>Create Connector</button></form>'
        return answers.page(
            "User Sync",
            f'<h1>User Sync</h1><table><tbody id="usersync-connector-table-body">{rows}</tbody></table>{create}',
        )

    def _edit(self, call: Call) -> web.Response:
        connector = self.host.store.connectors.get(call.request.query.get("id", ""))
        if connector is None:
            return answers.page("User Sync", "<h1>No such connector</h1>", 404)
        inner = f"<h1>{html.escape(str(self.host.store.leaf(connector, 'name')))}</h1>"
        application = html.escape(str(self.host.store.leaf(connector, "application_id")))
        inner += f"<p>Application ID <code>{application}</code></p>"
        if self.host.credentials(connector).flow == "authorization_code":
            state = "Authorized" if self.host.is_authorized(connector) else "Not authorized"
            inner += f'<p id="authorization-state">{state}</p>'
            inner += f'<a id="authorize" href="{call.base_url}/{AUTHORIZE}?id={connector.id}">Authorize</a>'
        failure = call.request.query.get("error")
        if failure:
            inner += f'<p id="authorization-error">{html.escape(failure)}</p>'
        return answers.page("User Sync connector", inner)

    # -- the old flow ----------------------------------------------------------------------------------------------

    async def _authorize(self, call: Call) -> web.Response:
        query = call.request.query
        if "code" in query or "error" in query:
            return await self._come_back(call)
        connector = self.host.store.connectors.get(query.get("id", ""))
        if connector is None:
            return answers.page("User Sync", "<h1>No such connector</h1>", 404)
        login = self.host.credentials(connector)
        if login.flow != "authorization_code":
            return answers.page("User Sync", "<h1>This connector uses client credentials</h1>", 400)
        state = secrets.token_urlsafe(16)
        self._states[state] = connector.id
        asked = {
            "client_id": login.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": f"{call.base_url}/{AUTHORIZE}",
            "scope": DELEGATED_SCOPES,
            "state": state,
        }
        return _redirect(f"{self.host.world.authorize_url(login.tenant)}?{urllib.parse.urlencode(asked)}")

    async def _come_back(self, call: Call) -> web.Response:
        query = call.request.query
        connector = self.host.store.connectors.get(self._states.pop(query.get("state", ""), ""))
        if connector is None:
            return answers.page("User Sync", "<h1>Unknown state</h1>", 400)
        if "error" in query:
            return self._back_to(call, connector, query.get("error_description") or query["error"])
        login = self.host.credentials(connector)
        world = self.host.world
        client = EntraClient(
            world.client_session(),
            world.token_url(login.tenant),
            world.graph_url,
            login,
            world.host_headers(self.traits.name),
        )
        try:
            token = await client.redeem(query["code"], f"{call.base_url}/{AUTHORIZE}")
        except EntraFailure as failure:
            return self._back_to(call, connector, str(failure))
        self.host.authorize(connector, token, (login.tenant, login.client_id))
        return self._back_to(call, connector, None)

    def _back_to(self, call: Call, connector: Connector, failure: str | None) -> web.Response:
        """To the connector's settings, where the guide says the person ends up."""
        query = {"id": connector.id} | ({"error": failure} if failure else {})
        return _redirect(f"{call.base_url}/{EDIT}?{urllib.parse.urlencode(query)}")


def _redirect(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location})
