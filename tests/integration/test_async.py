# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task with async returns is kept in a file that others may read, so a new secret is not returned by one."""

from __future__ import annotations

from pathlib import Path

PLAY = """
- "hosts": localhost
  gather_facts: false
  tasks:
    - name: Mint in the background
      fleetops.usersync.azuread_app_secret:
        tenant: 11111111-2222-4333-8444-555555555555
        access_token: never-used-T0ken
        unique_name: usersync
        holder: jira.example.com
      async: 30
      poll: 1
    - name: Never reached
      ansible.builtin.debug:
"""


def test_a_secret_is_not_minted_in_the_background(fleet, tmp_path: Path) -> None:
    it = fleet(1)
    path = tmp_path / "async.yml"
    path.write_text(PLAY, encoding="utf-8")
    played = it.play("-vvv", playbook=str(path))
    assert played.code != 0 and played.requests == []
    assert "async: azuread_app_secret returns a new secret" in played.output
    assert "never-used" not in played.output and "Never reached" not in played.output
    assert not list(it.folder.rglob(".ansible_async/*"))
