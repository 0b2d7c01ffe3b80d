# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that looks whether set-up can work: one line for each host, nothing written."""

from __future__ import annotations

import re
from typing import Any

PREFLIGHT = "fleetops.usersync.preflight"


def rows(output: str) -> dict[str, str]:
    """By host, its line of the table."""
    told = output[output.index("\nHOST ") :].splitlines()[2:]
    table = told[: next(number for number, line in enumerate(told) if not line.strip() or ": [" in line)]
    return {line.split()[0]: re.sub(r"\s+", " ", line) for line in table}


def test_a_new_fleet_that_is_ready(fleet: Any) -> None:
    it = fleet(3)
    before = it.play(playbook=PREFLIGHT)
    assert before.code == 0 and before.writes == [], before.output
    told = rows(before.output)
    assert set(told) == set(it.hosts)
    assert told and all("ready: would be done: " in line and "connector" in line for line in told.values()), told
    assert "jira 10." in told["jira01"] and "2.14" in told["jira01"] and "none yet" in told["jira01"]
    assert it.play().code == 0
    after = it.play(playbook=PREFLIGHT)
    assert after.code == 0 and after.writes == [], after.output
    assert rows(after.output) and all(
        "ready: secret valid for 179 days" in line for line in rows(after.output).values()
    ), after.output


def test_what_is_missing_is_one_thing_to_do_for_each_host(fleet: Any) -> None:
    it = fleet(4)
    names = list(it.hosts)
    it.hosts[names[0]]["azure_connector_url"] = "https://localhost:1/jira"
    for name in ("token", "password"):
        if f"azure_connector_{name}" in it.hosts[names[1]]:
            it.hosts[names[1]][f"azure_connector_{name}"] = "wrong"
    it.hosts[names[2]]["azure_connector_schedule_enabled"] = "soon"
    played = it.play(playbook=PREFLIGHT)
    assert played.code == 2 and played.writes == [] and "Traceback" not in played.output, played.output
    told = rows(played.output)
    assert "ready" in told[names[3]]
    expected = ("azure_connector_url: ", "does not accept", "azure_connector_schedule_enabled: must be true or false")
    for name, words in zip(names, expected, strict=False):
        assert "ready:" not in told[name] and words in told[name], told[name]
    assert "3 of 4 hosts are not ready" in played.output


def test_an_automation_that_may_not_consent(fleet: Any) -> None:
    it = fleet(2)
    made = it.simulation.tell("/seed", identity={"profile": "owned_by"})["identity"]
    it.variables.update(
        azure_connector_entra_client_id=made["client_id"], azure_connector_entra_client_secret=made["client_secret"]
    )
    played = it.play(playbook=PREFLIGHT)
    assert played.code == 2 and played.writes == [], played.output
    for line in rows(played.output).values():
        assert "the automation may not consent: grant" in line and "AppRoleAssignment.ReadWrite.All" in line
        assert "azure_connector_consent: check" in line
    it.variables["azure_connector_consent"] = "check"
    again = it.play(playbook=PREFLIGHT)
    assert again.code == 0 and "may not" not in again.output, again.output
    assert rows(again.output) and all(
        "ready: set-up creates the app and" in line for line in rows(again.output).values()
    ), again.output

    waiting = it.play()
    assert waiting.code == 2 and "fleetops.usersync.preflight says for each host what is missing" in waiting.output
    told = it.play(playbook=PREFLIGHT)
    assert told.code == 2 and told.writes == [], told.output
    for line in rows(told.output).values():
        assert "an administrator grants it at https://" in line and it.app()["appId"] in line
