# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applications: create, read, list, change, upsert by unique name, soft delete."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import expand, odata, schema
from .assertions import take_keys
from .call import Answer, Call, Route
from .errors import bad_request, not_found
from .lists import listing
from .moments import stamp
from .passwords import add_password
from .rules import READ_ONLY, refuse_beyond_quota, refuse_enabled, refuse_fresh_personal, validate_application
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

_NO_INFO = {
    "logoUrl": None,
    "marketingUrl": None,
    "privacyStatementUrl": None,
    "supportUrl": None,
    "termsOfServiceUrl": None,
}


def blank() -> Data:
    """All members of an application that a read shows; scalars null, collections empty (FIDELITY.md)."""
    data: Data = {"id": None, "deletedDateTime": None}
    for name, kind in schema.properties("application").items():
        if kind == "Stream!" or name in data or name in ("authenticationBehaviors", "managerApplications"):
            continue
        data[name] = [] if kind.startswith("[") else None
    data.update(
        api={
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
            "requestedAccessTokenVersion": None,
        },
        info=dict(_NO_INFO),
        oauth2RequirePostResponse=False,
        parentalControlSettings={"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        publicClient={"redirectUris": []},
        spa={"redirectUris": []},
        verifiedPublisher={"addedDateTime": None, "displayName": None, "verifiedPublisherId": None},
        web={
            "homePageUrl": None,
            "logoutUrl": None,
            "redirectUris": [],
            "redirectUriSettings": [],
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
        },
    )
    return data


def merge(old: Data, changes: Data) -> Data:
    """Members of complex values that are not named stay; collections are replaced as a whole."""
    fresh = dict(old)
    for name, value in changes.items():
        if "@odata." in name:
            continue
        before = old.get(name)
        if value is None and name in ("web", "spa", "publicClient", "api", "info"):
            fresh[name] = blank()[name]
        elif isinstance(value, dict) and isinstance(before, dict):
            fresh[name] = merge(before, value)
        else:
            fresh[name] = value
    return fresh


def _apply(old: Data, body: Data) -> Data:
    data = merge(old, body)
    if "redirectUriSettings" not in (body.get("web") or {}):
        data["web"] = {
            **data["web"],
            "redirectUriSettings": [{"uri": uri, "index": None} for uri in data["web"]["redirectUris"]],
        }
    data["requiredResourceAccess"] = [
        {**item, "resourceAccess": [dict(one) for one in item.get("resourceAccess", [])]}
        for item in data["requiredResourceAccess"]
    ]
    return data


def _refuse_read_only(body: Data) -> None:
    for name in body:
        if name in READ_ONLY:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")


def create(call: Call) -> Answer:
    return _create(call, dict(call.body))


def _create(call: Call, body: Data) -> Answer:
    tenant = call.tenant
    _refuse_read_only(body)
    refuse_beyond_quota(tenant, call.caller)
    passwords = body.pop("passwordCredentials", None) or []
    owners = [tenant.reference(link) for link in body.pop("owners@odata.bind", [])]
    if len(owners) > 20:
        raise bad_request("At most 20 owners can be bound on create.")
    if not body.get("displayName"):
        raise bad_request("A value is required for property 'displayName' of resource 'Application'.")
    if len(passwords) > 1:
        raise bad_request("At most one password credential can be made on create.")
    data = new_application(tenant, call.now, call.caller.app_id)
    if "keyCredentials" in body:
        body["keyCredentials"] = take_keys(tenant, data, body["keyCredentials"])
    data = _apply(data, {"signInAudience": "AzureADMyOrg", **body})
    validate_application(tenant, data, {**data}, None)
    _want_reference(tenant, data, "Create")
    if call.caller.principal_id and not call.caller.user_id:
        owners.insert(0, call.caller.principal_id)
    elif call.caller.user_id:
        owners.insert(0, call.caller.user_id)
    data["_owners"] = tuple(dict.fromkeys(owners))
    record = tenant.store.add(Record("application", data, call.now))
    answer = {"@odata.context": call.context("applications/$entity"), **odata.public(record.data)}
    if passwords:
        try:
            shown = add_password(tenant, record, dict(passwords[0]), call.now, call.caller)
        except Exception:
            tenant.store.remove(record, call.now)
            raise
        answer["passwordCredentials"] = [shown]
    address = f"{call.root}/{tenant.id}/directoryObjects/{record.id}/Microsoft.DirectoryServices.Application"
    return Answer(201, answer, {"Location": address})


def _want_reference(tenant: Tenant, data: Data, what: str) -> None:
    """A policy of some directories: no app without a reference into the tool where services are managed."""
    if tenant.wants_references and not data["serviceManagementReference"]:
        raise bad_request(
            f"ServiceManagementReference field is required for {what}, but is missing in the request. Refer to the TSG "
            "`https://aka.ms/service-management-reference-error` for resolving the error."
        )


def new_application(tenant: Tenant, now: datetime, by: str | None) -> Data:
    ids = tenant.world.ids
    data = blank()
    data.update(
        id=ids.uuid(),
        appId=ids.uuid(),
        createdDateTime=stamp(now),
        createdByAppId=by,
        publisherDomain=tenant.domain,
        signInAudience="AzureADMyOrg",
        _owners=(),
        _federated=(),
        _policies=(),
    )
    return data


def get(call: Call) -> Answer:
    return Answer(200, expand.single(call, call.data("application"), "application", "applications"))


def list_all(call: Call) -> Answer:
    return listing(call, call.store.listed("application"), "application", "applications")


def change(call: Call) -> Answer:
    name, value = call.keys[0]
    body: Data = dict(call.body)
    record = call.store.get("application", name, value)
    if name == "uniqueName":
        if body.get("uniqueName", value) != value:
            raise bad_request("Property 'uniqueName' in the body differs from the key in the address.")
        if "passwordCredentials" in body:
            raise bad_request("Property 'passwordCredentials' cannot be set by an upsert.")
        if call.prefers_create:
            call.tenant.require(call, "/applications", "POST")
            if not body.get("displayName"):
                raise bad_request("A value is required for property 'displayName' of resource 'Application'.")
        if record is None:
            if not call.prefers_create:
                raise not_found(value)
            return _create(call, {**body, "uniqueName": value})
    if record is None or call.tenant.too_fresh(record, "writes"):
        raise not_found(value)
    _refuse_read_only(body)
    if "passwordCredentials" in body:
        _same_credentials(record.data["passwordCredentials"], body.pop("passwordCredentials"))
    if "owners@odata.bind" in body:
        raise bad_request("Property 'owners' cannot be changed here.")
    old_name = record.data["uniqueName"]
    if old_name is not None and body.get("uniqueName", old_name) != old_name:
        raise bad_request("Property 'uniqueName' cannot be changed once it is set.")
    call.tenant.refuse_concurrent(record, call.now)
    refuse_fresh_personal(call.tenant, record)
    if "keyCredentials" in body:
        body["keyCredentials"] = take_keys(call.tenant, record.data, body["keyCredentials"])
    data = _apply(record.data, body)
    validate_application(call.tenant, data, body, record.id)
    _want_reference(call.tenant, data, "Update")
    refuse_enabled(record.data, data)
    record.put(call.now, **{key: item for key, item in data.items() if record.data.get(key) != item})
    call.store.index(record)
    call.tenant.follow_application(record, call.now)
    return Answer()


def _same_credentials(old: list[Data], new: Any) -> None:
    """Passwords can be dropped here but not made."""
    known = {item["keyId"] for item in old}
    if any(item.get("keyId") not in known or item.get("secretText") for item in new or []):
        raise bad_request(
            "Credential is not allowed in a PATCH or PUT request: "
            "new password credentials must be generated with service actions."
        )
    if len(new or []) != len(old):
        raise bad_request("Update to existing credential is not allowed; use removePassword.")


def remove(call: Call) -> Answer:
    record = call.record("application")
    call.tenant.delete_application(record, call.now)
    return Answer()


def by_key(call: Call) -> Record | None:
    """The application that the path names, for the question who owns it."""
    return call.store.get("application", *call.keys[0])


ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "applications"): Route(create, ("/applications",), request="application", answer="application"),
    ("GET", "applications"): Route(list_all, ("/applications",), answer="[application]"),
    ("GET", "applications/{}"): Route(
        get, ("/applications/{id}",), owner=by_key, owner_suffices=True, answer="application"
    ),
    ("PATCH", "applications/{}"): Route(
        change, ("/applications/{id}",), owner=by_key, owner_suffices=True, request="application", answer="application"
    ),
    ("DELETE", "applications/{}"): Route(remove, ("/applications/{id}",), owner=by_key, owner_suffices=True),
}
