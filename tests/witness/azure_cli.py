# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What azure-cli does, command by command, and what must come of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import known
from environments import AZURE_CLI
from microsoft import Az

GRAPH = "00000003-0000-0000-c000-000000000000"
READ_DIRECTORY = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"  # Directory.Read.All, of applications
READ_SELF = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"  # User.Read, of users
WANTED = [
    {
        "resourceAppId": GRAPH,
        "resourceAccess": [{"id": READ_DIRECTORY, "type": "Role"}, {"id": READ_SELF, "type": "Scope"}],
    }
]
ROLE = {
    "allowedMemberTypes": ["Application"],
    "description": "Read things",
    "displayName": "Read things",
    "isEnabled": True,
    "value": "Things.Read",
}
REPLY = ["https://jira.example.com/a", "https://wiki.example.com/b"]


def applications(az: Az) -> dict[str, Any]:
    """Makes, finds, changes; returns the application."""
    made: dict[str, Any] = az(
        "ad app create --sign-in-audience AzureADMyOrg --enable-id-token-issuance true --display-name",
        "Made by az",
        "--web-home-page-url",
        "https://jira.example.com",
        "--web-redirect-uris",
        *REPLY,
        "--required-resource-accesses",
        json.dumps(WANTED),
        "--app-roles",
        json.dumps([ROLE]),
    )
    assert made["web"]["redirectUris"] == REPLY
    assert made["web"]["homePageUrl"] == "https://jira.example.com"
    assert made["web"]["implicitGrantSettings"]["enableIdTokenIssuance"] is True
    assert made["requiredResourceAccess"] == WANTED
    assert [role["value"] for role in made["appRoles"]] == ["Things.Read"]
    known.CREATE_PATCHES.still(AZURE_CLI)
    again = az("ad app create --display-name", "Made by az", "--web-home-page-url", "https://wiki.example.com")
    assert again["id"] == made["id"]
    uri = f"api://{made['appId']}"
    az("ad app update --id", made["appId"], "--identifier-uris", uri, "--set", "notes=by hand")
    az("ad app update --id", made["appId"], "--set", 'tags=["one","two"]')
    for key in (made["id"], made["appId"], uri):
        shown = az("ad app show --id", key)
        assert (shown["notes"], shown["tags"], shown["identifierUris"]) == ("by hand", ["one", "two"], [uri])
        assert shown["web"]["homePageUrl"] == "https://wiki.example.com"
        assert shown["web"]["redirectUris"] == REPLY
    for words in (
        ("--display-name", "Made by"),
        ("--identifier-uri", uri),
        ("--app-id", made["appId"]),
        ("--filter", "displayName eq 'Made by az'"),
        ("--filter", "createdDateTime ge 2020-01-01 and startswith(displayName,'Made')"),
    ):
        assert [item["appId"] for item in az("ad app list", *words)] == [made["appId"]], words
    assert made["appId"] in {item["appId"] for item in az("ad app list --all")}
    assert az("ad app list --display-name", "nobody") == []
    return made


def principals(az: Az, app_id: str, name: str = "Made by az") -> dict[str, Any]:
    """The application's principal: made, found, changed."""
    made: dict[str, Any] = az("ad sp create --id", app_id)
    assert (made["appId"], made["accountEnabled"], made["servicePrincipalType"]) == (app_id, True, "Application")
    assert [role["value"] for role in made["appRoles"]] == ["Things.Read"]
    assert "already in use" in az.refused("ad sp create --id", app_id)
    az("ad sp update --id", app_id, "--set", "accountEnabled=false")
    assert az("ad sp show --id", app_id)["accountEnabled"] is False
    az("ad sp update --id", made["id"], "--set", "accountEnabled=true", 'tags=["seen"]')
    for words in (("--display-name", name), ("--spn", app_id), ("--filter", f"appId eq '{app_id}'")):
        found = az("ad sp list", *words)
        assert [(item["id"], item["tags"], item["accountEnabled"]) for item in found] == [(made["id"], ["seen"], True)]
    return made


def secrets(az: Az, app_id: str) -> list[str]:
    """Passwords of the application and of the principal; returns the key ids that stay on the application."""
    first = az("ad app credential reset --append --id", app_id, "--display-name", "first", "--years", "1")
    assert (first["appId"], first["tenant"]) == (app_id, az.sim.tenant_id)
    second = az("ad app credential reset --append --id", app_id, "--end-date", "2099-01-01")
    listed = az("ad app credential list --id", app_id)
    assert [item["displayName"] for item in listed][:1] == ["first"]
    assert [item["hint"] for item in listed] == [first["password"][:3], second["password"][:3]]
    assert listed[1]["endDateTime"].startswith("2099-01-01")
    log_in(az, app_id, second["password"])
    az("ad app credential delete --id", app_id, "--key-id", listed[0]["keyId"])
    gone = az.refused("ad app credential delete --id", app_id, "--key-id", listed[0]["keyId"])
    assert listed[0]["keyId"] in gone
    own = az("ad sp credential reset --append --id", app_id)
    assert own["appId"] == app_id
    [kept] = az("ad sp credential list --id", app_id)
    az("ad sp credential delete --id", app_id, "--key-id", kept["keyId"])
    assert az("ad sp credential list --id", app_id) == []
    return [item["keyId"] for item in az("ad app credential list --id", app_id)]


def lifetimes(az: Az) -> None:
    """The tenant's policy refuses the year that az asks for, and lets a shorter time through."""
    app_id = az("ad app create --display-name", "Short-lived")["appId"]
    az.sim.seed("policy", max_lifetime="P90D")
    known.ONE_YEAR.still(AZURE_CLI)
    assert "Credential lifetime exceeds" in az.refused("ad app credential reset --append --id", app_id)
    soon = (datetime.now(timezone.utc) + timedelta(days=80)).strftime("%Y-%m-%d")
    az("ad app credential reset --append --id", app_id, "--end-date", soon)
    assert len(az("ad app credential list --id", app_id)) == 1


def log_in(az: Az, app_id: str, *proof: str) -> None:
    """As the application, in a profile of its own."""
    other = Az(az.place, "other")
    words = ("-p", *proof) if len(proof) == 1 else proof
    found = other("login --service-principal -u", app_id, *words, "--tenant", az.sim.tenant_id)
    assert [item["user"] for item in found] == [{"name": app_id, "type": "servicePrincipal"}]
    other("logout")


def certificates(az: Az, app_id: str) -> str:
    """A certificate that az makes, by which the application logs in; returns its key id."""
    made = az("ad app credential reset --append --create-cert --id", app_id)
    [shown] = az("ad app credential list --cert --id", app_id)
    assert (shown["type"], shown["usage"]) == ("AsymmetricX509Cert", "Verify")
    log_in(az, app_id, "--certificate", made["fileWithCertAndPrivateKey"])
    az("ad sp credential reset --append --create-cert --id", app_id)
    [own] = az("ad sp credential list --cert --id", app_id)
    az("ad sp credential delete --cert --id", app_id, "--key-id", own["keyId"])
    assert [item["keyId"] for item in az("ad app credential list --cert --id", app_id)] == [shown["keyId"]]
    return str(shown["keyId"])


def federation(az: Az, app_id: str) -> None:
    """Trust in another issuer: made, listed, changed, removed; and a login by it."""
    body = {
        "name": "jobs",
        "issuer": "https://issuer.example.com",
        "subject": "job:1",
        "audiences": ["api://AzureADTokenExchange"],
        "description": "jobs of a controller",
    }
    made = az("ad app federated-credential create --id", app_id, "--parameters", json.dumps(body))
    assert {name: made[name] for name in body} == body
    assert [item["id"] for item in az("ad app federated-credential list --id", app_id)] == [made["id"]]
    token = az.sim.seed("federated_token", issuer=body["issuer"], subject="job:2")["token"]
    changed = json.dumps({**body, "subject": "job:2", "description": None})
    one = ("--id", app_id, "--federated-credential-id")
    az("ad app federated-credential update", *one, made["id"], "--parameters", changed)
    shown = az("ad app federated-credential show", *one, "jobs")
    assert (shown["subject"], shown["description"]) == ("job:2", None)
    log_in(az, app_id, "--federated-token", token)
    second = json.dumps({**body, "name": "more", "subject": "job:3"})
    az("ad app federated-credential create --id", app_id, "--parameters", second)
    az("ad app federated-credential delete", *one, "more")
    assert [item["name"] for item in az("ad app federated-credential list --id", app_id)] == ["jobs"]


def permissions(az: Az, app_id: str, principal_id: str) -> None:
    """What is requested, and consent to it."""
    read_users = "df021288-bdef-4463-88db-98f22de89214"
    az("ad app permission add --id", app_id, "--api", GRAPH, "--api-permissions", f"{read_users}=Role")
    [listed] = az("ad app permission list --id", app_id)
    assert {item["id"] for item in listed["resourceAccess"]} == {READ_DIRECTORY, READ_SELF, read_users}
    az("ad app permission delete --id", app_id, "--api", GRAPH, "--api-permissions", read_users)
    assert az("ad app permission list --id", app_id) == WANTED
    known.GRANT_REPLACES.still(AZURE_CLI)
    az("ad app permission grant --id", app_id, "--api", GRAPH, "--scope", "User.Read")
    granted = az("ad app permission grant --id", app_id, "--api", GRAPH, "--scope", "User.Read email")
    assert (granted["consentType"], granted["scope"]) == ("AllPrincipals", "User.Read email")
    assert [item["scope"] for item in az("ad app permission list-grants --id", app_id)] == ["User.Read email"]
    known.ADMIN_CONSENT.still(AZURE_CLI)
    az.refused("ad app permission admin-consent --id", app_id)
    resource = az("ad sp show --id", GRAPH)
    body = {"principalId": principal_id, "resourceId": resource["id"], "appRoleId": READ_DIRECTORY}
    path = f"/servicePrincipals/{principal_id}/appRoleAssignments"
    made = az.rest("post", path, body)
    assert (made["principalId"], made["resourceDisplayName"]) == (principal_id, "Microsoft Graph")
    assert "already exists" in az.refused(
        "rest --method post --url", f"https://graph.microsoft.com/v1.0{path}", "--body", json.dumps(body)
    )
    assert [item["id"] for item in az.rest("get", path)["value"]] == [made["id"]]
    second = az.rest("post", path, {**body, "appRoleId": read_users})
    az.rest("delete", f"{path}/{second['id']}")
    assert [item["id"] for item in az.rest("get", path)["value"]] == [made["id"]]


def owners(az: Az, app_id: str) -> None:
    """A person becomes an owner, and no longer is."""
    person = az("ad user list --filter", "accountEnabled eq true")[0]
    before = {item["id"] for item in az("ad app owner list --id", app_id)}
    az("ad app owner add --id", app_id, "--owner-object-id", person["id"])
    az("ad app owner add --id", app_id, "--owner-object-id", person["id"])
    assert {item["id"] for item in az("ad app owner list --id", app_id)} == before | {person["id"]}
    az("ad app owner remove --id", app_id, "--owner-object-id", person["id"])
    assert {item["id"] for item in az("ad app owner list --id", app_id)} == before
    assert before == {item["id"] for item in az("ad sp owner list --id", app_id)}


def deleted_items(az: Az, app_id: str, object_id: str) -> None:
    """Removed, restored with its principal, removed, purged."""
    place = "/directory/deletedItems"
    az("ad app delete --id", app_id)
    assert app_id in az.refused("ad app show --id", app_id, code=3)
    [gone] = az.rest("get", f"{place}/microsoft.graph.application")["value"]
    assert (gone["id"], bool(gone["deletedDateTime"])) == (object_id, True)
    az.rest("post", f"{place}/{object_id}/restore", {})
    [principal] = az.rest("get", f"{place}/graph.servicePrincipal")["value"]
    az.rest("post", f"{place}/{principal['id']}/restore", {})
    assert az("ad sp show --id", app_id)["id"] == principal["id"]
    az("ad sp delete --id", app_id)
    assert az("ad sp list --filter", f"appId eq '{app_id}'") == []
    az("ad app delete --id", object_id)
    az.rest("delete", f"{place}/{object_id}")
    assert az.rest("get", f"{place}/microsoft.graph.application")["value"] == []
