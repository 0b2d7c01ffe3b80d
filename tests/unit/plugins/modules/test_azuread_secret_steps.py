# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app_secret step by step: what each one promises when the directory answers oddly, and in check mode."""

from __future__ import annotations

from typing import Any

import pytest

MINE = {"unique_name": "usersync-emea", "holder": "jira01.test", "delivery_window": 0.0, "delivery_timeout": 0.0}
CONFIRM = {**MINE, "state": "confirmed"}
GHOST = "00000000-1111-4222-8333-444455556666"
REPLICA = {"service": "graph", "method": "PATCH", "status": 404, "code": "Request_ResourceNotFound"}


@pytest.fixture
def served(tenant: Any) -> Any:
    """A holder with one secret that was confirmed."""
    tenant.ok("app", unique_name=MINE["unique_name"], display_name="User Sync")
    first = tenant.ok("secret", **MINE)
    tenant.ok("secret", **CONFIRM, key_id=first["credential"]["key_id"])
    assert keys(tenant) == [first["credential"]["key_id"]] and pending(tenant) == []
    return tenant


def keys(tenant: Any) -> list[str]:
    return [entry["keyId"] for entry in tenant.app(MINE["unique_name"])["passwordCredentials"]]


def pending(tenant: Any) -> list[str]:
    return [tag for tag in tenant.app(MINE["unique_name"])["tags"] if "pending" in tag]


def test_a_reason_of_the_caller_is_reason_enough(served: Any) -> None:
    [old] = keys(served)
    still = served.ok("secret", **MINE)
    assert not still["changed"] and still["credential"]["key_id"] == old
    result = served.ok("secret", **MINE, reasons=["its connector names another app"])
    assert result["changed"] and result["reasons"] == ["its connector names another app"] and result["retire"] == [old]


def test_no_login_where_no_proof_is_wanted(served: Any) -> None:
    assert served.ok("secret", **MINE, force=True)["roles"] == []
    result = served.ok("secret", **MINE, force=True, prove=False)
    assert result["secret_text"] and "roles" not in result


def test_a_new_app_is_given_time_and_an_old_one_is_not(served: Any) -> None:
    served.sim.fault("error", **REPLICA)
    assert served.ok("secret", **MINE, force=True)["changed"]
    served.sim.advance(86400)
    served.sim.fault("error", **REPLICA)
    assert served.run("secret", **MINE, force=True)["failed"]


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("times", [1, 99])
def test_an_answer_that_holds_no_secret(served: Any, slept: list[float], times: int, empty: bool) -> None:
    served.sim.fault("error", service="graph", path="addPassword", status=200, times=times, empty=empty)
    result = served.run("secret", **MINE, force=True)
    if times == 1:
        assert result["secret_text"] and len(result["abandoned"]) == 1
    else:
        assert result["failed"] and "its answer did not contain it" in result["msg"]


def test_only_the_orphan_of_a_lost_answer_goes(served: Any) -> None:
    [old] = keys(served)
    served.sim.fault("lost_answer", service="graph", path="addPassword")
    result = served.ok("secret", **MINE, force=True)
    assert keys(served) == [old, result["credential"]["key_id"]]


def test_a_mint_whose_answers_are_all_lost_fails_and_the_next_one_tidies_up(served: Any, slept: list[float]) -> None:
    [old] = keys(served)
    served.sim.fault("lost_answer", service="graph", path="addPassword", times=99)
    assert served.run("secret", **MINE, force=True)["failed"]
    assert len(keys(served)) == 2 and keys(served)[0] == old and pending(served) == ["usersync-pending:jira01.test"]
    served.sim.clear_faults()
    minted = served.ok("secret", **MINE)
    served.ok("secret", **CONFIRM, key_id=minted["credential"]["key_id"], retire=minted["retire"])
    assert keys(served) == [minted["credential"]["key_id"]] and pending(served) == []


def test_a_removal_that_is_refused_is_told(served: Any) -> None:
    refused = {"status": 403, "code": "Authorization_RequestDenied"}
    served.sim.fault("error", service="graph", path="removePassword", **refused)
    result = served.run("secret", **MINE, state="absent")
    assert result["failed"] and len(keys(served)) == 1


def test_a_spare_is_made_for_a_first_secret_only_and_where_there_is_room(served: Any) -> None:
    served.ok("secret", **MINE, force=True, takeover=True)
    assert len(keys(served)) == 2
    name, audience = "open-to-all", "AzureADandPersonalMicrosoftAccount"
    served.ok("app", unique_name=name, display_name="Open", sign_in_audience=audience)
    served.ok("secret", **{**MINE, "unique_name": name}, takeover=True)
    assert len(served.app(name)["passwordCredentials"]) == 1


def test_expired_ones_stay_while_there_is_room(served: Any) -> None:
    served.sim.advance(200 * 86400)
    served.ok("secret", **MINE)
    assert len(keys(served)) == 2


def test_confirming_what_is_not_there_retires_nothing(served: Any, slept: list[float]) -> None:
    [old] = keys(served)
    assert served.fails("secret", GHOST, **CONFIRM, key_id=GHOST)["failure"]["code"] == "unknown_key"
    served.fails("secret", "none to confirm", **{**CONFIRM, "holder": "nobody.test"})
    assert slept == []
    served.fails("secret", "does not show the secret", **CONFIRM, key_id=GHOST, retire=[old])
    assert sum(slept) >= 60
    # without a key the newest one is what is confirmed, so it is not retired, whoever asks for it
    assert served.ok("secret", **CONFIRM, retire=[old])["retired"] == [] and keys(served) == [old]


def test_check_mode_foretells_what_a_confirmation_retires(served: Any, slept: list[float]) -> None:
    [old] = keys(served)
    foretold = served.ok("secret", check=True, **CONFIRM, retire=[old])
    assert foretold["changed"] and foretold["retired"] == [old]
    assert served.ok("secret", check=True, **CONFIRM, retire=[])["changed"]
    assert not served.ok("secret", check=True, **CONFIRM, key_id=old, retire=[])["changed"]
    assert served.ok("secret", check=True, **CONFIRM, key_id=GHOST, retire=[])["retired"] == [] and slept == []
    assert keys(served) == [old] and served.writes() == []


def test_absent_closes_the_renewal_of_a_holder_and_no_other(served: Any) -> None:
    minted = served.ok("secret", **MINE, force=True)["credential"]["key_id"]
    one = served.ok("secret", **MINE, state="absent", key_id=minted)
    assert one["app"]["pending"] == ["jira01.test"] and len(pending(served)) == 1
    whole = served.ok("secret", **MINE, state="absent")
    assert whole["app"]["pending"] == [] and pending(served) == [] and keys(served) == []
    assert not served.ok("secret", **MINE, state="absent")["changed"] and served.writes() == []


def test_absent_of_expired_ones_closes_nothing_and_a_mark_alone_is_enough_to_close(served: Any) -> None:
    minted = served.ok("secret", **MINE, force=True)
    served.sim.advance(200 * 86400)
    assert len(served.ok("secret", **MINE, state="absent", expired=True)["removed"]) == 2
    assert minted["app"]["pending"] == ["jira01.test"] and len(pending(served)) == 1
    result = served.ok("secret", **MINE, state="absent")
    assert result["changed"] and result["removed"] == [] and pending(served) == []


def journal(tenant: Any, *entries: str) -> list[str]:
    """What the journal says of deliveries; ``entries`` are added to it first."""
    app = tenant.app(MINE["unique_name"])
    if entries:
        tenant.sim.call(tenant.sim.world.tenant.find("application", "id", app["id"]).data["tags"].extend, entries)
    return [tag for tag in tenant.app(MINE["unique_name"])["tags"] if "delivered" in tag]


def test_what_a_stopped_run_wrote_of_a_secret_that_is_gone_goes_with_the_next_renewal(served: Any) -> None:
    other = served.ok("secret", **{**MINE, "holder": "jira02.test"})["credential"]["key_id"]
    kept = f"usersync-delivered:{other}:8:2026-11-28T01:00:00Z"
    assert len(journal(served, f"usersync-delivered:{GHOST}:7:2026-11-28T01:00:00Z", kept)) == 2
    minted = served.ok("secret", **MINE, force=True)
    served.ok("secret", **CONFIRM, key_id=minted["credential"]["key_id"], retire=minted["retire"])
    # that of another holder, whose secret is there, is still of use
    assert journal(served) == [kept]


def test_what_the_journal_says_of_a_delivery_goes_with_the_secret(served: Any) -> None:
    minted = served.ok("secret", **MINE, force=True)["credential"]["key_id"]
    journal(served, f"usersync-delivered:{minted}:7:2026-11-28T01:00:00Z")
    served.ok("secret", **MINE, state="absent")
    assert journal(served) == [] and pending(served) == []


def test_a_secret_that_reads_go_on_to_show(served: Any, slept: list[float]) -> None:
    message = "No password credential found with keyId"
    served.sim.fault("error", service="graph", path="removePassword", status=400, message=message, times=99)
    result = served.ok("secret", **MINE, state="absent")
    assert "still shows it" in result["warnings"][0] and slept == [1.0, 2.0, 4.0]


def test_a_confirmation_without_a_list_retires_all_older_ones(served: Any) -> None:
    [old] = keys(served)
    name = "usersync:jira01.test:-:20200101T000000.000000Z"
    older = served.sim.seed("credential", app_id=served.app(MINE["unique_name"])["appId"], display_name=name)
    result = served.ok("secret", **CONFIRM, key_id=old)
    assert result["changed"] and result["retired"] == [older["key_id"]] and keys(served) == [old]
    assert not served.ok("secret", **CONFIRM, key_id=old)["changed"] and served.writes() == []


def test_a_run_beside_this_one_makes_it_look_again(served: Any, slept: list[float]) -> None:
    def another_began() -> None:
        for record in served.sim.world.tenant.store.records("application"):
            if record.data["uniqueName"] == MINE["unique_name"]:
                record.data["tags"].append("usersync-pending:host-of-another-slice")

    for others in (False, True):
        minted = served.ok("secret", **MINE, force=True)
        if others:
            served.sim.call(another_began)
        slept.clear()
        served.ok("secret", **CONFIRM, key_id=minted["credential"]["key_id"], retire=minted["retire"])
        assert (1.5 in slept) is others
    assert pending(served) == ["usersync-pending:host-of-another-slice"]
