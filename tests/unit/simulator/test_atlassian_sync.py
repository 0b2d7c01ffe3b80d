# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Syncs of the simulated hosts against the simulated tenant: they really log in, and a wrong secret really fails."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import requests
from ansible_collections.fleetops.usersync.tests.simulator.atlassian import settings
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.atlassian_client import CONNECTORS, Client

FLEET = ("jira01", "confluence01", "bitbucket01", "bamboo01")
GRAPH = "00000003-0000-0000-c000-000000000000"
DIRECTORY_READ_ALL = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
USERS = 25


class Directory:
    """Graph with the automation's rights, to make apps and secrets as an administrator would."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = sim.ca_file
        form = {"grant_type": "client_credentials", "scope": f"{sim.graph_url}/.default"} | sim.automation
        answer = self.http.post(sim.world.token_url(sim.tenant_id), data=form, timeout=10)
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.http.request(method, f"{self.sim.graph_url}/v1.0/{path}", json=body, timeout=10)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def app(self, consent: bool = True, redirect: str | None = None) -> tuple[dict[str, Any], str]:
        """A new app with a secret; consent gives it Directory.Read.All."""
        web = {"redirectUris": [redirect] if redirect else []}
        body = {"displayName": "User Sync", "signInAudience": "AzureADMyOrg", "web": web}
        app = self.call("POST", "applications", body, 201)
        principal = self.call("POST", "servicePrincipals", {"appId": app["appId"]}, 201)
        if consent:
            graph = self.call("GET", f"servicePrincipals(appId='{GRAPH}')")
            grant = {"principalId": principal["id"], "resourceId": graph["id"], "appRoleId": DIRECTORY_READ_ALL}
            self.call("POST", f"servicePrincipals/{graph['id']}/appRoleAssignedTo", grant, 201)
        return app, self.secret(app)

    def secret(self, app: dict[str, Any]) -> str:
        body = {"passwordCredential": {"displayName": "test"}}
        return str(self.call("POST", f"applications/{app['id']}/addPassword", body)["secretText"])


@pytest.fixture(scope="module")
def simulator() -> Any:
    with Simulator(hosts=6, users=USERS) as sim:
        yield sim


@pytest.fixture
def fleet(simulator: Simulator) -> Any:
    """A function that makes the fleet anew: the simulator and an administrator of its tenant."""

    def make(generation: str = "2.x", **options: Any) -> tuple[Simulator, Directory]:
        simulator.reset(generation=generation, generations={}, host_options={"*": options})
        return simulator, Directory(simulator)

    yield make
    assert simulator.state()["internal_errors"] == []


def connect(sim: Simulator, admin: Client, app: dict[str, Any], secret: str, **leaves: Any) -> Any:
    """Create the connector, or fill the one that an old host has; returns its id."""
    number = admin.host["connector_id"]
    body = admin.configuration(number) if number is not None else {}
    wanted = {"name": "Entra", "type": "AZURE", "application_id": app["appId"], "tenant_id": sim.tenant_id}
    for leaf, value in (wanted | {"client_secret": secret} | leaves).items():
        settings.set_leaf(body, "nested", leaf, value)
    if number is None:
        return admin.call("POST", CONNECTORS, json=body).json()["uniqueId"]
    assert admin.call("PUT", admin.connector(number), json=body).status_code == 200
    return number


@pytest.mark.parametrize("generation", ["1.9", "2.x"])
@pytest.mark.parametrize("name", FLEET)
def test_sync_reads_the_tenant(fleet: Any, name: str, generation: str) -> None:
    sim, tenant = fleet(generation)
    admin = Client(sim, name)
    app, secret = tenant.app()
    number = connect(sim, admin, app, secret)
    assert sim.call(sim.world.host_works, name)
    first, second = admin.sync(number), admin.sync(number)
    assert (first["status"], first["failedCount"]) == ("DONE", 0), first
    assert first["addedCount"] == first["resultCount"] >= USERS
    assert (second["notModifiedCount"], second["addedCount"]) == (first["addedCount"], 0)
    asked = [entry for entry in sim.journal() if entry["client"] == f"host:{name}"]
    assert asked and all(entry["internal"] for entry in asked)
    assert {entry["service"] for entry in asked} == {"token", "graph"}
    assert secret in sim.secrets()


def test_single_user(fleet: Any) -> None:
    sim, tenant = fleet()
    admin = Client(sim, "jira01")
    app, secret = tenant.app()
    number = connect(sim, admin, app, secret)
    user = tenant.call("GET", "users?$top=1")["value"][0]
    name = requests.utils.quote(user["userPrincipalName"], safe="")
    status = admin.sync(number, f"/syncsingle/{name}")
    assert (status["status"], status["addedCount"], status["resultCount"]) == ("DONE", 1, 1)
    status = admin.sync(number, "/syncsingle/nobody%40nowhere.example")
    assert (status["failedCount"], "was not found" in status["messages"][-1]) == (1, True)


def test_wrong_secret_application_and_tenant(fleet: Any) -> None:
    sim, tenant = fleet()
    admin = Client(sim, "jira01")
    app, secret = tenant.app()
    number = connect(sim, admin, app, "Wr0ng~secret-that-nobody-made")
    assert not sim.call(sim.world.host_works, "jira01")
    good = admin.configuration(number)
    settings.set_leaf(good, "nested", "client_secret", secret)
    for leaf, value, code in (
        ("client_secret", "Wr0ng~secret-that-nobody-made", "AADSTS7000215"),
        ("application_id", "99999999-0000-4000-8000-000000000000", "AADSTS700016"),
        ("tenant_id", "99999999-0000-4000-8000-000000000000", "AADSTS90002"),
    ):
        bad = copy.deepcopy(good)
        settings.set_leaf(bad, "nested", leaf, value)
        admin.call("PUT", admin.connector(number), json=bad)
        status = admin.sync(number)
        assert status["status"] == "FAILED"
        assert code in status["messages"][-1]
    admin.call("PUT", admin.connector(number), json=good)
    assert admin.sync(number)["status"] == "DONE"
    events = [event["event"] for event in sim.timeline() if event.get("host") == "jira01"]
    assert events.count("secret_set") == 4


def test_without_consent(fleet: Any) -> None:
    sim, tenant = fleet()
    admin = Client(sim, "jira01")
    number = connect(sim, admin, *tenant.app(consent=False))
    status = admin.sync(number)
    assert status["status"] == "FAILED"
    assert status["messages"][-1].startswith("Authorization_RequestDenied: Insufficient privileges")


def test_removed_secret_stops_the_host(fleet: Any) -> None:
    sim, tenant = fleet()
    admin = Client(sim, "jira01")
    app, secret = tenant.app()
    number = connect(sim, admin, app, secret)
    assert admin.sync(number)["status"] == "DONE"
    credential = tenant.call("GET", f"applications/{app['id']}")["passwordCredentials"][0]
    body = {"keyId": credential["keyId"]}
    tenant.call("POST", f"applications/{app['id']}/removePassword", body, 204)
    assert admin.sync(number)["status"] == "FAILED"
    assert not sim.call(sim.world.host_works, "jira01")


def test_required_groups_filter_and_clean_up(fleet: Any) -> None:
    sim, tenant = fleet()
    admin = Client(sim, "jira01")
    app, secret = tenant.app()
    group = "jira-administrators"
    found = next(item for item in tenant.call("GET", "groups")["value"] if item["displayName"] == group)
    members = tenant.call("GET", f"groups/{found['id']}/members")["value"]
    number = connect(sim, admin, app, secret)
    everyone = admin.sync(number)["addedCount"]
    assert 0 < len(members) < everyone
    configuration = admin.configuration(number)
    settings.set_leaf(configuration, "nested", "required_groups", [group])
    settings.set_leaf(configuration, "nested", "cleanup_behaviour", "DELETE_USERS")
    admin.call("PUT", admin.connector(number), json=configuration)
    status = admin.sync(number)
    assert (status["notModifiedCount"], status["deletedCount"]) == (len(members), everyone - len(members))
    status = admin.sync(number)
    assert (status["notModifiedCount"], status["filteredCount"]) == (len(members), everyone - len(members))
    settings.set_leaf(configuration, "nested", "required_groups", [])
    settings.set_leaf(configuration, "nested", "server_side_filter", f"displayName eq '{group}'")
    admin.call("PUT", admin.connector(number), json=configuration)
    status = admin.sync(number)
    assert (status["notModifiedCount"], status["filteredCount"]) == (len(members), 0)


def test_nested_groups(fleet: Any) -> None:
    sim, tenant = fleet()
    admin = Client(sim, "jira01")
    number = connect(sim, admin, *tenant.app(), required_groups=["all-staff"], nested_groups=False)
    assert admin.sync(number)["addedCount"] == 0
    configuration = admin.configuration(number)
    settings.set_leaf(configuration, "nested", "nested_groups", True)
    admin.call("PUT", admin.connector(number), json=configuration)
    assert admin.sync(number)["addedCount"] > 0


def test_groups_of_a_type_that_is_off_do_not_count(fleet: Any) -> None:
    sim, tenant = fleet()
    admin = Client(sim, "jira01")
    number = connect(sim, admin, *tenant.app(), required_groups=["Projekt Ärger"])
    assert admin.sync(number)["addedCount"] == 0
    configuration = admin.configuration(number)
    types = settings.get_leaf(configuration, "nested", "group_types")
    settings.set_leaf(configuration, "nested", "group_types", types | {"office365NotSecurityEnabled": True})
    admin.call("PUT", admin.connector(number), json=configuration)
    assert admin.sync(number)["addedCount"] > 0
