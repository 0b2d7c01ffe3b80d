# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps that nobody can log in with, and secrets that are refused for good: nothing piles up, and the end says why."""

from __future__ import annotations

from typing import Any

ROTATE, AUDIT = "fleetops.usersync.rotate_secrets", "fleetops.usersync.audit"
FORCE = ("-e", "azure_connector_force=true")


def credentials(it: Any) -> list[dict[str, Any]]:
    return [{name: entry[name] for name in ("keyId", "displayName")} for entry in it.app()["passwordCredentials"]]


def test_no_secret_for_an_app_that_nobody_can_log_in_with(fleet: Any) -> None:
    it = fleet(1)
    assert it.play().code == 0
    it.simulation.later(days=1)
    app_id, before = it.app()["appId"], credentials(it)
    for switches, words in (
        ({"deactivated": True}, "enabled: true"),
        ({"deactivated": False, "sign_in": False}, "Enterprise applications"),
    ):
        it.simulation.tell("/seed", switches={"app_id": app_id, **switches})
        # nothing has to be renewed, and yet the last line does not call it good
        for options in (FORCE, ()):
            played = it.play(*options, playbook=ROTATE)
            told = " ".join(played.output.split())
            assert played.code != 0 and words in told and played.writes == [], played.output
            assert "secret valid" not in told, played.output
        assert credentials(it) == before and "pending" not in str(it.app()["tags"])
    audited = it.play(playbook=AUDIT)
    assert "principal-disabled" in audited.output or "sign-in is disabled" in audited.output, audited.output
    it.simulation.tell("/seed", switches={"app_id": app_id, "sign_in": True})
    assert it.play(*FORCE, playbook=ROTATE).code == 0 and credentials(it) != before


def test_conditional_access_leaves_no_secret_behind(fleet: Any) -> None:
    """However many nights it goes on; Microsoft's own words for a code that no table knows."""
    it = fleet(1)
    assert it.play().code == 0
    it.simulation.later(days=1)
    before = credentials(it)
    for number, words in ((53003, "Conditional Access"), (53999, "Access was blocked by something new")):
        # the first login is the automation's own
        refused = {"kind": "error", "service": "token", "method": "POST", "internal": False, "nth": 2, "times": 99}
        said = {"code": "invalid_grant", "aadsts": number, "message": "Access was blocked by something new. More."}
        it.simulation.tell("/faults", **refused, **said, status=400)
        played = it.play(*FORCE, playbook=ROTATE)
        told = " ".join(played.output.split())
        assert played.code != 0 and f"AADSTS{number}" in told and words in told, played.output
        assert credentials(it) == before and "pending" not in str(it.app()["tags"])
        it.simulation.mend()


def test_where_only_the_hosts_may_log_in_nobody_tries_a_secret_and_the_reason_is_told(fleet: Any) -> None:
    it = fleet(1)
    assert it.play().code == 0
    it.simulation.later(days=1)
    before = credentials(it)
    refused = {"kind": "error", "service": "token", "method": "POST", "internal": False, "nth": 2, "times": 99}
    said = {"code": "invalid_grant", "aadsts": 53003, "message": "Blocked by Conditional Access policies."}
    it.simulation.tell("/faults", **refused, **said, status=400)
    it.variables["azure_connector_secret_prove"] = False
    played = it.play(*FORCE, playbook=ROTATE)
    assert played.code != 0 and "azure_connector_secret_prove_reason" in played.output and played.writes == []
    it.variables["azure_connector_secret_prove_reason"] = "Conditional Access lets only the hosts log in"
    played = it.play(*FORCE, playbook=ROTATE)
    told = " ".join(played.output.split())
    assert played.code == 0 and "before they are sent: Conditional Access lets only the hosts log in" in told
    assert len(credentials(it)) == 1 and credentials(it) != before


def test_a_renewal_that_waits_says_why_and_how_long(fleet: Any) -> None:
    """Forced soon after another one, whose secret may still be on its way."""
    it = fleet(1)
    it.variables["azure_connector_secret_delivery_window"] = 30
    it.variables["azure_connector_secret_delivery_timeout"] = 10
    assert it.play().code == 0
    seen: list[str] = []
    played = it.play(*FORCE, playbook=ROTATE, watch=seen.append)
    assert played.code == 0, played.output
    told = [line for line in seen if "waiting" in line]
    assert told and "another run created a secret" in told[0], played.output


def test_a_directory_that_wants_a_reference_for_every_app(fleet: Any) -> None:
    it = fleet(1)
    it.simulation.tell("/seed", references={})
    played = it.play()
    assert played.code != 0 and "azure_connector_app_service_management_reference" in played.output, played.output
    it.variables["azure_connector_app_service_management_reference"] = "AST-4711"
    played = it.play()
    assert played.code == 0 and it.app()["serviceManagementReference"] == "AST-4711", played.output
    assert it.play().writes == [] and it.unharmed()
