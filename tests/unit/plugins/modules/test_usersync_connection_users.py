# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""usersync_connection looks at users before it writes, in a set-up as in check mode, and never in a rotation."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.test_usersync_connection import (
    One,
    later,
    prepared,
)

__all__ = ["prepared"]

NOBODY = {"required_groups": ["a-group-that-nobody-is-in"]}


@pytest.fixture
def one(prepared: Any) -> One:
    made: One = prepared()
    return made


def stopped(one: One, result: dict[str, Any], code: str | None, *words: str) -> None:
    assert result.get("failed") and result["failure"]["code"] == code, result
    for word in words:
        assert word in result["msg"], result["msg"]
    assert result["failure"]["step"] == "read" and result["failure"]["stands"] == "nothing was changed"
    assert one.writes() == []


def test_a_new_connector_that_would_find_nobody(one: One) -> None:
    stopped(one, one.run(connector=NOBODY), "user_change", "max_user_change: ", "no users at all")
    assert one.held() == []
    made = one.ok()
    assert made["user_change"] == {"offered": 25, "before": 0, "share_left_out": 0.0}


@pytest.mark.parametrize("check", [False, True])
def test_a_change_that_would_leave_users_out(one: One, check: bool) -> None:
    one.ok()
    secrets = one.held()
    few = {"required_groups": ["Projekt Ärger"]}
    result = one.run(check, connector=few)
    stopped(one, result, "user_change", "of the 25 users of the last one")
    assert one.held() == secrets and one.works()
    # a forced renewal together with the change reads the last sync for it
    stopped(one, one.run(check, connector=few, secret={"force": True}), "user_change", "of the 25 users")
    assert one.ok(check, connector={**few, "max_user_change": 100.0})["changed"]


def test_a_rotation_never_looks(one: One) -> None:
    one.ok()
    later(one, 170)
    result = one.ok(only_secret=True)
    assert result["user_change"] is None and result["done"]
    assert not [line for line in one.requests() if line.endswith(("/users", " users", "groups"))]


def test_a_user_who_cannot_confirm(one: One) -> None:
    one.ok()
    later(one, 170)
    result = one.run(sync={"user": "nobody@contoso.example"})
    stopped(one, result, None, "user: the tenant has no user nobody@contoso.example")
    assert len(one.held()) == 1


@pytest.mark.parametrize("limit", [-1.0, 100.5])
def test_a_limit_that_cannot_be(one: One, limit: float) -> None:
    result = one.run(connector={"max_user_change": limit})
    assert result["msg"].startswith("connector.max_user_change: must be 0 to 100"), result["msg"]
