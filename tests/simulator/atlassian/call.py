# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request at one host, as all handlers see it."""

from __future__ import annotations

import dataclasses
import typing as t
import urllib.parse

from aiohttp import web

from .guard import Session
from .store import Place

Json = dict[str, t.Any]


class RequestFaults:
    """The planned faults that hit this request. A kind is counted when a handler first asks for it."""

    def __init__(self, world: t.Any, host: str, method: str, path: str) -> None:
        self._faults = world.faults
        self._where = {"host": host, "method": method, "path": path}
        self._seen: dict[str, Json | None] = {}

    def get(self, kind: str) -> Json | None:
        """The fault's parameters, or None."""
        if kind not in self._seen:
            self._seen[kind] = self._faults.take(kind, **self._where) if self._faults.planned else None
        return self._seen[kind]

    def __bool__(self) -> bool:
        return bool(self._faults.planned)

    def __contains__(self, kind: object) -> bool:
        return self.get(str(kind)) is not None


@dataclasses.dataclass
class Call:
    """A request; path is raw and below the base URL, segments are its decoded parts."""

    request: web.Request
    path: str
    base_url: str
    faults: RequestFaults
    session: Session
    place: Place

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def segments(self) -> list[str]:
        return [urllib.parse.unquote(part) for part in self.path.split("/")]

    @property
    def origin(self) -> str:
        parts = urllib.parse.urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def media(self) -> str:
        return self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
