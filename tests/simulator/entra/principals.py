# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service principals: create, read, list, change, delete, and what they own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from . import expand, odata, schema
from .applications import merge
from .assertions import take_keys
from .call import Answer, Call, Route
from .errors import GraphError, bad_request, denied
from .lists import listing, mixed_listing
from .rules import check_tags, refuse_beyond_quota
from .store import Data, Record

if TYPE_CHECKING:
    from .tenant import Tenant

# What a caller may set on create and change (assumed from the documented updates).
WRITABLE = frozenset(
    {
        "accountEnabled",
        "alternativeNames",
        "appRoleAssignmentRequired",
        "description",
        "displayName",
        "homepage",
        "info",
        "keyCredentials",
        "loginUrl",
        "logoutUrl",
        "notes",
        "notificationEmailAddresses",
        "preferredSingleSignOnMode",
        "replyUrls",
        "samlSingleSignOnSettings",
        "servicePrincipalNames",
        "tags",
        "tokenEncryptionKeyId",
    }
)


def inherited(application: Data) -> Data:
    """The members of a principal in the home tenant that are those of its application."""
    return {
        "appDisplayName": application["displayName"],
        "appDescription": application["description"],
        "appRoles": list(application["appRoles"]),
        "displayName": application["displayName"],
        "homepage": application["web"]["homePageUrl"],
        "info": dict(application["info"]),
        "oauth2PermissionScopes": list(application["api"]["oauth2PermissionScopes"]),
        "replyUrls": list(application["web"]["redirectUris"]),
        "servicePrincipalNames": [application["appId"], *application["identifierUris"]],
        "signInAudience": application["signInAudience"],
    }


def new_principal(tenant: Tenant, application: Data, now: datetime) -> Data:
    """A service principal of the application, all members as a read shows them."""
    data: Data = {"id": tenant.world.ids.uuid(), "deletedDateTime": None}
    for name, kind in schema.properties("servicePrincipal").items():
        if name not in data and name != "customSecurityAttributes":
            data[name] = [] if kind.startswith("[") else None
    data.update(
        accountEnabled=True,
        appId=application["appId"],
        appOwnerOrganizationId=application.get("_organization", tenant.id),
        appRoleAssignmentRequired=False,
        createdByAppId=application["createdByAppId"],
        servicePrincipalType="Application",
        **inherited(application),
        verifiedPublisher={"addedDateTime": None, "displayName": None, "verifiedPublisherId": None},
        _owners=(),
        _federated=(),
        _policies=(),
    )
    return data


def create(call: Call) -> Answer:
    tenant = call.tenant
    body: Data = dict(call.body)
    app_id = body.pop("appId", None)
    if not app_id:
        raise bad_request("A value is required for property 'appId' of resource 'ServicePrincipal'.")
    application = tenant.find("application", "appId", app_id)
    invalid = bad_request(
        f"The appId '{app_id}' of the service principal does not reference a valid application object."
    )
    if application is None:
        raise invalid
    if tenant.within_lag(application.created):
        # the directory was seen to answer either way
        if tenant.world.ids.number("lagging principals") % 2:
            raise invalid
        raise denied(
            "When using this permission, the backing application of the service principal being created "
            "must in the local tenant"
        )
    if tenant.find("servicePrincipal", "appId", app_id) is not None:
        raise GraphError(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "The service principal cannot be created, updated, or restored because the service principal name "
            f"{app_id} is already in use.",
        )
    kind = body.pop("servicePrincipalType", "Application")
    if kind.lower() != "application":
        raise bad_request(f"Invalid value '{kind}' for property 'servicePrincipalType'.")
    _writable(body)
    refuse_beyond_quota(tenant, call.caller)
    data = new_principal(tenant, application.data, call.now)
    if "keyCredentials" in body:
        body["keyCredentials"] = take_keys(tenant, data, body["keyCredentials"])
    data = merge(data, body)
    data["createdByAppId"] = call.caller.app_id
    check_tags(data["tags"])
    caller = call.caller.user_id or call.caller.principal_id
    data["_owners"] = (caller,) if caller else ()
    record = tenant.store.add(Record("servicePrincipal", data, call.now))
    address = f"{call.root}/servicePrincipals/{record.id}"
    body = {"@odata.context": call.context("servicePrincipals/$entity"), **odata.public(record.data)}
    return Answer(201, body, {"Location": address})


def _writable(body: Data) -> None:
    for name in body:
        if name not in WRITABLE and "@odata." not in name:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.")


def get(call: Call) -> Answer:
    return Answer(200, expand.single(call, call.data("servicePrincipal"), "servicePrincipal", "servicePrincipals"))


def list_all(call: Call) -> Answer:
    return listing(call, call.store.listed("servicePrincipal"), "servicePrincipal", "servicePrincipals")


def change(call: Call) -> Answer:
    record = call.record("servicePrincipal")
    _writable(call.body)
    call.tenant.refuse_concurrent(record, call.now)
    body: Data = dict(call.body)
    if "keyCredentials" in body:
        body["keyCredentials"] = take_keys(call.tenant, record.data, body["keyCredentials"])
    data = merge(record.data, body)
    check_tags(data["tags"])
    record.put(call.now, **{key: item for key, item in data.items() if record.data.get(key) != item})
    return Answer()


def remove(call: Call) -> Answer:
    call.tenant.delete_principal(call.record("servicePrincipal"), call.now)
    return Answer()


def owned_objects(call: Call) -> Answer:
    principal = call.data("servicePrincipal")
    kinds = [call.cast] if call.cast else ["application", "servicePrincipal"]
    items = [
        {"@odata.type": f"#microsoft.graph.{kind}", **data}
        for kind in kinds
        for data in call.store.listed(kind)
        if principal["id"] in data.get("_owners", ())
    ]
    return mixed_listing(call, items)


def by_key(call: Call) -> Record | None:
    return call.store.get("servicePrincipal", *call.keys[0])


def backing_application(call: Call) -> Record | None:
    """Who creates a service principal with an ``.OwnedBy`` permission must own the application."""
    app_id = call.body.get("appId") if isinstance(call.body, dict) else None
    return call.store.get("application", "appId", app_id) if isinstance(app_id, str) else None


def itself(call: Call) -> Record | None:
    record = by_key(call)
    return record if record is None or record.id != call.caller.principal_id else None


ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "serviceprincipals"): Route(
        create,
        ("/serviceprincipals",),
        owner=backing_application,
        request="servicePrincipal",
        answer="servicePrincipal",
    ),
    ("GET", "serviceprincipals"): Route(list_all, ("/serviceprincipals",), answer="[servicePrincipal]"),
    ("GET", "serviceprincipals/{}"): Route(get, ("/serviceprincipals/{id}",), owner=by_key, answer="servicePrincipal"),
    ("PATCH", "serviceprincipals/{}"): Route(
        change, ("/serviceprincipals/{id}",), owner=by_key, request="servicePrincipal"
    ),
    ("DELETE", "serviceprincipals/{}"): Route(remove, ("/serviceprincipals/{id}",), owner=by_key),
    ("GET", "serviceprincipals/{}/ownedobjects"): Route(
        owned_objects, ("/serviceprincipals/{id}/ownedobjects",), owner=itself, answer="[directoryObject]"
    ),
}
