# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook remove takes out what is ours or was named, and nothing else."""

from __future__ import annotations

from typing import Any

from conftest import FOREIGN

APP = ("-e", "azure_connector_remove_app=usersync")
CONNECTOR = ("-e", "azure_connector_remove_connector=true")
HOST, OTHER, LAST = HOSTS = ("jira01", "jira02", "confluence01")


def remove(it: Any, *arguments: str) -> Any:
    return it.play(*arguments, playbook="fleetops.usersync.remove")


def scheduled(it: Any) -> dict[str, bool]:
    """By host with a connector, whether it synchronises by schedule."""
    hosts = it.simulation.state()["hosts"]
    return {name: bool(host["connectors"][0]["schedule_enabled"]) for name, host in hosts.items() if host["connectors"]}


def test_a_host_loses_its_secret_and_its_schedule(served: Any) -> None:
    served.variables["azure_connector_schedule_enabled"] = True
    assert served.play().code == 0
    assert scheduled(served) == dict.fromkeys(HOSTS, True)
    before, host = served.holders(), served.simulation.state()["hosts"][HOST]

    foretold = remove(served, "--limit", HOST, "--check", "--diff")
    assert (foretold.code, foretold.writes) == (0, []), foretold.output
    played = remove(served, "--limit", HOST)
    assert played.code == 0, played.output
    assert played.changed == foretold.changed and played.changed[HOST] > 0
    assert "jira01: schedule disabled, secrets removed" in played.output
    assert served.holders() == {name: keys for name, keys in before.items() if name != HOST}
    assert scheduled(served) == {HOST: False, OTHER: True, LAST: True}
    assert served.simulation.state()["hosts"][HOST]["directories"] == host["directories"]
    assert {entry["host"] for entry in played.requests} - {None, ""} == {HOST}

    again = remove(served, "--limit", HOST)
    assert again.code == 0 and again.writes == [] and not any(again.changed.values()), again.output
    assert "jira01: nothing left to remove" in again.output

    # the audit knows what that is, and does not ask to set the host up again
    audited = served.play(playbook="fleetops.usersync.audit")
    assert "INFO host-removed: jira01 was taken out" in audited.output and "secret-unknown" not in audited.output
    assert "schedule-off" not in audited.output, audited.output


def test_an_app_goes_when_it_is_named_and_nobody_uses_it(served: Any) -> None:
    app, before = served.app(), served.simulation.state()["hosts"]
    refused = remove(served, *APP, "--limit", HOST)
    assert refused.failed == {HOST}, refused.output
    assert f"in this run: {LAST}, {OTHER}" in " ".join(refused.output.split()) and served.app()["id"] == app["id"]

    served.simulation.tell("/faults", kind="down", host=LAST)
    refused = remove(served, *APP, *CONNECTOR)
    assert LAST in refused.failed and served.app()["id"] == app["id"], refused.output
    assert sorted(served.holders()) == sorted([LAST, FOREIGN])
    served.simulation.mend()

    foretold = remove(served, *APP, *CONNECTOR, "--check")
    assert (foretold.code, foretold.writes) == (0, []), foretold.output
    played = remove(served, *APP, *CONNECTOR)
    assert played.code == 0 and played.changed == foretold.changed, played.output
    state = served.simulation.state()
    assert state["hosts"] and all(host["connectors"] == [] for host in state["hosts"].values())
    # the users stay where they are, and the app can be restored
    assert {name: host["directories"] for name, host in state["hosts"].items()} == {
        name: host["directories"] for name, host in before.items()
    }
    assert app["id"] in {item["id"] for item in state["tenant"]["deleted"]}
    again = remove(served, *APP, *CONNECTOR)
    assert again.code == 0 and again.writes == [], again.output


def test_purge_and_a_user_directory_that_is_named(served: Any) -> None:
    app = served.app()
    number = next(iter(served.simulation.state()["hosts"][HOST]["directories"]))
    mistaken = remove(served, *CONNECTOR, "--limit", HOST, "-e", "azure_connector_remove_directory_id=4711")
    assert mistaken.failed == {HOST} and "directory_id" in mistaken.output, mistaken.output
    assert served.simulation.state()["hosts"][HOST]["directories"]

    served.hosts[HOST]["azure_connector_remove_directory_id"] = number
    played = remove(served, *APP, *CONNECTOR, "-e", "azure_connector_remove_purge=true")
    assert played.code == 0, played.output
    state = served.simulation.state()
    assert [len(host["directories"]) for host in state["hosts"].values()] == [0, 1, 1]
    assert app["id"] not in {item["id"] for item in state["tenant"]["deleted"] + state["tenant"]["applications"]}
