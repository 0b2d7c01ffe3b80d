# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""usersync_connector_info: connectors, versions, and the tree of names without values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import PRODUCTS, SECRET


@pytest.mark.parametrize("shape", ["standalone", "saml"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_versions(live: Any, name: str, shape: str) -> None:
    live.world(name, app_shape=shape)
    result = live.info()
    assert not result["changed"] and result["connectors"] == [] and result["listed"]
    assert result["product"] == name[:-2]
    assert result["versions"]["product"][0].isdigit()
    assert result["versions"]["app"] == ("2.14.1" if shape == "standalone" else "6.11.2")


def test_connectors_with_last_sync_and_no_secret(live: Any) -> None:
    live.world()
    live.connector(**live.wanted(name="One"))
    live.click_create(name="Two")
    live.sync(connector_name="One", poll=0.1)
    result = live.info()
    assert [one["name"] for one in result["connectors"]] == ["One", "Two"]
    assert result["connectors"][0]["last_sync"]["login_failed"] and result["connectors"][1]["last_sync"] is None
    assert SECRET not in json.dumps(result)
    assert [one["name"] for one in live.info(connector_name="Two")["connectors"]] == ["Two"]
    by_id = live.info(connector_id=result["connectors"][1]["id"])
    assert [one["name"] for one in by_id["connectors"]] == ["Two"]
    assert live.info(connector_id="77")["connectors"] == []
    live.begin()
    assert [one["last_sync"] for one in live.info(last_sync=False)["connectors"]] == [None, None]
    assert not [path for _method, path in live.requests() if "syncstatus" in path]


@pytest.mark.parametrize("visibility", ["clear", "encrypted", "masked", "absent"])
def test_key_tree_has_names_and_kinds_only(live: Any, visibility: str) -> None:
    live.world(secret_visibility=visibility)
    live.connector(**live.wanted(required_groups=["group-of-the-board"]))
    result = live.info(keys=True)
    tree = {row["path"]: row["kind"] for row in result["connectors"][0]["key_tree"]}
    assert tree["azureSettings.applicationId"] == "GUID"
    assert tree["syncSettings.cronExpression"] == "cron expression"
    assert tree["azureSettings.requiredGroups"] == "list of 1"
    assert any(path.startswith("(beside the configuration)") for path in tree)
    assert ("azureSettings.applicationSecret" in tree) is (visibility != "absent")
    text = json.dumps(result["connectors"][0]["key_tree"])
    for value in (SECRET, "group-of-the-board", "q3-batching", "0 0 2", live.sim.tenant_id):
        assert value not in text


def test_configuration_shows_what_is_known_and_is_no_template(live: Any) -> None:
    live.world()
    live.connector(**live.wanted(schedule_cron="0 7 7 * * ?"))
    found = live.info(configuration=True)["connectors"][0]
    assert found["configuration"]["azureSettings"]["applicationSecret"].startswith("(not shown: text of ")
    assert "0 7 7 * * ?" in json.dumps(found["configuration"]) and SECRET not in json.dumps(found)
    live.name = "confluence01"
    refused = live.connector(**live.wanted(name="Copy", template=found["configuration"]))
    assert refused["failed"] and refused["msg"].startswith("template: is a copy with hidden settings")


@pytest.mark.parametrize("generation", ["1.4", "1.9"])
def test_older_versions_have_no_list(live: Any, generation: str) -> None:
    live.world(generation=generation)
    result = live.info(connector_id=None)
    assert not result["listed"] and result["connectors"] == []
    assert any("connector_id" in text for text in result["warnings"])
    one = live.info()["connectors"][0]
    expected = ("authorization_code", "generation") if generation == "1.4" else ("client_credentials", "setting")
    assert (one["flow"], one["flow_known_by"]) == expected


@pytest.mark.parametrize("number", [None, "4"])
def test_a_host_without_the_app_is_no_host_without_connectors(live: Any, number: str | None) -> None:
    live.world()
    live.sim.fault("app_missing", host=live.name)
    result = live.info(connector_id=number, versions=False)
    assert result["failed"] and "not installed" in result["msg"], result


def test_bad_options(live: Any) -> None:
    live.world()
    assert live.info(connector_id="a b")["msg"].startswith("connector_id: ")
    assert live.info(connector_id="4", connector_name="x")["msg"].startswith("connector_name: ")
    assert live.requests() == []


def test_never_writes(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    live.begin()
    for check in (False, True):
        live.info(check=check, keys=True, configuration=True)
    assert live.writes() == [] and len(live.requests()) == 8
