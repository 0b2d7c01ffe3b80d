# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Owners of applications and service principals."""

from __future__ import annotations

from . import odata
from .applications import mixed_listing
from .call import Answer, Call, Route
from .errors import bad_request, not_found
from .store import Record


def _kind(call: Call) -> str:
    return "application" if call.shape.startswith("applications") else "servicePrincipal"


def list_all(call: Call) -> Answer:
    owners = call.data(_kind(call)).get("_owners", ())
    found = [call.tenant.any_object(owner) for owner in owners]
    items = [
        {"@odata.type": f"#microsoft.graph.{record.kind}", **odata.public(record.data)}
        for record in found
        if record is not None
    ]
    return mixed_listing(call, items)


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
    """The address of the owner itself, not of the reference: documented to fail."""
    raise bad_request("The operation is not allowed on the object itself; add '/$ref' to change the reference.")


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
