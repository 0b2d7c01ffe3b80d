# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No sync disables a share of the users that nobody expected."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import snapshot
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import open_graph
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError, StateError
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Result, Run
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import sync
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import user_guard
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow.user_guard import Offered, judge

USERS, DEVELOPERS = 25, "jira-users"


@pytest.fixture
def ask(tenant: Any) -> Any:
    """``ask(users_before, required_groups=[...])``: what the guard says of a change to these settings, and warnings."""

    def look(
        before: int | None, changed: tuple[str, ...] = ("required_groups",), limit: float = 20, **connector: Any
    ) -> tuple[dict[str, Any] | None, list[str]]:
        warnings: list[str] = []
        run = Run(warn=warnings.append)
        snapshot.forget()
        last = sync.parse({"status": "DONE", "id": 7, "notModifiedCount": before}) if before is not None else None
        shown = {"exists": True, "tenant_id": tenant.sim.tenant_id, "required_groups": [], **connector}
        was = {"tenant_id": "the-tenant-before"} if "tenant_id" in changed else {}
        foreseen = Result(True, was, {}, {"connector": shown, "created": False, "written": list(changed)})
        with open_graph(tenant.login, run) as graph:
            return user_guard.check(graph, run, foreseen, last, limit), warnings

    return look


def names(tenant: Any, **sizes: int) -> None:
    """Groups of these names with as many users."""
    people = [record.id for record in tenant.sim.world.tenant.store.records("user")]
    for record, (name, size) in zip(tenant.sim.world.tenant.store.records("group"), sizes.items(), strict=False):
        record.data = {**record.data, "displayName": name, "_members": tuple(people[:size])}


def test_a_group_that_nobody_is_in_stops(ask: Any) -> None:
    for groups in ([""], ["no-such-group"]):
        with pytest.raises(StateError, match="would find no users at all") as caught:
            ask(USERS, required_groups=groups)
        assert caught.value.code == "user_change" and caught.value.message.startswith("max_user_change: ")


def test_a_share_above_the_limit_stops(tenant: Any, ask: Any) -> None:
    names(tenant, few=4, most=21)
    with pytest.raises(StateError) as caught:
        ask(USERS, required_groups=["few"])
    assert "leave out 21 of the 25 users of the last one (84 %, where 20 % are allowed)" in caught.value.message
    assert caught.value.details["share_left_out"] == 84.0 and caught.value.details["offered"] == 4
    found, warnings = ask(USERS, required_groups=["most"])
    assert found == {"offered": 21, "before": 25, "share_left_out": 16.0} and warnings == []
    assert ask(USERS, required_groups=["few"], limit=90)[0] == {"offered": 4, "before": 25, "share_left_out": 84.0}
    # a user in both groups is one user
    assert ask(USERS, required_groups=["few", "most"])[0]["offered"] == 21


def test_a_filter_is_asked_of_graph(tenant: Any, ask: Any) -> None:
    names(tenant, few=4, most=21)
    with pytest.raises(StateError, match="84 %"):
        ask(USERS, changed=("required_groups_filter",), required_groups_filter="startswith(displayName,'few')")
    with pytest.raises(OptionError, match=r"required_groups_filter: is not a .filter") as caught:
        ask(USERS, required_groups_filter="displayName is few")
    assert "\n" not in caught.value.message


def test_another_tenant_has_other_users(tenant: Any, ask: Any) -> None:
    with pytest.raises(StateError, match="in another tenant they are other users"):
        ask(USERS, changed=("tenant_id",))
    # told so, it goes on
    assert ask(USERS, changed=("tenant_id",), limit=100)[0]["share_left_out"] == 100.0


def test_what_changes_nothing_for_users_is_not_asked(tenant: Any, ask: Any) -> None:
    tenant.mark = tenant.sim.last_entry()
    for changed in ((), ("name", "schedule_enabled", "schedule_cron", "application_secret")):
        assert ask(USERS, changed=changed, required_groups=["no-such-group"]) == (None, [])
    assert [entry["path"] for entry in tenant.sim.journal(since=tenant.mark, service="graph")] == []


@pytest.mark.parametrize("label", [*user_guard.RISKY, "provisioningSettings.attributeMapping"])
def test_changes_that_are_looked_at(ask: Any, label: str) -> None:
    assert user_guard.risky(["name", label]) == [label]


def test_an_automation_that_may_not_read_users_warns(tenant: Any, ask: Any) -> None:
    tenant.as_identity("owned_by")
    found, warnings = ask(USERS, required_groups=["few"])
    assert found == {"offered": None, "before": 25, "share_left_out": None}
    assert len(warnings) == 1 and "is not known: the automation may not read users and groups" in warnings[0]


def test_a_last_sync_that_tells_nothing_warns(ask: Any) -> None:
    # no sync ever, and the update of one user
    for before in (None, 1):
        found, warnings = ask(before)
        assert found["share_left_out"] is None and found["offered"] == USERS
        assert "the last sync does not say how many there were; the tenant offers 25 users" in warnings[0]


def test_users_of_another_tenant_cannot_be_counted(ask: Any) -> None:
    _found, warnings = ask(USERS, tenant_id="99999999-0000-4000-8000-000000000000")
    assert "is not the tenant of the automation" in warnings[0]


def test_a_new_connector_has_nobody_to_lose() -> None:
    verdict = judge(Offered(300, "all users of the tenant"), None, False, True, 20)
    assert (verdict.stop, verdict.warn, verdict.share) == (None, None, 0.0)
    assert judge(Offered(0, "0 groups fit"), None, False, True, 20).stop
    assert judge(Offered(None, "nobody may read it"), None, False, True, 20).warn


@pytest.mark.parametrize(("users", "stops"), [(80, False), (79, True), (120, False), (100, False)])
def test_the_limit_itself(users: int, stops: bool) -> None:
    assert bool(judge(Offered(users, "all"), 100, False, False, 20).stop) is stops


def test_the_user_who_is_to_confirm(tenant: Any) -> None:
    names(tenant, few=4)
    people = tenant.sim.world.tenant.store.records("user")
    inside, outside = people[0].data["userPrincipalName"], people[20].data["userPrincipalName"]
    warnings: list[str] = []
    run = Run(warn=warnings.append)
    connector = {"required_groups": ["few"]}
    tenant.sim.world.tenant.containers = {
        person.id: [record.id for record in tenant.sim.world.tenant.store.records("group")[:1]] for person in people[:4]
    }
    with open_graph(tenant.login, run) as graph:
        user_guard.check_user(graph, run, inside, connector)
        user_guard.check_user(graph, run, outside, {"required_groups": []})
        with pytest.raises(OptionError, match=r"user: .* is in none of the required groups"):
            user_guard.check_user(graph, run, outside, connector)
        with pytest.raises(OptionError, match="user: the tenant has no user"):
            user_guard.check_user(graph, run, "nobody@contoso.example", connector)
    assert warnings == []
    tenant.as_identity("owned_by")
    with open_graph(tenant.login, run) as graph:
        user_guard.check_user(graph, run, "nobody@contoso.example", connector)
    assert len(warnings) == 1 and "is not known" in warnings[0]
