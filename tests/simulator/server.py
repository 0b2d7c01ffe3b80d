# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers and their thread: ``with Simulator(hosts=6) as sim:``."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from . import certs
from .control import Control, control_app
from .kernel import Kernel
from .recorder import Recorder
from .world import INTERNAL_HEADER, Options, World

MAX_BODY = 16 * 1024 * 1024


class OwnNames(AbstractResolver):
    """Leads every name to this simulator, so that the hosts find it by any name and never reach anything else."""

    def __init__(self, listen: str) -> None:
        self._target = "127.0.0.1" if listen in ("0.0.0.0", "::", "") else listen

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=self._target, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


class Servers:
    """One TLS server for the product and one plain server for the control, in the running event loop.

    ``options``: keywords of ``world.Options``. ``names``: further host names of the certificate. ``address``: the host
    name in all addresses that the simulator tells.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        control_port: int = 0,
        listen: str = "127.0.0.1",
        names: tuple[str, ...] = (),
        address: str = "localhost",
        **options: Any,
    ) -> None:
        self._folder = folder
        self._listen = listen
        self._ports = (port, control_port)
        self._names = names
        self._address = address
        self._options = Options(**options)
        self._runners: list[web.AppRunner] = []
        self._session: aiohttp.ClientSession | None = None
        self.world: World
        self.control: Control
        self.control_url = ""
        self.ca_file = folder / "ca.pem"

    async def start(self) -> None:
        context, self.ca_file = certs.issue((self._address, *self._names), self._folder)
        internal_key = secrets.token_hex(16)
        kernel = self.kernel = Kernel(internal_key)
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{tail:.*}", kernel.handle)
        port = await self._serve(app, self._listen, self._ports[0], context)
        trust = ssl.create_default_context(cafile=str(self.ca_file))
        self._session = aiohttp.ClientSession(
            headers={INTERNAL_HEADER: internal_key},
            connector=aiohttp.TCPConnector(ssl=trust, limit=32, resolver=OwnNames(self._listen)),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        place = self._address if port == 443 else f"{self._address}:{port}"
        self.world = World(self._options, f"https://{place}", self._session, self._names)
        kernel.world = self.world
        self.control = Control(self.world, self._folder, self.ca_file)
        control_port = await self._serve(control_app(self.control), "127.0.0.1", self._ports[1], None)
        self.control_url = f"http://127.0.0.1:{control_port}"
        self.control.control_url = self.control_url

    async def _serve(self, app: web.Application, listen: str, port: int, context: ssl.SSLContext | None) -> int:
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, listen, port, ssl_context=context)
        await site.start()
        address: tuple[str, int] = runner.addresses[0]
        return address[1]

    async def stop(self) -> None:
        if hasattr(self, "world"):
            for host in self.world.hosts.values():
                host.close()
        if self._session is not None:
            await self._session.close()
        for runner in self._runners:
            await runner.cleanup()


class Simulator:
    """The simulator in a background thread. All public members are safe to use from any thread.

    Takes the keywords of ``Servers`` (``hosts``, ``seed``, ``users``, ``generation``, ``host_options`` ...) and
    ``state_dir``, the folder for the certificate and the inventory (default: a temporary one).
    """

    def __init__(self, hosts: int = 6, state_dir: str | None = None, **options: Any) -> None:
        self._temporary = None if state_dir else tempfile.TemporaryDirectory(prefix="simulator-")
        self._folder = Path(state_dir or self._temporary.name)  # type: ignore[union-attr]
        self._options = {"hosts": hosts, **options}
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._servers: Servers

    def __enter__(self) -> Simulator:
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._thread.start()
        self._ready.wait(60)
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_unused: object) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
        if self._temporary is not None:
            self._temporary.cleanup()

    def _run(self) -> None:
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # broken TLS connections are part of the game
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._servers = Servers(self._folder, **self._options)
        try:
            await self._servers.start()
            self._ready.set()
            await self._stop.wait()
        finally:
            await self._servers.stop()

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a function in the simulator's loop and return its result; the way to touch ``world`` safely."""

        async def run() -> Any:
            result = function(*args, **kwargs)
            return await result if isinstance(result, Coroutine) else result

        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(60)

    @property
    def world(self) -> World:
        return self._servers.world

    @property
    def authority_url(self) -> str:
        return self.world.authority_url

    @property
    def graph_url(self) -> str:
        return self.world.graph_url

    @property
    def control_url(self) -> str:
        return self._servers.control_url

    @property
    def ca_file(self) -> str:
        return str(self._servers.ca_file)

    @property
    def tenant_id(self) -> str:
        return self.world.tenant.id

    @property
    def tenant_domain(self) -> str:
        return self.world.tenant.domain

    @property
    def automation(self) -> dict[str, str]:
        """``client_id`` and ``client_secret`` of the identity with full permissions."""
        return dict(self.world.tenant.automation)

    @property
    def hosts(self) -> list[dict[str, Any]]:
        hosts: list[dict[str, Any]] = self.call(self.world.describe_hosts)
        return hosts

    def journal(self, since: int = 0, service: str | None = None, host: str | None = None) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.call(self._servers.control.journal, since, service, host)
        return entries

    def writes(self, since: int = 0) -> list[dict[str, Any]]:
        """POST, PUT, PATCH and DELETE to Graph and the hosts, those of the hosts themselves left out."""
        return self.call(  # type: ignore[no-any-return]
            lambda: [entry.as_dict() for entry in self.world.journal.since(since) if entry.is_write()]
        )

    def last_entry(self) -> int:
        """The number of the newest journal entry, to be used as ``since`` later."""
        return self.world.journal.last

    def fault(self, kind: str, **params: Any) -> int:
        number: int = self.call(self.world.faults.add, kind, **params)
        return number

    def clear_faults(self) -> None:
        self.call(self.world.faults.clear)

    def advance(self, seconds: float) -> None:
        self.call(self.world.advance, seconds)

    def reset(self, **options: Any) -> None:
        self.call(self._servers.control.reset, **options)

    def seed(self, operation: str, **params: Any) -> Any:
        """A seed operation of ``Tenant`` or ``World`` by name, without ``seed_``; returns what it made."""
        return self.call(self._servers.control.seed, {operation: params})[operation]

    def record(self, recorder: Recorder | None) -> None:
        """Give every exchange from now on to this recorder, or to none."""

        def change() -> None:
            self._servers.kernel.recorder = recorder

        self.call(change)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.call(self.world.snapshot)
        return state

    def timeline(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.call(lambda: list(self.world.timeline.events))
        return events

    def secrets(self) -> list[str]:
        """The values of all secrets ever issued or used."""
        return self.call(  # type: ignore[no-any-return]
            lambda: [item["value"] for item in self.world.secrets.as_list()]
        )

    def describe(self) -> dict[str, Any]:
        description: dict[str, Any] = self.call(self._servers.control.describe)
        return description

    def inventory(self) -> dict[str, Any]:
        inventory: dict[str, Any] = self.call(self._servers.control.inventory)
        return inventory
