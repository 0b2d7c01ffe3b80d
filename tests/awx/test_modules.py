# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of the role against the argument specs of awx.awx itself, as they stand in its source."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from data import ROLE, load

TASKS = [
    (path.name, module, arguments)
    for path in sorted((ROLE / "tasks").glob("*.yml"))
    for task in load(path)
    for module, arguments in task.items()
    if module.startswith("awx.awx.")
]


def argument_spec(collection: Path, module: str) -> dict[str, dict[str, Any]]:
    """Options with their literal settings; aliases are options as well."""
    source = collection / "ansible_collections" / "awx" / "awx" / "plugins" / "modules" / f"{module}.py"
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "argument_spec":
            assert isinstance(node.value, ast.Call)
            return {str(option.arg): _settings(option.value) for option in node.value.keywords}
    raise AssertionError(f"{module} has no argument_spec")


def _settings(call: ast.expr) -> dict[str, Any]:
    assert isinstance(call, ast.Call)
    return {
        str(one.arg): ast.literal_eval(one.value)
        for one in call.keywords
        if isinstance(one.value, (ast.Constant, ast.List))
    }


@pytest.mark.parametrize(
    ("file", "module", "arguments"), TASKS, ids=[f"{file}-{module}" for file, module, _arguments in TASKS]
)
def test_every_argument_is_an_option(awx_collection: Path, file: str, module: str, arguments: dict[str, Any]) -> None:
    spec = argument_spec(awx_collection, module.removeprefix("awx.awx."))
    assert set(arguments) <= set(spec)
    assert {name for name, option in spec.items() if option.get("required")} <= set(arguments)
    for name, value in arguments.items():
        choices = spec[name].get("choices")
        if choices and "{{" not in str(value):
            assert value in choices, name


def test_the_collection_is_the_one_that_the_environment_pins(awx_collection: Path) -> None:
    manifest = load(awx_collection / "ansible_collections" / "awx" / "awx" / "MANIFEST.json")
    pinned = load(ROLE.parents[1] / "execution-environment" / "requirements.yml")["collections"]
    assert {"name": "awx.awx", "version": manifest["collection_info"]["version"]} in pinned


def test_what_is_used_is_known_to_ansible_lint() -> None:
    mocked = load(ROLE.parents[1] / ".ansible-lint")["mock_modules"]
    assert set(mocked) == {module for _file, module, _arguments in TASKS}
