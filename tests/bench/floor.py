# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor: the same calls from one threaded Python program, without Ansible, options, checks or a word to anybody.

``floor.py <setup|converged|renewal|audit> <inventory> <threads>``
"""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
import yaml

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"
ROLES = ("7ab1d382-f21e-4acd-a863-ba3e13f7da61", "df021288-bdef-4463-88db-98f22de89214")
NAME = "usersync-floor"
LIMIT = 60
local = threading.local()


def session() -> requests.Session:
    """One for each thread, as connections are kept."""
    if not hasattr(local, "session"):
        local.session = requests.Session()
        local.session.trust_env = False
    return local.session


class Floor:
    """The tenant, and what is to be done at each host."""

    def __init__(self, entra: dict[str, str]) -> None:
        self.entra = entra
        self.ca = entra["azure_connector_entra_ca_path"]
        self.graph_url = f"{entra['azure_connector_entra_graph_url']}/v1.0"
        self.tags = threading.Lock()
        self.headers = {
            "Authorization": "Bearer "
            + self.token(entra["azure_connector_entra_client_id"], entra["azure_connector_entra_client_secret"])
        }

    def token(self, client_id: str, secret: str) -> str:
        url = f"{self.entra['azure_connector_entra_authority_url']}/{self.entra['azure_connector_entra_tenant']}"
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        form["scope"] = f"{self.entra['azure_connector_entra_graph_url']}/.default"
        answer = session().post(f"{url}/oauth2/v2.0/token", data=form, verify=self.ca, timeout=LIMIT)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def graph(self, method: str, path: str, body: Any = None, missing: bool = False) -> Any:
        answer = session().request(
            method, f"{self.graph_url}/{path}", json=body, headers=self.headers, verify=self.ca, timeout=LIMIT
        )
        if missing and answer.status_code == 404:
            return None
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def prepare(self) -> None:
        """The app, its principal and its grants; made where they are missing."""
        self.app = self.graph("GET", f"applications(uniqueName='{NAME}')", missing=True)
        if self.app is None:
            access = [{"id": role, "type": "Role"} for role in ROLES]
            asked = [{"resourceAppId": MICROSOFT_GRAPH, "resourceAccess": access}]
            body = {"displayName": "User Sync", "uniqueName": NAME, "signInAudience": "AzureADMyOrg"}
            self.app = self.graph("POST", "applications", {**body, "requiredResourceAccess": asked})
        principal = self.graph("GET", f"servicePrincipals(appId='{self.app['appId']}')", missing=True)
        principal = principal or self.graph("POST", "servicePrincipals", {"appId": self.app["appId"]})
        resource = self.graph("GET", f"servicePrincipals(appId='{MICROSOFT_GRAPH}')?$select=id")
        path = f"servicePrincipals/{principal['id']}"
        granted = {entry["appRoleId"] for entry in self.graph("GET", f"{path}/appRoleAssignments")["value"]}
        for role in set(ROLES) - granted:
            ids = {"principalId": principal["id"], "resourceId": resource["id"], "appRoleId": role}
            self.graph("POST", f"servicePrincipals/{resource['id']}/appRoleAssignedTo", ids)

    def host(self, name: str, host: dict[str, str], forced: bool, audited: bool) -> None:
        """Look at one host, and give it a secret where it needs one."""
        connectors = "usersync/connector"
        listed = self.atlassian(host, "GET", f"{connectors}/")
        mine = [entry for entry in self.app.get("passwordCredentials") or [] if entry["displayName"] == name]
        if listed:
            self.atlassian(host, "GET", f"{connectors}/{listed[0]['uniqueId']}/syncstatus")
        if audited:
            self.atlassian(host, "GET", "/rest/applinks/1.0/manifest")
            self.atlassian(host, "GET", "/rest/plugins/1.0/")
        if not forced and listed and len(mine) == 1:
            return
        made = listed[0] if listed else self.atlassian(host, "POST", f"{connectors}/", {"name": "A", "type": "AZURE"})
        path, object_id = f"{connectors}/{made['uniqueId']}", self.app["id"]
        self.tag(f"pending:{name}", True)
        body = {"passwordCredential": {"displayName": name, "endDateTime": "2028-01-01T00:00:00Z"}}
        secret = self.graph("POST", f"applications/{object_id}/addPassword", body)["secretText"]
        self.token(self.app["appId"], secret)
        settings = self.atlassian(host, "GET", path)["configuration"]
        settings["azureSettings"] |= {
            "applicationId": self.app["appId"],
            "tenantId": self.entra["azure_connector_entra_tenant"],
            "applicationSecret": secret,
            "authenticationFlow": "CLIENT_CREDENTIALS",
        }
        self.atlassian(host, "PUT", path, settings)
        self.atlassian(host, "GET", path)
        sync = self.atlassian(host, "POST", f"{path}/sync", {})["id"]
        while self.atlassian(host, "GET", f"usersync/syncstatus/{sync}")["status"] != "DONE":
            time.sleep(2)
        for entry in mine:
            self.graph("POST", f"applications/{object_id}/removePassword", {"keyId": entry["keyId"]})
        self.tag(f"pending:{name}", False)

    def tag(self, tag: str, stands: bool) -> None:
        """Write all tags of the app with this one or without it."""
        with self.tags:
            tags = {*self.graph("GET", f"applications/{self.app['id']}?$select=tags")["tags"]}
            tags = tags | {tag} if stands else tags - {tag}
            self.graph("PATCH", f"applications/{self.app['id']}", {"tags": sorted(tags)})

    def atlassian(self, host: dict[str, str], method: str, path: str, body: Any = None) -> Any:
        root = "" if path.startswith("/") else "/rest/samlsso-admin/1.0/"
        answer = session().request(
            method,
            f"{host['azure_connector_url']}{root}{path}",
            json=body,
            auth=(host["simulator_username"], host["simulator_password"]),
            headers={"X-Atlassian-Token": "no-check", "Accept": "application/json"},
            verify=host["azure_connector_ca_path"],
            timeout=LIMIT,
        )
        if answer.status_code != 404:
            answer.raise_for_status()
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else None


def main() -> None:
    phase, inventory, threads = sys.argv[1:]
    if phase == "nothing":
        return
    group = yaml.safe_load(Path(inventory).read_text(encoding="utf-8"))["usersync_hosts"]
    floor = Floor(group["vars"])
    floor.prepare()
    with ThreadPoolExecutor(int(threads)) as pool:
        done = [
            pool.submit(floor.host, name, host, phase == "renewal", phase == "audit")
            for name, host in group["hosts"].items()
        ]
    for future in done:
        future.result()


if __name__ == "__main__":
    main()
