# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The old flow: a person clicks Authorize at the host, the tenant asks, the host redeems the code and can sync."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from ansible_collections.fleetops.usersync.tests.simulator.atlassian import settings
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.atlassian_client import Client

AUTHORIZE = "plugins/servlet/de.resolution.usersync/oauth2/authorize"
EDIT = "plugins/servlet/de.resolution.usersync/admin/editconnector"


@pytest.fixture(scope="module")
def simulator() -> Any:
    with Simulator(hosts=6, users=12) as sim:
        yield sim


@pytest.fixture
def old(simulator: Simulator) -> Any:
    """A function: makes the fleet of a generation, an old-flow app and a connector that names it; one host's client."""

    def make(generation: str = "1.4", name: str = "jira01", **leaves: Any) -> Client:
        simulator.reset(generation=generation, generations={}, host_options={})
        admin = Client(simulator, name)
        made = simulator.seed("old_app", style="new_portal", display_name="User Sync", url=admin.base)
        admin.app_id = made["app_id"]
        configuration = admin.configuration(1)
        wanted = {"application_id": made["app_id"], "tenant_id": simulator.tenant_id, "client_secret": made["secret"]}
        for leaf, value in (wanted | leaves).items():
            settings.set_leaf(configuration, "nested", leaf, value)
        assert admin.call("PUT", admin.connector(1), json=configuration).status_code == 200
        return admin

    yield make
    assert simulator.state()["internal_errors"] == []


def click(admin: Client) -> requests.Response:
    """Log in, open the connector, click Authorize, accept at the tenant, as a person does; the page where that ends."""
    person = requests.Session()
    person.trust_env = False
    person.verify = admin.verify
    login = person.get(f"{admin.base}/{EDIT}?id=1", timeout=10)
    destination = re.search('name="os_destination" value="([^"]*)"', login.text).group(1)
    form = {"os_username": admin.host["username"], "os_password": admin.host["password"]}
    page = person.post(login.url, data=form | {"os_destination": destination.replace("&amp;", "&")}, timeout=10)
    link = re.search('<a id="authorize" href="([^"]+)"', page.text).group(1)
    asked = person.get(link, timeout=10)
    if "<form" not in asked.text:
        return asked
    fields = dict(re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.text))
    return person.post(asked.url, data=fields, timeout=10)


def authorized(admin: Client) -> Any:
    return admin.call("GET", admin.connector(1)).json().get("authorized")


@pytest.mark.parametrize("name", ["jira01", "confluence01", "bitbucket01", "bamboo01"])
def test_authorize_then_sync(old: Any, simulator: Simulator, name: str) -> None:
    admin = old(name=name)
    assert authorized(admin) is False
    status = admin.sync(1)
    assert (status["status"], "not authorized" in status["messages"][-1]) == ("FAILED", True)

    back = click(admin)
    assert urlsplit(back.url).path.endswith(EDIT)
    assert '<p id="authorization-state">Authorized</p>' in back.text
    assert authorized(admin) is True

    status = admin.sync(1)
    assert (status["status"], status["failedCount"]) == ("DONE", 0), status
    assert status["addedCount"] >= 12
    assert admin.sync(1)["notModifiedCount"] == status["addedCount"]


def test_start_asks_the_tenant_with_the_redirect_uri(old: Any, simulator: Simulator) -> None:
    admin = old()
    start = admin.call("GET", f"{AUTHORIZE}?id=1")
    assert start.status_code == 302
    target = urlsplit(start.headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert target.path == f"/{simulator.tenant_id}/oauth2/v2.0/authorize"
    assert asked["redirect_uri"] == f"{admin.base}/{AUTHORIZE}"
    assert (asked["response_type"], asked["client_id"]) == ("code", admin.app_id)
    assert {"User.Read", "User.ReadBasic.All"} < set(asked["scope"].split())


def test_another_application_needs_a_new_click(old: Any, simulator: Simulator) -> None:
    admin = old()
    click(admin)
    other = simulator.seed("old_app", style="new_portal", display_name="Other", url=admin.base)
    configuration = admin.configuration(1)
    settings.set_leaf(configuration, "nested", "application_id", other["app_id"])
    settings.set_leaf(configuration, "nested", "client_secret", other["secret"])
    admin.call("PUT", admin.connector(1), json=configuration)
    assert authorized(admin) is False


def test_another_secret_of_the_application_needs_none(old: Any, simulator: Simulator) -> None:
    admin = old()
    click(admin)
    fresh = simulator.seed("credential", app_id=admin.app_id)["secret"]
    configuration = admin.configuration(1)
    settings.set_leaf(configuration, "nested", "client_secret", fresh)
    admin.call("PUT", admin.connector(1), json=configuration)
    assert authorized(admin) is True
    assert admin.sync(1)["status"] == "DONE"


def test_wrong_secret_shows_on_the_page(old: Any) -> None:
    admin = old(client_secret="Wr0ng~secret-that-nobody-made")
    back = click(admin)
    assert "AADSTS7000215" in back.text
    assert authorized(admin) is False


def test_unregistered_redirect_uri_ends_at_the_tenant(old: Any, simulator: Simulator) -> None:
    admin = old()
    stranger = simulator.seed("old_app", style="new_portal", display_name="Other", url="https://other.example")
    configuration = admin.configuration(1)
    settings.set_leaf(configuration, "nested", "application_id", stranger["app_id"])
    admin.call("PUT", admin.connector(1), json=configuration)
    assert "AADSTS50011" in click(admin).text


def test_a_host_may_not_report_it(old: Any, simulator: Simulator) -> None:
    simulator.reset(generation="1.4", host_options={"*": {"reports_authorization": False}})
    assert authorized(Client(simulator, "jira01")) is None


def test_answers_without_a_known_state(old: Any) -> None:
    admin = old()
    assert admin.call("GET", f"{AUTHORIZE}?code=x&state=never-given").status_code == 400
    assert admin.call("GET", f"{AUTHORIZE}?id=77").status_code == 404


def test_refused_consent_comes_back_as_text(old: Any) -> None:
    admin = old()
    start = admin.call("GET", f"{AUTHORIZE}?id=1")
    state = parse_qs(urlsplit(start.headers["Location"]).query)["state"][0]
    query = f"error=access_denied&error_description=AADSTS65004%3A+declined&state={state}"
    back = admin.call("GET", f"{AUTHORIZE}?{query}", allow_redirects=True)
    assert "AADSTS65004: declined" in back.text


def test_switch_to_client_credentials(old: Any) -> None:
    admin = old("1.9", flow="authorization_code")
    assert authorized(admin) is False
    assert admin.sync(1)["status"] == "FAILED"
    configuration = admin.configuration(1)
    settings.set_leaf(configuration, "nested", "flow", "client_credentials")
    admin.call("PUT", admin.connector(1), json=configuration)
    assert authorized(admin) is None
    assert admin.sync(1)["status"] == "DONE"
    assert 'id="authorize"' not in admin.call("GET", f"{EDIT}?id=1").text
    assert admin.call("GET", f"{AUTHORIZE}?id=1").status_code == 400
