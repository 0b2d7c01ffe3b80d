# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No host loses its users to a setting, and a host in a maintenance window is left alone and reported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

HOST, OTHER = "jira01", "jira02"


def test_settings_that_would_lock_everybody_out(fleet) -> None:
    it = fleet(2)
    first = it.play()
    assert first.code == 0, first.output

    it.hosts[HOST]["azure_connector_required_groups"] = ["a-group-that-nobody-is-in"]
    stopped = it.play()
    assert stopped.failed == {HOST}, stopped.output
    assert "azure_connector_max_user_change: " in stopped.output and "no users at all" in stopped.output
    assert stopped.writes == []
    foretold = it.play("--check")
    assert foretold.failed == {HOST} and "no users at all" in foretold.output

    # two users of 25 are in this group, which is meant
    it.hosts[HOST]["azure_connector_required_groups"] = ["Projekt Ärger"]
    assert it.play().failed == {HOST}
    it.hosts[HOST]["azure_connector_max_user_change"] = 95
    meant = it.play()
    assert meant.code == 0, meant.output
    quiet = it.play()
    assert quiet.code == 0 and quiet.writes == [], quiet.output


def test_a_maintenance_window(fleet) -> None:
    it = fleet(2)
    later = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    it.hosts[HOST]["azure_connector_leave_out"] = {"reason": "data centre move", "until": later}
    played = it.play()
    assert played.code == 0 and played.changed.get(OTHER), played.output
    assert f"{HOST}: left out until the end of {later} (UTC): data centre move" in played.output
    assert {entry["host"] for entry in played.requests if entry["service"] == "atlassian"} == {OTHER}
    assert it.simulation.state()["works"] == {HOST: False, OTHER: True}

    it.hosts[HOST]["azure_connector_leave_out"] = {"reason": "over", "until": "2020-01-01"}
    assert it.play().code == 0 and it.simulation.state()["works"] == {HOST: True, OTHER: True}


def test_redirect_uris_that_stand_stay(fleet) -> None:
    it = fleet(1)
    assert it.play().code == 0
    app = it.app()
    assert app["web"]["redirectUris"] == []
    standing = [f"{it.hosts[HOST]['azure_connector_url']}/plugins/servlet/de.resolution.usersync/oauth2/authorize"]
    standing.append("https://other.example.com/callback")
    it.hosts[HOST]["azure_connector_flow"] = "client_credentials"
    it.simulation.tell("/seed", redirect_uris={"app_id": app["appId"], "uris": standing})
    assert it.play().code == 0 and it.app()["web"]["redirectUris"] == standing
