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
from ansible.plugins.loader import init_plugin_loader

# Where awx.awx lies; the gate says so, because it runs in a copy that would fetch its own
AWX = Path(os.environ.get("USERSYNC_TESTS_AWX") or awxcollection.ensure())
# before anything of a collection is imported, or Ansible finds no plugin of another one
init_plugin_loader([str(ROOT.parents[2]), str(AWX)])

import inprocess
from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call
from data import files
from fake.offered import offered
from fake.server import AWX as AWX_ITSELF
from fake.server import FakeAwx
from fleet import Fleet
from play import IMAGE, Awx, Played

__all__ = ["pytest_runtest_call"]

BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def awx_collection() -> Path:
    """Where awx.awx lies."""
    return AWX


@pytest.fixture(scope="session", autouse=True)
def no_certificates() -> Iterator[None]:
    """Modules of awx.awx read every CA certificate of the machine for each request, and here is no TLS to check."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SSL_CERT_FILE", os.devnull)
    yield
    patch.undo()


@pytest.fixture
def fake() -> Iterator[FakeAwx]:
    """An empty AWX, for :func:`inprocess.keep`."""
    with inprocess.a_fake() as made:
        yield made


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def start_awx(awx_collection: Path, home: Path) -> Callable[..., Awx]:
    """Make a fake AWX with a way to run the playbook on it."""
    env = tree.clean_env(BIN, ROOT.parents[2], home)
    env["ANSIBLE_COLLECTIONS_PATH"] += f":{awx_collection}"
    env["ANSIBLE_PIPELINING"] = "true"
    names = offered(ROOT, files())

    def play(awx: FakeAwx, more: dict[str, str], *arguments: str, told: bool = True) -> Played:
        since = len(awx.journal)
        command = [sys.executable, str(BIN / "ansible-playbook"), "fleetops.usersync.awx", "-e", IMAGE, *arguments]
        where = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": awx.token} if told else {}
        done = subprocess.run(
            command,
            cwd=home,
            env={**env, **where, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Played(done.returncode, done.stdout, awx.writes(since))

    def make(product: tuple[str, str, str] = AWX_ITSELF, collections: Path | None = None) -> Awx:
        added = {"ANSIBLE_COLLECTIONS_PATH": f"{env['ANSIBLE_COLLECTIONS_PATH']}:{collections}"} if collections else {}
        return Awx(FakeAwx(names, product), play, home, added)

    return make


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
