# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/retention.md knows every file that is written, and every option of its mode, owner and age."""

from __future__ import annotations

import re
from typing import Any

import yaml
from collection import ROOT

PAGE = (ROOT / "docs" / "retention.md").read_text(encoding="utf-8")


def variables(role: str) -> dict[str, Any]:
    """All variables of a role."""
    spec = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return {
        name: entry for point in spec["argument_specs"].values() for name, entry in point.get("options", {}).items()
    }


def test_every_option_of_what_is_kept_is_on_the_page() -> None:
    names = [name for name in variables("azure_connector") if re.search(r"_(mode|owner|group|keep_days)$", name)]
    assert len(names) >= 7
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_what_the_page_names_is_there() -> None:
    known = {**variables("azure_connector"), **variables("usersync_bootstrap")}
    named = set(re.findall(r"`((?:azure_connector|usersync_bootstrap)_\w+)", PAGE))
    assert named and named - set(known) == set()


def test_every_task_that_writes_a_file_says_for_whom() -> None:
    """The page has them all: another one needs a row there, and a mode."""
    writing = []
    for path in sorted((ROOT / "roles").rglob("tasks/*.yml")):
        for name, body in re.findall(
            r"- name: (.+)\n((?:\s+.+\n|\n)+?)(?=\s*- name|\Z)", path.read_text("utf-8") + "\n"
        ):
            if re.search(r"ansible\.builtin\.(template|copy|file|lineinfile|blockinfile):", body):
                assert re.search(r"^\s+mode: ", body, re.MULTILINE), f"{path.name}: {name}"
                writing.append(f"{path.parent.parent.name}/{path.name}")
    assert writing == ["azure_connector/audit.yml", "usersync_bootstrap/secret.yml"]
