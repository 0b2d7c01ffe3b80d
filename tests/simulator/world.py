# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The world of one simulator: clock, ids, tenant, hosts, journal, faults, timeline.

**For whoever writes the Atlassian hosts** (``atlassian/host.py``). The kernel builds each host with
``Host(world, spec)`` (spec: ``hosts.HostSpec``), again at every reset, and uses nothing but this:

``async def handle(self, request: aiohttp.web.Request, tail: str) -> aiohttp.web.StreamResponse``
    One request below the host's base path. ``tail`` is the raw, undecoded path after it: ``/rest/...`` or empty;
    the query is in ``request.query``. It runs in the simulator's only event loop, so it must not block. Who asked goes
    into ``request[ENTRY].client``, the reason of a refusal into ``request[ENTRY].code`` (see ``journal.Entry``).
    A path outside the context (``/confluence01/rest`` where the context is ``/wiki``) is answered by the kernel: 404.
``def snapshot(self) -> dict``
    JSON for ``GET /state``.
``def held_credential(self) -> tuple[str, str, str] | None``
    (tenant, client id, secret) that the host would log in with now, in clear; None if it has no connector or secret.
``connector_id: str | int | None``
    For the list of hosts and the inventory.
``def click_create(self, **leaves) -> str``
    A connector made by hand, for ``seed_connector``; returns its id.
``def close(self) -> None``
    Before a reset or the end: cancel what runs in the background.

What a host gets from its world:

``world.now()``
    Aware UTC time; all expiry, schedules and durations follow it, and ``/clock`` moves it.
``world.client_session()``
    The one shared aiohttp.ClientSession. It trusts the simulator's certificates and carries a private header by which
    the kernel knows the hosts' own requests; with ``headers=world.host_headers(name)`` on each request they are
    journalled as ``"internal": true`` and ``"client": "host:<name>"``.
``world.token_url(tenant)``, ``world.authorize_url(tenant)``, ``world.graph_url``
    Where the host logs in (form-encoded POST) and where it reads (``world.graph_url + "/v1.0/users"``).
``world.faults.take(kind, host=name, method=..., path=...)``
    The parameters of a planned fault of this kind if one hits now (this counts), else None. The kinds a host acts on
    are ``faults.HOST_KINDS``; those in ``faults.KERNEL_KINDS`` are done around every service and never reach a host.
``world.faults.active(kind, host=name)``
    The same without counting: for states that last.
``world.timeline.add("secret_set", host=name, client_id=...)``
    After each change of the secret, the client id or the tenant that a host holds. Never pass a secret.
``world.secrets.add(value, kind)``
    Every password or token that a caller presents and every secret that is put into a host.
``world.ids.uuid()``, ``world.ids.number(name)``, ``world.ids.text(length)``
    Repeatable for one seed.
``world.url_of(spec)``
    The base URL that callers use, without a slash at the end.
"""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import aiohttp.web

from .atlassian.host import Host
from .entra.tenant import Tenant
from .faults import Faults
from .hosts import CYCLE, HostSpec, plan
from .journal import Journal, SecretRegister, Timeline

INTERNAL_HEADER = "X-Simulator-Internal"
HOST_HEADER = "X-Simulator-Host"


@dataclass(frozen=True)
class Options:
    """What a world is made from; a reset may replace any of it.

    ``page_size`` is the size of Graph's pages when the caller names none. ``tenant`` holds switches of the tenant
    (see ``entra.tenant.Tenant``).
    """

    hosts: int = 6
    seed: int = 1
    users: int = 25
    page_size: int = 100
    generation: str = "2.x"
    generations: Mapping[str, str] = field(default_factory=dict)
    platform: str = "jira10"
    platforms: Mapping[str, str] = field(default_factory=dict)
    cycle: Sequence[tuple[str, str]] = CYCLE
    host_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tenant: Mapping[str, Any] = field(default_factory=dict)


class Clock:
    """Real time plus an offset."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self.offset


class Ids:
    """Ids and secrets that are the same for the same seed and the same order of requests."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"ids:{seed}")
        self._numbers: dict[str, int] = {}

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    def number(self, name: str) -> int:
        """1, 2, 3 ... per name."""
        self._numbers[name] = self._numbers.get(name, 0) + 1
        return self._numbers[name]

    def text(self, length: int, signs: str = "") -> str:
        """Letters and digits, with each of the signs once; never a sign at the beginning."""
        letters = string.ascii_letters + string.digits
        body = [self._rng.choice(letters) for _unused in range(length - len(signs))]
        for sign in signs:
            body.insert(self._rng.randrange(1, len(body)), sign)
        return "".join(body)


class World:
    """Everything that lives in one simulator. Not thread-safe: it belongs to the simulator's event loop."""

    def __init__(
        self,
        options: Options,
        address: str,
        session: aiohttp.ClientSession | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        self.authority_url = address
        self.graph_url = address
        self.names = frozenset(name.lower() for name in (str(urlsplit(address).hostname), *names))
        self._session = session
        self.internal_errors: list[str] = []
        self.hosts: dict[str, Host] = {}
        self.build(options)

    def build(self, options: Options) -> None:
        """Make everything anew, as after a reset."""
        for host in self.hosts.values():
            host.close()
        self.options = options
        self.clock = Clock()
        self.ids = Ids(options.seed)
        self.journal = Journal()
        self.faults = Faults()
        self.timeline = Timeline(self.now, self.journal)
        self.secrets = SecretRegister()
        self.internal_errors.clear()
        self._working: set[str] = set()
        self._held: dict[str, tuple[str, str, str] | None] = {}
        self.tenant = Tenant(self)
        self.specs = plan(
            options.hosts,
            options.seed,
            options.generation,
            options.generations,
            options.host_options,
            options.platform,
            options.platforms,
            options.cycle,
        )
        self.specs_by_name = {spec.name: spec for spec in self.specs}
        self.hosts = {}
        for spec in self.specs:
            self.secrets.add(spec.password, "host password")
            self.secrets.add(spec.token, "host token")
            self.hosts[spec.name] = Host(self, spec)
        self._held = {name: host.held_credential() for name, host in self.hosts.items()}
        self.timeline.watcher = self._watch
        self._note_changes()

    def now(self) -> datetime:
        return self.clock.now()

    def advance(self, seconds: float) -> None:
        """Move the clock; what expires on the way is noted in the timeline."""
        self.clock.offset += timedelta(seconds=seconds)
        self.tenant.note_expired()
        self._note_changes()

    def asked(self, request: aiohttp.web.Request) -> str:
        """The address under which a caller asked, to be used in what it is told."""
        return f"https://{request.host}" if request.headers.get("Host") else self.authority_url

    def token_url(self, tenant: str) -> str:
        return f"{self.authority_url}/{tenant}/oauth2/v2.0/token"

    def authorize_url(self, tenant: str) -> str:
        return f"{self.authority_url}/{tenant}/oauth2/v2.0/authorize"

    def url_of(self, spec: HostSpec) -> str:
        return f"{self.authority_url}{spec.path}"

    def client_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the simulator's server is not running")
        return self._session

    def host_headers(self, name: str) -> dict[str, str]:
        return {HOST_HEADER: name}

    def host_works(self, name: str) -> bool:
        """Whether the token endpoint would accept the secret that the host holds, at this moment."""
        held = self.hosts[name].held_credential()
        return held is not None and self.tenant.accepts(*held)

    def _watch(self, host: str | None) -> None:
        """After a credential fact; one about a host changes what this host holds."""
        if host is not None and host in self.hosts:
            self._held[host] = self.hosts[host].held_credential()
        self._note_changes()

    def _note_changes(self) -> None:
        """Note in the timeline each host that began or ceased to work."""
        for name, held in self._held.items():
            works = held is not None and self.tenant.accepts(*held)
            if works and name not in self._working:
                self._working.add(name)
                self.timeline.note("host_works", host=name)
            elif not works and name in self._working:
                self._working.discard(name)
                self.timeline.note("host_broke", host=name)

    def seed_connector(
        self,
        host: str,
        app_id: str | None = None,
        secret: str | None = None,
        display_name: str = "made by hand",
        days: float = 365,
        **leaves: Any,
    ) -> dict[str, Any]:
        """A connector made by hand in a host; with ``app_id`` and no ``secret`` also a credential for it.

        ``leaves``: further members by the canonical names of ``atlassian/settings.py``.
        """
        if host not in self.hosts:
            raise ValueError(f"no host is named {host!r}")
        made: dict[str, Any] = {"host": host, "app_id": app_id}
        if app_id is not None and secret is None:
            made.update(self.tenant.seed_credential(app_id, display_name, days=days))
            secret = made["secret"]
        known = {"tenant_id": self.tenant.id, "application_id": app_id, "client_secret": secret}
        known = {name: value for name, value in known.items() if app_id is not None and value is not None}
        made["connector_id"] = self.hosts[host].click_create(**{**known, **leaves})
        return made

    def describe_hosts(self) -> list[dict[str, Any]]:
        """The list of hosts as callers need it, logins included."""
        return [
            {
                "name": spec.name,
                "product": spec.product,
                "url": self.url_of(spec),
                "username": spec.username,
                "password": spec.password,
                "token": spec.token,
                "generation": spec.generation,
                "version": spec.version,
                "connector_id": self.hosts[spec.name].connector_id,
            }
            for spec in self.specs
        ]

    def snapshot(self) -> dict[str, Any]:
        """The whole state without any secret's value."""
        return {
            "time": self.now().isoformat(),
            "tenant": self.tenant.snapshot(),
            "hosts": {name: host.snapshot() for name, host in self.hosts.items()},
            "works": {name: self.host_works(name) for name in self.hosts},
            "timeline": list(self.timeline.events),
            "internal_errors": list(self.internal_errors),
        }
