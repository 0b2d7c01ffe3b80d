# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays of three lines and what people say on the command line beside them, also on the oldest and newest core."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

ROLE = "fleetops.usersync.azure_connector"
OWN = f"""\
- name: A play of one's own
  hosts: usersync_hosts
  gather_facts: false
  any_errors_fatal: true
  become: true
  serial: "{{{{ batches }}}}"
  roles:
    - role: {ROLE}
      tags: [usersync]
"""
PINNED = f"""\
- name: Hosts run apart
  hosts: usersync_hosts
  gather_facts: false
  strategy: host_pinned
  roles: [{ROLE}]
"""


def batches(serial: Any) -> tuple[str, str]:
    return "-e", json.dumps({"batches": serial})


def test_batches_check_mode_limit_and_tags(fleet: Any) -> None:
    it = fleet(3)
    first = min(it.hosts)
    (it.folder / "own.yml").write_text(OWN, encoding="utf-8")
    foretold = it.play(*batches("100%"), "--check", playbook="own.yml")
    assert foretold.code == 0 and foretold.writes == [], foretold.output
    made = it.play(*batches([1, "100%"]), playbook="own.yml")
    assert made.code == 0 and made.changed == foretold.changed, made.output
    assert {name for name, count in made.changed.items() if count} == set(it.hosts)
    assert it.simulation.state()["works"] == dict.fromkeys(it.hosts, True)

    for serial in (2, "40%"):
        again = it.play(*batches(serial), "--tags", "usersync", playbook="own.yml")
        assert again.code == 0 and again.writes == [] and "secret valid for" in again.output, again.output
    other = it.play(*batches(1), "--tags", "something else", playbook="own.yml")
    assert other.code == 0 and other.requests == [], other.output

    it.simulation.later(days=1)
    before = it.holders()
    forced = ("--limit", first, "-e", "azure_connector_force=true")
    played = it.play(*batches("100%"), *forced, playbook="own.yml")
    assert played.code == 0, played.output
    assert {name for name, keys in it.holders().items() if keys != before[name]} == {first} and it.unharmed()


def test_a_run_that_is_begun_in_the_middle_or_lets_hosts_run_apart_stops_with_a_sentence(fleet: Any) -> None:
    it = fleet(2)
    for task in ("Prepare the app on behalf of all its hosts", "Connect the host", "Report what was done*"):
        played = it.play("--start-at-task", f"*{task}")
        told = " ".join(played.output.split())
        assert played.code != 0 and played.writes == [], played.output
        assert "begun in the middle" in told or "never started" in told, played.output
        assert "Traceback" not in told
    (it.folder / "pinned.yml").write_text(PINNED, encoding="utf-8")
    played = it.play(playbook="pinned.yml")
    assert played.code != 0 and "set strategy: linear in the play" in played.output and played.requests == []


def test_the_role_from_another_collection(fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    it = fleet(1)
    estate = it.folder / "ansible_collections" / "acme" / "estate"
    for name, text in {
        "galaxy.yml": "namespace: acme\nname: estate\nversion: 1.0.0\nreadme: README.md\nauthors: [acme]\n",
        "roles/connect/tasks/main.yml": f"- name: Ours\n  ansible.builtin.import_role:\n    name: {ROLE}\n",
        "playbooks/site.yml": "- name: Site\n  hosts: usersync_hosts\n  gather_facts: false\n  roles: [connect]\n",
        "playbooks/turn.yml": "- name: Turn\n  ansible.builtin.import_playbook: fleetops.usersync.rotate_secrets\n",
    }.items():
        (estate / name).parent.mkdir(parents=True, exist_ok=True)
        (estate / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{it.folder}")
    played = it.play(playbook="acme.estate.site")
    assert played.code == 0 and it.simulation.state()["works"] == dict.fromkeys(it.hosts, True), played.output
    turned = it.play(playbook="acme.estate.turn")
    assert turned.code == 0 and turned.writes == [], turned.output
