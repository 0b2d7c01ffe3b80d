# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What msgraph-sdk with azure-identity does; a program of its own, as it runs in the environment of the SDK.

Reads tenant, client id and secret from the environment, asserts each answer, and prints one JSON document with the
ids of what it leaves behind for the product.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from azure.identity import CertificateCredential, ClientAssertionCredential, ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph import GraphServiceClient
from msgraph.generated.applications.applications_request_builder import ApplicationsRequestBuilder
from msgraph.generated.applications.item.add_password.add_password_post_request_body import AddPasswordPostRequestBody
from msgraph.generated.applications.item.application_item_request_builder import ApplicationItemRequestBuilder
from msgraph.generated.applications.item.remove_password.remove_password_post_request_body import (
    RemovePasswordPostRequestBody,
)
from msgraph.generated.models.app_role import AppRole
from msgraph.generated.models.app_role_assignment import AppRoleAssignment
from msgraph.generated.models.application import Application
from msgraph.generated.models.federated_identity_credential import FederatedIdentityCredential
from msgraph.generated.models.key_credential import KeyCredential
from msgraph.generated.models.o_auth2_permission_grant import OAuth2PermissionGrant
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_credential import PasswordCredential
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.required_resource_access import RequiredResourceAccess
from msgraph.generated.models.resource_access import ResourceAccess
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.models.web_application import WebApplication
from msgraph.generated.service_principals.service_principals_request_builder import ServicePrincipalsRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

GRAPH = "00000003-0000-0000-c000-000000000000"
READ_DIRECTORY = UUID("7ab1d382-f21e-4acd-a863-ba3e13f7da61")
READ_SELF = UUID("e1fe6dd8-ba31-4d61-89e7-88639da4683d")
TENANT = os.environ["WITNESS_TENANT"]
REPLY = ["https://jira.example.com/a", "https://wiki.example.com/b"]
ROLE = AppRole(
    id=UUID("11111111-2222-4333-8444-555555555555"),
    allowed_member_types=["Application"],
    description="Read things",
    display_name="Read things",
    is_enabled=True,
    value="Things.Read",
)
AppQuery = ApplicationsRequestBuilder.ApplicationsRequestBuilderGetQueryParameters
OneQuery = ApplicationItemRequestBuilder.ApplicationItemRequestBuilderGetQueryParameters
SpQuery = ServicePrincipalsRequestBuilder.ServicePrincipalsRequestBuilderGetQueryParameters
UserQuery = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters


def asked(query: Any, eventual: bool = False) -> RequestConfiguration[Any]:
    """Query options, with the header for the index store if told so."""
    headers = HeadersCollection()
    if eventual:
        headers.add("ConsistencyLevel", "eventual")
    return RequestConfiguration(query_parameters=query, headers=headers)


async def refused(call: Any, status: int, code: str) -> ODataError:
    """The error that a call must end in."""
    try:
        await call
    except ODataError as error:
        assert (error.response_status_code, error.error.code) == (status, code), error
        return error
    raise AssertionError(f"not refused with {code}")


async def applications(graph: GraphServiceClient) -> Application:
    """Made, found, changed."""
    wanted = Application(
        display_name="Made by the SDK",
        sign_in_audience="AzureADMyOrg",
        unique_name="made-by-the-sdk",
        tags=["one"],
        web=WebApplication(redirect_uris=REPLY, home_page_url="https://jira.example.com"),
        app_roles=[ROLE],
        required_resource_access=[
            RequiredResourceAccess(
                resource_app_id=GRAPH,
                resource_access=[
                    ResourceAccess(id=READ_DIRECTORY, type="Role"),
                    ResourceAccess(id=READ_SELF, type="Scope"),
                ],
            )
        ],
    )
    made = await graph.applications.post(wanted)
    assert (made.display_name, made.unique_name, made.tags) == ("Made by the SDK", "made-by-the-sdk", ["one"])
    assert (made.web.redirect_uris, made.web.home_page_url) == (REPLY, "https://jira.example.com")
    assert [item.id for item in made.required_resource_access[0].resource_access] == [READ_DIRECTORY, READ_SELF]
    assert [role.value for role in made.app_roles] == ["Things.Read"]
    assert made.created_date_time > datetime.now(timezone.utc) - timedelta(hours=1)
    await refused(graph.applications.post(Application(display_name="x", unique_name="made-by-the-sdk")), 400, BAD)
    one = graph.applications.by_application_id(made.id)
    await one.patch(Application(notes="by hand", tags=["one", "two"]))
    for builder in (
        one,
        graph.applications_with_app_id(made.app_id),
        graph.applications_with_unique_name("made-by-the-sdk"),
    ):
        shown = await builder.get()
        assert (shown.id, shown.notes, shown.tags) == (made.id, "by hand", ["one", "two"])
        assert shown.web.redirect_uris == REPLY
    await refused(graph.applications.by_application_id(GRAPH).get(), 404, "Request_ResourceNotFound")
    chosen = ["id", "displayName"]
    for condition in ("startswith(displayName,'Made by')", f"appId eq '{made.app_id}'", "tags/any(t:t eq 'two')"):
        [found] = (await graph.applications.get(asked(AppQuery(filter=condition, select=chosen)))).value
        assert (found.id, found.display_name, found.app_id) == (made.id, made.display_name, None)
    await refused(graph.applications.get(asked(AppQuery(orderby=["displayName"]))), 400, "Request_UnsupportedQuery")
    ordered = await graph.applications.get(asked(AppQuery(orderby=["displayName"], count=True, top=1), eventual=True))
    assert ordered.odata_count >= 2 and len(ordered.value) == 1
    second = await graph.applications.with_url(ordered.odata_next_link).get(asked(None, eventual=True))
    assert second.value[0].id != ordered.value[0].id
    return made


BAD = "Request_BadRequest"


async def principals(graph: GraphServiceClient, made: Application) -> ServicePrincipal:
    """Of the application: made, found, changed."""
    principal = await graph.service_principals.post(ServicePrincipal(app_id=made.app_id, tags=["seen"]))
    assert (principal.app_id, principal.display_name) == (made.app_id, made.display_name)
    assert principal.account_enabled is True
    assert [role.value for role in principal.app_roles] == ["Things.Read"]
    again = graph.service_principals.post(ServicePrincipal(app_id=made.app_id))
    await refused(again, 409, "Request_MultipleObjectsWithSameKeyValue")
    await graph.service_principals.by_service_principal_id(principal.id).patch(ServicePrincipal(notes="kept"))
    shown = await graph.service_principals_with_app_id(made.app_id).get()
    assert (shown.id, shown.notes, shown.tags, shown.service_principal_type) == (
        principal.id,
        "kept",
        ["seen"],
        "Application",
    )
    named = f"servicePrincipalNames/any(n:n eq '{made.app_id}')"
    page = await graph.service_principals.get(asked(SpQuery(filter=named)))
    assert [item.id for item in page.value] == [principal.id]
    return principal


async def secrets(graph: GraphServiceClient, made: Application) -> str:
    """Two secrets, a login, one removed; returns the key id of the other."""
    one = graph.applications.by_application_id(made.id)
    end = datetime(2099, 1, 1, tzinfo=timezone.utc)
    body = AddPasswordPostRequestBody(password_credential=PasswordCredential(display_name="first", end_date_time=end))
    first = await one.add_password.post(body)
    assert (first.display_name, first.end_date_time, first.hint) == ("first", end, first.secret_text[:3])
    second = await one.add_password.post(
        AddPasswordPostRequestBody(password_credential=PasswordCredential(display_name="second"))
    )
    await log_in(ClientSecretCredential(TENANT, made.app_id, first.secret_text))
    shown = await one.get(asked(OneQuery(select=["passwordCredentials"])))
    assert [item.key_id for item in shown.password_credentials] == [first.key_id, second.key_id]
    assert {item.secret_text for item in shown.password_credentials} == {None}
    await one.remove_password.post(RemovePasswordPostRequestBody(key_id=second.key_id))
    await refused(one.remove_password.post(RemovePasswordPostRequestBody(key_id=second.key_id)), 400, BAD)
    return str(first.key_id)


async def log_in(credential: Any) -> None:
    """As the application itself: the token is good for Graph, which refuses it for want of permissions."""
    other = GraphServiceClient(credential, ["https://graph.microsoft.com/.default"])
    await refused(other.users.get(), 403, "Authorization_RequestDenied")
    credential.close()


async def certificates(graph: GraphServiceClient, made: Application) -> str:
    """A certificate by its bytes, selected again, and a login by it; returns its key id."""
    one = graph.applications.by_application_id(made.id)
    with open(os.environ["WITNESS_CERTIFICATE"], "rb") as stream:
        pem = stream.read()
    der = base64.b64decode(pem.split(b"-----BEGIN CERTIFICATE-----")[1].split(b"-----END")[0])
    key = KeyCredential(type="AsymmetricX509Cert", usage="Verify", key=der, display_name="CN=sdk")
    await one.patch(Application(key_credentials=[key]))
    [plain] = (await one.get()).key_credentials
    assert (plain.key, plain.display_name, plain.usage) == (None, "CN=sdk", "Verify")
    [full] = (await one.get(asked(OneQuery(select=["keyCredentials"])))).key_credentials
    assert full.key_id == plain.key_id and full.key
    await log_in(CertificateCredential(TENANT, made.app_id, certificate_data=pem))
    return str(full.key_id)


async def federation(graph: GraphServiceClient, made: Application) -> None:
    """Trust in another issuer, and a login by its token."""
    many = graph.applications.by_application_id(made.id).federated_identity_credentials
    body = FederatedIdentityCredential(
        name="jobs", issuer="https://issuer.example.com", subject="job:1", audiences=["api://AzureADTokenExchange"]
    )
    first = await many.post(body)
    assert (first.name, first.subject, first.audiences) == ("jobs", "job:1", ["api://AzureADTokenExchange"])
    one = many.by_federated_identity_credential_id(first.id)
    await one.patch(FederatedIdentityCredential(subject="job:2", description="changed"))
    assert [(item.subject, item.description) for item in (await many.get()).value] == [("job:2", "changed")]
    await log_in(ClientAssertionCredential(TENANT, made.app_id, lambda: os.environ["WITNESS_TOKEN"]))
    body.name, body.subject = "more", "job:3"
    second = await many.post(body)
    await many.by_federated_identity_credential_id(second.id).delete()
    assert [item.name for item in (await many.get()).value] == ["jobs"]


async def consent(graph: GraphServiceClient, principal: ServicePrincipal) -> None:
    """Roles and scopes: granted, listed, changed, revoked."""
    resource = await graph.service_principals_with_app_id(GRAPH).get()
    role = AppRoleAssignment(principal_id=UUID(principal.id), resource_id=UUID(resource.id), app_role_id=READ_DIRECTORY)
    given = graph.service_principals.by_service_principal_id(resource.id).app_role_assigned_to
    held = graph.service_principals.by_service_principal_id(principal.id).app_role_assignments
    made = await given.post(role)
    assert (made.principal_display_name, made.resource_display_name) == ("Made by the SDK", "Microsoft Graph")
    await refused(given.post(role), 400, BAD)
    assert (await held.by_app_role_assignment_id(made.id).get()).app_role_id == READ_DIRECTORY
    await held.by_app_role_assignment_id(made.id).delete()
    assert (await held.get()).value == []
    await given.post(role)
    grant = await graph.oauth2_permission_grants.post(
        OAuth2PermissionGrant(
            client_id=principal.id, consent_type="AllPrincipals", resource_id=resource.id, scope="User.Read"
        )
    )
    one = graph.oauth2_permission_grants.by_o_auth2_permission_grant_id(grant.id)
    await one.patch(OAuth2PermissionGrant(scope="User.Read email"))
    assert (await one.get()).scope == "User.Read email"
    listed = await graph.service_principals.by_service_principal_id(principal.id).oauth2_permission_grants.get()
    assert [item.id for item in listed.value] == [grant.id]


async def owners(graph: GraphServiceClient, made: Application) -> None:
    """A person becomes an owner and stops being one; counted and expanded on the way."""
    one = graph.applications.by_application_id(made.id)
    person = (await graph.users.get(asked(UserQuery(select=["id"], orderby=["displayName"], top=1)))).value[0]
    link = ReferenceCreate(odata_id=f"https://graph.microsoft.com/v1.0/directoryObjects/{person.id}")
    before = [item.id for item in (await one.owners.get()).value]
    await one.owners.ref.post(link)
    await refused(one.owners.ref.post(link), 400, BAD)
    assert [item.id for item in (await one.owners.get()).value] == [*before, person.id]
    assert [item.id for item in (await one.get(asked(OneQuery(expand=["owners"])))).owners] == [*before, person.id]
    assert await one.owners.count.get(asked(None, eventual=True)) == len(before) + 1
    await one.owners.by_directory_object_id(person.id).ref.delete()
    assert [item.id for item in (await one.owners.get()).value] == before


async def deleted_items(graph: GraphServiceClient) -> None:
    """Removed, followed by delta, restored, purged."""
    page = await graph.applications.delta.get()
    while page.odata_next_link:
        page = await graph.applications.delta.with_url(page.odata_next_link).get()
    made = await graph.applications.post(Application(display_name="Short-lived"))
    await graph.applications.by_application_id(made.id).delete()
    changed = await graph.applications.delta.with_url(page.odata_delta_link).get()
    assert [(item.id, "@removed" in item.additional_data) for item in changed.value] == [(made.id, True)]
    bin_ = graph.directory.deleted_items
    [gone] = (await bin_.graph_application.get()).value
    assert (gone.id, gone.display_name, bool(gone.deleted_date_time)) == (made.id, "Short-lived", True)
    back = await bin_.by_directory_object_id(made.id).restore.post()
    assert isinstance(back, Application) and back.deleted_date_time is None
    await graph.applications.by_application_id(made.id).delete()
    await bin_.by_directory_object_id(made.id).delete()
    assert (await bin_.graph_application.get()).value == []


async def main() -> None:
    credential = ClientSecretCredential(TENANT, os.environ["WITNESS_CLIENT"], os.environ["WITNESS_SECRET"])
    graph = GraphServiceClient(credential, ["https://graph.microsoft.com/.default"])
    made = await applications(graph)
    principal = await principals(graph, made)
    left = {"id": made.id, "app_id": made.app_id, "principal_id": principal.id}
    left["secret"] = await secrets(graph, made)
    left["certificate"] = await certificates(graph, made)
    await federation(graph, made)
    await consent(graph, principal)
    await owners(graph, made)
    await deleted_items(graph)
    json.dump(left, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
