# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""usersync_connector where hosts behave badly: creation, removal, read-back, lag, lost answers, the Authorize click."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _errors as errors
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import authorize, connector
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.connect import open_host
from ansible_collections.fleetops.usersync.tests.simulator.atlassian.host import export_document
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import (
    NEW_SECRET,
    SECRET,
)

SLOW = {"verify_timeout": 0.5}


def test_no_write_leaves_in_check_mode_whatever_a_workflow_forgets(live: Any) -> None:
    live.world()
    with open_host(live.login(), Run(check_mode=True)) as host, pytest.raises(errors.StateError, match="check mode"):
        host.write("POST", "usersync/connector/4/sync")
    assert live.requests() == []


# -- creation and removal -------------------------------------------------------------------------------------------


def test_refused_creation_tells_the_clicks_and_the_next_run_adopts(live: Any) -> None:
    live.world(creation="refused")
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "create_refused"
    for word in ("Create Connector", "Add Connector", "/plugins/servlet/de.resolution.usersync/admin", "next run"):
        assert word in result["msg"]
    number = live.click_create()
    adopted = live.connector(**live.wanted())
    assert adopted["changed"] and not adopted["created"] and adopted["connector"]["id"] == number
    assert live.held("client_secret") == SECRET


def test_refused_removal_tells_the_clicks_and_the_next_run_is_content(live: Any) -> None:
    live.world(deletion="refused")
    number = live.click_create()
    result = live.connector(**live.login(state="absent"))
    assert result["failure"]["code"] == "delete_refused" and "click Delete" in result["msg"]
    live.sim.call(live.inside.click_delete, number)
    assert not live.connector(**live.login(state="absent"))["changed"]


@pytest.mark.parametrize("generation", ["1.4", "1.9"])
def test_no_list_and_no_id(live: Any, generation: str) -> None:
    live.world(generation=generation, connectors=[])
    for state in ("present", "absent"):
        result = live.connector(**live.wanted(state=state))
        assert result["failure"]["code"] == "no_list" and "set connector_id" in result["msg"]
        assert "editconnector?id=" in result["msg"]
    assert live.writes() == []


@pytest.mark.parametrize("status", [200, 201])
def test_creation_status(live: Any, status: int) -> None:
    live.world(creation_status=status)
    assert live.connector(**live.wanted())["created"]


def test_lost_answer_of_a_creation_makes_no_second_connector(live: Any) -> None:
    live.world()
    live.sim.fault("lost_answer", service="atlassian", method="POST")
    result = live.connector(**live.wanted())
    assert result["created"] and any("lost" in text for text in result["warnings"])
    assert len(live.inside.store.connectors) == 1
    assert live.held("client_secret") == SECRET


def test_creation_that_dies_in_between_is_adopted(live: Any) -> None:
    live.world()
    live.sim.fault("error", service="atlassian", method="PUT", status=500, times=9)
    assert live.connector(**live.wanted(name="Entra"))["failed"]
    live.sim.clear_faults()
    result = live.connector(**live.wanted(name="Entra"))
    assert result["changed"] and not result["created"] and len(live.inside.store.connectors) == 1


def test_one_that_another_node_knows_already_is_not_made_again(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live.world()
    number = live.click_create()
    monkeypatch.setattr(connector, "find", lambda host, options: None)
    result = live.connector(**live.wanted())
    assert result["connector"]["id"] == number and list(live.inside.store.connectors) == [number]


def exported(live: Any, tmp_path: Any, *names: str) -> str:
    live.world("jira02")
    for name in names:
        live.click_create(name=name, client_secret="old-secret-of-the-other-host", cron_expression="0 9 9 * * ?")
    path = tmp_path / "export.json"
    path.write_text(json.dumps(live.sim.call(export_document, live.inside)), encoding="utf-8")
    live.name = "jira01"
    return str(path)


def test_creation_from_an_exported_file(live: Any, tmp_path: Any) -> None:
    path = exported(live, tmp_path, "Old name")
    result = live.connector(**live.wanted(template=path, name="New name"))
    assert result["created"], result
    assert live.held("cron_expression") == "0 9 9 * * ?" and live.held("name") == "New name"
    assert live.held("client_secret") == SECRET
    other = live.sim.world.hosts["jira02"]
    assert set(live.inside.store.connectors) != set(other.store.connectors)
    assert "old-secret-of-the-other-host" not in json.dumps(result)


def test_export_of_many_connectors(live: Any, tmp_path: Any) -> None:
    path = exported(live, tmp_path, "One", "Two")
    result = live.connector(**live.wanted(template=path, name="Three"))
    assert result["msg"].startswith("template_connector: ") and live.writes() == []
    result = live.connector(**live.wanted(template=path, name="Three", template_connector="Two"))
    assert result["created"] and live.held("name") == "Three"


@pytest.mark.parametrize(
    "template", ["/nonexistent/export.json", "{broken", "[]", "[1, 2]", '["a"]', "null", [], [1], "/"]
)
def test_templates_that_cannot_be(live: Any, template: Any) -> None:
    live.world()
    result = live.connector(**live.wanted(template=template))
    assert result["failed"] and result["msg"].startswith("template: "), result["msg"]
    assert live.writes() == []


def test_flow_of_a_new_connector_follows_the_version(live: Any) -> None:
    for version, flow in (("1.4.9", "authorization_code"), ("1.5.0", "client_credentials")):
        live.world()
        live.sim.call(lambda version=version: setattr(live.inside.traits, "version", version))
        result = live.connector(check=True, **live.wanted())
        assert result["connector"]["flow"] == flow and result["versions"]["app"] == version


# -- reading back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("traits", [{"put_status": 204}, {"put_mode": "merges"}, {"volatile_member": True}])
def test_ways_in_which_a_put_may_answer(live: Any, traits: dict[str, Any]) -> None:
    live.world(**traits)
    assert live.connector(**live.wanted())["changed"]
    assert live.connector(**live.wanted(schedule_enabled=True))["changed"]
    assert not live.connector(**live.wanted(schedule_enabled=True))["changed"]


def test_members_that_a_host_drops_are_told(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    live.sim.fault("put_drops_unknown")
    result = live.connector(**live.wanted(schedule_enabled=True))
    assert result["failure"]["code"] == "other_changes"
    assert "internalFlags" in result["msg"] and "keepLocalGroups" in result["failure"]["paths"]


def test_a_value_that_the_host_does_not_keep_is_told(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live.world()
    live.connector(**live.wanted())
    monkeypatch.setattr(live.inside.store, "put", lambda *args, **kwargs: None)
    result = live.connector(**live.wanted(schedule_enabled=True, **SLOW))
    assert result["failure"]["code"] == "not_kept" and result["failure"]["settings"] == ["schedule_enabled"]


def test_a_value_that_the_host_refuses(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    result = live.connector(**live.wanted(cleanup_behavior="VAPORIZE"))
    assert result["failed"] and "400" in result["msg"] and "VAPORIZE" in result["msg"]
    assert live.held("cleanup_behaviour") == "DISABLE_USERS"


def test_a_node_that_lags_behind_is_waited_for(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live.world(nodes=2, node_lag=0.6)
    assert live.connector(**live.wanted())["changed"]
    live.sim.advance(1)
    from requests import Session

    # A balancer that does not care for cookies
    real = Session.send

    def forget(self: Any, request: Any, **kwargs: Any) -> Any:
        self.cookies.clear()
        request.headers.pop("Cookie", None)
        return real(self, request, **kwargs)

    monkeypatch.setattr(Session, "send", forget)
    for name in ("One", "Two", "Three"):
        result = live.connector(**live.wanted(name=name))
        assert result["changed"], result
        live.sim.advance(1)
    assert not live.connector(**live.wanted(name="Three"))["changed"]


def test_cookies_keep_one_task_on_one_node(live: Any) -> None:
    live.world(nodes=2, node_lag=60)
    result = live.connector(**live.wanted(**SLOW))
    assert result["changed"], result


def test_a_put_whose_answer_is_lost_is_sent_again(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    live.sim.fault("lost_answer", service="atlassian", method="PUT")
    result = live.connector(**live.wanted(application_secret=NEW_SECRET))
    assert result["changed"] and result["http"]["retries"] == 1 and live.held("client_secret") == NEW_SECRET


def test_no_delivery_after_the_window(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    now = datetime.now(timezone.utc)
    over, later = (f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}" for hours in (-1, 1))
    live.begin()
    result = live.connector(**live.wanted(application_secret=NEW_SECRET, deliver_by=over))
    assert result["failure"]["code"] == "window_over" and live.writes() == []
    assert live.connector(**live.wanted(application_secret=NEW_SECRET, deliver_by=later))["changed"]
    assert live.connector(**live.wanted(deliver_by="soon"))["msg"].startswith("deliver_by: ")


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"application_secret": "0f5d1c7e-1111-4222-8333-444455556666"}, "application_secret"),
        ({"application_secret": " "}, "application_secret"),
        ({"application_secret": "ends-with-a-line-end\n"}, "application_secret"),
        ({"application_secret": None, "update_secret": "always"}, "application_secret"),
        ({"application_id": "my app"}, "application_id"),
        ({"tenant_id": ""}, "tenant_id"),
        ({"name": " "}, "name"),
        ({"connector_id": "4/../5"}, "connector_id"),
        ({"backup": True}, "backup_dir"),
        ({"backup_mode": "0644"}, "backup_mode"),
        ({"backup_keep_days": 0}, "backup_keep_days"),
        ({"group_types": ["everyone"]}, "group_types"),
    ],
)
def test_bad_options_before_anything_is_sent(live: Any, options: dict[str, Any], option: str) -> None:
    live.world()
    result = live.connector(**live.wanted(**options))
    assert result["failed"] and option in result["msg"], result["msg"]
    assert live.requests() == []


@pytest.mark.parametrize(
    "settings",
    [
        {"azureSettings.applicationSecret": "x"},
        {"uniqueId": "x"},
        {"directoryId": 5},
        {"type": "OKTA"},
        {"nowhere.at.all": 1},
        {"": 1},
        {"httpTimeoutMillis": "30001"},
        {"syncSettings.removeGroupMembershipsOnCleanup": "true"},
        {"internalFlags": []},
        {"azureSettings.applicationId": "0f5d1c7e-2222-4222-8333-444455556666"},
    ],
)
def test_settings_that_must_not_be_set(live: Any, settings: dict[str, Any]) -> None:
    live.world()
    live.click_create()
    result = live.connector(**live.wanted(settings=settings))
    assert result["msg"].startswith("settings: "), result["msg"]
    assert live.writes() == []


def test_guid_is_refused_as_the_id_of_a_secret(live: Any) -> None:
    result = live.connector(**live.wanted(application_secret="0f5d1c7e-1111-4222-8333-444455556666"))
    assert "ID of the secret" in result["msg"]


def test_old_versions_have_no_client_credentials(live: Any) -> None:
    live.world(generation="1.4")
    result = live.connector(**live.wanted(flow="client_credentials"))
    assert result["failure"]["code"] == "no_client_credentials" and "1.5.0" in result["msg"]
    assert live.writes() == []
    assert live.connector(**live.wanted(flow="authorization_code"))["connector"]["flow"] == "authorization_code"


@pytest.mark.parametrize("style", ["nested", "flat"])
def test_migration_to_client_credentials(live: Any, style: str) -> None:
    live.world(generation="1.9", key_style=style, connectors=[{"flow": "authorization_code"}])
    kept = live.connector(**live.wanted())
    assert kept["connector"]["flow"] == "authorization_code" and live.held("flow") == "authorization_code"
    moved = live.connector(**live.wanted(flow="client_credentials"))
    assert moved["written"] == ["flow"] and live.held("flow") == "client_credentials"
    assert not live.connector(**live.wanted(flow="client_credentials"))["changed"]


# -- Authorize ---------------------------------------------------------------------------------------------------------


def test_unattended_run_fails_with_the_address(live: Any) -> None:
    live.world(generation="1.4")
    result = live.connector(**live.wanted(wait_for_authorization=0))
    assert result["failure"]["code"] == "not_authorized"
    assert f"{live.host['url']}/plugins/servlet/de.resolution.usersync/admin/editconnector?id=1" in result["msg"]
    assert live.held("client_secret") == SECRET
    survey = live.connector(check=True, **live.wanted(wait_for_authorization=0))
    assert not survey.get("failed") and survey["connector"]["authorized"] is False
    click(live)
    picked_up = live.connector(**live.wanted(wait_for_authorization=0))
    assert not picked_up["changed"] and picked_up["connector"]["authorized"] is True


def click(live: Any) -> None:
    inside = live.inside
    made = next(iter(inside.store.connectors.values()))
    login = inside.credentials(made)
    live.sim.call(inside.authorize, made, "refresh-token-of-this-test", (login.tenant, login.client_id))


def test_waits_for_the_click_and_goes_on(live: Any) -> None:
    live.world(generation="1.4")
    live.connector(**live.wanted())
    lines: list[str] = []
    pauses: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds
        if clock[0] > 150:
            click(live)

    run = Run(progress=lines.append, sleep=sleep, monotonic=lambda: clock[0])
    options = {**live.login(), "timeout": 30.0}
    with open_host(options, run) as host:
        found = connector.read_one(host, "1")
        assert found is not None
        after = authorize.wait(host, found, 600.0)
    assert authorize.state(after) is True
    assert len(lines) == 3 and all("editconnector?id=1" in line for line in lines)
    assert max(pauses) <= authorize.LONGEST_PAUSE


def test_host_that_does_not_report_it(live: Any) -> None:
    live.world(generation="1.4")
    real = live.inside.resource.wrapper

    def wrapper(*args: Any) -> dict[str, Any]:
        return {name: value for name, value in real(*args).items() if name != "authorized"}

    live.inside.resource.wrapper = wrapper
    result = live.connector(**live.wanted(wait_for_authorization=5))
    assert result["changed"] and result["connector"]["authorized"] is None
    assert any("does not report" in text for text in result["warnings"])
