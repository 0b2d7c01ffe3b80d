# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an AWX offers as a playbook in a project that is this repository: the collection's own, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from data import ROLE, files
from fake.offered import offered

ROOT = ROLE.parents[1]


def test_an_awx_offers_the_collections_own_playbooks_only() -> None:
    """Keys of other plays stand in quotes, which an AWX takes for no play: it reads lines, not YAML."""
    own = {f"playbooks/{path.name}" for path in (ROOT / "playbooks").glob("*.yml")}
    assert own
    assert set(offered(ROOT, files())) == own


@pytest.mark.parametrize(
    ("name", "text", "listed"),
    [
        ("a/play.yml", "- name: x\n  hosts: all\n", True),
        ("a/play.yaml", "- hosts: all\n", True),
        ("a/play.yml", "- ansible.builtin.import_playbook: x\n", True),
        ("a/secret.yml", "$ANSIBLE_VAULT;1.1;AES256\n", True),
        ("a/play.yml", '- name: x\n  "hosts": all\n', False),
        ("a/play.yml", "- name: x\n  tasks: []\n", False),
        ("roles/r/play.yml", "- hosts: all\n", False),
        ("a/tasks/play.yml", "- hosts: all\n", False),
        (".a/play.yml", "- hosts: all\n", False),
        ("group_vars/all.yml", "hosts: x\n", False),
        ("a/play.txt", "- hosts: all\n", False),
    ],
)
def test_what_an_awx_takes_for_a_playbook(tmp_path: Path, name: str, text: str, listed: bool) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert offered(tmp_path, [Path(name)]) == ([name] if listed else [])
