# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection under every ansible-core that it is for, on every Python that is found for it.

The oldest and the newest run whole in ``make test``; ``make matrix`` runs them all, those between included. Each leg
has an environment of its own in ``build/``. Where there is no such Python the leg does not run and the closing table
says so, since the README asks for one Python only. A leg runs the sanity tests, some of ``tests/integration``, and the
demo with three hosts.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import ansibletest
import bootstrap
import tree
from outcome import GateFailed, NotHere, Outcome, pytest_command, pytest_counts

if TYPE_CHECKING:
    from gates import Session

PLAYS = tuple(
    f"tests/integration/test_{name}.py" for name in ("setup", "bad_input", "variables", "quick_start", "own_plays")
)
# what a controller of each ansible-core may be
CORES = {
    "2.16.19": ("3.11", "3.12"),
    "2.18.19": ("3.11", "3.12", "3.13"),
    "2.20.10": ("3.12", "3.13", "3.14"),
    "2.21.5": ("3.12", "3.13", "3.14"),
}


@dataclass
class Leg:
    """One ansible-core and the interpreters that it may run on, best first."""

    name: str
    core: str
    pythons: tuple[str, ...]

    @property
    def venv(self) -> Path:
        # older versions of ansible-core call an interpreter with a space in its path by half of it
        return tree.scratch() / f"venv-{self.name}"


OLDEST = Leg("oldest", next(iter(CORES)), ("3.11", "3.12"))
NEWEST = Leg("newest", list(CORES)[-1], ("3.13", "3.14", "3.12"))
LEGS = [Leg(f"core-{core[:4]}-py{python}", core, (python,)) for core, pythons in CORES.items() for python in pythons]


def works(python: str, version: str) -> bool:
    """Whether this program is a Python of this version that can make environments; a shim of pyenv may not be."""
    code = f"import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    try:
        return subprocess.call([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def interpreter(leg: Leg) -> str | None:
    """A Python for the leg: the one at hand, one on the path, or one of pyenv's."""
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for version in leg.pythons:
        candidates = [
            os.path.join(sys.base_prefix, "bin", f"python{version}"),
            shutil.which(f"python{version}"),
            *sorted(
                glob.glob(os.path.join(glob.escape(pyenv), "versions", f"{version}.*", "bin", "python")), reverse=True
            ),
        ]
        for candidate in candidates:
            if candidate and works(candidate, version):
                return candidate
    return None


def run_leg(session: Session, leg: Leg) -> Outcome:
    """The sanity tests, the play-level tests, and the demo."""
    python = interpreter(leg)
    if python is None:
        raise NotHere(f"ansible-core {leg.core} needs Python {' or '.join(sorted(leg.pythons))}, none found")
    bootstrap.ensure(str(leg.venv), "plays", python, {"ansible-core": leg.core})
    bin_folder = leg.venv / "bin"
    tests, skipped = sanity_tests(session.ansible_test(["sanity"], session.fresh_tree(), bin_folder))
    played = plays(session, bin_folder, *PLAYS)
    out = tree.BUILD / f"demo-{leg.name}"
    demo = ["tests/demo/run.py", "--hosts", "3", "--out", str(out), "--bin", str(bin_folder)]
    session.run([str(bin_folder / "python"), *demo], tree.ROOT, tree.clean_env(bin_folder, home=session.home))
    version = ansibletest.python_version(bin_folder / "python")
    what = f"core {leg.core}, Python {version}: {tests} sanity tests, {played} plays, demo"
    return Outcome(tests + played + 1, len(skipped), what + "".join(f", {name} skipped" for name in skipped))


def sanity_tests(output: str) -> tuple[int, list[str]]:
    """How many sanity tests ran, and the names of those that were skipped."""
    ran = set(re.findall(r'^Running sanity test "([\w-]+)"', output, re.MULTILINE))
    skipped = re.findall(r'kipping sanity test "?([\w-]+)', output)
    return len(ran), skipped if "shellcheck" in ran else [*skipped, "shellcheck"]


def plays(session: Session, bin_folder: Path, *files: str) -> int:
    """Run the play-level tests with the ansible-core of this environment; returns how many passed."""
    env = tree.clean_env(bin_folder, session.collections, session.home)
    env["PYTHONPATH"] = str(session.collections)
    command = pytest_command(bin_folder, "-n", "2", "--dist", "loadfile", *files)
    output = session.run(command, session.tree, env)
    passed, skipped = pytest_counts(output)
    if skipped:
        raise GateFailed(f"{skipped} tests skipped", output)
    return passed
