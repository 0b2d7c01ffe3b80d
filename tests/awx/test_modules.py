# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which collection reads and writes: chosen by one variable, named in one place, pinned in one version."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import inprocess
import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.awx_objects import COLLECTIONS
from data import ROLE, load, templates
from fake.server import AWX, GATEWAY
from play import Awx

ROOT = ROLE.parents[1]


def test_the_collection_is_the_one_that_the_environment_pins(awx_collection: Path) -> None:
    manifest = load(awx_collection / "ansible_collections" / "awx" / "awx" / "MANIFEST.json")
    pinned = load(ROOT / "execution-environment" / "requirements.yml")["collections"]
    assert {"name": "awx.awx", "version": manifest["collection_info"]["version"]} in pinned


def test_no_task_names_a_module_of_another_collection() -> None:
    """So that ansible-lint, and whoever has neither collection, can read every task."""
    named = re.compile(rf"\b({'|'.join(map(re.escape, COLLECTIONS))})\.\w")
    files = [
        path for folder in ("roles", "playbooks", "plugins") for path in (ROOT / folder).rglob("*") if path.is_file()
    ]
    texts = {
        path: path.read_text(encoding="utf-8", errors="replace") for path in files if path.suffix in (".yml", ".py")
    }
    assert texts
    assert [str(path) for path, text in texts.items() if named.search(text)] == []
    mocked = load(ROOT / ".ansible-lint")["mock_modules"]
    assert [name for name in mocked if not name.startswith("azure.azcollection.")] == [], "only those of a witness"


@pytest.fixture
def as_controller(awx_collection: Path, tmp_path: Path) -> Path:
    """awx.awx under the name and with the settings of ansible.controller, which is on no public registry."""
    target = tmp_path / "ansible_collections" / "ansible" / "controller"
    shutil.copytree(awx_collection / "ansible_collections" / "awx" / "awx", target)
    for path in target.rglob("*"):
        if path.suffix in (".py", ".json", ".yml"):
            text = path.read_text(encoding="utf-8").replace("awx.awx", "ansible.controller")
            text = text.replace('_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"')
            path.write_text(text, encoding="utf-8")
    return tmp_path


def test_the_certified_collection_works_at_the_gateway(start_awx: Callable[..., Awx], as_controller: Path) -> None:
    """AAP 2.5 to 2.7; it knows the gateway's path."""
    awx = start_awx(product=GATEWAY, collections=as_controller)
    with awx.fake:
        options = ("-e", "usersync_awx_collection=ansible.controller")
        made = awx.play(*options)
        assert made.code == 0, made.output
        assert len(awx.fake.store.listed("job_templates")) == len(templates())
        again = awx.play(*options)
        assert (again.code, again.changed, again.writes) == (0, 0, [])


def test_the_collection_of_the_community_is_told_the_path_of_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    with inprocess.a_fake(product=GATEWAY) as fake:
        assert "does not answer me" in inprocess.refused(fake).message
        monkeypatch.setenv("CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX", GATEWAY[0])
        assert inprocess.keep(fake).changed
        assert not inprocess.keep(fake).changed


def test_a_collection_that_is_not_installed_is_named(start_awx: Callable[..., Awx]) -> None:
    awx = start_awx(product=AWX)
    with awx.fake:
        refused = awx.play("-e", "usersync_awx_collection=ansible.controller")
        assert refused.code != 0
        assert "usersync_awx_collection: the collection ansible.controller is not installed" in " ".join(
            refused.output.split()
        )
        assert "Traceback" not in refused.output
