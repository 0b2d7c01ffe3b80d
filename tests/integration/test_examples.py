# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands and plays of the pages as they stand there, on a fleet of two hosts; what takes hosts out comes last."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import examples
import pytest
import tree
import yaml

LISTED = [one for one in examples.examples() if one.test == examples.PLAYED]
REMOVE, LAST = "ansible-playbook -i inventory.yml fleetops.usersync.remove --limit", "azure_connector_remove_app"
ORDER = sorted(LISTED, key=lambda one: (REMOVE in one.text, LAST in one.text))
# Folders that a page names, and that a test may not write to
ELSEWHERE = ("/srv/", "/var/lib/")
PERMISSIONS = [{"name": "User.Read", "type": "delegated"}]


@pytest.fixture(scope="module")
def it(fleet: Any) -> Any:
    """As the pages take it that it is: set up, with what they tell to put into the inventory beforehand."""
    made = fleet(2)
    assert made.play().code == 0
    made.simulation.later(days=1)
    made.variables["azure_connector_permissions_remove"] = PERMISSIONS
    made.variables["azure_connector_permission_profile"] = "least"
    return made


def run(it: Any, text: str) -> tuple[int, str]:
    """In a shell, in the folder of the inventory."""
    for folder in ELSEWHERE:
        (it.folder / folder.strip("/") / "reports").mkdir(parents=True, exist_ok=True)
        text = text.replace(folder, f"{it.folder}{folder}")
    (it.folder / "inventory.yml").write_text(yaml.safe_dump(it.inventory), encoding="utf-8")
    bin_folder = Path(sys.executable).parent
    env = tree.clean_env(bin_folder, Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]), it.folder)
    done = subprocess.run(
        ["bash", "-euc", text],
        cwd=it.folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("one", ORDER, ids=lambda one: f"{one.page} {one.name}")
def test_as_it_stands_there(it: Any, one: examples.Example) -> None:
    text = one.text
    if one.kind == "yaml":
        (it.folder / "example.yml").write_text(text, encoding="utf-8")
        text = "ansible-playbook -i inventory.yml example.yml"
    if LAST in text:
        # the page takes it that this host is the last one
        assert run(it, f"{REMOVE} jira01")[0] == 0
        it.hosts.pop("jira01")
    code, output = run(it, text)
    assert "Traceback" not in output and "[DEPRECATION" not in output, output
    # a gate closes where something is wrong, and says so
    assert code == 0 or "azure_connector_audit_fail_on names" in output, output
