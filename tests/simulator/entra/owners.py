# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Owners of applications and service principals."""

from __future__ import annotations

from . import expand
from .call import Answer, Call, Route
from .errors import bad_request, denied, not_found
from .lists import mixed_listing
from .store import Record


def _kind(call: Call) -> str:
    return "application" if call.shape.startswith("applications") else "servicePrincipal"


def list_all(call: Call) -> Answer:
    items = expand.owners(call.tenant, call.data(_kind(call)))
    return mixed_listing(call, [item for item in items if call.cast in (None, item["@odata.type"].rpartition(".")[2])])


def add(call: Call) -> Answer:
    record = call.record(_kind(call))
    owner = call.tenant.reference(call.body["@odata.id"])
    if owner in record.data["_owners"]:
        raise bad_request(
            "One or more added object references already exist for the following modified properties: 'owners'."
        )
    record.put(call.now, _owners=(*record.data["_owners"], owner))
    return Answer()


def remove(call: Call) -> Answer:
    record = call.record(_kind(call))
    owner = call.key(1)
    if owner not in record.data["_owners"]:
        raise not_found(owner)
    record.put(call.now, _owners=tuple(item for item in record.data["_owners"] if item != owner))
    return Answer()


def without_ref(call: Call) -> Answer:
    """The address of the owner itself, not of the reference: documented to fail, unless the caller may delete users."""
    raise denied()


def _owner(call: Call) -> Record | None:
    return call.store.get(_kind(call), *call.keys[0])


def _routes() -> dict[tuple[str, str], Route]:
    routes: dict[tuple[str, str], Route] = {}
    for place in ("applications", "serviceprincipals"):
        one, many = f"/{place}/{{id}}/owners/{{id}}", f"/{place}/{{id}}/owners"
        routes["GET", f"{place}/{{}}/owners"] = Route(list_all, (many,), owner=_owner, answer="[directoryObject]")
        routes["POST", f"{place}/{{}}/owners/$ref"] = Route(add, (many,), owner=_owner, request="reference")
        routes["DELETE", f"{place}/{{}}/owners/{{}}/$ref"] = Route(remove, (one,), owner=_owner)
        routes["DELETE", f"{place}/{{}}/owners/{{}}"] = Route(without_ref, (one,), owner=_owner)
    return routes


ROUTES = _routes()
