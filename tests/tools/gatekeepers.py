# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Galaxy and the certification check, and whether every file says under which licence it stands.

The programs are in ``build/venv-gatekeepers`` and ``build/venv-certification``, which are made when they are first
needed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bootstrap
import matrix
import tree
from outcome import GateFailed, NotHere, Outcome

if TYPE_CHECKING:
    from gates import Session

SETTINGS = """\
[galaxy-importer]
ansible_local_tmp = {temporary}
check_changelog = True
check_required_tags = True
check_runtime_yaml = True
log_level_main = INFO
run_ansible_doc = True
run_ansible_lint = False
run_ansible_test = False
run_flake8 = True
"""
# Words of the importer that we do not follow, and why. ansible-lint and ansible-test are gates of their own.
ARGUED = {
    "W503": "a break before an operator is what PEP 8 asks for today; flake8 warns of either side by default",
    "E203": "a space before a colon of a slice is what the formatter writes, and PEP 8 allows it",
}
TROUBLE = re.compile(r"^(WARNING|ERROR|CRITICAL)\b.*$|^.*\bTraceback\b.*$", re.MULTILINE)


def programs() -> Path:
    """The folder with both, installed."""
    venv = tree.scratch() / "venv-gatekeepers"
    bootstrap.ensure(str(venv), "gatekeepers", sys.executable)
    return venv / "bin"


def importer(session: Session) -> Outcome:
    """The artifact, as Galaxy would look at it."""
    bin_folder, made = programs(), session.temp()
    session.run(
        [str(session.bin / "ansible-galaxy"), "collection", "build", "--output-path", str(made), str(session.tree)]
    )
    (archive,) = made.glob("*.tar.gz")
    settings = made / "importer.cfg"
    (made / "temporary").mkdir()
    settings.write_text(SETTINGS.format(temporary=made / "temporary"), encoding="utf-8")
    env = {**tree.clean_env(bin_folder, home=session.home), "GALAXY_IMPORTER_CONFIG": str(settings)}
    output = session.run([str(bin_folder / "python"), "-m", "galaxy_importer.main", str(archive)], made, env)
    if "Loading role" not in output:
        raise GateFailed("the importer looked at nothing", output)
    found = [match.group(0) for match in TROUBLE.finditer(output)]
    argued = [line for line in found if any(f" {code} " in line for code in ARGUED)]
    rest = [line for line in found if line not in argued]
    if rest:
        raise GateFailed(f"the importer says: {rest[0][:200]}", "\n".join(rest))
    return Outcome(1, 0, f"galaxy-importer on the artifact, {len(argued)} warnings, each argued")


VISIBLE = re.compile(r"(plugins/(modules|filter|doc_fragments)|roles/\w+/(defaults|meta|tasks)|playbooks)/")


def visible(changed: list[str]) -> list[str]:
    """Of changed files, those whose change a user can notice."""
    return [name for name in changed if VISIBLE.match(name)]


def fragments(session: Session) -> Outcome:
    """The changelog is in order, and since the last release each range of visible changes has a fragment."""
    session.run([str(session.bin / "antsibull-changelog"), "lint"], session.tree)
    git = ["git", "-C", str(tree.ROOT)]
    last = session.run([*git, "describe", "--tags", "--abbrev=0", "--match", "[0-9]*"], check=False).strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", last):
        return Outcome(1, 0, "the changelog is in order; no release yet, so no fragment is due")
    changed = session.run([*git, "diff", "--name-only", last]).split()
    seen, told = visible(changed), [name for name in changed if name.startswith("changelogs/fragments/")]
    if seen and not told:
        raise GateFailed(f"{len(seen)} changes that a user can notice, such as {seen[0]}, and no changelogs/fragments/")
    return Outcome(1, 0, f"{len(seen)} visible changes since {last}, {len(told)} fragments")


def reuse(session: Session) -> Outcome:
    """Every file says whose it is and under which licence."""
    output = session.run([str(programs() / "reuse"), "--root", str(session.tree), "lint"], session.tree)
    counted = re.search(r"Files with license information: (\d+) / (\d+)", output)
    if not counted or counted.group(1) != counted.group(2):
        raise GateFailed("reuse lint counted no files", output)
    return Outcome(1, 0, f"{counted.group(1)} files say their licence")


CERTIFIED = matrix.Leg("certification", "2.16.19", ("3.12", "3.11"))
LINTED = re.compile(r"^Passed: 0 failure\(s\), (\d+) warning\(s\) on (\d+) files", re.MULTILINE)
FEWEST = 100  # a linter that finds no repository looks at next to nothing, and is content


def certification(session: Session) -> Outcome:
    """ansible-lint as the certification's checker runs it, with its settings (tests/certification.yml)."""
    python = matrix.interpreter(CERTIFIED)
    if python is None:
        raise NotHere(
            f"ansible-core {CERTIFIED.core} needs Python {' or '.join(sorted(CERTIFIED.pythons))}, none found"
        )
    bin_folder = Path(bootstrap.ensure(str(CERTIFIED.venv), "certification", python)).parent
    checkout = session.fresh_tree()
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        session.run(["git", "-C", str(checkout), *arguments])
    env = tree.clean_env(bin_folder, checkout.parents[2], session.home)
    settings = ["--config-file", "tests/certification.yml", "--profile", "production", "--offline", "--nocolor"]
    output = session.run([str(bin_folder / "ansible-lint"), *settings], checkout, env)
    linted = LINTED.search(output)
    if not linted or int(linted.group(2)) < FEWEST:
        raise GateFailed("ansible-lint looked at nothing", output)
    return Outcome(1, 0, f"ansible-lint 24.12.2, core 2.16: {linted.group(2)} files, {linted.group(1)} warnings")
