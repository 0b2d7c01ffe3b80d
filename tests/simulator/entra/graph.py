# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph v1.0: token, route, permission, schema, then the handler."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..journal import ENTRY
from . import (
    applications,
    deleted,
    federation,
    grants,
    owners,
    passwords,
    permissions,
    policies,
    principals,
    schema,
    users,
)
from .call import Answer, Call, Caller, Route, alternate_key, split_path
from .errors import GraphError, bad_request, bad_token, denied
from .odata import parse_query

if TYPE_CHECKING:
    from .tenant import Tenant

log = logging.getLogger("simulator")

ROUTES: dict[tuple[str, str], Route] = {}
for _module in (applications, deleted, federation, grants, owners, passwords, policies, principals, users):
    ROUTES.update(_module.ROUTES)
SHAPES = {shape for _method, shape in ROUTES}

_KEYED = {"applications/{}": "application", "serviceprincipals/{}": "servicePrincipal"}


class Graph:
    """The service; ``handle`` takes the path below the version."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def handle(self, request: web.Request, rest: str) -> web.StreamResponse:
        tenant = self.tenant
        now = tenant.world.now()
        request_id = tenant.world.ids.uuid()
        headers = {
            "request-id": request_id,
            "client-request-id": request.headers.get("client-request-id", request_id),
            "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"1","ScaleUnit":"001"}}',
            "Strict-Transport-Security": "max-age=31536000",
            "OData-Version": "4.0",
        }
        entry = request[ENTRY]
        try:
            answer = await self._answer(request, rest)
        except GraphError as error:
            entry.code = error.code
            headers.update(error.headers)
            body = error.body(now.strftime("%Y-%m-%dT%H:%M:%S"), request_id, headers["client-request-id"])
            return web.json_response(body, status=error.status, headers=headers)
        headers.update(answer.headers)
        if answer.raw is not None:
            return web.Response(body=answer.raw[0], content_type=answer.raw[1], headers=headers)
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        headers["x-ms-resource-unit"] = "1" if "$select" in entry.query else "2"
        return web.json_response(
            answer.body,
            status=answer.status,
            headers=headers,
            content_type="application/json",
        )

    async def _answer(self, request: web.Request, rest: str) -> Answer:
        tenant = self.tenant
        entry = request[ENTRY]
        now = tenant.world.now()
        caller = self._authenticate(request, now)
        if not entry.internal:
            entry.client = caller.app_id
        shape, keys, cast = split_path(rest.partition("?")[0])
        route = ROUTES.get((request.method, shape))
        if route is None:
            if shape in SHAPES:
                raise GraphError(
                    405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."
                )
            raise GraphError(
                400, "BadRequest", f"Resource not found for the segment '{shape.rsplit('/', maxsplit=1)[-1]}'."
            )
        head = "/".join(shape.split("/")[:2])
        if head in _KEYED and keys:
            alternate_key(_KEYED[head], keys[0][0])
        call = Call(
            tenant=tenant,
            method=request.method,
            shape=shape,
            keys=list(keys),
            cast=cast,
            query=parse_query(entry.query),
            raw_query=entry.query,
            address=f"{tenant.world.graph_url}{entry.path}",
            headers=request.headers,
            caller=caller,
            now=now,
        )
        tenant.begin(request.method, now)
        call.body = await self._body(request, route)
        entry.body = call.body
        self._authorize(call, route)
        if route.request is not None and call.body is not None:
            self._check_request(route.request, call.body)
        answer = route.handler(call)
        if answer.body is not None and route.answer is not None:
            self._check_answer(route.answer, answer.body, call.cast)
        return answer

    def _authenticate(self, request: web.Request, now: Any) -> Caller:
        header = request.headers.get("Authorization", "")
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise bad_token("Access token is empty.")
        self.tenant.world.secrets.add(token.strip(), "presented token")
        caller = self.tenant.tokens.get(token.strip())
        if caller is None:
            raise bad_token("CompactToken parsing failed or the token is not for this audience.")
        if caller.expires <= now:
            raise bad_token("Lifetime validation failed, the token is expired.")
        return caller

    async def _body(self, request: web.Request, route: Route) -> Any:
        if request.method not in ("POST", "PATCH", "PUT"):
            return None
        raw = await request.read()
        if not raw:
            if route.request is not None and not route.request.startswith("action:"):
                raise GraphError(400, "BadRequest", "Empty Payload. JSON content expected.")
            return {} if route.request is not None else None
        if route.request is None:
            return None
        if not request.content_type.startswith("application/json"):
            raise GraphError(
                400, "BadRequest", "A supported MIME type could not be found that matches the content type."
            )
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise GraphError(400, "BadRequest", "Unable to read JSON request payload.") from error
        if not isinstance(body, dict):
            raise GraphError(400, "BadRequest", "Unable to read JSON request payload: an object is expected.")
        return body

    def _authorize(self, call: Call, route: Route) -> None:
        caller = call.caller
        owned: bool | None = None
        for rule in route.rules:
            method, colon, path = rule.partition(":")
            if not colon:
                method, path = call.method, rule
            names = permissions.granting(path, method, caller.held)
            if any(not name.endswith(".OwnedBy") for name in names):
                continue
            if route.owner is None:
                if names and self.tenant.owned_by_lists(call.method):
                    continue
                raise denied()
            if owned is None:
                owned = self._owns(call, route)
            if owned is None:
                owned = bool(names)  # nothing there: the handler answers 404 or creates it
            if not (owned and (names or route.owner_suffices)):
                raise denied()

    def _owns(self, call: Call, route: Route) -> bool | None:
        assert route.owner is not None
        record = route.owner(call)
        if record is None:
            return None
        return self.tenant.owns(call.caller, record)

    def _check_request(self, kind: str, body: Any) -> None:
        if kind.startswith("action:"):
            problems = schema.check_action(kind.removeprefix("action:"), body)
        elif kind == "reference":
            problems = (
                [] if set(body) == {"@odata.id"} and isinstance(body["@odata.id"], str) else ["'@odata.id' is needed"]
            )
        else:
            problems = schema.check(kind, body)
        if problems:
            raise bad_request(f"Invalid value specified in the request body: {'; '.join(problems)}.")

    def _check_answer(self, kind: str, body: dict[str, Any], cast: str | None) -> None:
        items: Iterable[Any] = [body]
        if kind.startswith("["):
            kind, items = cast or kind[1:-1], body["value"]
        for item in items:
            actual = str(item.get("@odata.type", kind)).removeprefix("#microsoft.graph.")
            problems = schema.check(actual, item)
            if problems:
                log.error("an answer does not fit the schema: %s: %s", actual, "; ".join(problems))
                raise RuntimeError(f"answer of type {actual} does not fit the schema: {'; '.join(problems)}")
