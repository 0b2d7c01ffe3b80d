# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates of those who publish can fail: what they look for is found where it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from collection import ROOT

sys.path.insert(0, str(ROOT / "tests" / "tools"))

import gatekeepers


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("WARNING: plugins/action/x.py:1:1: F401 unused", True),
        ("ERROR: Error running ansible-doc", True),
        ("Traceback (most recent call last):", True),
        ("Loading role usersync_awx", False),
        ("Linting action awx_objects via flake8...", False),
    ],
)
def test_what_the_importer_complains_of_is_seen(line: str, trouble: bool) -> None:
    assert bool(gatekeepers.TROUBLE.search(f"before\n{line}\nafter")) is trouble


def test_every_argument_has_a_reason() -> None:
    assert gatekeepers.ARGUED
    assert all(len(reason.split()) > 5 for reason in gatekeepers.ARGUED.values())


def test_changes_that_a_user_can_notice() -> None:
    names = ["plugins/modules/azuread_app.py", "roles/usersync_awx/defaults/main.yml", "playbooks/setup.yml"]
    others = ["tests/unit/x.py", "docs/awx.md", "plugins/module_utils/_http.py", "roles/usersync_awx/README.md"]
    assert gatekeepers.visible([*names, *others]) == names


def test_every_role_has_a_page() -> None:
    roles = [path for path in (ROOT / "roles").iterdir() if path.is_dir()]
    assert roles
    assert [path.name for path in roles if not (path / "README.md").exists()] == []


def test_a_hosted_runner_calls_make_targets_that_exist() -> None:
    targets = set((ROOT / "Makefile").read_text(encoding="utf-8").replace("=", " ").replace(":", " ").split())
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    called = {
        step["run"].removeprefix("make ") for job in workflow["jobs"].values() for step in job["steps"] if "run" in step
    }
    named = {target for one in called for target in ([one] if "{" not in one else [])}
    named |= set(workflow["jobs"]["nightly"]["strategy"]["matrix"]["target"])
    assert named and named <= targets


def test_the_community_finds_its_files() -> None:
    for name in ("CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "MAINTAINERS", "COPYING", "SECURITY.md"):
        assert (ROOT / name).stat().st_size > 100, name
    whole = (ROOT / "LICENSES" / "GPL-3.0-or-later.txt").read_text(encoding="utf-8")
    assert Path(ROOT / "COPYING").read_text(encoding="utf-8") == whole
