# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/architecture.md tells the truth: each recipe is followed for something that is there already."""

from __future__ import annotations

import re

import pytest
from collection import ROOT, files, text

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
RECIPES = {
    heading: (example, steps.strip().splitlines())
    for heading, example, steps in re.findall(
        r"^### (Add .+)\n\nAs was done for `([\w-]+)`:\n\n((?:\d\. .+\n)+)", PAGE, re.MULTILINE
    )
}
PATH = re.compile(r"`((?:plugins|roles|docs|tests)/[\w./-]+)`")
# A step may offer another file for another kind of the same thing
OTHERWISE = {"plugins/module_utils/_audit/find_hosts.py"}


def speaks_of(path: str, word: str) -> bool:
    """Whether a file speaks of the example, in any case, as a word or a part of a longer name."""
    return bool(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", (ROOT / path).read_text("utf-8"), re.IGNORECASE))


def test_there_is_a_recipe_for_each_kind() -> None:
    kinds = [heading.split()[2] for heading in RECIPES]
    assert kinds == ["setting", "product", "finding", "way"]


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_is_five_lines_and_leads_to_where_its_example_is(heading: str) -> None:
    example, steps = RECIPES[heading]
    assert [line.split(".")[0] for line in steps] == ["1", "2", "3", "4", "5"]
    for step in steps:
        paths = set(PATH.findall(step)) - OTHERWISE
        assert paths, step
        assert {path for path in paths if not speaks_of(path, example)} == set()


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_leaves_no_file_out(heading: str) -> None:
    example, steps = RECIPES[heading]
    named = set(PATH.findall("\n".join(steps)))
    code = [str(name) for name in files() if name.parts[0] in ("plugins", "roles") and text(name) is not None]
    assert {path for path in code if speaks_of(path, example)} - named == set()


def test_every_layer_and_every_step_is_there() -> None:
    named = set(PATH.findall(PAGE))
    assert len(named) > 40
    assert {path for path in named if not (ROOT / path).exists()} == set()
    for folder in (ROOT / "plugins" / "module_utils").iterdir():
        if folder.is_dir() and folder.name not in ("__pycache__", "_awx", "_definitions"):
            assert f"plugins/module_utils/{folder.name}/" in PAGE, folder.name
