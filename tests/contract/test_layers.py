# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A layer of module_utils imports only from the layers under it, and only the fronts know Ansible."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from collection import ROOT

UTILS = ROOT / "plugins" / "module_utils"
OURS = ["ansible_collections", "fleetops", "usersync", "plugins", "module_utils"]
GROUND = {
    "_address",
    "_errors",
    "_run",
    "_libraries",
    "_shared",
    "_files",
    "_guid",
    "_masking",
    "_moments",
    "_logins",
    "_waiting",
}
BELOW: dict[str, set[str]] = {
    "_errors": set(),
    "_run": {"_errors", "_masking"},
    "_shared": set(),
    "_files": {"_errors"},
    "_address": {"_errors"},
    "_libraries": {"_errors"},
    "_masking": set(),
    "_guid": set(),
    "_moments": set(),
    "_waiting": {"_run"},
    "_logins": {"_shared"},
    "_proxies": {"_logins", "_masking", *GROUND},
    "_wire": GROUND,
    "_exchange": {"_wire", "_proxies", *GROUND},
    "_http": {"_exchange", "_wire", *GROUND},
    "_entra": {"_http", *GROUND},
    "_usersync": {"_http", *GROUND},
    "_audit": {"_entra", "_usersync", *GROUND},
    "_awx": GROUND,
    "_workflow": {"_entra", "_usersync", "_http", *GROUND},
    "_argspec": {"_errors"},
    "_front": {"_http", "_argspec", *GROUND},
    "_definitions": {"_workflow", "_awx", "_entra", "_usersync", "_front", "_argspec", "_http", *GROUND},
}
KNOW_ANSIBLE = {"_front", "_argspec"}
LIBRARIES = {
    "requests": {"_wire", "_exchange", "_proxies", "_libraries"},
    "urllib3": {"_wire", "_exchange", "_proxies", "_libraries"},
    "idna": {"_address"},
    "msal": {"_entra", "_libraries"},
}


def layer(path: Path) -> str:
    return path.relative_to(UTILS).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names that the file imports, relative ones made whole."""
    package = [*OURS, *path.relative_to(UTILS).parent.parts]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names.update(f"{source}.{alias.name}" for alias in node.names)
    return names


SOURCES = sorted(path for path in UTILS.rglob("*.py") if path.stat().st_size)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(UTILS)))
def test_imports_only_from_below(path: Path) -> None:
    assert layer(path) in BELOW, "a new layer is drawn in this test first"
    prefix = ".".join(OURS) + "."
    for name in imported(path):
        if name.startswith(prefix):
            target = name.removeprefix(prefix).split(".")[0]
            assert target == layer(path) or target in BELOW[layer(path)], f"imports {target}"
        elif name.split(".")[0] == "ansible":
            assert layer(path) in KNOW_ANSIBLE, f"imports {name}"
        else:
            library = name.split(".")[0]
            assert layer(path) in LIBRARIES.get(library, {layer(path)}), f"imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(UTILS)))
def test_only_the_front_ends_a_module(path: Path) -> None:
    calls = {
        node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    if layer(path) != "_front":
        assert not calls & {"exit_json", "fail_json"}


def test_no_two_files_import_each_other() -> None:
    """Not by way of others either, and not even for typing: who reads a file need not know who uses it."""
    prefix = ".".join(OURS) + "."
    by_name = {".".join(path.relative_to(UTILS).with_suffix("").parts): path for path in SOURCES}
    below: dict[str, set[str]] = {}
    for name, path in by_name.items():
        ours = {one.removeprefix(prefix) for one in imported(path) if one.startswith(prefix)}
        below[name] = {one if one in by_name else one.rpartition(".")[0] for one in ours} & set(by_name) - {name}
    assert sum(map(len, below.values())) > len(by_name), "the imports were not read"
    while leaves := [name for name, under in below.items() if not under & set(below)]:
        for name in leaves:
            del below[name]
    assert not below, "these import each other, or import one that does"


def test_the_folders_are_the_layers() -> None:
    there = {layer(path) for path in SOURCES}
    assert {"_errors", "_http", "_entra", "_usersync", "_workflow", "_audit"} <= there
