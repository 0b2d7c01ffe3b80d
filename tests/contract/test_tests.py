# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that cannot fail, and tests that cannot end."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from collection import ROOT, files, text

VIEWS = ("values", "items", "keys")
WRAPPERS = ("enumerate", "list", "set", "sorted", "zip")
LIMITED = sorted(path for path in (ROOT / "tests").glob("*/conftest.py"))


def counted(node: ast.expr) -> ast.expr:
    """What has to hold something: ``d`` of ``d.values()``, ``xs`` of ``enumerate(xs)``."""
    if isinstance(node, ast.Call) and not node.keywords:
        if isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS and not node.args:
            return counted(node.func.value)
        if isinstance(node.func, ast.Name) and node.func.id in WRAPPERS:
            return counted(node.args[0])
    return node


def guarded(assertion: ast.Assert) -> bool:
    """Whether every ``all(...)`` of an assertion stands beside something that says of what it is true."""
    both = isinstance(assertion.test, ast.BoolOp) and isinstance(assertion.test.op, ast.And)
    parts = assertion.test.values if both and isinstance(assertion.test, ast.BoolOp) else [assertion.test]
    for part in parts:
        if not (isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "all"):
            continue
        every = part.args[0]
        source = counted(every.generators[0].iter if isinstance(every, (ast.GeneratorExp, ast.ListComp)) else every)
        if isinstance(source, (ast.Tuple, ast.List, ast.Set)) and source.elts:
            continue
        others = [ast.unparse(other) for other in parts if other is not part]
        if not any(ast.unparse(source) in other for other in others):
            return False
    return True


def assertions(source: str) -> Iterator[ast.Assert]:
    """All assertions of a Python file."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert))


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("assert all(x > 1 for x in xs)", False),
        ("assert all(d.values())", False),
        ("assert other and all(x for x in xs)", False),
        ("assert xs and all(x > 1 for x in xs)", True),
        ("assert len(xs) == 2 and all(x > 1 for n, x in enumerate(xs))", True),
        ("assert d and all(d.values())", True),
        ("assert all(x > 1 for x in (1, 2))", True),
    ],
)
def test_what_is_true_of_nothing_is_seen(line: str, good: bool) -> None:
    assert [guarded(one) for one in assertions(line)] == [good]


def test_no_assertion_is_true_of_nothing() -> None:
    python = [name for name in files() if name.parts[0] == "tests" and name.suffix == ".py"]
    found = {name: [one.lineno for one in assertions(text(name) or "") if not guarded(one)] for name in python}
    assert found and {str(name): lines for name, lines in found.items() if lines} == {}


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    banned = ("skip", "skipif", "xfail")
    found = []
    for name in files():
        if name.parts[0] == "tests" and name.suffix == ".py" and name.name != Path(__file__).name:
            for node in ast.walk(ast.parse(text(name) or "")):
                if isinstance(node, ast.Attribute) and node.attr in banned and "pytest" in ast.unparse(node):
                    found.append(f"{name}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("path", LIMITED, ids=lambda path: path.parent.name)
def test_every_suite_has_a_limit_for_each_test(path: Path) -> None:
    assert "pytest_runtest_call" in path.read_text(encoding="utf-8")


def test_a_test_that_does_not_end_is_ended(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests' / 'unit')!r})\n"
        "from timelimit import pytest_runtest_call\n",
        encoding="utf-8",
    )
    (tmp_path / "test_long.py").write_text(
        "import subprocess\n\ndef test_long():\n    subprocess.run(['sleep', '60'])\n\ndef test_short():\n    pass\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    env = {**os.environ, "USERSYNC_TESTS_LIMIT": "0.5"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=50)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "took longer than 0.5 s" in done.stdout
    assert signal.getitimer(signal.ITIMER_REAL)[0] > 0, "the limit of this test itself is on"


def test_every_code_of_a_failure_is_expected_by_a_test() -> None:
    """A playbook may branch on them, so a test has to name each, and a sentence without one would not be noticed."""
    raised = re.compile(r"\bcode=\"([\w-]+)\"")
    sources = {name: text(name) or "" for name in files() if name.suffix == ".py"}
    codes = {code for name, source in sources.items() if name.parts[0] == "plugins" for code in raised.findall(source)}
    tests = "\n".join(
        source for name, source in sources.items() if name.parts[0] == "tests" and name.parts[1] not in ("simulator",)
    )
    assert len(codes) > 50
    assert {code for code in codes if f'"{code}"' not in tests} == set()
