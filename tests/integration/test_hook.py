# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task file of the user's own gets each new secret before the host does."""

from __future__ import annotations

from typing import Any

FORCE = ("-e", "azure_connector_force=true")
STORE = """\
- name: Store the new secret
  ansible.builtin.copy:
    content: "{{ azure_connector_new_secret }}"
    dest: "{{ inventory_dir }}/vault-{{ inventory_hostname }}"
    mode: "0600"
  no_log: true
"""
REFUSE = """\
- name: Store the new secret
  ansible.builtin.fail:
    msg: the vault is sealed
  when: inventory_hostname == "jira01"
"""


def rotate(it: Any, tasks: str, *arguments: str) -> Any:
    hook = it.folder / "hook.yml"
    hook.write_text(tasks, encoding="utf-8")
    hooked = ("-e", "azure_connector_secret_hook={{ inventory_dir }}/hook.yml")
    return it.play(*FORCE, *hooked, *arguments, playbook="fleetops.usersync.rotate_secrets")


def issued(it: Any) -> set[str]:
    """Every client secret that the tenant ever gave out."""
    return {item["value"] for item in it.simulation.ask("/secrets") if item["kind"] == "client secret"}


def test_it_gets_the_secret_that_the_host_gets(served: Any) -> None:
    known = issued(served)
    checked = rotate(served, STORE, "--check")
    assert checked.code == 0, checked.output
    assert not list(served.folder.glob("vault-*"))

    played = rotate(served, STORE, "-vvvv", "--diff")
    assert played.code == 0, played.output[-3000:]
    stored = {path.read_text(encoding="utf-8") for path in served.folder.glob("vault-*")}
    assert stored == issued(served) - known and len(stored) == 3
    assert not [secret for secret in stored if secret in played.output]
    assert served.unharmed()


def test_when_it_fails_nothing_is_delivered(served: Any) -> None:
    before = served.holders()
    played = rotate(served, REFUSE)
    assert played.failed == {"jira01"}, played.output
    assert "failed at hook: the vault is sealed (the new secret was not sent" in played.output
    assert not [entry for entry in played.requests if entry["host"] == "jira01" and entry["method"] != "GET"]
    assert before["jira01"][0] in served.holders()["jira01"] and served.unharmed()

    served.simulation.later(days=1)
    played = rotate(served, STORE)
    assert played.code == 0, played.output
    assert served.holders() and all(len(keys) == 1 for keys in served.holders().values())
    assert served.pending() == [] and served.unharmed()
