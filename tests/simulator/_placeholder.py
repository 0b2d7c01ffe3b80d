# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host that answers nothing, as long as there is no better one."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .hosts import HostSpec


class Host:
    connector_id: str | int | None = None

    def __init__(self, world: Any, spec: HostSpec) -> None:
        self.spec = spec

    async def handle(self, request: web.Request, tail: str) -> web.StreamResponse:
        return web.json_response({"host": self.spec.name, "tail": tail})

    def snapshot(self) -> dict[str, Any]:
        return {"product": self.spec.product}

    def held_credential(self) -> tuple[str, str, str] | None:
        return None

    def close(self) -> None:
        pass
