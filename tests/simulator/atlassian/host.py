# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Atlassian host with User Sync: ``Host(world, spec)``, the interface is described in ``world.py``."""

from __future__ import annotations

import base64
import binascii
import copy
import typing as t

from aiohttp import web

from ..journal import ENTRY
from . import answers, products, settings
from .call import Call, RequestFaults
from .entra import Credentials
from .guard import Denied, Guard, User, xsrf_refusal
from .resource import Resource
from .servlets import SSO, Servlets
from .store import Connector, Place, Refused, Store
from .sync import Syncs
from .traits import Traits
from .vault import Vault

Json = dict[str, t.Any]
KEPT_SESSIONS = 500


class Host:
    """A Jira, Confluence, Bitbucket or Bamboo with its connectors, users and sessions."""

    def __init__(self, world: t.Any, spec: t.Any) -> None:
        self.world = world
        self.traits = Traits.of(spec)
        self.base_url: str = world.url_of(spec)
        self._cookie_path: str = spec.path
        self._requests = 0
        original = world.hosts[self.traits.clone_of] if self.traits.clone_of else None
        key = original.store.vault.key if original else None
        vault = Vault(self.traits.secret_visibility, self.traits.mask_on_put, key)
        self.store = Store(self.traits, vault, world.now, world.ids.uuid)
        self.guard = Guard(self.traits, world.now)
        self.syncs = Syncs(self)
        self.resource = Resource(self)
        self.servlets = Servlets(self)
        for user in self.guard.users.values():
            for value in (user.password, user.token, user.api_token):
                world.secrets.add(value, "host login")
        if original is not None:
            self.store.clone(original.store)
        for given in self.traits.connectors or []:
            self._seed(dict(given))

    # -- what the kernel uses --------------------------------------------------------------------------------------

    async def handle(self, request: web.Request, tail: str) -> web.StreamResponse:
        """One request; tail is the raw path below the base URL, beginning with a slash or empty."""
        entry = request[ENTRY]
        self._register_login(request)
        session = self.guard.session(request, self._next_node)
        faults = RequestFaults(self.world, self.traits.name, request.method, entry.path)
        lag = faults.get("node_lag")
        nodes = max(self.traits.nodes, 2 if lag else 1)
        place = Place(session.node % nodes, nodes, float((lag or {}).get("seconds", self.traits.node_lag)))
        call = Call(request, tail.lstrip("/"), self.base_url, faults, session, place)
        try:
            response = self._door(call) or await self._serve(call)
        except Denied as denied:
            response, entry.code = denied.response, denied.code
            entry.client = entry.client or denied.client
        except Refused as refused:
            response = answers.rest_error(refused.status, refused.message)
            entry.code = refused.message
        if request.cookies.get("JSESSIONID") != session.id:
            response.set_cookie("JSESSIONID", session.id, path=self._cookie_path, secure=True, httponly=True)
        if nodes > 1:
            response.headers["X-ANODEID"] = self.node_name(place)
        return response

    def snapshot(self) -> Json:
        """The state without any secret."""
        return {
            "product": self.traits.product,
            "generation": self.traits.generation,
            "connectors": [self._shown(connector) for connector in self.store.connectors.values()],
            "directories": {
                str(number): {"name": directory.name, "users": len(directory.users)}
                for number, directory in self.store.directories.items()
            },
            "syncs": [run.as_dict() for run in self.syncs.runs[-5:]],
            "captcha": sorted(user.name for user in self.guard.users.values() if user.captcha),
        }

    def held_credential(self) -> tuple[str, str, str] | None:
        """(tenant, client id, secret) of the oldest connector, in clear; None where any of them is missing."""
        for connector in self.store.connectors.values():
            login = self.credentials(connector)
            if login.tenant and login.client_id and login.secret:
                return login.tenant, login.client_id, login.secret
            return None
        return None

    @property
    def connector_id(self) -> str | int | None:
        """The id of the oldest connector."""
        first = next(iter(self.store.connectors), None)
        return int(first) if first is not None and first.isdigit() else first

    def close(self) -> None:
        """Cancel running syncs."""
        self.syncs.close()

    # -- routing ---------------------------------------------------------------------------------------------------

    def _door(self, call: Call) -> web.Response | None:
        """What answers in place of the product, or before it looks at the request."""
        if not call.faults:
            return None
        if "down" in call.faults:
            if call.request.transport is not None:
                call.request.transport.abort()
            raise web.HTTPBadGateway  # nobody gets it; the kernel leaves the journal's status empty
        if "restarting" in call.faults:
            return answers.restarting()
        if "sso_redirect" in call.faults and call.path != SSO:
            return web.Response(status=302, headers={"Location": f"{self.base_url}/{SSO}?redirectTo=%2F"})
        if "html" in call.faults:
            return answers.login_page()
        return None

    async def _serve(self, call: Call) -> web.Response:
        if self.traits.encoded_slash == "refused" and "%2f" in call.path.lower():
            return answers.page("HTTP Status 400 - Bad Request", "<h1>HTTP Status 400 - Bad Request</h1>", 400)
        page = await self.servlets.handle(call)
        if page is not None:
            return page
        user = self.identify(call)
        found = products.probe(self.traits, call)
        if found is not None:
            return found
        if call.path == "":
            return answers.page(self.traits.name, f"<h1>{self.traits.name}</h1>")
        segments = call.segments
        match segments:
            case ["rest", "samlsso-admin", "1.0" | "latest", *rest]:
                return await self._limited(call, user, rest)
            case ["rest", "pat", "latest" | "1.0", "tokens"] if self.traits.product in products.TOKEN_LISTS:
                if user is None:
                    raise Denied(answers.anonymous(), "anonymous")
                return answers.as_json(self.guard.tokens(user))
            case ["rest", "plugins", "1.0", *rest]:
                self.guard.require_admin(user, call.faults, 401)
                return products.upm(self.traits, call, rest)
            case ["rest", "basicauth", "1.0", "config"]:
                self._protect(call, user)
                return await self._basic_config(call)
        return answers.app_missing()

    async def _limited(self, call: Call, user: User | None, rest: list[str]) -> web.Response:
        """User Sync's resource behind the product's own filters: the rate limit comes before the resource."""
        if "app_missing" in call.faults or "app_disabled" in call.faults:
            return answers.app_missing()
        wait, told = self.guard.permit(user.name if user else "", call.place.node, call.faults.get("rate_limit"))
        if wait is not None:
            raise Denied(answers.rest_error(429, "Rate limit exceeded.", told), "rate_limit")
        refusal = answers.trouble(call)
        if refusal is not None:
            return refusal
        self._protect(call, user)
        response = await self.resource.handle(call, rest)
        response.headers.update(told)
        return response

    def identify(self, call: Call) -> User | None:
        """The user behind the call, noted in the journal; raises Denied for a refused login."""
        login_url = f"{self.base_url}/{products.LOGIN_PATHS[self.traits.product]}"
        user = self.guard.identify(call.request, call.path, call.session, login_url, call.faults)
        if user is not None:
            call.request[ENTRY].client = user.name
        return user

    def _protect(self, call: Call, user: User | None) -> None:
        """The filters before an administrator's REST resource."""
        refusal = xsrf_refusal(call.request, call.origin) if self.traits.xsrf else None
        if call.method == "POST" and "xsrf" in call.faults:
            refusal = answers.rest_error(403, "XSRF check failed")
        admin = self.guard.require_admin(user, call.faults)
        if refusal is not None:
            raise Denied(refusal, "xsrf", admin.name)
        self.guard.require_websudo(call.session, admin, call.faults)

    async def _basic_config(self, call: Call) -> web.Response:
        if call.method == "PUT":
            body = await call.request.json()
            self.guard.basic_config |= {key: body[key] for key in self.guard.basic_config if key in body}
        return answers.as_json(self.guard.basic_config)

    def _next_node(self) -> int:
        self._requests += 1
        if len(self.guard.sessions) > KEPT_SESSIONS:
            del self.guard.sessions[next(iter(self.guard.sessions))]
        return self._requests - 1

    def _register_login(self, request: web.Request) -> None:
        scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                value = base64.b64decode(value, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return
        self.world.secrets.add(value, "presented to a host")

    def node_name(self, place: Place) -> str:
        """How status objects name the node."""
        return f"node{place.node + 1}" if place.nodes > 1 else "NOT_CLUSTERED"

    # -- connectors ------------------------------------------------------------------------------------------------

    def credentials(self, connector: Connector) -> Credentials:
        """What the connector holds to log in with, in clear."""
        leaf = self.store.leaf
        tenant, client_id = str(leaf(connector, "tenant_id") or ""), str(leaf(connector, "application_id") or "")
        flow = "authorization_code" if self.traits.old_flow_only else leaf(connector, "flow") or "client_credentials"
        token = connector.refresh_token if connector.authorized_for == (tenant, client_id) else None
        return Credentials(tenant, client_id, str(leaf(connector, "client_secret") or ""), flow, token)

    def is_authorized(self, connector: Connector) -> bool:
        """Whether the Authorize step was done for the application that the connector names now."""
        return self.credentials(connector).refresh_token is not None

    def authorize(self, connector: Connector, refresh_token: str, application: tuple[str, str]) -> None:
        """Keep what the Authorize step brought."""
        connector.refresh_token, connector.authorized_for = refresh_token, application
        self.world.secrets.add(refresh_token, "refresh token")
        self.world.timeline.add("host_authorized", host=self.traits.name, client_id=application[1])

    def credentials_changed(self, connector: Connector) -> None:
        """Tell the world that the connector holds another secret, application or tenant."""
        login = self.credentials(connector)
        self.world.secrets.add(login.secret, "connector secret")
        if self.traits.secret_visibility == "encrypted" and login.secret:
            self.world.secrets.add(self.store.vault.seal(login.secret), "connector secret, encrypted")
        self.world.timeline.add("secret_set", host=self.traits.name, client_id=login.client_id)

    def connector_deleted(self, connector: Connector) -> None:
        """Tell the world that a connector is gone."""
        self.world.timeline.add(
            "connector_deleted", host=self.traits.name, client_id=self.credentials(connector).client_id
        )

    def click_create(self, name: str = "Azure AD", **leaves: t.Any) -> str:
        """What a person does with "Create Connector", whatever the API refuses; returns the id."""
        return self._seed({"name": name, **leaves}).id

    def click_delete(self, connector_id: str) -> None:
        """What a person does with "Delete"."""
        self.connector_deleted(self.store.delete(connector_id))

    def _seed(self, given: Json) -> Connector:
        """A connector made by hand: canonical leaf names, plus id and extra (more members of the tree)."""
        style = self.traits.key_style
        connector_id, extra = given.pop("id", None), given.pop("extra", {})
        body = settings.default_configuration(style, self.traits.generation) | copy.deepcopy(extra)
        for leaf, value in given.items():
            settings.set_leaf(body, style, leaf, value)
        connector = self.store.create(body, connector_id=None if connector_id is None else str(connector_id))
        self.credentials_changed(connector)
        return connector

    def _shown(self, connector: Connector) -> Json:
        login = self.credentials(connector)
        directory = self.store.directories.get(self.store.leaf(connector, "directory_id"))
        return {
            "id": connector.id,
            "name": self.store.leaf(connector, "name"),
            "application_id": login.client_id,
            "tenant_id": login.tenant,
            "flow": login.flow,
            "has_secret": bool(login.secret),
            "authorized": login.refresh_token is not None,
            "schedule_enabled": self.store.leaf(connector, "schedule_enabled"),
            "users": len(directory.users) if directory else 0,
        }


def export_document(host: Host, connector_ids: t.Sequence[str] | None = None) -> t.Any:
    """What the export button writes, as parsed JSON: one wrapper, or a list of them; secrets in clear (assumed)."""
    ids = list(connector_ids) if connector_ids is not None else list(host.store.connectors)
    wrappers = [
        {"uniqueId": number, "configuration": copy.deepcopy(host.store.connectors[number].configuration)}
        for number in ids
    ]
    return wrappers[0] if len(wrappers) == 1 else wrappers
