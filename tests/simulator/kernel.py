# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands around every service: routing by path, journal, faults."""

from __future__ import annotations

import asyncio
import logging
import warnings
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import processes
from .entra import management
from .faults import Fault
from .journal import ENTRY, Entry

if TYPE_CHECKING:
    from .recorder import Recorder
    from .world import World

log = logging.getLogger("simulator")
# Typed keys of a request came with aiohttp 3.14; the plain ones work with all versions.
warnings.filterwarnings("ignore", category=web.NotAppKeyWarning)

_STATUS = {"throttle": 429, "unavailable": 503, "concurrency": 409, "error": 400}
_CODE = {
    "throttle": "TooManyRequests",
    "unavailable": "ServiceUnavailable",
    "concurrency": "Directory_ConcurrencyViolation",
    "error": "Request_BadRequest",
}
_MESSAGE = {
    "throttle": "Too many requests.",
    "unavailable": "The service is temporarily unavailable. Please retry after some time.",
    "concurrency": "The operation failed because there are concurrent requests being made to the tenant. "
    "Wait and retry.",
    "error": "A fault was planned for this request.",
}
_HTML = (
    "<!DOCTYPE html><html><head><title>Service Unavailable</title></head>"
    "<body><h2>Our services aren't available right now</h2></body></html>"
)


class Kernel:
    """Routes each request and wraps it: ``/v1.0`` and ``/beta`` to Graph, ``/subscriptions`` and ``/tenants`` to the
    management service, ``/<host>`` to a host, all else to tokens.
    """

    def __init__(self, internal_key: str) -> None:
        self.world: World | None = None
        self.recorder: Recorder | None = None
        self._internal_key = internal_key
        self._copies: set[asyncio.Task[None]] = set()

    def _running(self) -> World:
        if self.world is None:
            raise web.HTTPServiceUnavailable(text="starting")
        return self.world

    async def handle(self, request: web.Request) -> web.StreamResponse:
        world = self._running()
        path, _mark, query = request.raw_path.partition("?")
        first, _slash, rest = path[1:].partition("/")
        if first in ("v1.0", "beta"):
            service, host = "graph", None
        elif first in management.PATHS:
            service, host = "management", None
        elif first in world.hosts:
            service, host = "atlassian", first
        else:
            service, host = "token", None
        entry = world.journal.open(world.now(), service, host, request.method, path, query)
        entry.internal = request.headers.get("X-Simulator-Internal") == self._internal_key
        if entry.internal:
            entry.client = f"host:{request.headers.get('X-Simulator-Host', '?')}"
        authorization = request.headers.get("Authorization")
        if authorization:
            entry.auth = authorization.split(" ", 1)[0]
        request[ENTRY] = entry
        hits = world.faults.for_request(entry)
        if hits:
            response = await self._with_faults(request, entry, hits, rest)
        else:
            response = await self._serve(request, entry, rest)
        response.headers["Date"] = format_datetime(world.now(), usegmt=True)
        if self.recorder is not None:
            await self.recorder.note(request, entry, response)
        return response

    async def _serve(self, request: web.Request, entry: Entry, rest: str) -> web.StreamResponse:
        world = self._running()
        try:
            if entry.service == "graph":
                response = await world.tenant.graph.handle(request, rest)
            elif entry.service == "management":
                response = await world.tenant.management.handle(request)
            elif entry.service == "token":
                response = await world.tenant.login.handle(request)
            else:
                assert entry.host is not None
                host = world.hosts[entry.host]
                context = world.specs_by_name[entry.host].context
                below = entry.path[len(entry.host) + 1 :]
                if context and below != context and not below.startswith(context + "/"):
                    entry.code = "outside_context"
                    response = web.Response(
                        status=404, text="<html><body>Not Found</body></html>", content_type="text/html"
                    )
                else:
                    response = await host.handle(request, below[len(context) :])
        except web.HTTPException:
            raise
        except Exception as error:
            if isinstance(error, ConnectionError) and request.transport is None:  # the caller died while it was sending
                return _abort(request, entry)
            log.exception("the simulator failed at %s %s", entry.method, entry.path)
            world.internal_errors.append(f"{entry.method} {entry.path}: {type(error).__name__}: {error}")
            entry.code = "simulator_error"
            response = web.json_response({"error": {"code": "simulator_error", "message": str(error)}}, status=500)
        entry.status = response.status
        entry.done = True
        return response

    async def _with_faults(
        self, request: web.Request, entry: Entry, hits: list[Fault], rest: str
    ) -> web.StreamResponse:
        entry.faults = [fault.kind for fault in hits]
        answer: web.Response | None = None
        late: list[Fault] = []
        for fault in hits:
            if fault.kind == "slow":
                await asyncio.sleep(float(fault.params.get("seconds", 1)))
            elif fault.kind == "drop_before":
                return _abort(request, entry)
            elif fault.kind == "kill" and fault.params.get("when", "before") == "before":
                _kill(fault)
                return _abort(request, entry)
            elif fault.kind == "stop" and fault.params.get("when", "before") == "before":
                _stop(fault)
            elif fault.kind == "twice":
                await request.read()
                self._again(request, entry, rest, float(fault.params.get("seconds", 1)))
            elif fault.kind in ("kill", "stop", "lost_answer") or fault.params.get("after"):
                late.append(fault)
            elif answer is None:
                answer = _answer(fault, entry)
        if answer is not None:
            entry.status = answer.status
            return answer
        response = await self._serve(request, entry, rest)
        for fault in late:
            if fault.kind == "kill":
                _kill(fault)
                return _abort(request, entry)
            if fault.kind == "stop":
                _stop(fault)
                continue
            if fault.kind == "lost_answer":
                return _abort(request, entry)
            response = _answer(fault, entry)
            entry.status = response.status
        return response

    def _again(self, request: web.Request, entry: Entry, rest: str, seconds: float) -> None:
        """Serve it once more in some seconds, as a middlebox that repeats requests; nobody hears that answer."""
        world = self._running()

        async def later() -> None:
            await asyncio.sleep(seconds)
            copy = world.journal.open(world.now(), entry.service, entry.host, entry.method, entry.path, entry.query)
            copy.internal, copy.client, copy.auth, copy.faults = entry.internal, entry.client, entry.auth, ["twice"]
            request[ENTRY] = copy
            await self._serve(request, copy, rest)

        task = asyncio.get_running_loop().create_task(later())
        self._copies.add(task)
        task.add_done_callback(self._copies.discard)


def _abort(request: web.Request, entry: Entry) -> web.Response:
    """Break the connection without an answer."""
    entry.status = None
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _kill(fault: Fault) -> None:
    kill = processes.kill_group if fault.params.get("orphans") else processes.kill_tree
    if not kill(int(fault.params["pgid"])):
        log.warning("process group %s was gone already", fault.params["pgid"])


def _stop(fault: Fault) -> None:
    """Stop the caller here, with all it has started; it goes on after ``seconds``."""
    stopped = processes.stop_tree(int(fault.params["pgid"]))
    asyncio.get_running_loop().call_later(float(fault.params.get("seconds", 5)), processes.go_on, stopped)


def _answer(fault: Fault, entry: Entry) -> web.Response:
    """The error that a fault stands for, in the form of the service that it hits."""
    params = fault.params
    status = int(params.get("status", _STATUS[fault.kind]))
    code = str(params.get("code", _CODE[fault.kind]))
    message = str(params.get("message", _MESSAGE[fault.kind]))
    entry.code = code
    headers: dict[str, str] = {}
    retry_after = params.get("retry_after", "2.128" if fault.kind == "throttle" else None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if params.get("empty"):
        return web.Response(status=status, headers=headers)
    if params.get("html"):
        return web.Response(
            status=status, headers=headers, text=str(params.get("message", _HTML)), content_type="text/html"
        )
    body: dict[str, Any]
    if entry.service == "graph":
        inner = {"date": entry.time[:19], "request-id": f"fault-{fault.id}-{entry.n}"}
        if fault.kind == "throttle":
            headers.setdefault("x-ms-throttle-scope", "Tenant_Application/ReadWrite")
            headers.setdefault("x-ms-throttle-information", "ResourceUnitLimitExceeded")
            inner = {"code": "429", "status": "429", **inner}
        body = {"error": {"code": code, "message": message, "innerError": inner}}
        if params.get("details"):
            body["error"]["details"] = params["details"]
        headers["request-id"] = f"fault-{fault.id}-{entry.n}"
    elif entry.service == "token":
        number = params.get("aadsts", 90033)
        body = {
            "error": code if "code" in params else "temporarily_unavailable",
            "error_description": f"AADSTS{number}: {message}",
            "error_codes": [number],
            "timestamp": entry.time[:19].replace("T", " ") + "Z",
            "trace_id": f"fault-{fault.id}",
            "correlation_id": f"fault-{fault.id}-{entry.n}",
        }
    else:
        body = {"message": message, "status-code": status}
    return web.json_response(body, status=status, headers=headers)
