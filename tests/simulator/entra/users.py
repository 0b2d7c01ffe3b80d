# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, groups, their memberships, the organization, and single directory objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import odata
from .call import Answer, Call, Route
from .errors import GraphError, not_found
from .lists import listing, mixed_listing
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

# What a read of a user shows unless members are selected (assumed from the public reference).
DEFAULT_USER = (
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)


def _user(call: Call) -> Data:
    key = call.key()
    found = call.store.read("user", "id", key)
    if found is None:
        for data in call.store.listed("user"):
            if data["userPrincipalName"].casefold() == key.casefold():
                return data
        raise not_found(key)
    return found


def _shown(data: Data) -> Data:
    return {name: data[name] for name in DEFAULT_USER}


def _typed(record: Record, call: Call) -> Data:
    data = _shown(record.data) if record.kind == "user" and "$select" not in call.query else record.data
    return {"@odata.type": f"#microsoft.graph.{record.kind}", **data}


def list_users(call: Call) -> Answer:
    answer = listing(call, call.store.listed("user"), "user", "users")
    if "$select" not in call.query and answer.body is not None:
        answer.body["value"] = [_shown(data) for data in answer.body["value"]]
    return answer


def get_user(call: Call) -> Answer:
    data = _user(call)
    names = odata.selection(call.query, "user")
    shown = odata.public(data, names) if names else _shown(data)
    return Answer(200, {"@odata.context": call.context("users/$entity"), **shown})


def me(call: Call) -> Answer:
    if not call.caller.user_id:
        raise GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
    call.keys.append(("id", call.caller.user_id))
    return get_user(call)


def manager(call: Call) -> Answer:
    user_id = _user(call)["_manager"]
    record = call.store.get("user", "id", user_id) if user_id else None
    if record is None:
        raise not_found("manager")
    return Answer(
        200, {"@odata.context": call.context("directoryObjects/$entity"), **odata.public(_typed(record, call))}
    )


def _containers(tenant: Tenant, member: str, deep: bool) -> list[str]:
    found: list[str] = []
    waiting = list(tenant.containers.get(member, ()))
    while waiting:
        group = waiting.pop(0)
        if group not in found:
            found.append(group)
            if deep:
                waiting.extend(tenant.containers.get(group, ()))
    return found


def member_of(call: Call) -> Answer:
    ids = _containers(call.tenant, _user(call)["id"], call.shape.endswith("transitivememberof"))
    return _objects(call, ids)


def _objects(call: Call, ids: list[str]) -> Answer:
    records = [call.tenant.any_object(item) for item in ids]
    items = [_typed(item, call) for item in records if item is not None and call.cast in (None, item.kind)]
    return mixed_listing(call, items)


def list_groups(call: Call) -> Answer:
    return listing(call, call.store.listed("group"), "group", "groups")


def get_group(call: Call) -> Answer:
    names = odata.selection(call.query, "group")
    data = odata.public(call.data("group"), names)
    return Answer(200, {"@odata.context": call.context("groups/$entity"), **data})


def members(call: Call) -> Answer:
    ids = list(call.data("group")["_members"])
    if call.shape.endswith("transitivemembers"):
        found: list[str] = []
        while ids:
            member = ids.pop(0)
            if member not in found:
                found.append(member)
                group = call.store.get("group", "id", member)
                ids.extend(group.data["_members"] if group else ())
        ids = found
    return _objects(call, ids)


def photos(call: Call) -> Answer:
    _user(call)
    return Answer(200, {"@odata.context": call.context("users/photos"), "value": []})


def photo(call: Call) -> Answer:
    _user(call)
    raise GraphError(404, "ImageNotFound", "The photo wasn't found.")


def organization(call: Call) -> Answer:
    return listing(call, [call.tenant.organization()], "organization", "organization")


def one_organization(call: Call) -> Answer:
    if call.key() != call.tenant.id:
        raise not_found(call.key())
    names = odata.selection(call.query, "organization")
    data = odata.public(call.tenant.organization(), names)
    return Answer(200, {"@odata.context": call.context("organization/$entity"), **data})


def directory_object(call: Call) -> Answer:
    record = call.tenant.any_object(call.key())
    if record is None or record.at(call.store.as_of) is None:
        raise not_found(call.key())
    return Answer(
        200, {"@odata.context": call.context("directoryObjects/$entity"), **odata.public(_typed(record, call))}
    )


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "users"): Route(list_users, ("/users",), answer="[user]"),
    ("GET", "users/{}"): Route(get_user, ("/users/{id}",), answer="user"),
    ("GET", "me"): Route(me, (), answer="user"),
    ("GET", "users/{}/manager"): Route(manager, ("/users/{id}/manager",), answer="directoryObject"),
    ("GET", "users/{}/memberof"): Route(member_of, ("/users/{id}/memberof",), answer="[directoryObject]"),
    ("GET", "users/{}/transitivememberof"): Route(
        member_of, ("/users/{id}/transitivememberof",), answer="[directoryObject]"
    ),
    ("GET", "users/{}/photos"): Route(photos, ("/users/{id}/photos",), answer="[profilePhoto]"),
    ("GET", "users/{}/photo"): Route(photo, ("/users/{id}/photo",), answer="profilePhoto"),
    ("GET", "users/{}/photo/$value"): Route(photo, ("/users/{id}/photo",)),
    ("GET", "groups"): Route(list_groups, ("/groups",), answer="[group]"),
    ("GET", "groups/{}"): Route(get_group, ("/groups/{id}",), answer="group"),
    ("GET", "groups/{}/members"): Route(members, ("/groups/{id}/members",), answer="[directoryObject]"),
    ("GET", "groups/{}/transitivemembers"): Route(
        members, ("/groups/{id}/transitivemembers",), answer="[directoryObject]"
    ),
    ("GET", "organization"): Route(organization, ("/organization",), answer="[organization]"),
    ("GET", "organization/{}"): Route(one_organization, ("/organization/{id}",), answer="organization"),
    ("GET", "directoryobjects/{}"): Route(directory_object, ("/directoryobjects/{id}",), answer="directoryObject"),
}
