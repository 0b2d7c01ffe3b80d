# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs under ansible-runner with what the credentials inject: in slices side by side, with no secret in any event."""

from __future__ import annotations

from pathlib import Path

import pytest
from fleet import ADMIN, Fleet, changed

HOSTS = 9
SLICES = 3


def leaks(text: str, secrets: list[str]) -> list[int]:
    """Numbers of the secrets that are in the text, in clear or as JSON writes them; never the secrets themselves."""
    return [number for number, secret in enumerate(secrets) if secret in text]


def known_secrets(fleet: Fleet) -> list[str]:
    """All that must not be seen: of the tenant, of the hosts, and of the two credentials."""
    values = {*fleet.simulator.secrets(), fleet.entra["client_secret"], ADMIN["password"], ADMIN["token"]}
    return sorted(value for value in values if len(value) >= 12)


def settled(fleet: Fleet, hosts: int = HOSTS) -> None:
    """Every host works and has users, with one own credential for each holder and nothing pending."""
    state = fleet.simulator.state()
    assert list(state["works"].values()) == [True] * hosts
    assert fleet.holders() == sorted(fleet.inventory["usersync_hosts"]["hosts"])
    assert [tag for tag in fleet.app["tags"] if tag.startswith("usersync-pending")] == []
    for host in state["hosts"].values():
        assert sum(directory["users"] for directory in host["directories"].values()) > 0


def test_prepare_once_then_slices_side_by_side(fleet: Fleet) -> None:
    """The roll-out and the rotation of the workflows, twice each; no event and no file has a secret in it."""
    first = fleet.launch("prepare_apps.yml")
    since = fleet.simulator.last_entry()
    assert sum(changed(fleet.launch("prepare_apps.yml")).values()) == 0

    made = fleet.launch("setup.yml", SLICES)
    assert sorted(changed(made)) == sorted(fleet.inventory["usersync_hosts"]["hosts"])
    assert changed(made) and all(changed(made).values())
    settled(fleet)
    app_writes = [
        entry["path"]
        for entry in fleet.simulator.writes(since)
        if entry["service"] == "graph" and not entry["path"].endswith(("addPassword", "removePassword"))
    ]
    assert {path.split("/")[2] for path in app_writes} <= {"applications"}, "slices only mark and mint"

    since = fleet.simulator.last_entry()
    assert sum(changed(fleet.launch("setup.yml", SLICES)).values()) == 0
    assert fleet.simulator.writes(since) == []

    fleet.simulator.advance(3600)
    keys = {entry["keyId"] for entry in fleet.app["passwordCredentials"]}
    rotated = fleet.launch("rotate_secrets.yml", SLICES, azure_connector_force="true")
    assert changed(rotated) and all(changed(rotated).values())
    settled(fleet)
    assert keys.isdisjoint(entry["keyId"] for entry in fleet.app["passwordCredentials"])

    since = fleet.simulator.last_entry()
    assert sum(changed(fleet.launch("rotate_secrets.yml", SLICES)).values()) == 0
    assert fleet.simulator.writes(since) == []

    secrets = known_secrets(fleet)
    assert len(secrets) > 2 * HOSTS
    seen = 0
    for job in [*first, *made, *rotated]:
        for event, text in job.events():
            assert leaks(text, secrets) == [], f"{event['event']} of {event['event_data'].get('task')}"
            seen += 1
        for name, text in job.artifacts():
            assert leaks(text, secrets) == [], name
    assert seen > 500


@pytest.mark.parametrize("playbook", ["audit.yml", "remove.yml"])
def test_a_playbook_of_a_template_runs_with_injected_credentials(fleet: Fleet, playbook: str, tmp_path: Path) -> None:
    fleet.launch("prepare_apps.yml")
    since = fleet.simulator.last_entry()
    jobs = fleet.launch(playbook, usersync_hosts="jira01", check=playbook == "remove.yml")
    assert fleet.simulator.writes(since) == []
    secrets = known_secrets(fleet)
    for job in jobs:
        assert job.events() and all(leaks(text, secrets) == [] for _event, text in job.events())


def test_a_planted_secret_is_found(fleet: Fleet) -> None:
    """So that the check above can fail: a project's own playbook shows what the credentials inject."""
    fleet.extra_playbook = (
        "show.yml",
        "- hosts: usersync_hosts\n  gather_facts: false\n  tasks:\n    - ansible.builtin.debug:\n"
        "        msg: \"{{ lookup('ansible.builtin.env', 'USERSYNC_ATLASSIAN_PASSWORD') }}\"\n",
    )
    (job,) = fleet.launch("show.yml")
    secrets = known_secrets(fleet)
    found = {secrets[number] for _event, text in job.events() for number in leaks(text, secrets)}
    assert found == {ADMIN["password"]}


def test_a_personal_access_token_is_enough(fleet: Fleet) -> None:
    fleet.atlassian = {key: value for key, value in fleet.atlassian.items() if key not in ("username", "password")}
    fleet.atlassian["token"] = ADMIN["token"]
    only = {"jira01": fleet.inventory["usersync_hosts"]["hosts"]["jira01"]}
    fleet.inventory["usersync_hosts"]["hosts"] = only
    made = changed(fleet.launch("setup.yml"))
    assert made and all(made.values())
    assert fleet.simulator.world.host_works("jira01")


def test_a_group_that_fits_no_host_is_red_and_a_slice_without_one_is_not(fleet: Fleet) -> None:
    fleet.launch("prepare_apps.yml")
    with pytest.raises(AssertionError, match=r"usersync_hosts: the inventory has no host"):
        fleet.launch("audit.yml", usersync_hosts="misspelt")
    only = {"jira01": fleet.inventory["usersync_hosts"]["hosts"]["jira01"]}
    fleet.inventory["usersync_hosts"]["hosts"] = only
    first, second = fleet.launch("setup.yml", 2)
    assert changed([first]) and not changed([second])
