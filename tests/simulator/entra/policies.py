# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""App management policies: the tenant's default and those of single apps (FIDELITY.md, Applications and secrets)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import odata
from .call import Answer, Call, Caller, Route
from .errors import GraphError, bad_request, not_found
from .links import reference_id
from .lists import listing
from .moments import parse_moment
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

ZERO = "00000000-0000-0000-0000-000000000000"
SINCE = "2020-01-01T00:00:00Z"


def restrictions(max_lifetime: str | None, forbid: bool) -> list[Data]:
    """The items of ``passwordCredentials`` in a policy."""
    common = {"state": "enabled", "restrictForAppsCreatedAfterDateTime": SINCE}
    items: list[Data] = []
    if forbid:
        items.append({"restrictionType": "passwordAddition", "maxLifetime": None, **common})
    if max_lifetime:
        items.append({"restrictionType": "passwordLifetime", "maxLifetime": max_lifetime, **common})
    return items


def default_policy(tenant: Tenant) -> Data:
    """The tenant's default as it acts now, a planned fault of kind ``policy`` included."""
    policy = tenant.policy
    fault = tenant.world.faults.active("policy")
    if fault is None:
        return policy
    items = restrictions(fault.get("max_lifetime", None if fault.get("forbid") else "P180D"), bool(fault.get("forbid")))
    applied = {**policy["applicationRestrictions"], "passwordCredentials": items}
    return {**policy, "isEnabled": True, "applicationRestrictions": applied}


def blank_policy() -> Data:
    return {
        "id": ZERO,
        "deletedDateTime": None,
        "displayName": "Default app management tenant policy",
        "description": "Default tenant policy that enforces app management restrictions on applications and "
        "service principals.",
        "isEnabled": False,
        "applicationRestrictions": {"passwordCredentials": [], "keyCredentials": []},
        "servicePrincipalRestrictions": {"passwordCredentials": [], "keyCredentials": []},
    }


def lifetime(text: str) -> timedelta:
    """Days, hours, minutes and seconds of an ISO 8601 duration; years and months as 365 and 30 days (assumed)."""
    match = re.fullmatch(
        r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", text
    )
    if match is None:
        raise bad_request(f"Invalid duration '{text}'.")
    years, months, weeks, days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(days=years * 365 + months * 30 + weeks * 7 + days, hours=hours, minutes=minutes, seconds=seconds)


def _passwords(holder: Data | None) -> list[Data]:
    return list((holder or {}).get("passwordCredentials") or [])


def _acting(tenant: Tenant, record: Record) -> list[Data]:
    """Restriction by restriction: that of the object's own policy where it defines one, else the tenant's default."""
    own: list[Data] = []
    for policy_id in record.data.get("_policies", ()):
        found = tenant.store.get("appManagementPolicy", "id", policy_id)
        if found is not None and found.data["isEnabled"]:
            own = _passwords(found.data["restrictions"])
    defined = {item["restrictionType"] for item in own}
    policy = default_policy(tenant)
    side = "applicationRestrictions" if record.kind == "application" else "servicePrincipalRestrictions"
    default = _passwords(policy[side]) if policy["isEnabled"] else []
    return [*own, *(item for item in default if item["restrictionType"] not in defined)]


def _exempt(tenant: Tenant, item: Data, caller: Caller | None) -> bool:
    """Whether the caller bears one of the custom security attributes that the restriction leaves out."""
    excluded = (item.get("excludeActors") or {}).get("customSecurityAttributes") or []
    actor = tenant.any_object((caller.user_id or caller.principal_id or "") if caller else "")
    borne = actor.data.get("_attributes", {}) if actor else {}
    return any(borne.get(each.get("id")) == each.get("value") for each in excluded if each.get("id") in borne)


def judge_password(tenant: Tenant, record: Record, start: datetime, end: datetime, caller: Caller | None) -> None:
    """Raises GraphError when a policy forbids the new password credential."""
    created = parse_moment(record.data["createdDateTime"]) if record.data.get("createdDateTime") else None
    for item in _acting(tenant, record):
        since = item.get("restrictForAppsCreatedAfterDateTime")
        if item.get("state") != "enabled" or (since and created and created < parse_moment(since)):
            continue
        if _exempt(tenant, item, caller):
            continue
        if item["restrictionType"] == "passwordAddition":
            raise GraphError(
                400,
                "CredentialTypeNotAllowedAsPerAppPolicy",
                "Credential type not allowed as per assigned policy.",
                [
                    {
                        "code": "CredentialTypeNotAllowed",
                        "message": "Password credentials are blocked.",
                        "target": "passwordCredentials",
                    }
                ],
            )
        longest = item.get("maxLifetime")
        if item["restrictionType"] == "passwordLifetime" and longest and end - start > lifetime(longest):
            raise GraphError(
                400,
                "CredentialInvalidLifetimeAsPerAppPolicy",
                "Credential lifetime exceeds the max value allowed as per assigned policy.",
                [{"code": "InvalidKeyEndDate", "message": f"The maximum lifetime is {longest}.", "target": "EndDate"}],
            )


def get_default(call: Call) -> Answer:
    names = odata.selection(call.query, "tenantAppManagementPolicy")
    data = odata.public(default_policy(call.tenant), names)
    return Answer(200, {"@odata.context": call.context("policies/defaultAppManagementPolicy/$entity"), **data})


def change_default(call: Call) -> Answer:
    fresh: Data = dict(call.tenant.policy)
    for name, value in call.body.items():
        if name in ("id", "deletedDateTime"):
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")
        fresh[name] = (
            {**fresh[name], **value} if isinstance(value, dict) and isinstance(fresh.get(name), dict) else value
        )
    call.tenant.policy = fresh
    return Answer()


def store_policy(tenant: Tenant, body: Data, now: datetime) -> Record:
    data = {
        "id": tenant.world.ids.uuid(),
        "deletedDateTime": None,
        "displayName": None,
        "description": None,
        "isEnabled": False,
        "restrictions": None,
        **body,
    }
    return tenant.store.add(Record("appManagementPolicy", data, now))


def create(call: Call) -> Answer:
    record = store_policy(call.tenant, {key: value for key, value in call.body.items() if key != "id"}, call.now)
    return Answer(201, {"@odata.context": call.context("policies/appManagementPolicies/$entity"), **record.data})


def _page(call: Call, items: list[Data]) -> Answer:
    return listing(call, items, "appManagementPolicy", "policies/appManagementPolicies")


def list_all(call: Call) -> Answer:
    return _page(call, call.store.listed("appManagementPolicy"))


def get(call: Call) -> Answer:
    data = call.data("appManagementPolicy")
    return Answer(200, {"@odata.context": call.context("policies/appManagementPolicies/$entity"), **data})


def change(call: Call) -> Answer:
    record = call.record("appManagementPolicy")
    record.put(call.now, **{key: value for key, value in call.body.items() if key != "id"})
    return Answer()


def remove(call: Call) -> Answer:
    call.store.remove(call.record("appManagementPolicy"), call.now)
    return Answer()


def of_application(call: Call) -> Answer:
    wanted: Any = call.data("application").get("_policies", ())
    found = (call.store.get("appManagementPolicy", "id", item) for item in wanted)
    return _page(call, [record.data for record in found if record is not None])


def attach(call: Call) -> Answer:
    record = call.record("application")
    policy = call.store.get("appManagementPolicy", "id", reference_id(call.body["@odata.id"]))
    if policy is None:
        raise not_found(call.body["@odata.id"])
    if policy.id in record.data["_policies"]:
        raise bad_request("One or more added object references already exist.")
    if record.data["_policies"]:
        raise bad_request("An application can have at most one app management policy.")
    record.put(call.now, _policies=(*record.data["_policies"], policy.id))
    return Answer()


def detach(call: Call) -> Answer:
    record = call.record("application")
    kept = tuple(item for item in record.data["_policies"] if item != call.key(1))
    if len(kept) == len(record.data["_policies"]):
        raise not_found(call.key(1))
    record.put(call.now, _policies=kept)
    return Answer()


_KIND = "appManagementPolicy"
_APP = "/applications/{id}/appmanagementpolicies"
_MANY, _ONE = "/policies/appmanagementpolicies", "/policies/appmanagementpolicies/{id}"
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "policies/defaultappmanagementpolicy"): Route(
        get_default, ("/policies/defaultappmanagementpolicy",), answer="tenantAppManagementPolicy"
    ),
    ("PATCH", "policies/defaultappmanagementpolicy"): Route(
        change_default, ("/policies/defaultappmanagementpolicy",), request="tenantAppManagementPolicy"
    ),
    ("GET", "policies/appmanagementpolicies"): Route(list_all, (_MANY,), answer=f"[{_KIND}]"),
    ("POST", "policies/appmanagementpolicies"): Route(create, (_MANY,), request=_KIND, answer=_KIND),
    ("GET", "policies/appmanagementpolicies/{}"): Route(get, (_ONE,), answer=_KIND),
    ("PATCH", "policies/appmanagementpolicies/{}"): Route(change, (_ONE,), request=_KIND),
    ("DELETE", "policies/appmanagementpolicies/{}"): Route(remove, (_ONE,)),
    ("GET", "applications/{}/appmanagementpolicies"): Route(of_application, (_APP,), answer=f"[{_KIND}]"),
    ("POST", "applications/{}/appmanagementpolicies/$ref"): Route(attach, (_APP,), request="reference"),
    ("DELETE", "applications/{}/appmanagementpolicies/{}/$ref"): Route(detach, (_APP,)),
}
