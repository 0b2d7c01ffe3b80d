# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reverse proxy over TLS in a thread of its own, in front of the simulator or of anything else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import tempfile
import threading
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from ..simulator import certs
from .kinds import FrontEnd, Seen

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "host", "te", "upgrade"}
)


class Proxy:
    """``with Proxy(origin, ca_file) as front: front.kind = KINDS["firewall_put"]``

    :ivar url: the origin of the proxy; paths are those of what is behind it
    :ivar ca_file: the authority of its certificate
    :ivar passed: method and path of each request that went through
    :ivar stopped: the same of each request that did not
    """

    def __init__(self, origin: str, ca_file: str, kind: FrontEnd | None = None) -> None:
        self.origin = origin
        self.kind = kind or FrontEnd()
        self.passed: list[tuple[str, str]] = []
        self.stopped: list[tuple[str, str]] = []
        self.url = ""
        self.ca_file = ""
        self._behind = ssl.create_default_context(cafile=ca_file)
        self._folder = tempfile.TemporaryDirectory(prefix="front-end-")
        self._ready = threading.Event()
        self._door: socket.socket | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="front end", daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        assert self._ready.wait(30), "the front end did not start"
        return self

    def __exit__(self, *_unused: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        if self._door is not None:
            self._door.close()
        self._folder.cleanup()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda _loop, _context: None)  # broken connections are part of the game
        runner = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._session.close())
        self._loop.run_until_complete(runner.cleanup())

    async def _start(self) -> web.AppRunner:
        context, ca_file = certs.issue(("localhost",), Path(self._folder.name))
        self.ca_file = str(ca_file)
        if self.kind.client_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca_file)
        if self.kind.client_certificate == "alert":
            # asyncio closes without the alert, so this one is made by hand
            self._door = socket.create_server(("127.0.0.1", 0))
            self.url = f"https://localhost:{self._door.getsockname()[1]}"
            threading.Thread(target=self._turn_away, args=(context,), daemon=True).start()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._behind), cookie_jar=aiohttp.DummyCookieJar()
        )
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.url = self.url or f"https://localhost:{runner.addresses[0][1]}"
        return runner

    def _turn_away(self, context: ssl.SSLContext) -> None:
        assert self._door is not None
        while True:
            try:
                client, _address = self._door.accept()
            except OSError:
                return
            tls = context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
            tls.settimeout(1)
            with contextlib.suppress(OSError):
                tls.do_handshake()
            # what the client has sent meanwhile is read, or its alert would be lost with the connection
            with contextlib.suppress(OSError):
                socket.socket.shutdown(tls, socket.SHUT_WR)
                while socket.socket.recv(tls, 4096):
                    pass
            tls.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.method, request.raw_path, dict(request.headers), await request.read(), self.url)
        answer = self.kind.instead(seen)
        if answer is not None:
            self.stopped.append((seen.method, seen.path))
            return answer
        self.passed.append((seen.method, seen.path))
        response = await self._pass_on(seen)
        if self.kind.twice(seen):
            self.passed.append((seen.method, seen.path))
            response = await self._pass_on(seen)
        if self.kind.loses(seen):
            assert request.transport is not None
            request.transport.abort()
        return response

    async def _pass_on(self, seen: Seen) -> web.Response:
        headers = {name: value for name, value in seen.headers.items() if name.lower() not in HOP_BY_HOP}
        headers = self.kind.headers({**headers, "X-Forwarded-Proto": "https"})
        async with self._session.request(
            seen.method,
            URL(self.origin + seen.path, encoded=True),
            data=seen.body or None,
            headers=headers,
            allow_redirects=False,
            skip_auto_headers=("Content-Type", "User-Agent"),
        ) as behind:
            body = await behind.read()
            response = web.Response(status=behind.status, body=body)
            response.headers.popall("Content-Type", None)
            for name, value in behind.headers.items():
                if name.lower() not in HOP_BY_HOP | {"server", "date"}:
                    response.headers.add(name, value.replace(self.origin, self.url) if name == "Location" else value)
            response.headers["Server"] = self.kind.server
            return response
