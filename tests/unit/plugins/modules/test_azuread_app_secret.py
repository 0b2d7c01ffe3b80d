# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app_secret through its real main(): the five steps of a secret against the simulated tenant."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app_secret
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE

APP = {"unique_name": "usersync-emea"}
MINE = {**APP, "holder": "jira01.test"}
# Without a lease, so that no test waits for another run that does not exist
QUICK = {"delivery_window": 0.0, "delivery_timeout": 0.0}


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP, display_name="User Sync")
    tenant.ok("permission", **APP, permissions=GUIDE, consent="grant")
    return tenant


def held(tenant: Any) -> list[str]:
    """Display names of the app's credentials, from the simulator's own state, without the attempt's time."""
    names = [entry["displayName"] or "" for entry in tenant.app("usersync-emea")["passwordCredentials"]]
    return sorted(re.sub(r"\d{8}T\d{6}\.\d+Z", "TIME", name) for name in names)


def confirm(tenant: Any, minted: dict[str, Any], **options: Any) -> dict[str, Any]:
    result: dict[str, Any] = tenant.ok(
        "secret",
        **MINE,
        state="confirmed",
        key_id=minted["credential"]["key_id"],
        retire=minted["retire"],
        abandoned=minted["abandoned"],
        **options,
    )
    return result


def test_twelve_steps(made: Any) -> None:
    for options, changed in (
        ({}, True),
        ({}, True),  # not confirmed yet
        ({"state": "confirmed"}, True),
        ({"state": "confirmed"}, False),
        ({}, False),
        ({"force": True}, True),
        ({"state": "absent"}, True),
        ({"state": "absent"}, False),
    ):
        predicted = made.ok("secret", check=True, **MINE, **QUICK, **options)
        assert made.writes() == [] and "secret_text" not in predicted
        real = made.ok("secret", **MINE, **QUICK, **options)
        assert predicted["changed"] is real["changed"] is changed, (options, real)
        assert bool(made.writes()) is changed and ("diff" in real) is changed
    assert held(made) == [] and made.app("usersync-emea")["tags"] == ["usersync-managed"]


def test_mint_proves_and_marks(made: Any) -> None:
    result = made.ok("secret", **MINE, expected_roles=["Directory.Read.All"], valid_days=90)
    assert held(made) == ["usersync:jira01.test:-:TIME"]
    assert "usersync-pending:jira01.test" in made.app("usersync-emea")["tags"]
    assert result["reasons"] == ["it has no live secret of its own"] and result["app"]["pending"] == ["jira01.test"]
    assert result["credential"]["days_left"] in (89, 90) and result["credential"]["own"] is True
    assert result["roles"] == ["Directory.Read.All", "User.Read.All"] and "warnings" not in result
    [login] = [
        e
        for e in made.sim.journal(made.mark, service="token")
        if e["client"] == result["app_id"] and e["method"] == "POST"
    ]
    assert login["status"] == 200


def test_the_secret_stands_under_one_key_only(made: Any) -> None:
    result = made.ok("secret", **MINE)
    text = result.pop("secret_text")
    assert len(text) >= 16 and text not in str(result)
    assert result["credential"]["hint"] == text[:3]


def test_old_one_stays_until_confirmed(made: Any) -> None:
    confirm(made, made.ok("secret", **MINE))
    second = made.ok("secret", **MINE, **QUICK, force=True)
    assert len(held(made)) == 2 and len(second["retire"]) == 1
    confirmed = confirm(made, second)
    assert confirmed["retired"] == second["retire"] and held(made) == ["usersync:jira01.test:-:TIME"]
    assert confirmed["credential"]["key_id"] == second["credential"]["key_id"] and confirmed["app"]["pending"] == []


def test_other_holders_and_foreign_credentials_stay(made: Any) -> None:
    app_id = made.app("usersync-emea")["appId"]
    foreign = made.sim.seed("credential", app_id=app_id, display_name="made by hand")
    confirm(made, made.ok("secret", **MINE))
    made.ok("secret", **APP, holder="jira02.test")
    confirm(made, made.ok("secret", **MINE, **QUICK, force=True))
    made.ok("secret", **MINE, state="absent")
    made.ok("secret", **APP, state="absent", all_holders=True)
    assert held(made) == ["made by hand"]
    made.ok("secret", **APP, state="absent", key_id=foreign["key_id"])
    assert held(made) == []


def test_renewed_when_its_end_comes_near(made: Any) -> None:
    confirm(made, made.ok("secret", **MINE, valid_days=40))
    assert not made.ok("secret", **MINE)["changed"]
    made.sim.advance(11 * 86400 + 60)
    result = made.ok("secret", **MINE)
    assert result["reasons"] == ["its secret expires in 28 days"]
    assert made.ok("info", **APP)["apps"][0]["credentials"][0]["days_left"] == 28


def test_expired_ones_go_on_request(made: Any) -> None:
    app_id = made.app("usersync-emea")["appId"]
    made.sim.seed("credential", app_id=app_id, display_name="foreign and over", days=-5)
    made.sim.seed("credential", app_id=app_id, display_name="usersync:gone.test:-:20200101T000000.000000Z", days=-5)
    confirm(made, made.ok("secret", **MINE))
    assert len(made.ok("secret", **APP, state="absent", expired=True)["removed"]) == 1
    assert held(made) == ["foreign and over", "usersync:jira01.test:-:TIME"]


@pytest.mark.parametrize(
    "fault",
    [{"kind": "lost_answer"}, {"kind": "unavailable"}, {"kind": "drop_before"}, {"kind": "unavailable", "empty": True}],
)
def test_lost_answer_leaves_no_orphan(made: Any, fault: dict[str, Any]) -> None:
    made.sim.fault(service="graph", method="POST", path="addPassword", **fault)
    result = made.ok("secret", **MINE)
    confirm(made, result)
    assert held(made) == ["usersync:jira01.test:-:TIME"] and len(result["abandoned"]) == 1
    [left] = made.app("usersync-emea")["passwordCredentials"]
    assert left["keyId"] == result["credential"]["key_id"]


def test_orphan_that_no_read_shows_goes_at_confirmation(made: Any) -> None:
    made.sim.advance(60)
    made.sim.fault("lag", seconds=3)
    made.sim.fault("lost_answer", service="graph", method="POST", path="addPassword")
    result = made.ok("secret", **MINE)
    made.sim.advance(5)
    confirm(made, result)
    assert held(made) == ["usersync:jira01.test:-:TIME"]


def test_concurrent_writes_are_repeated(made: Any) -> None:
    made.sim.fault("concurrency", service="graph", method="POST", path="addPassword", times=2)
    result = made.ok("secret", **MINE)
    assert result["http"]["retries"] == 2 and held(made) == ["usersync:jira01.test:-:TIME"]


def test_fresh_secret_is_refused_for_a_while(made: Any) -> None:
    made.sim.fault("secret_refused", seconds=1)
    assert made.ok("secret", **MINE)["roles"]


def test_secret_that_is_never_accepted(made: Any) -> None:
    made.sim.fault("secret_refused", seconds=1000)
    result = made.run("secret", **MINE, prove_timeout=0.5)
    assert result["failed"] and "not accepted within 0.5 s" in result["msg"] and result["failure"]["code"]
    made.sim.clear_faults()
    assert made.ok("secret", **MINE, **QUICK)["reasons"] == ["an earlier renewal did not finish"]


def test_consent_that_lacks_is_a_warning(tenant: Any) -> None:
    tenant.ok("app", **APP, display_name="User Sync")
    result = tenant.ok("secret", **MINE, expected_roles=["Directory.Read.All"])
    assert "Directory.Read.All" in result["warnings"][0]


def test_takeover_leaves_a_trace_until_confirmed(made: Any) -> None:
    result = made.ok("secret", **MINE, takeover=True)
    assert held(made) == ["usersync:jira01.test:-:TIME", "usersync:jira01.test:-:TIME:spare"]
    confirm(made, result)
    assert held(made) == ["usersync:jira01.test:-:TIME"] and not made.ok("secret", **MINE, takeover=True)["changed"]


def test_a_spare_alone_is_no_secret(made: Any) -> None:
    app_id = made.app("usersync-emea")["appId"]
    made.sim.seed("credential", app_id=app_id, display_name="usersync:jira01.test:-:20260101T000000.000000Z:spare")
    confirm(made, made.ok("secret", **MINE))
    assert held(made) == ["usersync:jira01.test:-:TIME"]


@pytest.mark.parametrize("younger_spare", [False, True])
def test_another_runs_lease_is_waited_for(made: Any, slept: list[float], younger_spare: bool) -> None:
    made.ok("secret", **MINE)
    if younger_spare:  # of a third run; it is never delivered, but hides nothing that may be
        app_id = made.app("usersync-emea")["appId"]
        made.sim.seed("credential", app_id=app_id, display_name="usersync:jira01.test:-:29990101T000000.000000Z:spare")
    slept.clear()
    made.ok("secret", **MINE, delivery_window=200.0, delivery_timeout=50.0)
    assert 240 < slept[0] <= 251


def test_what_another_run_minted_stays(made: Any) -> None:
    """Two runs for one holder: each retires only what it saw before its own mint."""
    first = made.ok("secret", **MINE)
    second = made.ok("secret", **MINE, **QUICK)
    confirm(made, first)
    assert len(held(made)) == 2 and made.app("usersync-emea")["tags"][-1] == "usersync-pending:jira01.test"
    assert confirm(made, second)["app"]["pending"] == [] and held(made) == ["usersync:jira01.test:-:TIME"]


def test_policy_caps_the_lifetime(made: Any) -> None:
    made.sim.fault("policy", max_lifetime="P90D")
    result = made.ok("secret", **MINE, valid_days=365)
    assert result["credential"]["days_left"] == 89 and "at most 90 days" in result["warnings"][0]


def test_policy_that_may_not_be_read(made: Any) -> None:
    login = made.sim.seed("identity", permissions=["Application.ReadWrite.All"])
    made.login.update(client_id=login["client_id"], client_secret=login["client_secret"])
    made.sim.fault("policy", max_lifetime="P90D")
    result = made.run("secret", **MINE, valid_days=365)
    assert result["failed"] and "valid_days" in result["msg"] and held(made) == []
    assert made.ok("secret", **MINE, valid_days=60)["changed"]


def test_policy_that_forbids_secrets(made: Any) -> None:
    made.sim.fault("policy", forbid=True)
    made.fails("secret", "policy", "forbids", **MINE)


def test_two_secret_limit_is_seen_before_adding(tenant: Any) -> None:
    old = tenant.sim.seed("old_app", style="registration_portal", display_name="Old", url="https://jira.example.com")
    tenant.sim.seed("credential", app_id=old["app_id"], display_name="second")
    result = tenant.fails("secret", "at most 2 secrets", old["key_id"], app_id=old["app_id"], holder="jira01.test")
    assert len(result["failure"]["candidates"]) == 2


@pytest.mark.parametrize(
    ("options", "end"), [({"never_expires": True}, "2299-"), ({"end_date": "2030-01-02"}, "2030-01-02")]
)
def test_ends(made: Any, options: dict[str, Any], end: str) -> None:
    assert made.ok("secret", **MINE, **options)["credential"]["end"].startswith(end)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ["holder"]),
        ({"holder": "two words"}, ["holder", "is not a holder"]),
        ({"holder": "barename"}, ["holder", "is not a holder"]),
        ({"holder": "app"}, ["holder", "is not a holder"]),
        ({"holder": "h.test", "host_fingerprint": "abc"}, ["host_fingerprint", "usersync_connector"]),
        ({"holder": "h.test", "end_date": "soon"}, ["end_date", "2027-06-30"]),
        ({"holder": "h.test", "end_date": "2001-01-01"}, ["end_date", "past"]),
        ({"holder": "h.test", "valid_days": 0}, ["valid_days"]),
        ({"holder": "h.test", "valid_days": 20}, ["min_remaining_days", "20"]),
        ({"holder": "h.test", "end_date": "2030-01-01", "never_expires": True}, ["mutually exclusive"]),
        ({"state": "absent"}, ["holder"]),
        ({"state": "absent", "key_id": "my-secret"}, ["key_id", "GUID"]),
        ({"holder": "h.test", "unique_name": "nobody"}, ["unique_name", "azuread_app"]),
        ({"holder": "h.test", "state": "confirmed"}, ["holder", "none to confirm"]),
        ({"holder": "h.test", "client_secret": "a-wrong-secret"}, ["client_secret"]),
    ],
)
def test_bad_input(made: Any, options: dict[str, Any], words: list[str]) -> None:
    made.fails("secret", *words, **{**APP, **options})


def test_server_error(made: Any) -> None:
    made.sim.fault("unavailable", service="graph", times=50)
    made.fails("secret", "503", **MINE)


def test_nothing_to_log_in_with(run_module: Any) -> None:
    result = run_module(azuread_app_secret.main, {"tenant": "example.test", "client_id": "x"})
    assert result["failed"] and "auth_method: no login for Entra ID is given" in result["msg"]
