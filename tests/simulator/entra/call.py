# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of Graph: its path, its caller, its body, and how it is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .errors import GraphError, bad_request, not_found
from .store import Data, Record, Store

if TYPE_CHECKING:
    from .tenant import Tenant

# What a token is for: the ``appId`` of the API, or this for the management service.
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
MANAGEMENT = "management"

# Names after which a path goes on with the key of one object.
COLLECTIONS = frozenset(
    {
        "applications",
        "serviceprincipals",
        "oauth2permissiongrants",
        "approleassignments",
        "approleassignedto",
        "owners",
        "federatedidentitycredentials",
        "deleteditems",
        "appmanagementpolicies",
        "organization",
        "users",
        "groups",
        "photos",
        "directoryobjects",
    }
)


FUNCTIONS = frozenset({"delta"})
_CAST = re.compile(r"(?:microsoft\.)?graph\.(\w+)\Z", re.I)


@dataclass(slots=True)
class Caller:
    """Who holds the token, for which API (``service``): an app (``roles``), or an app for a user (``scopes`` and
    ``user_id``).
    """

    app_id: str
    principal_id: str | None
    roles: frozenset[str]
    scopes: frozenset[str]
    user_id: str | None
    expires: datetime
    service: str = GRAPH_APP_ID

    @property
    def held(self) -> frozenset[str]:
        return self.scopes if self.user_id else self.roles


@dataclass(slots=True)
class Call:
    """One request.

    ``keys``: the keys in the path in order, each with the name of its property (``id`` if written as a segment).
    ``root``: the address that was asked, with the version; ``address``: the same with the path. ``counting``: the
    path ended in ``/$count``. ``expanded``: the relation that the answer shows within its objects.
    """

    tenant: Tenant
    method: str
    shape: str
    keys: list[tuple[str, str]]
    cast: str | None
    query: dict[str, str]
    raw_query: str
    root: str
    address: str
    headers: Mapping[str, str]
    caller: Caller
    now: datetime
    body: Any = None
    counting: bool = False
    expanded: str | None = None

    @property
    def store(self) -> Store:
        return self.tenant.store

    @property
    def prefers_create(self) -> bool:
        return "create-if-missing" in self.headers.get("Prefer", "")

    def key(self, index: int = 0) -> str:
        return self.keys[index][1]

    def record(self, kind: str, index: int = 0) -> Record:
        """The object that a write acts on. Raises 404, also for one that lags when the fault says so."""
        name, value = self.keys[index]
        found = self.store.get(kind, name, value)
        if found is None or self.tenant.too_fresh(found, "writes"):
            raise not_found(value)
        return found

    def data(self, kind: str, index: int = 0) -> Data:
        """The object as a read shows it. Raises 404."""
        name, value = self.keys[index]
        found = self.store.read(kind, name, value)
        if found is None:
            raise not_found(value)
        return found

    def context(self, tail: str) -> str:
        return f"{self.root}/$metadata#{tail}"


@dataclass(slots=True)
class Answer:
    status: int = 204
    body: Data | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: tuple[bytes, str] | None = None


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """How a call is checked and answered.

    ``rules``: paths of the permission catalogue, all of which must allow the method (or ``method:path``).
    ``owner``: finds the object whose owners may use an ``.OwnedBy`` permission. ``owner_suffices``: an owner needs no
    permission at all. ``request`` and ``answer``: types of the bodies, ``action:x`` for an action's parameters,
    ``[x]`` for a list.
    """

    handler: Handler
    rules: tuple[str, ...] = ()
    owner: Callable[[Call], Record | None] | None = None
    owner_suffices: bool = False
    request: str | None = None
    answer: str | None = None


@lru_cache(maxsize=8192)
def split_path(path: str) -> tuple[str, tuple[tuple[str, str], ...], str | None]:
    """The shape of a path (``applications/{}/owners``), its keys, and a type cast at its end.

    Raises GraphError 400 for a key that is not well-formed.
    """
    shape: list[str] = []
    keys: list[tuple[str, str]] = []
    cast = None
    after_collection = False
    for raw in path.strip("/").split("/"):
        segment = unquote(raw).removesuffix("()")  # a function may be called with or without its brackets
        type_name = _CAST.match(segment)
        if after_collection and not type_name and not segment.startswith("$") and segment.lower() not in FUNCTIONS:
            keys.append(("id", segment))
            shape.append("{}")
            after_collection = False
            continue
        if type_name:
            cast = type_name.group(1)
            after_collection = False
            continue
        name, bracket, inside = segment.partition("(")
        shape.append(name.lower())
        after_collection = name.lower() in COLLECTIONS
        if bracket:
            keys.append(_key(inside, segment))
            shape.append("{}")
            after_collection = False
    return "/".join(shape), tuple(keys), cast


def _key(inside: str, segment: str) -> tuple[str, str]:
    if not inside.endswith(")"):
        raise bad_request(f"Resource not found for the segment '{segment}'.")
    text = inside[:-1]
    name, equals, value = text.partition("=")
    if not equals:
        name, value = "id", text
    if len(value) < 2 or value[0] != "'" or value[-1] != "'":
        raise bad_request(f"The key in the segment '{segment}' is not a quoted string.")
    inner = value[1:-1]
    if inner.replace("''", "").count("'"):
        raise bad_request(f"A single quote in the key of the segment '{segment}' must be doubled.")
    return name.strip(), inner.replace("''", "'")


def alternate_key(kind: str, name: str) -> None:
    """Raises 400 unless the type has this key."""
    keys = {"application": ("id", "appId", "uniqueName"), "servicePrincipal": ("id", "appId")}
    if name not in keys.get(kind, ("id",)):
        raise GraphError(400, "BadRequest", f"'{name}' is not a key of the type 'microsoft.graph.{kind}'.")
