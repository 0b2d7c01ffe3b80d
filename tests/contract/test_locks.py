# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks fit the requirement files, and say nothing of where the files of a project came from."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import bootstrap
import locks
import pytest
from collection import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

WANTED = [
    (title, python)
    for group in bootstrap.GROUPS
    for title in group
    for python in bootstrap.LOCKED.get(group[0], locks.PYTHONS)
]


def pins(title: str, python: str) -> dict[str, str]:
    """``{project: version}`` of a set."""
    found = bootstrap.locked(bootstrap.lock_path(title, python))
    return {canonicalize_name(project): version for project, version, sets, _text in found if title in sets}


@pytest.mark.parametrize(("title", "python"), WANTED)
def test_a_lock_fits_its_requirements(title: str, python: str) -> None:
    wanted = [Requirement(line) for line in bootstrap.merged(bootstrap.SETS[title])]
    due = [one for one in wanted if one.marker is None or one.marker.evaluate({"python_version": python})]
    assert due
    have = pins(title, python)
    misfits = [str(one) for one in due if not one.specifier.contains(have.get(canonicalize_name(one.name), "0"))]
    assert misfits == [], "make locks"


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "locks").glob("*.txt")), ids=lambda path: path.name)
def test_every_file_is_known_by_its_hash_alone(path: Path) -> None:
    blocks = bootstrap.locked(str(path))
    assert len(blocks) > 20
    for project, version, sets, text in blocks:
        lines = [line.strip().removesuffix("\\").strip() for line in text.splitlines()]
        assert lines[0] == f"{project}=={version}" and sets
        assert len(lines) > 1
        assert [line for line in lines[1:] if not re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line)] == []


def test_every_requirement_file_belongs_to_a_set_and_every_lock_is_asked_for() -> None:
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").glob("requirements*.txt")}
    assert files <= {name for named in bootstrap.SETS.values() for name in named}
    there = {path.name for path in (ROOT / "tests" / "locks").glob("*.txt")}
    assert there == {Path(bootstrap.lock_path(title, python)).name for title, python in WANTED}


def test_a_set_holds_what_its_projects_bring_along() -> None:
    """By what the installed projects themselves say, for the Python that runs this."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    for title in ("run", "plays", "dev"):
        have = pins(title, python)
        checked = 0
        for project in have:
            for line in importlib.metadata.distribution(project).requires or []:
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                    assert canonicalize_name(needed.name) in have, f"{project} needs {line}; make locks"
                    checked += 1
        assert checked > len(have) / 4


def test_packages_of_the_system_are_named_before_they_are_installed(tmp_path: Path) -> None:
    """What apt-get is about to install is said first, and nothing but what was named."""
    calls = tmp_path / "calls"
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "apt-get $*" >> {calls}\n', encoding="utf-8")
    apt.chmod(0o755)
    program = (
        "import os, sys; sys.path.insert(0, 'tests/tools'); import bootstrap; os.geteuid = lambda: 0; "
        f"bootstrap.BUILD = {str(tmp_path)!r}; bootstrap.need_programs({{'no-such-program': 'some-package'}})"
    )
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert "installing some-package with apt-get" in done.stdout
    assert calls.read_text(encoding="utf-8").splitlines() == [
        "apt-get update",
        "apt-get install -y --no-install-recommends some-package",
    ]
