# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connector resource of every product and generation, over TLS."""

from __future__ import annotations

import copy
import json
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
from ansible_collections.fleetops.usersync.tests.simulator.atlassian import settings
from ansible_collections.fleetops.usersync.tests.simulator.atlassian.host import export_document
from ansible_collections.fleetops.usersync.tests.simulator.atlassian.traits import TraitError
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.atlassian_client import API, CONNECTORS, Client

SECRET = "s3cr3t~first-value-of-this-test"
NEW_SECRET = "s3cr3t~second-value-of-this-test"
FLEET = ("jira01", "confluence01", "bitbucket01", "bamboo01")


@pytest.fixture(scope="module")
def simulator() -> Any:
    with Simulator(hosts=6) as sim:
        yield sim


@pytest.fixture
def fleet(simulator: Simulator) -> Any:
    """A function that makes the fleet anew with options for all hosts."""

    def make(generation: str = "2.x", **options: Any) -> Simulator:
        simulator.reset(generation=generation, generations={}, host_options={"*": options})
        return simulator

    yield make
    assert simulator.state()["internal_errors"] == []


def filled(style: str = "nested", secret: str = SECRET, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {}
    leaves = {"name": "Entra", "type": "AZURE", "application_id": "11111111-2222-3333-4444-555555555555"}
    for leaf, value in (leaves | {"tenant_id": "contoso.example", "client_secret": secret} | more).items():
        settings.set_leaf(body, style, leaf, value)
    return body


@pytest.mark.parametrize("style", ["nested", "flat", "terse"])
@pytest.mark.parametrize("name", FLEET)
def test_create_read_change_delete(fleet: Any, name: str, style: str) -> None:
    admin = Client(fleet(key_style=style), name)
    created = admin.call("POST", CONNECTORS, json=filled(style))
    assert created.status_code == 201
    number = created.json()["uniqueId"]
    assert [element["uniqueId"] for element in admin.call("GET", CONNECTORS).json()] == [number]

    before = admin.configuration(number)
    assert settings.get_leaf(before, style, "client_secret") == SECRET
    assert settings.get_leaf(before, style, "cleanup_behaviour") == "DISABLE_USERS"
    assert before["internalFlags"]
    changed = copy.deepcopy(before)
    settings.set_leaf(changed, style, "client_secret", NEW_SECRET)
    assert admin.call("PUT", admin.connector(number), json=changed).status_code == 200
    assert admin.configuration(number) == changed

    assert admin.call("DELETE", admin.connector(number)).status_code == 204
    assert admin.call("GET", admin.connector(number)).status_code == 404
    assert admin.call("GET", CONNECTORS).json() == []


@pytest.mark.parametrize("generation", ["1.4", "1.9"])
def test_old_generations_have_integer_ids_and_no_list(fleet: Any, generation: str) -> None:
    sim = fleet(generation)
    for name in FLEET:
        admin = Client(sim, name)
        assert admin.host["connector_id"] == 1
        assert admin.call("GET", CONNECTORS).status_code == 404
        assert admin.call("POST", CONNECTORS, json=filled()).status_code == 405
        wrapper = admin.call("GET", admin.connector(1)).json()
        assert wrapper["id"] == 1
        assert ("authenticationFlow" in wrapper["configuration"]["azureSettings"]) == (generation == "1.9")
        assert ("authorized" in wrapper) == (generation == "1.4")
        assert admin.call("PUT", admin.connector(1), json=wrapper["configuration"]).status_code == 200
        assert admin.call("GET", f"{API}/usersync/syncstatus/1").status_code == 404


def test_list_wants_its_slash(fleet: Any) -> None:
    admin = Client(fleet(), "jira01")
    assert admin.call("GET", CONNECTORS.rstrip("/")).status_code == 404
    assert admin.call("GET", CONNECTORS).json() == []


@pytest.mark.parametrize("visibility", ["clear", "encrypted", "masked", "absent"])
def test_round_trip_keeps_the_secret(fleet: Any, visibility: str) -> None:
    sim = fleet(secret_visibility=visibility)
    admin = Client(sim, "jira01")
    number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    shown = admin.configuration(number)
    seen = shown["azureSettings"].get("applicationSecret")
    assert (seen == SECRET) == (visibility == "clear")
    assert (seen is None) == (visibility == "absent")
    shown["name"] = "Renamed"
    assert admin.call("PUT", admin.connector(number), json=shown).status_code == 200
    assert sim.call(sim.world.hosts["jira01"].held_credential)[2] == SECRET
    assert admin.configuration(number) == shown
    settings.set_leaf(shown, "nested", "client_secret", NEW_SECRET)
    admin.call("PUT", admin.connector(number), json=shown)
    assert sim.call(sim.world.hosts["jira01"].held_credential)[2] == NEW_SECRET


def test_a_mask_may_be_stored(fleet: Any) -> None:
    sim = fleet(secret_visibility="masked", mask_on_put="store")
    admin = Client(sim, "jira01")
    number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    admin.call("PUT", admin.connector(number), json=admin.configuration(number))
    assert sim.call(sim.world.hosts["jira01"].held_credential)[2] == "********"


def test_put_replaces_or_merges(fleet: Any) -> None:
    for mode, survives in (("replaces", False), ("merges", True)):
        admin = Client(fleet(put_mode=mode, put_status=204), "jira01")
        number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
        answer = admin.call("PUT", admin.connector(number), json={"name": "Other"})
        assert (answer.status_code, answer.text) == (204, "")
        after = admin.configuration(number)
        assert after["name"] == "Other"
        assert ("httpTimeoutMillis" in after) == survives
        assert after["uniqueId"] == number
        assert after["directoryId"] > 0


def test_put_leaves_id_and_directory_alone(fleet: Any) -> None:
    admin = Client(fleet(), "jira01")
    number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    before = admin.configuration(number)
    admin.call("PUT", admin.connector(number), json=before | {"uniqueId": "x", "directoryId": 7, "type": "OKTA"})
    assert admin.configuration(number) == before


def test_unknown_members_dropped_or_refused(fleet: Any) -> None:
    sim = fleet(put_rejects_unknown=True)
    admin = Client(sim, "jira01")
    number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    refused = admin.call("PUT", admin.connector(number), json=admin.configuration(number) | {"invented": 1})
    assert refused.status_code == 400
    assert "invented" in refused.json()["message"]
    sim.fault("put_drops_unknown", host="jira01")
    admin.call("PUT", admin.connector(number), json=admin.configuration(number))
    assert "internalFlags" not in admin.configuration(number)


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"azureSettings": {"applicationSecret": 5}}', "application/json", 400),
        (b'{"syncSettings": {"cleanupBehaviour": "BURN"}}', "application/json", 400),
        (b'{"azureSettings": {"authenticationFlow": "IMPLICIT"}}', "application/json", 400),
    ],
)
def test_bad_bodies(fleet: Any, body: bytes, media: str, status: int) -> None:
    admin = Client(fleet(), "jira01")
    number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    before = admin.configuration(number)
    answer = admin.call("PUT", admin.connector(number), data=body, headers={"Content-Type": media})
    assert answer.status_code == status
    assert admin.configuration(number) == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LEAVES = dict.fromkeys(settings.STYLES["flat"], JSON)


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(leaves=st.fixed_dictionaries({}, optional=LEAVES), extra=st.dictionaries(st.text(max_size=5), JSON))
def test_any_json_is_taken_or_refused(simulator: Simulator, leaves: dict[str, Any], extra: dict[str, Any]) -> None:
    simulator.reset(generation="2.x", host_options={"jira01": {"key_style": "flat", "connectors": [{"id": "c1"}]}})
    admin = Client(simulator, "jira01")
    body = extra
    for leaf, value in leaves.items():
        settings.set_leaf(body, "flat", leaf, value)
    assert admin.call("PUT", admin.connector("c1"), json=body).status_code in (200, 400)
    assert admin.call("GET", admin.connector("c1")).status_code == 200
    assert admin.sync("c1")["status"] == "FAILED"
    for page in ("admin", "admin/editconnector?id=c1"):
        assert admin.call("GET", f"plugins/servlet/de.resolution.usersync/{page}").status_code == 200
    assert simulator.state()["internal_errors"] == []


def test_creation_and_deletion_refused(fleet: Any) -> None:
    sim = fleet(creation="refused", deletion="refused")
    admin = Client(sim, "jira01")
    assert admin.call("POST", CONNECTORS, json=filled()).status_code == 405
    number = sim.call(sim.world.hosts["jira01"].click_create, "By hand")
    assert admin.configuration(number)["name"] == "By hand"
    assert admin.call("DELETE", admin.connector(number)).status_code == 405


def test_clone_bears_the_same_ids_and_secret(simulator: Simulator) -> None:
    made = {"name": "Entra", "application_id": "a", "tenant_id": "t", "client_secret": SECRET}
    own = {"jira01": {"connectors": [made]}, "jira02": {"clone_of": "jira01"}}
    options = {"*": {"secret_visibility": "encrypted"}} | own
    simulator.reset(generation="2.x", host_options=options)
    first, second = (Client(simulator, name).call("GET", CONNECTORS).json() for name in ("jira01", "jira02"))
    assert [element["uniqueId"] for element in first] == [element["uniqueId"] for element in second]
    held = [simulator.call(simulator.world.hosts[name].held_credential) for name in ("jira01", "jira02")]
    assert held == [("t", "a", SECRET)] * 2


def test_directory_is_deleted_without_a_question(fleet: Any) -> None:
    sim = fleet()
    admin = Client(sim, "jira01")
    number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    directory = admin.configuration(number)["directoryId"]
    assert admin.call("DELETE", f"{API}/directory/{directory}").status_code == 204
    assert sim.state()["hosts"]["jira01"]["directories"] == {}
    assert admin.call("DELETE", f"{API}/directory/{directory}").status_code == 404


def test_two_nodes_lag(fleet: Any) -> None:
    sim = fleet(nodes=2, node_lag=30)
    here, there = Client(sim, "jira01"), Client(sim, "jira01")
    node = here.call("GET", CONNECTORS).headers["X-ANODEID"]
    while there.call("GET", CONNECTORS).headers["X-ANODEID"] == node:
        there.cookies.clear()
    number = here.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    assert there.call("GET", CONNECTORS).json() == []
    assert here.configuration(number)["name"] == "Entra"
    sim.advance(31)
    changed = there.configuration(number) | {"name": "Later"}
    here.call("PUT", here.connector(number), json=changed)
    assert there.configuration(number)["name"] == "Entra"
    sim.advance(31)
    assert there.configuration(number)["name"] == "Later"


def test_volatile_member_counts_writes(fleet: Any) -> None:
    admin = Client(fleet(volatile_member=True), "jira01")
    number = admin.call("POST", CONNECTORS, json=filled()).json()["uniqueId"]
    for expected in (1, 2):
        admin.call("PUT", admin.connector(number), json=admin.configuration(number))
        assert admin.configuration(number)["revision"] == expected


def test_export_holds_one_or_many(fleet: Any) -> None:
    sim = fleet(secret_visibility="masked", connectors=[{"name": "One", "client_secret": SECRET}, {"name": "Two"}])
    host = sim.world.hosts["jira01"]
    many = sim.call(export_document, host)
    assert [element["configuration"]["name"] for element in many] == ["One", "Two"]
    one = sim.call(export_document, host, [many[0]["uniqueId"]])
    assert one["configuration"]["azureSettings"]["applicationSecret"] == SECRET


def test_nothing_secret_in_the_state(fleet: Any) -> None:
    sim = fleet()
    admin = Client(sim, "jira01")
    admin.call("POST", CONNECTORS, json=filled())
    state, secrets = json.dumps(sim.state()), sim.secrets()
    assert SECRET in secrets
    assert admin.host["password"] in secrets
    assert [value for value in secrets if value in state] == []


def test_unknown_options_are_named(simulator: Simulator) -> None:
    with pytest.raises(TraitError, match="colour"):
        simulator.reset(host_options={"*": {"colour": "red"}})
    with pytest.raises(TraitError, match="put_status"):
        simulator.reset(host_options={"*": {"put_status": 299}})
    simulator.reset(host_options={})


def test_probes_and_apps(fleet: Any) -> None:
    sim = fleet(app_shape="saml")
    paths = {
        "jira01": "rest/api/2/serverInfo",
        "confluence01": "rest/api/server-information",
        "bitbucket01": "rest/api/1.0/application-properties",
        "bamboo01": "rest/api/latest/status",
    }
    for name, path in paths.items():
        admin, nobody = Client(sim, name), Client(sim, name, "none")
        assert nobody.call("GET", path).status_code == 200
        assert nobody.call("GET", "rest/applinks/1.0/manifest").json()["version"]
        others = [other for other in paths.values() if other != path]
        assert [nobody.call("GET", other).status_code for other in others] == [404] * 3
        key = f"com.resolution.atlasplugins.samlsso-{admin.host['product']}"
        assert admin.call("GET", f"rest/plugins/1.0/{key}-key").json()["version"] == "6.11.2"
        assert key in [plugin["key"] for plugin in admin.call("GET", "rest/plugins/1.0/").json()["plugins"]]
        assert nobody.call("GET", "rest/plugins/1.0/").status_code == 401
