# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What msgraph-sdk sees of one app, as JSON with the names that the product uses; runs in the SDK's environment."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import datetime
from typing import Any

from azure.identity import ClientSecretCredential
from msgraph import GraphServiceClient


def moment(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%S") if value else None


async def main(object_id: str) -> None:
    credential = ClientSecretCredential(
        os.environ["WITNESS_TENANT"], os.environ["WITNESS_CLIENT"], os.environ["WITNESS_SECRET"]
    )
    graph = GraphServiceClient(credential, ["https://graph.microsoft.com/.default"])
    one = graph.applications.by_application_id(object_id)
    app = await one.get()
    principal = await graph.service_principals_with_app_id(app.app_id).get()
    api = await graph.service_principals_with_app_id("00000003-0000-0000-c000-000000000000").get()
    roles = {role.id: role.value for role in api.app_roles}
    held = graph.service_principals.by_service_principal_id(principal.id)
    types = {"Role": "application", "Scope": "delegated"}
    granted = [["application", roles[item.app_role_id]] for item in (await held.app_role_assignments.get()).value]
    for grant in (await held.oauth2_permission_grants.get()).value:
        granted += [["delegated", value] for value in grant.scope.split()]
    shown: dict[str, Any] = {
        "object_id": app.id,
        "app_id": app.app_id,
        "unique_name": app.unique_name,
        "display_name": app.display_name,
        "notes": app.notes,
        "sign_in_audience": app.sign_in_audience,
        "home_page_url": app.web.home_page_url,
        "redirect_uris": sorted(app.web.redirect_uris),
        "tags": sorted(app.tags),
        "owners": sorted(item.id for item in (await one.owners.get()).value),
        "service_principal": [principal.id, principal.account_enabled],
        "requested_permissions": sorted(
            [item.resource_app_id, str(access.id), types[access.type]]
            for item in app.required_resource_access
            for access in item.resource_access
        ),
        "granted_permissions": sorted(granted),
        "credentials": sorted(
            [str(item.key_id), item.display_name, moment(item.end_date_time)] for item in app.password_credentials
        ),
        "certificates": sorted(
            [str(item.key_id), item.display_name, moment(item.end_date_time)] for item in app.key_credentials
        ),
        "federated_credentials": sorted(
            [item.name, item.issuer, item.subject, item.audiences, item.description]
            for item in (await one.federated_identity_credentials.get()).value
        ),
    }
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
