# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control address: reset, seed, clock, faults, journal; plain HTTP on the loopback only."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from .atlassian import tamper
from .entra.administrator import access_token
from .faults import BadFault
from .world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """What both the control address and the Python API do."""

    def __init__(self, world: World, folder: Path, ca_file: Path) -> None:
        self.world = world
        self.control_url = ""
        self._folder = folder
        self._ca_file = ca_file

    def journal(self, since: int = 0, service: str | None = None, host: str | None = None) -> list[dict[str, Any]]:
        return [entry.as_dict() for entry in self.world.journal.since(since, service, host)]

    def reset(self, **options: Any) -> None:
        """Make everything anew. Options not named keep their values; the addresses stay."""
        self.world.build(dataclasses.replace(self.world.options, **options))

    def seed(self, operations: dict[str, Any]) -> dict[str, Any]:
        """Each key names a method of ``Tenant`` or ``World`` without ``seed_``; its value: keywords, or a list of them.

        Returns what each made, under the same key. Raises ValueError for an unknown operation or keyword.
        """
        made: dict[str, Any] = {}
        for name, params in operations.items():
            method = getattr(self.world.tenant, f"seed_{name}", None) or getattr(self.world, f"seed_{name}", None)
            if method is None:
                raise ValueError(f"unknown seed operation {name!r}")
            try:
                made[name] = [method(**one) for one in params] if isinstance(params, list) else method(**(params or {}))
            except TypeError as error:
                raise ValueError(f"seed operation {name!r}: {error}") from error
        return made

    def describe(self) -> dict[str, Any]:
        """Addresses, identities and hosts; also writes the inventory file that it names."""
        world = self.world
        tenant = world.tenant
        path = self._folder / "inventory.yml"
        path.write_text(yaml.safe_dump(self.inventory(), sort_keys=False), encoding="utf-8")
        return {
            "authority_url": world.authority_url,
            "token_endpoint": world.token_url(tenant.id),
            "graph_url": world.graph_url,
            "control_url": self.control_url,
            "ca_file": str(self._ca_file),
            "tenant": {"id": tenant.id, "domain": tenant.domain, "initial_domain": tenant.initial_domain},
            "automation": dict(tenant.automation),
            "administrator": access_token(tenant),
            "hosts": world.describe_hosts(),
            "inventory": str(path),
        }

    def inventory(self) -> dict[str, Any]:
        """The fleet in the form of Ansible's YAML inventory."""
        world = self.world
        hosts: dict[str, dict[str, Any]] = {}
        for host in world.describe_hosts():
            variables = {"azure_connector_url": host["url"], "azure_connector_ca_path": str(self._ca_file)}
            traits = world.hosts[host["name"]].traits
            # for plays that make their own requests
            variables.update(simulator_username=host["username"], simulator_password=host["password"])
            if traits.pat and traits.pat_is_admin:
                variables["azure_connector_token"] = host["token"]
            else:
                variables["azure_connector_username"] = host["username"]
                variables["azure_connector_password"] = host["password"]
            if host["generation"].startswith("1.") and host["connector_id"] is not None:
                variables["azure_connector_connector_id"] = str(host["connector_id"])
            hosts[host["name"]] = variables
        return {
            "usersync_hosts": {
                "hosts": hosts,
                "vars": {
                    # the hosts answer at a loopback address, which says nothing of who they are
                    "azure_connector_site": "simulator",
                    "azure_connector_entra_tenant": world.tenant.id,
                    "azure_connector_entra_client_id": world.tenant.automation["client_id"],
                    "azure_connector_entra_client_secret": world.tenant.automation["client_secret"],
                    "azure_connector_entra_authority_url": world.authority_url,
                    "azure_connector_entra_graph_url": world.graph_url,
                    "azure_connector_entra_ca_path": str(self._ca_file),
                },
            }
        }


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (BadFault, ValueError, TypeError, KeyError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)


def control_app(control: Control) -> web.Application:
    """The routes of the control address."""
    app = web.Application(middlewares=[_errors], client_max_size=16 * 1024 * 1024)
    world = control.world

    async def body(request: web.Request) -> dict[str, Any]:
        document = await request.json() if request.can_read_body else {}
        if not isinstance(document, dict):
            raise ValueError("a JSON object is expected")
        return document

    async def get_state(_request: web.Request) -> web.Response:
        return web.json_response(world.snapshot())

    async def get_journal(request: web.Request) -> web.Response:
        query = request.query
        entries = control.journal(int(query.get("since") or 0), query.get("service") or None, query.get("host") or None)
        return web.json_response(entries)

    async def post_journal_reset(_request: web.Request) -> web.Response:
        world.journal.clear()
        return web.json_response({"last": world.journal.last})

    async def post_reset(request: web.Request) -> web.Response:
        control.reset(**await body(request))
        return web.json_response(control.describe())

    async def post_seed(request: web.Request) -> web.Response:
        return web.json_response(control.seed(await body(request)))

    async def post_host(request: web.Request) -> web.Response:
        return web.json_response(tamper.change(world, **await body(request)))

    async def post_clock(request: web.Request) -> web.Response:
        world.advance(float((await body(request))["advance_seconds"]))
        return web.json_response({"time": world.now().isoformat()})

    async def post_fault(request: web.Request) -> web.Response:
        params = await body(request)
        return web.json_response({"id": world.faults.add(params.pop("kind", ""), **params)})

    async def get_faults(_request: web.Request) -> web.Response:
        return web.json_response([fault.as_dict() for fault in world.faults.planned])

    async def delete_faults(request: web.Request) -> web.Response:
        number = request.query.get("id")
        return web.json_response({"cleared": world.faults.clear(int(number) if number else None)})

    async def get_secrets(_request: web.Request) -> web.Response:
        return web.json_response(world.secrets.as_list())

    async def get_describe(_request: web.Request) -> web.Response:
        return web.json_response(control.describe())

    async def get_health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "internal_errors": len(world.internal_errors)})

    app.add_routes(
        [
            web.get("/state", get_state),
            web.get("/journal", get_journal),
            web.post("/journal/reset", post_journal_reset),
            web.post("/reset", post_reset),
            web.post("/seed", post_seed),
            web.post("/host", post_host),
            web.post("/clock", post_clock),
            web.post("/faults", post_fault),
            web.get("/faults", get_faults),
            web.delete("/faults", delete_faults),
            web.get("/secrets", get_secrets),
            web.get("/describe", get_describe),
            web.get("/health", get_health),
        ]
    )
    return app
