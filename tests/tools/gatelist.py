# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates: what each runs and how its result is read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import awxcollection
import gatekeepers
import matrix
import measured
import release
import shipped
import tree
from outcome import GateFailed, Outcome, pytest_command, pytest_outcome

if TYPE_CHECKING:
    from gates import Session


@dataclass
class Gate:
    """A named step: the command as a person would type it, and the function that runs it.

    Gates of one lane run one after the other, as they share a home folder or use both cores anyway. Those of a
    group are also called by its name. A gate that takes longer than its budget (seconds on two cores, its environment
    being there) is marked in the table.
    """

    name: str
    command: str
    run: Callable[[Session], Outcome]
    lane: str = "tools"
    on_demand: bool = False
    groups: tuple[str, ...] = ()


def python_files() -> list[str]:
    """Tracked Python files."""
    return [str(name) for name in tree.tracked() if name.suffix == ".py"]


def yaml_files() -> list[str]:
    """Tracked YAML files."""
    return [str(name) for name in tree.tracked() if name.suffix in (".yml", ".yaml") or name.name == ".yamllint"]


def shell_files() -> list[str]:
    """Tracked shell programs, found by their first line."""
    found = []
    for name in tree.tracked():
        with open(tree.ROOT / name, "rb") as stream:
            first = stream.readline(80)
        if name.suffix == ".sh" or (first.startswith(b"#!") and re.search(rb"\b(ba|da|)sh\b", first)):
            found.append(str(name))
    return found


def ruff(session: Session) -> Outcome:
    session.run([str(session.bin / "ruff"), "check", "--no-cache", "--output-format", "concise", "."])
    return Outcome(1, 0, f"{len(python_files())} Python files")


def yamllint(session: Session) -> Outcome:
    files = yaml_files()
    session.run([str(session.bin / "yamllint"), "--strict", *files])
    return Outcome(1, 0, f"{len(files)} YAML files")


def shellcheck(session: Session) -> Outcome:
    files = shell_files()
    if not files:
        raise GateFailed("no shell program found")
    session.run(["shellcheck", *files])
    return Outcome(1, 0, f"{len(files)} shell programs")


def ansible_lint(session: Session) -> Outcome:
    command = [str(session.bin / "ansible-lint"), "--offline", "--profile", "production", "--strict", "--nocolor"]
    output = session.run(command, session.tree)
    summary = re.search(r"Passed: .* in (\d+) files processed of (\d+) encountered", output)
    if not summary:
        raise GateFailed("ansible-lint printed no summary")
    return Outcome(1, 0, f"{summary.group(1)} files, profile production")


def artifact(session: Session) -> Outcome:
    """Build, install into an empty folder, and read every page of documentation from there."""
    build, installed = session.temp(), session.temp()
    galaxy = str(session.bin / "ansible-galaxy")
    session.run([galaxy, "collection", "build", "--output-path", str(build), str(session.tree)])
    tarball = next(iter(build.glob("fleetops-usersync-*.tar.gz")))
    env = session.env(ANSIBLE_COLLECTIONS_PATH=str(installed))
    session.run([galaxy, "collection", "install", "--offline", "-p", str(installed), str(tarball)], env=env)
    collection = installed / tree.COLLECTION
    needless = shipped.needless(collection)
    if needless:
        raise GateFailed(f"nothing needs {len(needless)} files of the artifact", "\n".join(needless))
    lacking = shipped.lacking(collection, {name.parts[0] for name in tree.tracked() if len(name.parts) > 1})
    if lacking:
        raise GateFailed("pages of the artifact name files that it does not hold", "\n".join(lacking))
    doc = [str(session.bin / "ansible-doc"), "--type"]
    pages = 0
    for kind, folder in (("module", "plugins/modules"), ("filter", "plugins/filter"), ("role", "roles")):
        there = {path.stem for path in (collection / folder).glob("[a-z]*") if path.suffix in ("", ".py")}
        listed = json.loads(session.run([*doc, kind, "--list", "--json", "fleetops.usersync"], env=env))
        missing = {f"fleetops.usersync.{name}" for name in there} - set(listed)
        if missing:
            raise GateFailed(f"ansible-doc does not know the {kind} {', '.join(sorted(missing))}")
        if listed:
            session.run([*doc, kind, *sorted(listed)], env=env)
        pages += len(listed)
    return Outcome(pages, 0, f"built, installed, {pages} pages of documentation")


def site(session: Session) -> Outcome:
    """Build the documentation site, and look at it in Chromium."""
    output = session.run([str(session.bin / "python"), "tests/tools/docsite.py"], tree.ROOT)
    built = re.search(r"^(\d+) pages without a warning: (\S+)$", output, re.MULTILINE)
    if not built:
        raise GateFailed("it built no site")
    env = session.env(PYTHONPATH=str(session.collections), USERSYNC_SITE=str((tree.ROOT / built.group(2)).parent))
    tests = pytest_outcome(session.run(pytest_command(session.bin, "tests/site"), session.tree, env))
    return Outcome(tests.passed, tests.failed, f"{built.group(1)} pages without a warning, {tests.what}")


def contract(session: Session) -> Outcome:
    env = session.env(PYTHONPATH=str(session.collections))
    return pytest_outcome(session.run(pytest_command(session.bin, "-n", "2", "tests/contract"), session.tree, env))


def unit(session: Session) -> Outcome:
    env = session.env(PYTHONPATH=str(session.collections))
    return pytest_outcome(session.run(pytest_command(session.bin, "-n", "2", "tests/unit"), session.tree, env))


def hosts(session: Session) -> Outcome:
    env = session.env(PYTHONPATH=str(session.collections), USERSYNC_TESTS_MATRIX="whole")
    tests = "tests/unit/plugins/modules/test_usersync_matrix.py"
    return pytest_outcome(session.run(pytest_command(session.bin, "-n", "2", tests), session.tree, env))


def plays(session: Session) -> Outcome:
    passed = matrix.plays(session, session.bin, "tests/integration")
    return Outcome(passed, 0, f"{passed} tests with real playbooks")


def hostile(session: Session) -> Outcome:
    """Peers that mean no good, against both clients, in processes whose memory is looked at."""
    env = session.env(PYTHONPATH=str(session.collections))
    return pytest_outcome(session.run(pytest_command(session.bin, "-n", "2", "tests/hostile"), session.tree, env))


def browser(session: Session) -> Outcome:
    """The report page in Chromium; its picture is left beside the logs, from where docs/images may take it."""
    pictures = tree.BUILD / "test"
    env = session.env(PYTHONPATH=str(session.collections), USERSYNC_IMAGES=str(pictures))
    return pytest_outcome(session.run(pytest_command(session.bin, "tests/browser"), session.tree, env))


def awx(session: Session) -> Outcome:
    try:
        collection = awxcollection.ensure()
    except subprocess.CalledProcessError as error:
        raise GateFailed(f"{awxcollection.PACKAGE} cannot be had from the package index") from error
    env = session.env(PYTHONPATH=str(session.collections), USERSYNC_TESTS_AWX=str(collection))
    return pytest_outcome(session.run(pytest_command(session.bin, "tests/awx"), session.tree, env))


def leg(one: matrix.Leg) -> Callable[[Session], Outcome]:
    return lambda session: matrix.run_leg(session, one)


def sanity(session: Session) -> Outcome:
    if shutil.which("shellcheck") is None:
        raise GateFailed("shellcheck is missing")
    ran, skipped = matrix.sanity_tests(session.ansible_test(["sanity"], session.fresh_tree()))
    return Outcome(ran, len(skipped), f"{ran} tests, {', '.join(skipped) or 'none'} skipped")


def units(session: Session) -> Outcome:
    return pytest_outcome(session.ansible_test(["units", "--num-workers", "2"], session.fresh_tree()))


def chaos(session: Session) -> Outcome:
    output = session.run([str(session.bin / "python"), "-m", "chaos", "--short"], tree.ROOT / "tests")
    summary = re.search(r"^(\d+ points tried, .*); figures", output, re.MULTILINE)
    passed = re.search(r"^(\d+) passed, 0 failed$", output, re.MULTILINE)
    if not summary or not passed:
        raise GateFailed("it printed no figures", output)
    return Outcome(int(passed.group(1)), 0, summary.group(1))


def molecule(session: Session) -> Outcome:
    output = session.run([str(session.bin / "molecule"), "test", "--all"], session.tree, session.env(NO_COLOR="1"))
    executed = re.search(r"Molecule executed (\d+) scenarios \((\d+) successful\)", output)
    if not executed or executed.group(1) != executed.group(2):
        raise GateFailed("molecule did not report all scenarios as successful")
    scenarios = [path.parent.name for path in (session.tree / "extensions/molecule").glob("*/molecule.yml")]
    lacking = [name for name in scenarios if not re.search(rf"^{name}\s+: .*failed=0", output, re.MULTILINE)]
    if lacking:
        raise GateFailed(f"molecule did not run {', '.join(lacking)}")
    return Outcome(len(scenarios), 0, f"scenarios {', '.join(sorted(scenarios))}")


def model(session: Session) -> Outcome:
    output = session.run([str(session.bin / "python"), "tests/model/run.py"], tree.ROOT)
    verdicts = re.search(r"^(\d+) passed, 0 failed", output, re.MULTILINE)
    if not verdicts:
        raise GateFailed("the model's runner reported no verdict")
    return Outcome(int(verdicts.group(1)), 0, f"{verdicts.group(1)} instances and mutants by spin")


def rulebook(session: Session) -> Outcome:
    output = session.run([str(session.bin / "python"), "tests/eda/run.py"], tree.ROOT)
    seen = re.search(r"^(\d+) passed, 0 failed", output, re.MULTILINE)
    if not seen:
        raise GateFailed("the rulebook's runner reported no verdict")
    return Outcome(int(seen.group(1)), 0, f"a rotation by {output.strip().splitlines()[-2]}")


RELEASE = ("release-check",)
# Seconds on two cores, the environments being there; those of each lane of `make test` together are TIME at most.
TIME = 25 * 60
USUAL = 20
BUDGETS = {
    "ansible-lint": 40,
    "artifact": 40,
    "awx": 150,
    "browser": 60,
    "certification": 60,
    "chaos-short": 240,
    "contract": 80,
    "hostile": 90,
    "importer": 90,
    "model": 60,
    "molecule": 120,
    "newest": 210,
    "oldest": 210,
    "plays": 900,
    "site": 90,
    "units": 300,
    # on demand
    "coverage": 1800,
    "hosts": 900,
    "installed": 240,
    "rulebook": 300,
    "sanity": 150,
    "unit": 330,
    "upgrade": 240,
}

GATES = [
    Gate("version", "the version and its changelog", release.version, on_demand=True, groups=RELEASE),
    Gate("ruff", "ruff check .", ruff),
    Gate("yamllint", "yamllint --strict <tracked YAML files>", yamllint),
    Gate("shellcheck", "shellcheck <tracked shell programs>", shellcheck),
    Gate("ansible-lint", "ansible-lint --offline --profile production --strict", ansible_lint),
    Gate("artifact", "ansible-galaxy collection build, install; ansible-doc of every page", artifact, groups=RELEASE),
    Gate("importer", "python -m galaxy_importer.main <artifact>", gatekeepers.importer, groups=RELEASE),
    Gate("certification", "ansible-lint 24.12.2, core 2.16, tests/certification.yml", gatekeepers.certification),
    Gate("reuse", "reuse lint", gatekeepers.reuse),
    Gate(
        "fragments", "antsibull-changelog lint; a fragment for visible changes", gatekeepers.fragments, groups=RELEASE
    ),
    Gate("site", "antsibull-docs, sphinx-build -W; pytest tests/site", site, groups=RELEASE),
    Gate("contract", "pytest -n 2 tests/contract", contract),
    Gate("unit", "pytest tests/unit (those of units, for a quick look)", unit, on_demand=True),
    Gate("hosts", "pytest the matrix of hosts, every row (make test: pairs)", hosts, on_demand=True),
    Gate("coverage", "pytest tests/unit/plugins tests/integration, measured", measured.coverage, on_demand=True),
    Gate("sanity", "ansible-test sanity --venv (oldest and newest run it too)", sanity, on_demand=True),
    Gate("units", "ansible-test units --venv", units),
    Gate("plays", "pytest tests/integration", plays, "plays"),
    Gate("awx", "pytest tests/awx (with awx.awx from build/)", awx, "plays"),
    Gate("hostile", "pytest -n 2 tests/hostile", hostile),
    Gate("browser", "pytest tests/browser", browser, "plays"),
    Gate("chaos-short", "python -m chaos --short (in tests/; the whole: make chaos)", chaos, "plays"),
    Gate("model", "python tests/model/run.py", model),
    Gate("installed", "the artifact elsewhere: playbooks, demo", release.installed, on_demand=True, groups=RELEASE),
    Gate(
        "upgrade", f"a fleet of {release.FORMER}, then today's set-up", release.upgrade, on_demand=True, groups=RELEASE
    ),
    Gate("rulebook", "python tests/eda/run.py (ansible-rulebook with Java)", rulebook, "plays", on_demand=True),
    Gate("molecule", "molecule test --all", molecule),
    Gate("oldest", f"ansible-core {matrix.OLDEST.core}: sanity, plays, demo", leg(matrix.OLDEST)),
    Gate("newest", f"ansible-core {matrix.NEWEST.core}: sanity, plays, demo", leg(matrix.NEWEST)),
    *(
        Gate(one.name, f"ansible-core {one.core}: sanity, plays, demo", leg(one), on_demand=True, groups=("matrix",))
        for one in matrix.LEGS
    ),
]


def budget(gate: Gate) -> int:
    """Seconds that a gate may take before the table marks it."""
    return BUDGETS["oldest"] if "matrix" in gate.groups else BUDGETS.get(gate.name, USUAL)
