# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three profiles of the automation, each from end to end for what it is for (docs/permissions.md)."""

from __future__ import annotations

from typing import Any

ROTATE, AUDIT = "fleetops.usersync.rotate_secrets", "fleetops.usersync.audit"


def log_in_as(it: Any, profile: str, **more: Any) -> None:
    made = it.simulation.tell("/seed", identity={"profile": profile, **more})["identity"]
    it.variables["azure_connector_entra_client_id"] = made["client_id"]
    it.variables["azure_connector_entra_client_secret"] = made["client_secret"]


def live(it: Any) -> set[str]:
    return {entry["keyId"] for entry in it.app()["passwordCredentials"]}


def test_owner_rotates_what_others_made(fleet: Any) -> None:
    it = fleet(1)
    assert it.play().code == 0
    it.simulation.later(days=1)
    before = live(it)
    log_in_as(it, "owner", owns=[it.app()["appId"]])
    played = it.play("-e", "azure_connector_force=true", playbook=ROTATE)
    assert played.code == 0, played.output
    assert len(live(it)) == 1 and not live(it) & before
    # an owner may not read the service principal, so that nobody has looked whether it may sign in
    assert "could not be read" in played.output and "secret valid" not in played.output


def test_owned_by_makes_checks_consent_rotates_and_audits(fleet: Any) -> None:
    it = fleet(1)
    log_in_as(it, "owned_by")
    it.variables["azure_connector_consent"] = "check"
    waiting = it.play()
    app_id = it.app()["appId"]
    assert "consent is missing" in waiting.output and app_id in waiting.output, waiting.output
    assert it.app()["passwordCredentials"] == [] and len(it.app()["requiredResourceAccess"][0]["resourceAccess"]) == 4
    again = it.play()
    assert again.writes == [] and "consent is missing" in again.output

    # an administrator opens the address
    roles, scopes = ["Directory.Read.All", "User.Read.All"], ["User.Read", "User.ReadBasic.All"]
    it.simulation.tell("/seed", consent={"app_id": app_id, "roles": roles, "scopes": scopes})
    went_on = it.play()
    assert went_on.code == 0 and len(live(it)) == 1, went_on.output
    assert it.play().writes == []

    it.simulation.later(days=1)
    before = live(it)
    rotated = it.play("-e", "azure_connector_force=true", playbook=ROTATE)
    assert rotated.code == 0 and len(live(it)) == 1 and not live(it) & before, rotated.output
    audited = it.play(playbook=AUDIT)
    assert audited.code == 0 and audited.writes == [], audited.output


def test_full_does_all(fleet: Any) -> None:
    it = fleet(1)
    log_in_as(it, "full")
    played = it.play()
    assert played.code == 0 and len(live(it)) == 1, played.output
    assert it.play().writes == []
    it.simulation.later(days=1)
    assert it.play("-e", "azure_connector_force=true", playbook=ROTATE).code == 0
    assert it.play(playbook=AUDIT).code == 0
