# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How one object is shown: selected members, an expanded relation, and the certificates of a single one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import schema
from .errors import bad_request, unsupported_query
from .odata import public, selection
from .store import Data

if TYPE_CHECKING:
    from .call import Call
    from .tenant import Tenant

LIMIT = 20


def owners(tenant: Tenant, data: Data) -> list[Data]:
    """The owners of an application or principal, each with its type."""
    found = (tenant.any_object(owner) for owner in data.get("_owners", ()))
    return [{"@odata.type": f"#microsoft.graph.{record.kind}", **record.data} for record in found if record is not None]


def _federated(tenant: Tenant, data: Data) -> list[Data]:
    return list(data["_federated"])


def _of(kind: str, side: str) -> Callable[[Tenant, Data], list[Data]]:
    def run(tenant: Tenant, data: Data) -> list[Data]:
        return [record.data for record in tenant.store.records(kind) if record.data[side] == data["id"]]

    return run


RELATIONS: dict[str, dict[str, Callable[[Tenant, Data], list[Data]]]] = {
    "application": {"owners": owners, "federatedIdentityCredentials": _federated},
    "servicePrincipal": {
        "owners": owners,
        "appRoleAssignments": _of("appRoleAssignment", "principalId"),
        "appRoleAssignedTo": _of("appRoleAssignment", "resourceId"),
        "oauth2PermissionGrants": _of("oAuth2PermissionGrant", "clientId"),
    },
}


def shower(call: Call, kind: str) -> Callable[[Data], Data]:
    """The function that shows an object of the kind as this call asks for it. Raises 400 for what cannot be shown."""
    names = selection(call.query, kind)
    if "$expand" not in call.query:
        return lambda data: public(data, names)
    match = re.fullmatch(r"\s*(\w+)\s*(?:\(\$select=([\w,\s]+)\))?\s*", call.query["$expand"])
    if match is None:
        raise unsupported_query("Only one relation can be expanded, with no option but $select.")
    relation, chosen = match.groups()
    if relation not in schema.navigation(kind):
        raise bad_request(
            f"Parsing OData Select and Expand failed: Could not find a property named '{relation}' "
            f"on type 'microsoft.graph.{kind}'."
        )
    if relation not in RELATIONS.get(kind, {}):
        raise unsupported_query(f"Expanding '{relation}' is not supported here.")
    members = [name.strip() for name in chosen.split(",")] if chosen else None
    call.expanded = relation

    def show(data: Data) -> Data:
        found = RELATIONS[kind][relation](call.tenant, data)[:LIMIT]
        return {**public(data, names), relation: [public(item, members) for item in found]}

    return show


def single(call: Call, data: Data, kind: str, set_name: str) -> Data:
    """The body of one object's read; its certificates come with their content where they are selected by name."""
    names = selection(call.query, kind)
    shown = shower(call, kind)(data)
    if names and "keyCredentials" in names:
        contents = call.tenant.certificate_texts(data["appId"])
        shown["keyCredentials"] = [{**item, "key": contents.get(item["keyId"])} for item in shown["keyCredentials"]]
    tail = f"{set_name}{'(' + ','.join(names) + ')' if names else ''}/$entity"
    return {"@odata.context": call.context(tail), **shown}
