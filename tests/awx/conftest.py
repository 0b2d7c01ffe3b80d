# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of everything AWX share: the data of the role, a fake AWX, a simulated fleet, and ansible-playbook."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "tests" / "tools"))
sys.path.insert(0, str(Path(__file__).parent))

import awxcollection
import tree
from fake.server import FakeAwx
from fleet import Fleet
from play import IMAGE, Awx, Played

BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def awx_collection() -> Path:
    """Where awx.awx lies; the gate says so, because it runs in a copy that would fetch its own."""
    named = os.environ.get("USERSYNC_TESTS_AWX")
    return Path(named) if named else awxcollection.ensure()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def start_awx(awx_collection: Path, home: Path) -> Callable[[], Awx]:
    """Make a fake AWX with a way to run the playbook on it."""
    env = tree.clean_env(BIN, ROOT.parents[2], home)
    env["ANSIBLE_COLLECTIONS_PATH"] += f":{awx_collection}"
    env["ANSIBLE_PIPELINING"] = "true"
    names = {f"playbooks/{path.name}" for path in (ROOT / "playbooks").glob("*.yml")}

    def play(awx: FakeAwx, *arguments: str, told: bool = True) -> Played:
        since = len(awx.journal)
        command = [sys.executable, str(BIN / "ansible-playbook"), "fleetops.usersync.awx", "-e", IMAGE, *arguments]
        where = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": awx.token} if told else {}
        done = subprocess.run(
            command,
            cwd=home,
            env={**env, **where},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Played(done.returncode, done.stdout, awx.writes(since))

    return lambda: Awx(FakeAwx(sorted(names)), play, home)


@pytest.fixture(scope="module")
def awx(start_awx: Callable[[], Awx]) -> Iterator[Awx]:
    """A fake AWX with somebody else's things in it, on which the playbook has run once with all its options."""
    made = start_awx()
    with made.fake:
        made.strangers()
        made.before = made.fake.store.snapshot()
        made.first = made.play(*made.options())
        assert made.first.code == 0, made.first.output
        yield made


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """A simulated fleet whose hosts share an administrator, and the credentials for it as people fill them in."""
    with Fleet.simulated(tmp_path, tree.clean_env(BIN, ROOT.parents[2], tmp_path), hosts=9) as made:
        yield made


def pytest_make_parametrize_id(val: Any) -> str | None:
    return str(val) if isinstance(val, Path) else None
