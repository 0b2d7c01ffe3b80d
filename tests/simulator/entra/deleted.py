# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleted items: list, read, restore, purge (FIDELITY.md, Applications and secrets)."""

from __future__ import annotations

from . import odata
from .call import Answer, Call, Route
from .errors import GraphError, not_found, unsupported_query
from .lists import listing
from .store import Record

KINDS = ("application", "servicePrincipal", "user", "group")


def list_all(call: Call) -> Answer:
    if call.cast not in KINDS:
        raise GraphError(400, "Request_BadRequest", "The type of the deleted items must follow in the address.")
    if "$filter" in call.query:
        raise unsupported_query("Filtering deleted items is left to the caller.")
    return listing(call, call.store.bin(call.cast), call.cast, "directoryObjects")


def _record(call: Call) -> Record:
    record = call.store.deleted.get(call.key())
    if record is None or record.at(call.store.as_of) is None:
        raise not_found(call.key())
    return record


def _shown(call: Call, record: Record) -> dict[str, object]:
    return {
        "@odata.context": call.context("directoryObjects/$entity"),
        "@odata.type": f"#microsoft.graph.{record.kind}",
        **odata.public(record.data),
    }


def get(call: Call) -> Answer:
    return Answer(200, _shown(call, _record(call)))


def restore(call: Call) -> Answer:
    record = _record(call)
    tenant = call.tenant
    if record.kind == "servicePrincipal" and tenant.find("application", "appId", record.data["appId"]) is None:
        raise GraphError(
            400, "Request_BadRequest", "The application of the service principal is deleted; restore it before."
        )
    return Answer(200, _shown(call, tenant.restore(record, call.now)))


def purge(call: Call) -> Answer:
    record = _record(call)
    del call.store.deleted[record.id]
    call.tenant.forget(record)
    return Answer()


def _owner(call: Call) -> Record | None:
    return call.store.deleted.get(call.key())


_ONE = "/directory/deleteditems/{id}"
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "directory/deleteditems"): Route(list_all, ("/directory/deleteditems",), answer="[directoryObject]"),
    ("GET", "directory/deleteditems/{}"): Route(get, (_ONE,), owner=_owner, answer="directoryObject"),
    ("POST", "directory/deleteditems/{}/restore"): Route(
        restore, (f"{_ONE}/restore",), owner=_owner, answer="directoryObject"
    ),
    ("DELETE", "directory/deleteditems/{}"): Route(purge, (_ONE,), owner=_owner),
}
