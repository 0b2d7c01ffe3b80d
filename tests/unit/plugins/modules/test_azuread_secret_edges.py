# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app_secret where it is hard: limits of size, removals that fail, odd dates."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import policy

APP = {"unique_name": "usersync-emea"}
MINE = {**APP, "holder": "jira01.test", "delivery_window": 0.0, "delivery_timeout": 0.0}


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP, display_name="User Sync")
    return tenant


def keys(tenant: Any) -> list[str]:
    return [entry["keyId"] for entry in tenant.app("usersync-emea")["passwordCredentials"]]


def fill(tenant: Any, count: int, own: int = 0) -> None:
    """Put that many secrets on the app, some of them expired own ones."""
    app_id = tenant.app("usersync-emea")["appId"]

    def seed() -> None:
        for number in range(count):
            old = number < own
            name = f"usersync:jira01.test:-:20200101T00{number:04d}.000000Z" if old else f"foreign {number}"
            tenant.sim.world.tenant.seed_credential(app_id, name, days=-5 if old else 365)

    tenant.sim.call(seed)


def test_the_size_limit_is_seen_before_adding(made: Any) -> None:
    fill(made, policy.CREDENTIAL_LIMIT)
    result = made.fails("secret", "600 secrets", "state: absent", **MINE)
    assert result["failure"]["code"] == "Directory_ResourceSizeExceeded"
    made.fails("secret", "600 secrets", **MINE, check=True)


def test_own_expired_ones_make_room(made: Any) -> None:
    fill(made, policy.CREDENTIAL_LIMIT, own=2)
    assert made.ok("secret", **MINE)["secret_text"]
    assert len(keys(made)) == policy.CREDENTIAL_LIMIT - 1


def test_the_size_limit_of_the_directory_has_its_sentence(made: Any) -> None:
    code = "Directory_ResourceSizeExceeded"
    made.sim.fault("error", service="graph", path="addPassword", status=403, code=code)
    result = made.run("secret", **MINE)
    assert result["failed"] and "too many credentials" in result["msg"] and result["failure"]["code"] == code


def test_room_at_the_two_secret_limit_is_made_of_expired_own_ones_only(tenant: Any) -> None:
    old = tenant.sim.seed("old_app", style="registration_portal", display_name="Old", url="https://jira.example.com")
    mine = {"app_id": old["app_id"], "holder": "jira01.test", "delivery_window": 0.0, "delivery_timeout": 0.0}
    tenant.sim.seed(
        "credential",
        app_id=old["app_id"],
        display_name="usersync:jira01.test:-:20200101T000000.000000Z",
        days=-1,
    )
    assert tenant.ok("secret", check=True, **mine)["changed"] and tenant.writes() == []
    assert tenant.ok("secret", **mine)["secret_text"]
    left = [entry["displayName"] for entry in tenant.apps("Old")[0]["passwordCredentials"]]
    assert len(left) == 2 and left[0] is None and "20200101" not in str(left)


def test_a_removal_that_fails_for_a_while_is_repeated(made: Any) -> None:
    key_id = made.ok("secret", **MINE)["credential"]["key_id"]
    made.sim.fault("error", service="graph", path="removePassword", status=500, code="InternalServerError", times=4)
    assert made.ok("secret", **MINE, state="absent")["removed"] == [key_id] and keys(made) == []


def test_a_removal_that_fails_though_it_was_done(made: Any) -> None:
    """The service breaks after the work: a look at the app tells, and nobody fails."""
    key_id = made.ok("secret", **MINE)["credential"]["key_id"]
    failing = {"status": 500, "code": "InternalServerError", "times": 99, "after": True}
    made.sim.fault("error", service="graph", path="removePassword", **failing)
    assert made.ok("secret", **MINE, state="absent")["removed"] == [key_id] and keys(made) == []


def test_a_removal_that_fails_for_good_is_told(made: Any) -> None:
    made.ok("secret", **MINE)
    made.sim.fault("unavailable", service="graph", path="removePassword", times=99)
    result = made.run("secret", **MINE, state="absent")
    assert result["failed"] and "503" in result["msg"] and len(keys(made)) == 1


def test_ends_that_cannot_be(made: Any) -> None:
    soon = (datetime.now(timezone.utc) + timedelta(days=10)).strftime("%Y-%m-%d")
    made.fails("secret", "end_date", "min_remaining_days", **MINE, end_date=soon)
    assert made.ok("secret", **MINE, end_date=soon, min_remaining_days=3)["changed"]
    made.fails("secret", "end_date", "past", **MINE, end_date="2001-01-01")
    made.fails("secret", "end_date", "is not a date", **MINE, end_date="9999-12-31T23:59:59-12:00")
    made.fails("secret", "end_date", "is not a date", **MINE, end_date="")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"valid_days": 10**9}, ["valid_days", "99999"]),
        ({"min_remaining_days": -1}, ["min_remaining_days"]),
        ({"prove_timeout": "nan"}, ["prove_timeout"]),
        ({"delivery_window": "inf"}, ["delivery_window"]),
        ({"delivery_timeout": -1}, ["delivery_timeout"]),
        ({"state": "confirmed", "retire": ["x"]}, ["retire", "GUID"]),
        ({"state": "absent", "key_id": "00000000-1111-4000-8000-000000000001", "expired": True}, ["expired", "key_id"]),
        ({"holder": "x." * 60 + "example.com"}, ["holder", "is not a holder"]),
        ({"holder": "jira\x00"}, ["holder"]),
    ],
)
def test_more_bad_input(made: Any, options: dict[str, Any], words: list[str]) -> None:
    made.fails("secret", *words, **{**MINE, **options})


def test_many_series_on_one_app_stay_apart(made: Any) -> None:
    for holder in ("jira01.test", "jira01.test#1", "jira.test", "jira.test/x"):
        made.ok("secret", **APP, holder=holder)
    made.ok("secret", **APP, holder="jira.test", state="absent")
    holders = [entry["holder"] for entry in made.ok("info", **APP)["apps"][0]["credentials"]]
    assert sorted(holders) == ["jira.test/x", "jira01.test", "jira01.test#1"]


def test_absent_removes_nothing_it_was_not_told(made: Any) -> None:
    made.ok("secret", **MINE)
    gone = "00000000-1111-4000-8000-000000000001"
    assert not made.ok("secret", **APP, state="absent", key_id=gone)["changed"] and made.writes() == []
    assert not made.ok("secret", **APP, state="absent", expired=True)["changed"]
    assert not made.ok("secret", **APP, holder="another.test", state="absent")["changed"]
    key_id = keys(made)[0]
    assert made.ok("secret", **APP, state="absent", key_id=key_id.upper())["removed"] == [key_id]
