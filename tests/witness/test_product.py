# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product takes over what a witness made, and a witness reads what the product made: field by field."""

from __future__ import annotations

import json
from typing import Any

import azure_cli
from microsoft import Az
from product import HOLDER, PERMISSIONS, TRUST, Product


def same(shown: dict[str, Any], az: Az, object_id: str) -> None:
    """What the product shows of an app is what azure-cli shows of it."""
    app = az("ad app show --id", object_id)
    principal = az("ad sp show --id", app["appId"])
    members = {
        "object_id": app["id"],
        "app_id": app["appId"],
        "unique_name": app["uniqueName"],
        "display_name": app["displayName"],
        "created": app["createdDateTime"],
        "notes": app["notes"],
        "sign_in_audience": app["signInAudience"],
        "home_page_url": app["web"]["homePageUrl"],
        "logout_url": app["web"]["logoutUrl"],
        "redirect_uris": sorted(app["web"]["redirectUris"]),
        "spa_redirect_uris": sorted(app["spa"]["redirectUris"]),
        "public_client_redirect_uris": sorted(app["publicClient"]["redirectUris"]),
        "tags": sorted(app["tags"]),
        "owners": sorted(item["id"] for item in az("ad app owner list --id", object_id)),
    }
    assert {name: shown[name] for name in members} == members
    assert shown["service_principal"]["object_id"] == principal["id"]
    assert shown["service_principal"]["enabled"] is principal["accountEnabled"]
    kinds = {"Role": "application", "Scope": "delegated"}
    assert {(item["api"], item["id"], item["type"]) for item in shown["requested_permissions"]} == {
        (api["resourceAppId"], access["id"], kinds[access["type"]])
        for api in az("ad app permission list --id", object_id)
        for access in api["resourceAccess"]
    }
    secrets = {item["keyId"]: item for item in az("ad app credential list --id", object_id)}
    certificates = {item["keyId"]: item for item in az("ad app credential list --cert --id", object_id)}
    listed = {item["key_id"]: item for item in (*shown["credentials"], *shown["certificates"])}
    assert set(listed) == set(secrets) | set(certificates)
    for key_id, item in {**secrets, **certificates}.items():
        assert listed[key_id]["display_name"] == item["displayName"]
        assert listed[key_id]["end"][:19] == item["endDateTime"][:19]
    trusts = az("ad app federated-credential list --id", object_id)
    names = ("name", "issuer", "subject", "audiences", "description")
    wanted = sorted(({name: item[name] for name in names} for item in trusts), key=lambda item: item["name"])
    assert [{name: item[name] for name in names} for item in shown["federated_credentials"]] == wanted
    roles = {role["id"]: role["value"] for role in az("ad sp show --id", azure_cli.GRAPH)["appRoles"]}
    given = az.rest("get", f"/servicePrincipals/{principal['id']}/appRoleAssignments")["value"]
    scopes = az("ad app permission list-grants --id", app["appId"])
    assert sorted((item["type"], item["value"]) for item in shown["granted_permissions"]) == sorted(
        [("application", roles[item["appRoleId"]]) for item in given]
        + [("delegated", value) for item in scopes for value in item["scope"].split()]
    )


def test_it_takes_over_what_azure_cli_made(az: Az, product: Product) -> None:
    made = azure_cli.applications(az)
    object_id, app_id = made["id"], made["appId"]
    principal = azure_cli.principals(az, app_id)
    same(product.info(object_id), az, object_id)
    change = {"object_id": object_id, "redirect_uris": ["https://bamboo.example.com/c"], "tags": ["three"]}
    assert product("azuread_app", **change)["changed"]
    assert not product("azuread_app", **change)["changed"]
    assert product("azuread_app_permission", object_id=object_id, permissions=PERMISSIONS, consent="grant")["changed"]
    certificate = azure_cli.certificates(az, app_id)
    foreign = azure_cli.secrets(az, app_id)
    azure_cli.federation(az, app_id)
    minted = product("azuread_app_secret", object_id=object_id, holder=HOLDER)
    assert minted["changed"] and minted["secret_text"]
    azure_cli.log_in(az, app_id, minted["secret_text"])
    assert product("azuread_app_federated_credential", object_id=object_id, name="ours", **TRUST)["changed"]
    assert not product("azuread_app_federated_credential", object_id=object_id, name="ours", **TRUST)["changed"]
    same(product.info(object_id), az, object_id)
    after = az("ad app show --id", object_id)
    assert set(after["web"]["redirectUris"]) == {*azure_cli.REPLY, "https://bamboo.example.com/c"}
    assert {"one", "two", "three"} <= set(after["tags"])
    assert {item["keyId"] for item in after["passwordCredentials"]} == {*foreign, minted["credential"]["key_id"]}
    assert [item["keyId"] for item in after["keyCredentials"]] == [certificate]
    assert {item["name"] for item in az("ad app federated-credential list --id", app_id)} == {"jobs", "ours"}
    kept = {"identifierUris", "appRoles", "notes", "api", "info", "optionalClaims", "requiredResourceAccess", "spa"}
    before = {**made, "identifierUris": [f"api://{app_id}"], "notes": "by hand"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert set(principal["tags"]) <= set(az("ad sp show --id", app_id)["tags"])


def test_azure_cli_reads_what_it_made(az: Az, product: Product) -> None:
    shown, minted = product.make()
    object_id = shown["object_id"]
    same(shown, az, object_id)
    [secret] = az("ad app credential list --id", object_id)
    assert (secret["keyId"], secret["hint"]) == (minted["credential"]["key_id"], minted["secret_text"][:3])
    assert secret["displayName"].startswith(f"usersync:{HOLDER}:")
    azure_cli.log_in(az, shown["app_id"], minted["secret_text"])
    az("ad app update --id", object_id, "--set", "notes=changed by az")
    az(
        "ad app federated-credential update --id",
        object_id,
        "--federated-credential-id",
        "ours",
        "--parameters",
        json.dumps({**TRUST, "name": "ours", "subject": "job:10"}),
    )
    assert product.info(object_id)["notes"] == "changed by az"
    mended = product("azuread_app_federated_credential", object_id=object_id, name="ours", **TRUST)
    assert mended["changed"]
    same(product.info(object_id), az, object_id)
