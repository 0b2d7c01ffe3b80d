# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from ..world import World


class _Empty:
    async def handle(self, request: web.Request, rest: str = "") -> web.StreamResponse:
        return web.json_response({"error": "the tenant is being built"}, status=503)


class Tenant:
    """First version, for the kernel."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.id = world.ids.uuid()
        self.domain = "example.test"
        self.initial_domain = "example.onmicrosoft.test"
        self.automation = {"client_id": world.ids.uuid(), "client_secret": world.ids.text(40, "~.-_")}
        self.graph = _Empty()
        self.login = _Empty()

    def accepts(self, tenant: str, client_id: str, secret: str) -> bool:
        return False

    def note_expired(self) -> None:
        pass

    def snapshot(self) -> dict[str, Any]:
        return {"id": self.id}
