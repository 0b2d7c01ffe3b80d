# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong login that all hosts share is sent once in a run, so that nobody's account is locked by it."""

from __future__ import annotations

from typing import Any


def refused(played: Any) -> list[str]:
    """Hosts that have answered 401."""
    return [entry["host"] for entry in played.requests if entry["service"] == "atlassian" and entry["status"] == 401]


def test_a_wrong_login_of_all_hosts_is_sent_once(fleet) -> None:
    it = fleet(6)
    played = it.play("-e", "azure_connector_token=wrong-for-all-T0ken", "-f", "6")
    assert played.failed == set(it.hosts) and "Traceback" not in played.output
    assert len(refused(played)) == 1, played.output
    assert "refused this login in this run, so it is not sent to other hosts" in played.output


def test_an_own_wrong_login_holds_nobody_back(fleet) -> None:
    it = fleet(6)
    it.hosts["jira02"]["azure_connector_token"] = "wrong-for-one-T0ken"
    played = it.play("-f", "6")
    assert played.failed == {"jira02"}, played.output
    assert refused(played) == ["jira02"]
