# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a secret is, as an operator meets it: several inventories in one tenant, a host that was called otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.test_usersync_connection import One, prepared

__all__ = ["prepared"]
OLD, STAMP = "old.example.com/jira", "20260101T000000.000000Z"


@pytest.fixture
def one(prepared: Callable[..., One]) -> One:
    return prepared(secret_visibility="clear")


def rename(one: One, key_id: str, name: str) -> None:
    """The secret as another address, or another inventory, had named it."""
    app = one.sim.world.tenant.find("application", "uniqueName", "usersync")

    def put() -> None:
        changed = [
            {**entry, "displayName": name} if entry["keyId"] == key_id else entry
            for entry in app.data["passwordCredentials"]
        ]
        app.put(one.sim.world.now(), passwordCredentials=changed)

    one.sim.call(put)


@pytest.mark.parametrize(
    "foreign",
    [
        "usersync: Confluence prod (Maria)",
        "usersync:jira01",
        f"usersync:jira01:{STAMP}",
        f"usersync:app:{STAMP}",
        f"usersync:staging:localhost:1/jira01:-:{STAMP}",
        f"usersync:jira01.staging.example.com:-:{STAMP}",
        f"usersync:jira01.staging.example.com:-:{STAMP}:spare",
    ],
)
def test_what_another_inventory_or_a_person_named_alike_is_never_removed(one: One, foreign: str) -> None:
    key_id = one.sim.seed("credential", app_id=one.tenant.app("usersync")["appId"], display_name=foreign)["key_id"]
    one.ok()
    one.sim.advance(86400)
    one.ok(secret={"force": True})
    holder = one.ok()["holder"]
    assert key_id in one.held() and len(one.held()) == 2 and one.works()
    one.tenant.ok("secret", unique_name="usersync", holder=holder, state="absent")
    assert one.held() == [key_id]


def test_all_holders_takes_neither_peoples_secrets_nor_shared_ones(one: One) -> None:
    app_id = one.tenant.app("usersync")["appId"]
    names = ["usersync: Confluence prod (Maria)", "usersync:jira01", f"usersync:app:{STAMP}"]
    kept = [one.sim.seed("credential", app_id=app_id, display_name=name)["key_id"] for name in names]
    one.ok()
    one.tenant.ok("secret", unique_name="usersync", state="absent", all_holders=True)
    assert sorted(one.held()) == sorted(kept)


def test_the_same_address_with_another_id_is_another_host(one: One) -> None:
    first = one.ok()
    [key_id] = one.held()
    name = one.tenant.app("usersync")["passwordCredentials"][0]["displayName"]
    stranger = name.replace(name.split(":")[-2], "0" * 12)
    rename(one, key_id, stranger)
    second = one.ok(secret={"force": True})
    assert second["holder"] == first["holder"] and key_id in one.held() and len(one.held()) == 2
    assert one.works() and one.tags() == []


@pytest.mark.parametrize("former", [f"usersync:{OLD}:-:{STAMP}", f"usersync:jira-old:{STAMP}"])
@pytest.mark.parametrize("named", [True, False])
def test_a_former_secret_goes_where_the_host_showed_it_and_was_named(one: One, former: str, named: bool) -> None:
    one.ok()
    [key_id] = one.held()
    rename(one, key_id, former)
    names = [OLD, "jira-old"] if named else ["jira"]
    foretold = one.ok(check=True, secret={"former_holders": names})
    result = one.ok(secret={"former_holders": names})
    assert foretold["changed"] and result["changed"] and one.works()
    assert (key_id in one.held()) is not named
    told = [
        text for text in result.get("warnings", []) if text.startswith("there is a live secret under a former name")
    ]
    assert any(former in text for text in told) is named


def test_a_former_secret_that_the_host_hides_is_reported_and_stays(prepared: Callable[..., One]) -> None:
    one = prepared(secret_visibility="masked")
    one.ok()
    [key_id] = one.held()
    rename(one, key_id, f"usersync:{OLD}:-:{STAMP}")
    result = one.ok(secret={"former_holders": [OLD]})
    assert key_id in one.held() and len(one.held()) == 2 and one.works()
    assert any("stays" in text and key_id in text for text in result["warnings"])


def test_a_former_secret_stays_where_another_begins_alike(one: One) -> None:
    one.ok()
    [entry] = one.tenant.app("usersync")["passwordCredentials"]
    rename(one, entry["keyId"], f"usersync:{OLD}:-:{STAMP}")
    app = one.sim.world.tenant.find("application", "uniqueName", "usersync")
    twin = {**entry, "displayName": "backup", "keyId": "00000000-1111-4000-8000-000000000001"}
    one.sim.call(lambda: app.put(one.sim.world.now(), passwordCredentials=[*app.data["passwordCredentials"], twin]))
    one.ok(secret={"former_holders": [OLD]})
    assert entry["keyId"] in one.held()


def test_formers_are_exact_and_have_no_chains(one: One) -> None:
    one.ok()
    [key_id] = one.held()
    rename(one, key_id, f"usersync:{OLD}/wiki:-:{STAMP}")
    one.ok(secret={"former_holders": [OLD, "old.example.com"]})
    assert key_id in one.held()
