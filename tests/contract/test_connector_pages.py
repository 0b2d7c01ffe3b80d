# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages about the connector know every setting, every refusal and every variable that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions import usersync_connector, usersync_sync
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import changes
from collection import ROOT

UTILS = ROOT / "plugins" / "module_utils"
SOURCES = [
    *(UTILS / f"{name}.py" for name in ("_exchange", "_http", "_proxies")),
    *sorted((UTILS / "_usersync").glob("*.py")),
    *(
        UTILS / "_workflow" / f"{name}.py"
        for name in ("connector", "connector_create", "connector_remove", "sync", "window")
    ),
]
CODE = re.compile(r'\bcode="([a-z_]+)"')


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    return re.split(r"^## ", text.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> set[str]:
    """What stands in code marks in the first column of all tables."""
    rows = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)}


def test_every_refusal_has_its_remedy() -> None:
    raised = {code for path in SOURCES for code in CODE.findall(path.read_text(encoding="utf-8"))}
    told = first_cells(section(page("connector.md"), "Every refusal and its remedy"))
    assert told == raised


def test_every_setting_is_told() -> None:
    told = first_cells(section(page("connector.md"), "Settings"))
    assert told == {*changes.PLAIN_OPTIONS, "application_secret", "flow", "settings"}


@pytest.mark.parametrize("name", ["connector.md", "old-flow.md"])
def test_names_in_code_marks_exist(name: str) -> None:
    text = page(name)
    spec = yaml.safe_load((ROOT / "roles/azure_connector/meta/argument_specs.yml").read_text(encoding="utf-8"))
    variables = set(spec["argument_specs"]["main"]["options"])
    named = set(re.findall(r"\bazure_connector_[a-z_]+[a-z]\b", text))
    assert named <= variables, named - variables
    options = {*usersync_connector.DEFINITION.argument_spec, *usersync_sync.DEFINITION.argument_spec}
    given = set(re.findall(r"`([a-z]+_[a-z_]+): [^`]+`", text)) - variables
    assert given <= options, given - options


@pytest.mark.parametrize("name", ["connector.md", "old-flow.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = page(name)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _hash, anchor = target.partition("#")
        assert not file or Path(ROOT / "docs" / file).is_file(), target
        assert file or anchor in anchors, target
