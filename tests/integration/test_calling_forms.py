# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role wherever it stands in people's plays, and hosts whatever the inventory calls them."""

from __future__ import annotations

import json
from typing import Any

import pytest

ODD = ["jira prod", "wiki:eu", "a,b", "münchen[1]", "a_group"]
PLAY = """\
- name: A play of one's own
  hosts: {hosts}
  gather_facts: false
{how}
"""
ROLE = "fleetops.usersync.azure_connector"
FORMS = {
    "roles": f"  roles:\n    - {ROLE}\n",
    "include_role": f"  tasks:\n    - name: Do it\n      ansible.builtin.include_role:\n        name: {ROLE}\n",
    "import_role": f"  tasks:\n    - name: Do it\n      ansible.builtin.import_role:\n        name: {ROLE}\n",
    "a loop": (
        "  tasks:\n    - name: Do it\n      ansible.builtin.include_role:\n"
        f"        name: {ROLE}\n        tasks_from: '{{{{ item }}}}'\n      loop: [main, rotate]\n"
    ),
    "one by one": f"  serial: [1, '100%']\n  roles:\n    - {ROLE}\n",
    "all errors fatal": f"  any_errors_fatal: true\n  roles:\n    - {ROLE}\n",
    "a variable of the play": f"  vars:\n    azure_connector_app_unique_name: own\n  roles:\n    - {ROLE}\n",
    "become": f"  become: true\n  roles:\n    - {ROLE}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_role_converges_and_then_is_silent(fleet: Any, form: str) -> None:
    it = fleet(2)
    (it.folder / "own.yml").write_text(PLAY.format(hosts="usersync_hosts", how=FORMS[form]), encoding="utf-8")
    played = it.play(playbook="own.yml")
    assert played.code == 0 and played.changed and all(played.changed.values()), played.output
    assert it.simulation.state()["works"] and all(it.simulation.state()["works"].values())
    again = it.play(playbook="own.yml")
    assert again.code == 0 and again.writes == [], again.output


@pytest.mark.parametrize("strategy", ["free", "host_pinned"])
def test_a_strategy_that_lets_hosts_run_apart_stops_with_a_sentence(fleet: Any, strategy: str) -> None:
    it = fleet(2)
    how = f"  strategy: {strategy}\n{FORMS['roles']}"
    (it.folder / "own.yml").write_text(PLAY.format(hosts="usersync_hosts", how=how), encoding="utf-8")
    played = it.play(playbook="own.yml")
    assert played.code != 0 and "set strategy: linear in the play" in played.output
    assert played.requests == []


def from_a_script(it: Any) -> tuple[str, str]:
    """Arguments with an inventory that a program prints, as those of clouds do: a YAML file cannot hold every name."""
    hosts = dict(zip(ODD, it.hosts.values(), strict=True))
    told = {
        "usersync_hosts": {"hosts": list(hosts), "vars": it.variables},
        # Ansible gives the variables of such a host to the group
        "a_group": {"hosts": ["a_group"]},
        "_meta": {"hostvars": hosts},
    }
    script = it.folder / "script.py"
    script.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(told)!r})\n", encoding="utf-8")
    script.chmod(0o755)
    it.inventory = {"usersync_hosts": {"hosts": {}, "vars": {}}}
    return "-i", str(script)


def test_hosts_of_any_name_are_served_everywhere(fleet: Any) -> None:
    it = fleet(5)
    names = from_a_script(it)
    first = it.play(*names)
    assert first.code == 0, first.output
    assert it.simulation.state()["works"] and all(it.simulation.state()["works"].values())
    assert it.play(*names).writes == []
    it.simulation.later(days=1)
    forced = ("-e", "azure_connector_force=true")
    played = it.play(*names, *forced, playbook="fleetops.usersync.rotate_secrets")
    assert played.code == 0 and it.unharmed(), played.output
    assert it.play(*names, playbook="fleetops.usersync.audit").code == 0
    assert it.play(*names, playbook="fleetops.usersync.remove").code == 0
    assert not [entry for entry in it.app()["passwordCredentials"] if entry["displayName"].startswith("usersync:")]


@pytest.mark.parametrize("variables", [{}, {"ansible_connection": "local"}, {"ansible_become": True}])
def test_the_machine_itself_stands_in_the_inventory(fleet: Any, variables: dict[str, Any]) -> None:
    it = fleet(1)
    it.inventory["here"] = {"hosts": {"localhost": variables}}
    played = it.play()
    assert played.code == 0, played.output


def test_one_play_after_another_in_one_run(fleet: Any) -> None:
    it = fleet(2)
    books = [
        "fleetops.usersync.setup",
        "fleetops.usersync.setup",
        "fleetops.usersync.rotate_secrets",
        "fleetops.usersync.audit",
    ]
    plays = "".join(f"- name: Play {book}\n  ansible.builtin.import_playbook: {book}\n" for book in books)
    (it.folder / "site.yml").write_text(plays, encoding="utf-8")
    played = it.play(playbook="site.yml")
    assert played.code == 0, played.output
    minted = [line for line in played.writes if line.endswith("addPassword")]
    assert len(minted) == 2 and it.simulation.state()["works"] and all(it.simulation.state()["works"].values())
