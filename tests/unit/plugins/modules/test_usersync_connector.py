# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""usersync_connector: made, again, each change, removed, through main() and over TLS."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import (
    APP_ID,
    NEW_SECRET,
    OTHER_APP_ID,
    SECRET,
    settings_of,
)

AZURE = "azureSettings."
SYNC = "syncSettings."


@pytest.fixture
def ready(live: Any) -> Any:
    """A host whose connector is set up."""
    live.world()
    made = live.connector(**live.wanted())
    assert made["changed"], made
    live.begin()
    return live


def test_fresh(live: Any) -> None:
    live.world()
    result = live.connector(**live.wanted(name="Entra ID", schedule_enabled=True, schedule_cron="0 0 3 * * ?"))
    assert result["changed"] and result["created"]
    assert live.writes() == [
        ("POST", "/usersync/connector/"),
        ("PUT", f"/usersync/connector/{result['connector']['id']}"),
    ]
    assert live.held("name") == "Entra ID"
    assert live.held("application_id") == APP_ID
    assert live.held("client_secret") == SECRET
    assert live.held("schedule_enabled") is True
    assert result["connector"]["secret"] == {
        "visibility": "clear",
        "known_by": "compared",
        "matches": True,
        "hint": SECRET[:3],
        "needed": False,
    }
    assert result["connector"]["schedule_cron"] == "0 0 3 * * ?"
    assert result["last_sync"] is None
    assert "application_secret" in result["written"] and "name" in result["written"]


def test_fresh_in_check_mode_says_the_same_and_writes_nothing(live: Any) -> None:
    live.world()
    options = live.wanted(name="Entra ID", schedule_enabled=True)
    planned = live.connector(check=True, **options)
    assert live.writes() == []
    done = live.connector(**options)
    assert planned["changed"] and done["changed"]
    assert planned["written"] == done["written"]
    assert planned["diff"] == done["diff"]


def test_survey_without_a_secret_tells_that_one_is_needed(live: Any) -> None:
    live.world()
    result = live.connector(check=True, **live.wanted(application_secret=None))
    assert result["changed"] and not result["connector"]["exists"]
    assert result["connector"]["secret"]["needed"] is True
    assert result["connector"]["flow"] == "client_credentials"
    assert result["versions"]["app"] == "2.14.1"
    refused = live.connector(**live.wanted(application_secret=None))
    assert refused["failed"] and "application_secret: is required" in refused["msg"]
    assert live.writes() == []


def test_again_changes_nothing_with_two_reads(ready: Any) -> None:
    result = ready.connector(**ready.wanted())
    assert not result["changed"] and "diff" not in result
    assert [method for method, _path in ready.requests()] == ["GET", "GET"]
    assert result["http"] == {"requests": 2, "retries": 0, "throttled": 0}
    assert result["written"] == []


CHANGES = {
    "name": ({"name": "Other name"}, {"name": "Other name"}, ["name"]),
    "application_id": (
        {"application_id": OTHER_APP_ID, "application_secret": NEW_SECRET},
        {AZURE + "applicationId": OTHER_APP_ID, AZURE + "applicationSecret": NEW_SECRET},
        ["application_id", "application_secret"],
    ),
    "tenant_id": ({"tenant_id": OTHER_APP_ID}, {AZURE + "tenantId": OTHER_APP_ID}, ["tenant_id"]),
    "secret": (
        {"application_secret": NEW_SECRET},
        {AZURE + "applicationSecret": NEW_SECRET},
        ["application_secret"],
    ),
    "schedule": (
        {"schedule_enabled": True, "schedule_cron": "0 30 4 * * ?"},
        {SYNC + "scheduledSynchronization": True, SYNC + "cronExpression": "0 30 4 * * ?"},
        ["schedule_cron", "schedule_enabled"],
    ),
    "cleanup": ({"cleanup_behavior": "keep"}, {SYNC + "cleanupBehaviour": "KEEP_USERS"}, ["cleanup_behavior"]),
    "groups": ({"required_groups": ["a", "b"]}, {AZURE + "requiredGroups": ["a", "b"]}, ["required_groups"]),
    "filter": (
        {"required_groups_filter": "startswith(displayName,'j')"},
        {AZURE + "serverSideGroupFilter": "startswith(displayName,'j')"},
        ["required_groups_filter"],
    ),
    "types": (
        {"group_types": ["security", "distribution"]},
        {
            AZURE + "groupTypes.mailEnabledSecurity": False,
            AZURE + "groupTypes.office365SecurityEnabled": False,
            AZURE + "groupTypes.distribution": True,
        },
        ["group_types"],
    ),
    "pictures": ({"profile_pictures": True}, {AZURE + "syncProfilePictures": True}, ["profile_pictures"]),
    "flow": ({"flow": "authorization_code"}, {AZURE + "authenticationFlow": "AUTHORIZATION_CODE"}, ["flow"]),
    "settings": (
        {"settings": {SYNC + "removeGroupMembershipsOnCleanup": True, "/uiHints/lastTab": "sync"}},
        {SYNC + "removeGroupMembershipsOnCleanup": True, "uiHints.lastTab": "sync"},
        ["syncSettings.removeGroupMembershipsOnCleanup", "uiHints.lastTab"],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_each_change_touches_its_own_leaves_only(ready: Any, case: str) -> None:
    options, leaves, written = CHANGES[case]
    before = ready.tree()
    planned = ready.connector(check=True, **ready.wanted(**options))
    assert ready.writes() == [] and ready.tree() == before
    done = ready.connector(**ready.wanted(**options))
    assert planned["changed"] and done["changed"]
    assert planned["written"] == done["written"] == written
    assert planned["diff"] == done["diff"]
    assert [method for method, _path in ready.writes()] == ["PUT"]
    after = ready.tree()
    assert settings_of(after, *leaves) == settings_of(before, *leaves)
    for path, value in leaves.items():
        assert settings_of(after)[path] == value
    ready.begin()
    assert not ready.connector(**ready.wanted(**options))["changed"]
    assert ready.writes() == []


@pytest.mark.parametrize("case", ["cleanup", "groups", "filter"])
def test_settings_that_can_disable_users_warn(ready: Any, case: str) -> None:
    result = ready.connector(**ready.wanted(**CHANGES[case][0]))
    assert any("disabled, deleted or anonymized" in text for text in result["warnings"])


def test_mapping_by_settings_warns(ready: Any) -> None:
    result = ready.connector(**ready.wanted(settings={"provisioningSettings.groupTransformations.0.enabled": True}))
    assert result["changed"]
    assert any("disabled, deleted or anonymized" in text for text in result["warnings"])


def test_harmless_settings_do_not_warn(ready: Any) -> None:
    assert "warnings" not in ready.connector(**ready.wanted(schedule_enabled=True, name="x"))


def test_empty_list_clears_and_no_list_leaves_alone(ready: Any) -> None:
    ready.connector(**ready.wanted(required_groups=["a"]))
    assert not ready.connector(**ready.wanted())["changed"]
    assert ready.connector(**ready.wanted(required_groups=[]))["changed"]
    assert ready.held("required_groups") == []


def test_order_of_groups_is_no_difference(ready: Any) -> None:
    ready.connector(**ready.wanted(required_groups=["a", "b"]))
    assert not ready.connector(**ready.wanted(required_groups=["b", "a"]))["changed"]


def test_diff_shows_named_leaves_and_no_secret(ready: Any) -> None:
    result = ready.connector(**ready.wanted(application_secret=NEW_SECRET, schedule_enabled=True))
    assert result["diff"]["before"]["schedule_enabled"] is False
    assert result["diff"]["after"]["schedule_enabled"] is True
    assert result["diff"]["before"]["application_secret"] == "(held, clear)"
    text = json.dumps(result)
    assert SECRET not in text and NEW_SECRET not in text and ready.host["password"] not in text


def test_new_application_needs_its_secret(ready: Any) -> None:
    options = ready.wanted(application_id=OTHER_APP_ID, application_secret=None)
    survey = ready.connector(check=True, **options)
    assert survey["changed"] and survey["connector"]["secret"]["needed"]
    result = ready.connector(**options)
    assert "application_secret: is required, since application_id changes" in result["msg"]
    assert ready.writes() == []


def test_update_secret_never_and_always(ready: Any) -> None:
    kept = ready.connector(**ready.wanted(application_secret=NEW_SECRET, update_secret="never"))
    assert not kept["changed"] and kept["connector"]["secret"]["matches"] is False
    assert ready.held("client_secret") == SECRET
    again = ready.connector(**ready.wanted(update_secret="always"))
    assert again["changed"] and again["written"] == ["application_secret"]


def test_backup_is_for_its_owner_and_without_secret(ready: Any, tmp_path: Any) -> None:
    folder = tmp_path / "kept"
    result = ready.connector(**ready.wanted(name="New", backup=True, backup_dir=str(folder)))
    path = result["backup_file"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    assert kept["configuration"]["name"] == "Azure AD"
    assert kept["configuration"]["azureSettings"]["applicationSecret"].startswith("(not shown: text of ")
    assert kept["configuration"]["internalFlags"]["experiments"] == "(not shown: list of 1)"
    assert "cannot be restored" in kept["note"]


def test_no_backup_in_check_mode_or_without_change(ready: Any, tmp_path: Any) -> None:
    options = {"backup": True, "backup_dir": str(tmp_path / "kept")}
    ready.connector(check=True, **ready.wanted(name="New", **options))
    assert "backup_file" not in ready.connector(**ready.wanted(**options))
    assert not (tmp_path / "kept").exists()


def test_absent_keeps_the_directory_and_is_idempotent(ready: Any) -> None:
    directories = dict(ready.inside.store.directories)
    planned = ready.connector(check=True, **ready.login(state="absent"))
    assert planned["changed"] and ready.writes() == []
    done = ready.connector(**ready.login(state="absent"))
    assert done["changed"] and not done["connector"]["exists"] and done["diff"] == planned["diff"]
    assert [method for method, _path in ready.writes()] == ["DELETE"]
    assert ready.inside.store.directories == directories
    assert not ready.connector(**ready.login(state="absent"))["changed"]


def test_directory_is_deleted_only_when_named_and_confirmed(ready: Any) -> None:
    number = str(ready.held("directory_id"))
    halves = [
        {"directory_id": number},
        {"confirm_directory_delete": True},
        {"directory_id": "77", "confirm_directory_delete": True},
        {"directory_id": "x", "confirm_directory_delete": True},
    ]
    for half in halves:
        refused = ready.connector(**ready.login(state="absent", **half))
        assert refused["failed"] and "director" in refused["msg"]
    assert ready.writes() == []
    done = ready.connector(**ready.login(state="absent", directory_id=number, confirm_directory_delete=True))
    assert done["directory_deleted"]
    assert ready.writes()[0][1] == f"/directory/{number}"
    assert int(number) not in ready.inside.store.directories


def test_directory_is_never_deleted_by_present(ready: Any) -> None:
    refused = ready.connector(**ready.wanted(directory_id="10201", confirm_directory_delete=True))
    assert "only works with state: absent" in refused["msg"] and ready.requests() == []


def test_found_by_id_and_by_name(ready: Any) -> None:
    number = ready.click_create(name="Second")
    both = ready.connector(**ready.wanted())
    assert both["failed"] and number in both["msg"] and "Azure AD" in both["msg"] and "connector_id" in both["msg"]
    assert {one["name"] for one in both["failure"]["candidates"]} == {"Azure AD", "Second"}
    by_name = ready.connector(check=True, **ready.wanted(connector_name="Second"))
    assert by_name["connector"]["id"] == number
    by_id = ready.connector(check=True, **ready.wanted(connector_id=number))
    assert by_id["connector"]["id"] == number
    by_wish = ready.connector(check=True, **ready.wanted(name="Second"))
    assert by_wish["connector"]["id"] == number
    assert ready.writes() == []


def test_two_of_one_name(ready: Any) -> None:
    ready.click_create(name="Azure AD")
    result = ready.connector(**ready.wanted(connector_name="Azure AD"))
    assert result["failed"] and result["failure"]["code"] == "ambiguous_connector"


def test_another_type_is_not_touched(ready: Any) -> None:
    number = ready.click_create(name="Okta people")
    ready.sim.call(lambda: ready.inside.store.connectors[number].configuration.update(type="OKTA"))
    assert not ready.connector(**ready.wanted())["changed"]
    refused = ready.connector(**ready.wanted(connector_id=number))
    assert refused["failure"]["code"] == "other_type" and "is not an Azure connector" in refused["msg"]
    refused = ready.connector(**ready.wanted(connector_name="Okta people"))
    assert "is not an Azure connector" in refused["msg"]
    assert ready.writes() == []


def test_unknown_id(ready: Any) -> None:
    result = ready.connector(**ready.wanted(connector_id="0f5d1c7e-0000-4222-8333-444455556666"))
    assert result["failure"]["code"] == "connector_unknown" and "connector_id" in result["msg"]
    assert not ready.connector(**ready.login(connector_id="0f5d1c7e-0000-4222-8333-444455556666", state="absent"))[
        "changed"
    ]


def test_last_sync_tells_a_refused_login(ready: Any) -> None:
    ready.sync(wait=True)
    result = ready.connector(**ready.wanted())
    assert result["last_sync"]["login_failed"] is True and result["last_sync"]["success"] is False
    assert result["connector"]["secret"]["known_by"] == "compared"
