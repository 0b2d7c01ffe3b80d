# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each mistake ends its host, or its app, with one sentence that names the option; the other hosts are served."""

from __future__ import annotations

import re
from typing import Any

import pytest

HOST = "jira02"
# What is changed at one host or in the simulator, and what the sentence must say.
OF_A_HOST: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str]] = {
    "no address": ({"azure_connector_url": None}, None, "azure_connector_url"),
    "a variable that is missing": (
        {"azure_connector_token": "{{ vault_jira02_token }}"},
        None,
        "azure_connector_token: cannot be read, because 'vault_jira02_token' is undefined",
    ),
    "misspelt scheme": ({"azure_connector_url": "htps://jira02.example.test"}, None, "url"),
    "nobody listens": ({"azure_connector_url": "https://localhost:9/jira02"}, None, "url: "),
    "wrong token": ({"azure_connector_token": "mistyped-T0ken"}, None, "token: "),
    "no User Sync": ({}, {"kind": "app_missing", "host": HOST}, "not installed"),
    "answers HTML": ({}, {"kind": "html", "host": HOST}, "login page (200) instead of JSON"),
}
OF_THE_APP: dict[str, tuple[dict[str, Any], str]] = {
    "unknown tenant": ({"azure_connector_entra_tenant": "no-such-tenant.example"}, "azure_connector_entra_tenant"),
    "wrong client secret": (
        {"azure_connector_entra_client_secret": "mistyped-S3cret"},
        "azure_connector_entra_client_secret",
    ),
    "no tenant": ({"azure_connector_entra_tenant": None}, "tenant"),
}


def sentences(output: str) -> list[str]:
    """The lines in which hosts fail for good; those of tasks on the controller were caught and come again."""
    return [line for line in output.splitlines() if re.match(r"fatal: \[\w+\]:", line)]


def merge(variables: dict[str, Any], changes: dict[str, Any]) -> None:
    """Set variables; None takes one away."""
    for name, value in changes.items():
        variables.pop(name, None)
        if value is not None:
            variables[name] = value


@pytest.fixture
def trio(fleet):
    """Three hosts."""
    return fleet(3)


@pytest.mark.parametrize("mistake", OF_A_HOST)
def test_one_host_fails_and_the_others_work(trio, mistake: str) -> None:
    changes, fault, said = OF_A_HOST[mistake]
    merge(trio.hosts[HOST], changes)
    if fault:
        trio.simulation.tell("/faults", **fault)
    played = trio.play()
    assert played.code != 0
    assert played.failed == {HOST}, played.output
    failures = sentences(played.output)
    assert len(failures) == 1 and said in failures[0], played.output
    assert max(map(len, played.output.splitlines())) < 1000, "one line for one mistake"
    assert "Traceback" not in played.output
    assert trio.simulation.state()["works"] == {"jira01": True, HOST: False, "confluence01": True}
    at_host = [entry for entry in played.requests if entry["host"] == HOST]
    assert {entry["method"] for entry in at_host} <= {"GET"}
    if mistake == "wrong token":
        assert len([entry for entry in at_host if entry["status"] == 401]) == 1


@pytest.mark.parametrize("mistake", OF_THE_APP)
def test_nothing_is_written_when_the_directory_cannot_be_reached(trio, mistake: str) -> None:
    changes, said = OF_THE_APP[mistake]
    merge(trio.variables, changes)
    played = trio.play()
    assert played.failed == set(trio.hosts), played.output
    assert sentences(played.output) and all(said in line for line in sentences(played.output)), played.output
    assert "Traceback" not in played.output
    assert played.writes == []


def test_adoption_of_another_app_than_the_one_that_is_meant(trio) -> None:
    twins = [{"display_name": "User Sync"}, {"display_name": "User Sync"}]
    made = trio.simulation.tell("/seed", application=twins)["application"]
    trio.variables["azure_connector_app_adopt"] = made[0]["id"]
    trio.variables["azure_connector_app_object_id"] = made[1]["id"]
    played = trio.play()
    assert played.failed == set(trio.hosts), played.output
    for line in sentences(played.output):
        assert "adopt" in line and made and all(app["id"] in line for app in made), line
    assert played.writes == []
