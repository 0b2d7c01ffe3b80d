# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several modules return under one name is one thing, described in the same words."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from collection import ROOT, modules

# Parts of the roles, whose answers mirror no object of the other modules
OWN_WORDS = {"azure_connector_fleet", "awx_objects"}


def returned(module: str) -> dict[str, Any]:
    """The RETURN block of one module."""
    source = (ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RETURN":
            return yaml.safe_load(ast.literal_eval(node.value)) or {}
    return {}


def values(block: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in block.items():
        yield prefix + name, value
        yield from values(value.get("contains") or {}, f"{prefix}{name}.")


def first_sentence(value: Mapping[str, Any]) -> str:
    text = value["description"]
    return (text if isinstance(text, str) else text[0]).split(". ")[0].rstrip(".")


def test_one_name_means_one_thing() -> None:
    known: dict[str, dict[str, tuple[str, str, Any]]] = defaultdict(dict)
    for module in modules():
        if module not in OWN_WORDS:
            for name, value in values(returned(module)):
                known[name][module] = (first_sentence(value), value["type"], value.get("elements"))
    shared = {name: by for name, by in known.items() if len(by) > 1}
    assert len(shared) > 20, "the blocks were not read"
    differing = {name: by for name, by in shared.items() if len(set(by.values())) > 1}
    assert not differing, yaml.safe_dump({name: {m: list(v) for m, v in by.items()} for name, by in differing.items()})


def test_samples_of_one_name_agree() -> None:
    samples: dict[str, set[str]] = defaultdict(set)
    for module in modules():
        if module not in OWN_WORDS:
            for name, value in values(returned(module)):
                if value.get("sample") is not None and not isinstance(value["sample"], dict):
                    samples[name].add(yaml.safe_dump(value["sample"]))
    assert {name: given for name, given in samples.items() if len(given) > 1} == {}
