# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret that nobody could use is not made; one that is refused for good, and was never sent, goes away again."""

from __future__ import annotations

from typing import Any

import pytest

APP = {"unique_name": "usersync-emea"}
MINE = {**APP, "holder": "jira01.test", "delivery_window": 0.0, "delivery_timeout": 0.0}
FOR_GOOD = (53003, 7000112, 700025, 5000225)
MAY_PASS = (7000215, 700016, 7000229, 90033)


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP)
    return tenant


def refuse(tenant: Any, number: int, status: int = 401) -> None:
    """Every login but the automation's own, which is in the store already."""
    tenant.ok("info", **APP)
    told = {"code": "invalid_client", "aadsts": number, "message": "Refused.", "times": 999}
    tenant.sim.fault("error", service="token", method="POST", status=status, **told)


def keys(tenant: Any) -> list[str]:
    return [entry["keyId"] for entry in tenant.app("usersync-emea")["passwordCredentials"]]


SWITCHES = {
    "app_deactivated": ({"deactivated": True}, ["deactivated", "enabled: true"]),
    "app_disabled_by_microsoft": (
        {"by_microsoft": "DisabledDueToViolationOfServicesAgreement"},
        ["Microsoft has disabled", "DisabledDueToViolationOfServicesAgreement", "support"],
    ),
    "principal_disabled": ({"sign_in": False}, ["sign-in is disabled", "Enterprise applications", "administrator"]),
    "principal_missing": ({"principal": False}, ["no service principal", "service_principal: true"]),
}


@pytest.mark.parametrize("code", SWITCHES)
def test_no_secret_is_made_that_nobody_could_use(made: Any, code: str) -> None:
    switches, words = SWITCHES[code]
    made.sim.advance(86400)
    made.sim.seed("switches", app_id=made.app("usersync-emea")["appId"], **switches)
    foretold = made.run("secret", check=True, **MINE)
    result = made.fails("secret", *words, **MINE)
    assert result["failure"] == {"kind": "state", "code": code} and foretold["msg"] == result["msg"]
    assert keys(made) == []


def test_an_app_that_microsoft_left_alone_says_so(made: Any) -> None:
    made.sim.seed("switches", app_id=made.app("usersync-emea")["appId"], by_microsoft="NotDisabled", deactivated=False)
    assert made.ok("secret", **MINE)["secret_text"]


def test_a_principal_that_lags_is_no_missing_one(tenant: Any) -> None:
    tenant.sim.fault("lag", seconds=0.5)
    tenant.ok("app", **APP)
    assert tenant.ok("secret", **MINE)["secret_text"]


def test_a_principal_that_may_not_be_read_is_not_said_to_be_good_or_bad(made: Any) -> None:
    app_id = made.app("usersync-emea")["appId"]
    made.as_identity("owner", owns=[app_id])
    assert made.ok("secret", **MINE)["secret_text"]
    made.sim.seed("switches", app_id=app_id, sign_in=False)
    result = made.run("secret", **MINE, force=True)
    assert result["failed"] and result["failure"]["code"] == "AADSTS7000112" and len(keys(made)) == 1


@pytest.mark.parametrize("number", FOR_GOOD)
def test_refused_for_good_goes_away_again(made: Any, number: int) -> None:
    """However often it runs, nothing is left but the secret that works."""
    first = made.ok("secret", **MINE)["credential"]["key_id"]
    made.ok("secret", **MINE, state="confirmed")
    refuse(made, number)
    for _run in range(3):
        result = made.run("secret", **MINE, force=True)
        assert result["failed"] and result["failure"]["code"] == f"AADSTS{number}"
        assert len(result["failure"]["removed"]) == 1 and "removed again" in result["msg"]
        assert keys(made) == [first] and made.app("usersync-emea")["tags"] == ["usersync-managed"]
    made.sim.clear_faults()
    assert not made.ok("secret", **MINE)["changed"]


@pytest.mark.parametrize("number", MAY_PASS)
def test_what_may_still_be_accepted_stays(made: Any, number: int) -> None:
    refuse(made, number)
    result = made.run("secret", **MINE, prove_timeout=0.5)
    assert result["failed"] and "removed" not in result["failure"], result
    assert len(keys(made)) == 1 and made.app("usersync-emea")["tags"] == [
        "usersync-managed",
        "usersync-pending:jira01.test",
    ]


def test_a_spare_goes_with_it(made: Any) -> None:
    app_id = made.app("usersync-emea")["appId"]
    foreign = made.sim.seed("credential", app_id=app_id)["key_id"]
    refuse(made, 53003)
    result = made.run("secret", **MINE, takeover=True)
    assert len(result["failure"]["removed"]) == 2 and keys(made) == [foreign]


def test_the_mark_of_an_earlier_renewal_stays(made: Any) -> None:
    """Its secret may have arrived, so that the next run goes through all steps for it as before."""
    made.ok("secret", **MINE)
    refuse(made, 53003)
    made.run("secret", **MINE)
    assert len(keys(made)) == 1 and "usersync-pending:jira01.test" in made.app("usersync-emea")["tags"]


def test_a_removal_that_fails_is_told_and_left_to_the_next_run(made: Any) -> None:
    refuse(made, 53003)
    made.sim.fault("unavailable", service="graph", path="removePassword", times=99)
    result = made.run("secret", **MINE)
    assert result["failed"] and "53003" in result["msg"] and "removed" not in result["failure"]
    assert "could not be undone completely" in result["warnings"][0]
    assert len(keys(made)) == 1 and "usersync-pending:jira01.test" in made.app("usersync-emea")["tags"]


def test_a_refusal_to_make_one_leaves_no_mark(made: Any) -> None:
    made.sim.fault(
        "error", service="graph", path="addPassword", status=400, code="Request_BadRequest", message="No.", times=1
    )
    assert made.run("secret", **MINE)["failed"]
    assert keys(made) == [] and made.app("usersync-emea")["tags"] == ["usersync-managed"]
