# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine that lets nobody into a namespace of his own: ``make witness`` says so and fails, before it installs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.fleetops.usersync.tests.witness import namespace

RUN = Path(__file__).resolve().parents[2] / "witness" / "run.py"


@pytest.fixture
def refusing(tmp_path: Path) -> Path:
    """A folder with an ``unshare`` that the kernel refuses."""
    program = tmp_path / "unshare"
    program.write_text("#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n", "utf-8")
    program.chmod(0o755)
    return tmp_path


def test_the_sentence(refusing: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(refusing))
    assert namespace.refusal() == (
        "this machine allows no private mount and network namespaces, which the witnesses need "
        "(unshare: unshare failed: Operation not permitted)"
    )
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert "Debian package util-linux" in (namespace.refusal() or "")


def test_the_command_fails_with_it(refusing: Path, tmp_path: Path) -> None:
    env = {**os.environ, "PATH": f"{refusing}{os.pathsep}{os.defpath}", "WITNESS_HOME": str(tmp_path / "home")}
    done = subprocess.run([sys.executable, str(RUN)], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stdout == "" and done.stderr.startswith("usersync: this machine allows no private mount and network")
    assert done.stderr.count("\n") == 1 and not (tmp_path / "home").exists()


def test_who_is_not_root_becomes_root_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert namespace.unshare() == ["unshare", "--map-root-user", "--net", "--mount"]
