# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that lack nothing are read together and need no task of their own; all others are none the worse for it."""

from __future__ import annotations

from typing import Any

ROTATE = "fleetops.usersync.rotate_secrets"
TASK = "Host - connector, secret and sync"


def served_by_a_task(output: str) -> set[str]:
    """Hosts that had a task of their own."""
    _before, named, after = output.partition(TASK)
    lines = after.partition("TASK [")[0].splitlines() if named else []
    words = [line.split("[", 1)[1].split(" ", 1)[0].rstrip("]") for line in lines if ": [" in line]
    return {word for word, line in zip(words, (x for x in lines if ": [" in x), strict=True) if "skipping" not in line}


def test_only_the_host_that_lacks_something_has_a_task(fleet: Any) -> None:
    it = fleet(3)
    first, second, third = it.hosts
    assert served_by_a_task(it.play().output) == set(it.hosts)
    again = it.play()
    assert again.code == 0 and served_by_a_task(again.output) == set() and again.writes == [], again.output
    assert "3 hosts (" in again.output and "secret valid for" in again.output

    it.hosts[second]["azure_connector_schedule_enabled"] = True
    login = next(name for name in ("token", "password") if f"azure_connector_{name}" in it.hosts[third])
    it.hosts[third][f"azure_connector_{login}"] = "wrong"
    played = it.play()
    assert served_by_a_task(played.output) == {second} and played.failed == {third}, played.output
    assert played.changed == {first: 0, second: 1, third: 0}
    assert f"{third} failed at read: " in played.output and "(nothing was changed)" in played.output
    # a login that was refused is not tried again by a task of the host
    refused = [entry for entry in played.requests if entry["status"] == 401]
    assert len(refused) == 1, refused


def test_a_rotation_settles_what_lasts_and_renews_the_rest(served: Any) -> None:
    first = next(iter(served.hosts))
    assert served_by_a_task(served.play(playbook=ROTATE).output) == set()
    served.hosts[first]["azure_connector_secret_min_remaining_days"] = 179
    played = served.play("-e", "azure_connector_secret_valid_days=365", playbook=ROTATE)
    assert served_by_a_task(played.output) == {first} and played.code == 0, played.output
    assert {name for name, count in played.changed.items() if count} == {first}
    assert served.unharmed()


def test_a_play_with_an_environment_of_its_own_gives_each_host_its_task(fleet: Any) -> None:
    it = fleet(2)
    assert it.play().code == 0
    (it.folder / "own.yml").write_text(
        "- name: Behind a proxy\n  hosts: usersync_hosts\n  gather_facts: false\n"
        "  environment: {NO_PROXY: localhost}\n  roles: [fleetops.usersync.azure_connector]\n",
        encoding="utf-8",
    )
    played = it.play(playbook="own.yml")
    assert played.code == 0 and served_by_a_task(played.output) == set(it.hosts), played.output
    assert played.writes == []
