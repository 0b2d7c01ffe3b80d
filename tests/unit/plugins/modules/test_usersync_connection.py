# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""usersync_connection: one host through its steps, against a simulated tenant and host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import snapshot
from ansible_collections.fleetops.usersync.plugins.modules import usersync_connection
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module

SITE = "test"


class One:
    """One host and its app. ``mark`` is the last journal entry before the module ran."""

    def __init__(self, live: Any, tenant: Any) -> None:
        self.live, self.tenant, self.sim = live, tenant, live.sim
        self.mark = 0
        # another host of the same run has read the app already
        self.same_run = False

    def options(self, **more: Any) -> dict[str, Any]:
        base: dict[str, Any] = {
            "entra": dict(self.tenant.login),
            "host": {**self.live.login(), "site": SITE},
            "app": {"unique_name": "usersync"},
            "connector": {},
            "secret": {"delivery_window": 30.0, "delivery_timeout": 0.0},
            "sync": {"poll": 0.1},
        }
        for name in ("connector_id",):
            if name in base["host"]:
                base["connector"][name] = base["host"].pop(name)
        for name, value in more.items():
            base[name] = {**base[name], **value} if isinstance(base.get(name), dict) else value
        return base

    def run(self, check: bool = False, **more: Any) -> dict[str, Any]:
        if not self.same_run:
            snapshot.forget()
        self.mark = self.sim.last_entry()
        return run_module(usersync_connection.main, self.options(**more), check=check)

    def ok(self, check: bool = False, **more: Any) -> dict[str, Any]:
        result = self.run(check, **more)
        assert not result.get("failed"), result
        return result

    def requests(self) -> list[str]:
        """Service, method and last part of the path, of what the last run sent itself."""
        entries = [entry for entry in self.sim.journal(since=self.mark) if not entry["internal"]]
        return [
            f"{entry['service']} {entry['method']} {entry['path'].rstrip('/').rpartition('/')[2]}" for entry in entries
        ]

    def writes(self) -> list[str]:
        return [line for line in self.requests() if line.split()[1] != "GET" and not line.startswith("token")]

    def held(self) -> list[str]:
        return [entry["keyId"] for entry in self.tenant.app("usersync")["passwordCredentials"]]

    def tags(self) -> list[str]:
        return [tag for tag in self.tenant.app("usersync")["tags"] if tag.startswith(("usersync-p", "usersync-d"))]

    def works(self) -> bool:
        state: bool = self.sim.state()["works"][self.live.name]
        return state


@pytest.fixture
def prepared(live: Any, tenant: Any) -> Callable[..., One]:
    """One host with these traits, and its app without any secret."""

    def prepare(**traits: Any) -> One:
        live.world(**traits)
        tenant.ok("app", unique_name="usersync", display_name="User Sync")
        tenant.ok("permission", unique_name="usersync", permissions=GUIDE, consent="grant")
        return One(live, tenant)

    return prepare


@pytest.fixture
def one(prepared: Callable[..., One]) -> One:
    return prepared()


def later(one: One, days: float = 1) -> None:
    one.sim.advance(days * 86400)


def test_the_diff_of_a_new_connector_has_all_its_settings(one: One) -> None:
    wanted = {"schedule_enabled": True, "schedule_cron": "0 0 2 * * ?", "profile_pictures": True}
    foretold, real = one.ok(check=True, connector=wanted)["diff"], one.ok(connector=wanted)["diff"]
    for diff in (foretold, real):
        after = diff["after"]
        assert {name: after[name] for name in wanted} == wanted and diff["before"].get("name") is None
        assert {"name", "tenant_id", "application_id", "secret", "last_sync"} <= set(after)
        assert after["secret"].startswith("(a new one, because it has no live secret")


def test_from_nothing_to_connected_and_then_nothing(one: One) -> None:
    foretold = one.ok(check=True)
    assert foretold["changed"] and one.writes() == [] and one.held() == []
    made = one.ok()
    assert made["done"] == foretold["done"] == ["connector made", "secret created", "synchronised"]
    assert foretold["diff"]["after"]["secret"].startswith("(a new one, because")
    assert made["changed"] and one.works() and len(one.held()) == 1 and one.tags() == []
    assert [step["step"] for step in made["steps"]] == ["read", "mint", "prove", "deliver", "confirm", "retire"]
    assert made["reasons"] and made["confirming"] is None and made["credential"]["key_id"] == one.held()[0]
    assert "key_paths" not in made["connector"] and made["connector"]["unknown_settings"] == []
    again = one.ok()
    assert not again["changed"] and one.writes() == []
    assert len([line for line in one.requests() if line.startswith("atlassian")]) <= 2


def test_a_schedule_that_is_switched_on_starts_no_sync_by_itself(one: One) -> None:
    one.ok()
    wanted = {"schedule_enabled": True, "schedule_cron": "0 30 3 * * ?", "name": "Entra ID"}
    foretold, done = one.ok(check=True, connector=wanted), one.ok(connector=wanted)
    assert foretold["done"] == done["done"] == ["connector changed"] and done["sync"] is None
    assert [line.split()[1] for line in one.writes()] == ["PUT"] and one.works()
    other = one.ok(connector={**wanted, "profile_pictures": True})
    assert other["done"] == ["connector changed", "synchronised"]


def test_a_forced_renewal_in_few_requests(one: One) -> None:
    one.ok()
    later(one)
    one.ok(secret={"force": True})
    later(one, 0.01)
    [old] = one.held()
    one.same_run = True
    one.ok()
    renewed = one.ok(secret={"force": True})
    assert one.held() == [renewed["credential"]["key_id"]] != [old] and renewed["retired"] == [old]
    polls = [line for line in one.requests() if line == f"atlassian GET {renewed['sync']['id']}"]
    assert len(one.requests()) - len(polls) <= 14, Counter(one.requests())
    assert one.works() and one.tags() == []


def test_a_sync_that_takes_long_is_confirmed_by_the_next_run_without_another_secret(one: One) -> None:
    one.ok()
    later(one)
    [old] = one.held()
    one.sim.fault("sync_slow", seconds=3600, times=1)
    begun = one.ok(secret={"force": True}, confirm_wait=0.3)
    confirming = begun["confirming"]
    assert begun["changed"] and confirming["wait"] == "sync" and confirming["sync_id"] and confirming["retire"] == [old]
    assert len(one.held()) == 2 and len(one.tags()) == 2
    again = one.ok(confirm_wait=0.3)
    assert again["confirming"]["sync_id"] == confirming["sync_id"] and one.writes() == []
    one.sim.advance(3700)
    done = one.ok()
    assert done["done"] == ["secret confirmed", "synchronised"] and one.held() == [confirming["key_id"]]
    assert one.tags() == [] and one.works()
    assert [line for line in one.writes() if "addPassword" in line or "PUT" in line or line.endswith("sync")] == []
    one.ok()
    assert one.writes() == []


def test_what_the_journal_says_is_not_believed_where_that_sync_fails(one: One) -> None:
    one.ok()
    later(one)
    one.sim.fault("sync_slow", seconds=3600, times=1)
    one.sim.fault("sync_fails", times=1)
    begun = one.ok(secret={"force": True}, confirm_wait=0.3)
    one.sim.advance(3700)
    done = one.ok()
    assert "secret renewed" in done["done"] and one.held() == [done["credential"]["key_id"]], done
    assert begun["confirming"]["key_id"] not in one.held() and one.works() and one.tags() == []


def test_a_host_that_was_restored_is_found_by_its_old_sync_and_gets_one_new_secret(
    prepared: Callable[..., One],
) -> None:
    one = prepared(secret_visibility="masked")
    one.ok()
    kept, runs = one.live.tree(), one.sim.call(lambda: list(one.live.inside.syncs.runs))
    later(one)
    one.ok(secret={"force": True})

    def restore() -> None:
        next(iter(one.live.inside.store.connectors.values())).configuration = kept
        one.live.inside.syncs.runs = runs

    one.sim.call(restore)
    later(one)
    assert not one.works()
    foretold = one.ok(check=True)
    assert foretold["reasons"] == [] and foretold["done"] == ["synchronised"]
    mended = one.ok()
    assert one.works() and "secret renewed" in mended["done"] and len(one.held()) == 1
    assert one.writes().count("graph POST addPassword") == 1
    one.ok()
    assert one.writes() == []


def test_failed_users_are_a_warning_with_their_number(one: One) -> None:
    one.ok()
    later(one)
    one.sim.fault("sync_fails", failed=3, message="User x failed")
    done = one.ok(secret={"force": True})
    assert done["done"][0] == "secret renewed" and any("3 failed users" in text for text in done["warnings"])
    assert len(one.held()) == 1


def test_a_sync_that_fails_otherwise_confirms_nothing_and_says_what_stands(one: One) -> None:
    one.ok()
    later(one)
    [old] = one.held()
    one.sim.fault("sync_fails")
    failed = one.run(secret={"force": True})
    assert failed["failed"] and failed["failure"]["step"] == "confirm", failed
    assert "2 secrets of its own are alive" in failed["failure"]["stands"]
    assert old in one.held() and len(one.held()) == 2 and one.works()


@pytest.mark.parametrize(("path", "method"), [("addPassword", "POST"), ("removePassword", "POST")])
def test_each_step_names_itself_when_it_fails(one: One, path: str, method: str) -> None:
    one.ok()
    later(one)
    one.sim.fault("error", service="graph", path=path, status=403, code="Authorization_RequestDenied", times=99)
    failed = one.run(secret={"force": True})
    assert failed["failed"] and failed["failure"]["step"] == {"addPassword": "mint", "removePassword": "retire"}[path]
    assert one.works()


def test_no_delivery_begins_after_the_window_though_the_host_asks_for_patience(one: One) -> None:
    one.ok()
    later(one)
    [old] = one.held()
    one.sim.fault("error", service="atlassian", method="PUT", status=429, times=99)
    failed = one.run(secret={"force": True, "delivery_window": 2.0})
    assert failed["failed"] and failed["failure"]["step"] == "deliver", failed
    assert old in one.held() and one.works()


def test_only_the_secret_and_a_host_without_a_connector(one: One) -> None:
    failed = one.run(only_secret=True)
    assert failed["failed"] and "fleetops.usersync.setup" in failed["msg"] and one.writes() == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"secret": {"valid_days": 0}}, "secret.valid_days: "),
        ({"app": {"unique_name": ""}}, "app.unique_name: "),
        ({"sync": {"poll": 0.0}}, "sync.poll: "),
        ({"connector": {"connector_id": "no id!"}}, "connector.connector_id: "),
        ({"confirm_wait": -1}, "confirm_wait: "),
        ({"secret": {"hold": "consent is missing"}}, "consent is missing"),
    ],
)
def test_bad_options_name_themselves(one: One, more: dict[str, Any], words: str) -> None:
    failed = one.run(**more)
    assert failed["failed"] and failed["msg"].startswith(words), failed["msg"]
    assert one.writes() == [] and "Traceback" not in str(failed)


def test_no_secret_in_any_result(one: One) -> None:
    for result in (one.ok(), one.ok(), one.run(secret={"hold": "x", "force": True})):
        held = one.live.held("client_secret")
        for secret in (held, one.tenant.login["client_secret"], one.live.login()["password"]):
            assert secret not in str(result)
