# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Federated identity credentials of applications."""

from __future__ import annotations

from .applications import by_key
from .call import Answer, Call, Route
from .errors import bad_request, name_taken, not_found
from .lists import listing
from .store import Data

KIND = "federatedIdentityCredential"
LIMIT = 20


def _find(call: Call, items: tuple[Data, ...]) -> Data | None:
    name, value = call.keys[1]
    members = (name,) if name != "id" else ("id", "name")
    return next((item for item in items if value.casefold() in (item[each].casefold() for each in members)), None)


def _judge(body: Data, others: list[Data]) -> None:
    if len(body["audiences"]) != 1:
        raise bad_request("Property 'audiences' of a FederatedIdentityCredential takes exactly one value.")
    if any((item["issuer"], item["subject"]) == (body["issuer"], body.get("subject")) for item in others):
        raise bad_request("FederatedIdentityCredential with this issuer and subject already exists.")


def list_all(call: Call) -> Answer:
    return listing(call, list(call.data("application")["_federated"]), KIND, "federatedIdentityCredentials")


def get(call: Call) -> Answer:
    found = _find(call, call.data("application")["_federated"])
    if found is None:
        raise not_found(call.key(1))
    return Answer(200, {"@odata.context": call.context("federatedIdentityCredentials/$entity"), **found})


def create(call: Call) -> Answer:
    return _create(call, dict(call.body))


def _create(call: Call, body: Data) -> Answer:
    record = call.record("application")
    existing = record.data["_federated"]
    for name in ("name", "issuer", "audiences"):
        if not body.get(name):
            raise bad_request(f"A value is required for property '{name}' of resource 'FederatedIdentityCredential'.")
    if len(existing) >= LIMIT:
        raise bad_request(f"An application can have at most {LIMIT} federated identity credentials.")
    if any(item["name"].casefold() == body["name"].casefold() for item in existing):
        raise name_taken("name")
    _judge(body, list(existing))
    fresh = {
        "id": call.tenant.world.ids.uuid(),
        "name": body["name"],
        "issuer": body["issuer"],
        "subject": body.get("subject"),
        "audiences": list(body["audiences"]),
        "description": body.get("description"),
    }
    call.tenant.refuse_concurrent(record, call.now)
    record.put(call.now, _federated=(*existing, fresh))
    return Answer(201, {"@odata.context": call.context("federatedIdentityCredentials/$entity"), **fresh})


def change(call: Call) -> Answer:
    record = call.record("application")
    existing = record.data["_federated"]
    found = _find(call, existing)
    body: Data = dict(call.body)
    if found is None:
        if call.keys[1][0] == "name" and call.prefers_create:
            return _create(call, {**body, "name": call.key(1)})
        raise not_found(call.key(1))
    if body.get("name", found["name"]) != found["name"] or body.get("id", found["id"]) != found["id"]:
        raise bad_request("Property 'name' of a FederatedIdentityCredential cannot be changed.")
    fresh = {**found, **body}
    _judge(fresh, [item for item in existing if item is not found])
    call.tenant.refuse_concurrent(record, call.now)
    record.put(call.now, _federated=tuple(fresh if item is found else item for item in existing))
    return Answer()


def remove(call: Call) -> Answer:
    record = call.record("application")
    existing = record.data["_federated"]
    found = _find(call, existing)
    if found is None:
        raise not_found(call.key(1))
    record.put(call.now, _federated=tuple(item for item in existing if item is not found))
    return Answer()


_MANY = "/applications/{id}/federatedidentitycredentials"
_ONE = f"{_MANY}/{{id}}"
_SHAPE = "applications/{}/federatedidentitycredentials"
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", _SHAPE): Route(list_all, (_MANY,), owner=by_key, owner_suffices=True, answer=f"[{KIND}]"),
    ("POST", _SHAPE): Route(create, (_MANY,), owner=by_key, owner_suffices=True, request=KIND, answer=KIND),
    ("GET", f"{_SHAPE}/{{}}"): Route(get, (_ONE,), owner=by_key, owner_suffices=True, answer=KIND),
    ("PATCH", f"{_SHAPE}/{{}}"): Route(change, (_ONE,), owner=by_key, owner_suffices=True, request=KIND, answer=KIND),
    ("DELETE", f"{_SHAPE}/{{}}"): Route(remove, (_ONE,), owner=by_key, owner_suffices=True),
}
