# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates of those who publish can fail: what they look for is found where it is."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml
from collection import ROOT

sys.path.insert(0, str(ROOT / "tests" / "tools"))

import gatekeepers
import gatelist
import gates
import matrix


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
    assert gatekeepers.ARGUED and all(len(reason.split()) > 5 for reason in gatekeepers.ARGUED.values())


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


def test_the_gates_of_a_lane_have_no_more_time_than_all_of_them_together() -> None:
    names = {gate.name for gate in gatelist.GATES}
    assert set(gatelist.BUDGETS) <= names
    usual = [gate for gate in gatelist.GATES if not gate.on_demand]
    for lane in {gate.lane for gate in usual}:
        assert 0 < sum(gatelist.budget(gate) for gate in usual if gate.lane == lane) <= gatelist.TIME, lane


def test_what_took_too_long_is_marked() -> None:
    assert gates.spent(59.9, 60) == "60"
    assert gates.spent(75.0, 60) == "60, 15 over"
    rows = [("units", "passed", "9 tests", "75.0", gates.spent(75.0, 60))]
    assert gates.table(rows).splitlines()[-1].endswith("75.0  60, 15 over")


PAGE = (ROOT / "docs" / "gatekeepers.md").read_text(encoding="utf-8")
ROWS = [line.strip("|").split("|") for line in PAGE.splitlines() if re.match(r"\| [a-zA-Z`]", line)]
NOT_OURS = "not in our hands"


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row[0].strip() != "requirement"], ids=lambda row: row[0].strip()
)
def test_every_requirement_has_its_place_and_its_test(row: list[str]) -> None:
    _requirement, where, test = (cell.strip() for cell in row)
    for path in re.findall(r"`([\w./-]+)`", where):
        assert (ROOT / path).exists(), path
    named = re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", test)
    gates = re.findall(r"gates? ((?:`[\w-]+`(?:, )?)+)", test)
    assert named or gates or test == NOT_OURS
    for path, function in named:
        assert (ROOT / path).exists(), path
        assert not function or f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), function
    for gate in re.findall(r"`([\w-]+)`", " ".join(gates)):
        assert gate in {name for one in gatelist.GATES for name in (one.name, *one.groups)}, gate


def test_both_programmes_have_a_table() -> None:
    assert [row[0].strip() for row in ROWS].count("requirement") == 2
    assert len(ROWS) > 30
    assert "not met" not in PAGE


GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))


def test_the_collection_says_what_it_is() -> None:
    assert GALAXY["name"] == "usersync" and "User Sync" in GALAXY["description"]
    assert re.fullmatch(r"[1-9]\d*\.\d+\.\d+", GALAXY["version"])
    assert GALAXY["license"][0] == "GPL-3.0-or-later" and "license_file" not in GALAXY
    assert "GPL-3.0-or-later" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(GALAXY["tags"]) <= 20


def test_the_oldest_core_is_the_one_that_is_tested() -> None:
    requires = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    oldest = ".".join(matrix.OLDEST.core.split(".")[:2])
    assert requires == f">={oldest}.0"
    assert f"ansible-core {oldest} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_matrix_has_every_core_that_is_asked_for() -> None:
    """Those of the checker, and the newest; each on every Python that it runs on and that we have a lock for."""
    cores = {".".join(core.split(".")[:2]) for core in matrix.CORES}
    assert cores >= {"2.16", "2.18", "2.20", "2.21"}
    legs = {(leg.core, leg.pythons[0]) for leg in matrix.LEGS}
    assert legs == {(core, python) for core, pythons in matrix.CORES.items() for python in pythons}
    grouped = {gate.name for gate in gatelist.GATES if "matrix" in gate.groups}
    assert grouped == {leg.name for leg in matrix.LEGS}


def test_requirements_of_the_collection_are_open_at_the_top() -> None:
    lines = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[\w.-]+(>=[\d.]+)?", line)] == []
    assert [line for line in wanted if line.startswith("ansible")] == []


def test_no_task_needs_another_collection() -> None:
    """The checker's linter resolves no foreign collection; the AWX's own is named in one place, behind a plugin."""
    assert GALAXY["dependencies"] == {}
    keys = re.compile(r"^\s*(?:- )?([a-z_]+\.[a-z_]+\.[a-z_]+):", re.MULTILINE)
    used = set()
    for folder in ("roles", "playbooks"):
        for path in (ROOT / folder).rglob("*.yml"):
            used |= set(keys.findall(path.read_text(encoding="utf-8")))
    assert used
    assert {name for name in used if not name.startswith(("ansible.builtin.", "fleetops.usersync."))} == set()
    naming = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "plugins").rglob("*.py")
        if re.search(r"\bawx\.awx\b", path.read_text(encoding="utf-8"))
        and "DOCUMENTATION" not in path.read_text("utf-8")
    ]
    assert naming == ["plugins/module_utils/_definitions/awx_objects.py"]


def test_the_linter_skips_nothing() -> None:
    ours = yaml.safe_load((ROOT / ".ansible-lint").read_text(encoding="utf-8"))
    theirs = yaml.safe_load((ROOT / "tests" / "certification.yml").read_text(encoding="utf-8"))
    for settings in (ours, theirs):
        assert settings["profile"] == "production"
        assert "skip_list" not in settings
    assert not (ROOT / ".ansible-lint-ignore").exists()
    assert re.search(r"as of \d{4}-\d\d-\d\d", (ROOT / "tests" / "certification.yml").read_text(encoding="utf-8"))
