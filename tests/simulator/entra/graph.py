# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph v1.0: token, route, permission, schema, then the handler."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web
from multidict import CIMultiDict

from ..journal import ENTRY, Entry
from . import (
    applications,
    batch,
    deleted,
    delta,
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
from .call import GRAPH_APP_ID, Answer, Call, Caller, Route, alternate_key, split_path
from .errors import GraphError, bad_request, bad_token, denied
from .odata import parse_query

if TYPE_CHECKING:
    from .tenant import Tenant

log = logging.getLogger("simulator")

ROUTES: dict[tuple[str, str], Route] = {}
for _module in (applications, deleted, delta, federation, grants, owners, passwords, policies, principals, users):
    ROUTES.update(_module.ROUTES)
SHAPES = {shape for _method, shape in ROUTES}

_KEYED = {"applications/{}": "application", "serviceprincipals/{}": "servicePrincipal"}


@dataclass(frozen=True)
class Ask:
    """One request, alone or in a batch: ``path`` below the version, ``root`` the address with the version."""

    method: str
    path: str
    root: str
    headers: Mapping[str, str]
    raw: bytes


class Graph:
    """The service; ``handle`` takes the path below the version."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def handle(self, request: web.Request, rest: str) -> web.StreamResponse:
        entry = request[ENTRY]
        version = entry.path.split("/")[1]
        root = f"{self.tenant.world.asked(request)}/{version}"
        raw = await request.read()
        path = rest.partition("?")[0]

        def work() -> Answer:
            if path.lower() == "$batch" and request.method == "POST":
                return self._batch(request.headers, entry, root, raw)
            return self._answer(Ask(request.method, path, root, request.headers, raw), entry)

        status, headers, answer = self._respond(entry, request.headers, work)
        if isinstance(answer, tuple):
            return web.Response(status=status, body=answer[0], content_type=answer[1], headers=headers)
        if answer is None:
            return web.Response(status=status, headers=headers)
        return web.json_response(answer, status=status, headers=headers)

    def _respond(
        self, entry: Entry, asked: Mapping[str, str], work: Callable[[], Answer]
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body of one request: JSON, nothing, or bytes with their type."""
        world = self.tenant.world
        request_id = world.ids.uuid()
        headers = {
            "request-id": request_id,
            "client-request-id": asked.get("client-request-id", request_id),
            "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Simulator","Slice":"E","Ring":"1","ScaleUnit":"001"}}',
            "Strict-Transport-Security": "max-age=31536000",
            "OData-Version": "4.0",
        }
        try:
            answer = work()
        except GraphError as error:
            entry.code = error.code
            headers.update(error.headers)
            date = world.now().strftime("%Y-%m-%dT%H:%M:%S")
            return error.status, headers, error.body(date, request_id, headers["client-request-id"])
        headers.update(answer.headers)
        if answer.body is not None:
            headers["x-ms-resource-unit"] = "1" if "$select" in entry.query else "2"
        return answer.status, headers, answer.raw or answer.body

    def _batch(self, asked: Mapping[str, str], entry: Entry, root: str, payload: bytes) -> Answer:
        self._authenticate(asked, self.tenant.world.now())
        journal = self.tenant.world.journal

        def one(method: str, address: str, headers: dict[str, str], raw: bytes) -> tuple[int, dict[str, str], Any]:
            path, _mark, query = address.partition("?")
            place = f"/{root.rsplit('/', 1)[1]}{path}"
            item = journal.open(self.tenant.world.now(), "graph", None, method, place, query)
            item.internal, item.auth = entry.internal, entry.auth
            held = CIMultiDict({**headers, "Authorization": asked.get("Authorization", "")})
            ask = Ask(method, path, root, held, raw)
            status, told, answer = self._respond(item, held, lambda: self._answer(ask, item))
            item.status, item.done = status, True
            if isinstance(answer, tuple):
                answer = base64.b64encode(answer[0]).decode() if "text" not in answer[1] else answer[0].decode()
            return status, told, answer

        return Answer(200, batch.run(payload, one))

    def _answer(self, ask: Ask, entry: Entry) -> Answer:
        tenant = self.tenant
        now = tenant.world.now()
        caller = self._authenticate(ask.headers, now)
        if not entry.internal:
            entry.client = caller.app_id
        shape, keys, cast = split_path(ask.path)
        counting = shape.endswith("/$count")
        shape = shape.removesuffix("/$count")
        route = ROUTES.get((ask.method, shape))
        if route is None and shape in SHAPES:
            raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        if route is None or (counting and not (route.answer or "").startswith("[")):
            segment = "$count" if counting else shape.rsplit("/", maxsplit=1)[-1]
            raise GraphError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")
        head = "/".join(shape.split("/")[:2])
        if head in _KEYED and keys:
            alternate_key(_KEYED[head], keys[0][0])
        call = Call(
            tenant=tenant,
            method=ask.method,
            shape=shape,
            keys=list(keys),
            cast=cast,
            query=parse_query(entry.query),
            raw_query=entry.query,
            root=ask.root,
            address=f"{ask.root}/{ask.path.strip('/')}",
            headers=ask.headers,
            caller=caller,
            now=now,
            counting=counting,
        )
        tenant.begin(ask.method, now)
        call.body = _body(ask, route)
        entry.body = call.body
        self._authorize(call, route)
        if route.request is not None and call.body is not None:
            self._check_request(route.request, call.body)
        answer = route.handler(call)
        if answer.body is not None and route.answer is not None:
            self._check_answer(route.answer, answer.body, call)
        return answer

    def _authenticate(self, headers: Mapping[str, str], now: Any) -> Caller:
        header = headers.get("Authorization", "")
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise bad_token("Access token is empty.")
        self.tenant.world.secrets.add(token.strip(), "presented token")
        caller = self.tenant.tokens.get(token.strip())
        if caller is None:
            raise bad_token("CompactToken parsing failed.")
        if caller.service != GRAPH_APP_ID:
            raise bad_token("Access token validation failure. Invalid audience.")
        if caller.expires <= now:
            raise bad_token("Lifetime validation failed, the token is expired.")
        return caller

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

    def _check_answer(self, kind: str, body: dict[str, Any], call: Call) -> None:
        items: list[Any] = [body]
        if kind.startswith("["):
            kind, items = call.cast or kind[1:-1], body["value"]
        if call.expanded:
            inner = schema.navigation(kind)[call.expanded].strip("[]!")
            for item in items:
                related = {"value": item[call.expanded]}
                self._check_answer(f"[{inner}]", related, replace(call, expanded=None, cast=None))
            items = [{name: value for name, value in item.items() if name != call.expanded} for item in items]
        for item in items:
            if "@removed" in item:
                continue
            actual = str(item.get("@odata.type", kind)).removeprefix("#microsoft.graph.")
            problems = schema.check(actual, item)
            if problems:
                log.error("an answer does not fit the schema: %s: %s", actual, "; ".join(problems))
                raise RuntimeError(f"answer of type {actual} does not fit the schema: {'; '.join(problems)}")


def _body(ask: Ask, route: Route) -> Any:
    """The JSON of a write. Raises 400 for what is none."""
    if ask.method not in ("POST", "PATCH", "PUT"):
        return None
    if not ask.raw:
        if route.request is not None and not route.request.startswith("action:"):
            raise GraphError(400, "BadRequest", "Empty Payload. JSON content expected.")
        return {} if route.request is not None else None
    if route.request is None:
        return None
    if not ask.headers.get("Content-Type", "").lower().startswith("application/json"):
        raise GraphError(400, "BadRequest", "A supported MIME type could not be found that matches the content type.")
    try:
        body = json.loads(ask.raw)
    except ValueError as error:
        raise GraphError(400, "BadRequest", "Unable to read JSON request payload.") from error
    if not isinstance(body, dict):
        raise GraphError(400, "BadRequest", "Unable to read JSON request payload: an object is expected.")
    return body
