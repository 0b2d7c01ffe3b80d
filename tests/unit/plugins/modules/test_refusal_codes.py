# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals that a playbook may branch on: the option or the sentence, the code, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.test_usersync_connection import One, prepared

__all__ = ["prepared"]


@pytest.fixture
def one(prepared: Callable[..., One]) -> One:
    return prepared()


def refused(one: One, code: str, sentence: str, **more: Any) -> dict[str, Any]:
    """The failure, which wrote nothing."""
    result = one.run(**more)
    assert result.get("failed") and result["failure"]["code"] == code, result
    assert sentence in result["msg"] and one.writes() == [], result["msg"]
    return result


def test_a_rotation_makes_no_connector(one: One) -> None:
    refused(one, "no_connector", "the playbook fleetops.usersync.setup creates it", only_secret=True)


def test_ten_secrets_that_nobody_confirmed(one: One) -> None:
    holder = one.ok()["holder"]
    name = one.tenant.app("usersync")["passwordCredentials"][0]["displayName"]
    app_id = one.tenant.app("usersync")["appId"]
    for number in range(9):
        stamp = f"20270101T00000{number}.000000Z"
        one.sim.seed("credential", app_id=app_id, display_name=":".join([*name.split(":")[:-1], stamp]))
    told = refused(one, "piled_up", f"holder {holder} has 10 live secrets of its own", secret={"force": True})
    assert "azuread_app_secret, state: absent, key_id" in told["msg"]


def test_secrets_of_several_hosts_under_one_address(one: One) -> None:
    holder = one.ok()["holder"]
    app = one.tenant.app("usersync")
    name = app["passwordCredentials"][0]["displayName"].split(":")
    stranger = ":".join([*name[:-2], "0" * 12, name[-1]])
    one.sim.seed("credential", app_id=app["appId"], display_name=stranger)
    since = one.sim.last_entry()
    result = one.tenant.run("secret", unique_name="usersync", holder=holder)
    assert result["failed"] and result["failure"]["code"] == "several_hosts", result
    assert result["msg"].startswith("host_fingerprint: must be given, since")
    assert name[-2] in result["msg"] and "0" * 12 in result["msg"]
    assert [entry for entry in one.sim.journal(since=since) if entry["method"] in ("PATCH", "DELETE")] == []


def test_one_member_is_not_set_twice(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    live.begin()
    path = live.connector(**live.wanted())["connector"]["key_paths"]["schedule_cron"]
    result = live.connector(**live.wanted(schedule_cron="0 0 3 * * ?", settings={path: "0 0 4 * * ?"}))
    assert result["failed"] and live.writes() == []
    assert result["msg"].startswith(f"settings: {path} is also set by schedule_cron; name it once"), result["msg"]


def test_a_connector_that_is_gone_is_still_one_for_entra_id(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    for check in (True, False):
        gone = live.connector(check=check, **live.login(state="absent"))["connector"]
        assert (gone["exists"], gone["azure"]) == (False, True)
    assert live.connector(**live.login(state="absent"))["connector"]["azure"] is True


@pytest.mark.parametrize(
    ("option", "address"),
    [
        ("home_page_url", "https:///jira"),
        ("logout_url", "https://:8443/jira"),
        ("redirect_uris", ["https:///jira"]),
        ("spa_redirect_uris", ["https://?host"]),
    ],
)
def test_an_address_without_a_host(tenant: Any, option: str, address: Any) -> None:
    result = tenant.run("app", unique_name="usersync", display_name="User Sync", **{option: address})
    assert result["failed"] and result["msg"].startswith(f"{option}: '"), result
    assert tenant.writes() == []
