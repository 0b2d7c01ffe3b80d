# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make coverage``: which branches of ``plugins/`` the unit tests and the plays take together.

The action plugins of the plays run inside ansible-playbook and are measured there; a module that is shipped as a
program to another process is not, so what it does is measured by the unit tests, which run the same workflows. What
each test took is kept in ``build/coverage.data``, by which ``make mutants`` knows whom to ask.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bootstrap
import tree
from outcome import GateFailed, Outcome, pytest_command, pytest_counts

if TYPE_CHECKING:
    from gates import Session

LEAST = 95.0
DATA = tree.BUILD / "coverage.data"
REPORT = tree.BUILD / "coverage.json"
SUITES = ("tests/unit/plugins", "tests/integration")
SETTINGS = """\
[run]
branch = True
parallel = True
dynamic_context = test_function
concurrency = multiprocessing,thread
patch = subprocess,_exit
data_file = {folder}/data
source = {source}
[paths]
plugins =
    {root}/plugins
    {source}
"""


def python() -> Path:
    """The Python that measures, in an environment of its own."""
    return Path(bootstrap.ensure(str(tree.scratch() / "venv-measured"), "measured", sys.executable))


def coverage(session: Session) -> Outcome:
    """Both suites in one copy of the files; fails below the least share."""
    folder, source = session.temp(), session.tree / "plugins"
    settings = folder / "coverage.ini"
    settings.write_text(SETTINGS.format(folder=folder, source=source, root=tree.ROOT), encoding="utf-8")
    programs = python().parent
    env = tree.clean_env(programs, session.collections, session.home)
    env |= {"PYTHONPATH": str(session.collections), "COVERAGE_PROCESS_START": str(settings)}
    passed = 0
    for suite in SUITES:
        command = pytest_command(programs, "-n", "2", "--dist", "loadfile", suite)
        count, failed = pytest_counts(session.run(command, session.tree, env))
        if failed:
            raise GateFailed(f"{failed} tests of {suite} failed")
        passed += count
    ask = [str(programs / "python"), "-m", "coverage"]
    session.run([*ask, "combine", f"--rcfile={settings}", "--keep"], tree.ROOT)
    session.run([*ask, "json", f"--rcfile={settings}", "-o", str(REPORT)], tree.ROOT)
    shutil.copy(folder / "data", DATA)
    share = json.loads(REPORT.read_text(encoding="utf-8"))["totals"]["percent_covered"]
    if share < LEAST:
        raise GateFailed(f"{share:.1f} % of plugins/, branches counted, where {LEAST:.0f} % are due")
    return Outcome(passed, 0, f"{share:.1f} % of plugins/ with branches, by {passed} tests")
