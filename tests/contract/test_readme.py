# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README tells to type exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import yaml
from collection import NAME, ROOT, modules

README = (ROOT / "README.md").read_text(encoding="utf-8")
HEADINGS = (
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Communication",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
)


class WithVault(yaml.SafeLoader):
    """Knows vaulted texts."""


WithVault.add_constructor("!vault", lambda loader, node: loader.construct_scalar(node))


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    targets |= set(re.findall(r"^one_gate = (.*)$", makefile, re.MULTILINE)[0].split())
    told = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test", "simulator"} <= told <= targets


def test_ci_runs_the_test_command_and_the_witnesses(tmp_path: Path) -> None:
    """Both, whatever comes of the first; it fails when either does, and says how long each took."""
    for folder in (".ci", "bin"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    make = tmp_path / "bin" / "make"
    make.write_text('#!/bin/sh\necho "made $1"\n[ "$1" != "$BROKEN" ]\n', encoding="utf-8")
    make.chmod(0o755)
    for broken, code in (("none", 0), ("test", 1), ("witness", 1)):
        env = {"PATH": f"{make.parent}:{os.defpath}", "BROKEN": broken}
        done = subprocess.run([tmp_path / ".ci" / "run"], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == code, broken
        lines = done.stdout.splitlines()
        assert lines[:2] == ["made test", "made witness"]
        assert re.fullmatch(r"make test took \d+ min \d+ s, make witness \d+ min \d+ s", lines[2])


def test_headings_of_the_certified_template() -> None:
    there = re.findall(r"^## (.+)$", README, re.MULTILINE)
    assert [heading for heading in HEADINGS if heading not in there] == []


def test_content_is_listed() -> None:
    kinds = {
        "module": modules(),
        "role": [path.name for path in (ROOT / "roles").iterdir() if path.is_dir()],
        "playbook": [path.stem for path in (ROOT / "playbooks").glob("*.yml")],
    }
    for kind, names in kinds.items():
        for name in names:
            assert f"`{NAME}.{name}`" in README or f"`{name}`" in README, f"the {kind} {name} is not in the README"


def test_playbooks_that_are_named_exist() -> None:
    named = set(re.findall(rf"ansible-playbook (?:-\S+ \S+ )*{re.escape(NAME)}\.(\w+)", README))
    assert named
    assert {name for name in named if not (ROOT / "playbooks" / f"{name}.yml").exists()} == set()


def test_examples_are_yaml() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        assert yaml.load(block, Loader=WithVault)


def test_the_quick_start_fits_on_three_screens() -> None:
    """A screen is 40 lines of 120 columns, fences and empty lines counted."""
    section = README.split("## Your own fleet\n")[1].split("The same from a playbook of your own")[0]
    lines = section.strip().splitlines()
    assert max(map(len, lines)) <= 130 and 60 < len(lines) <= 3 * 40


def section(heading: str) -> str:
    """The text beneath a heading."""
    return README.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_installation_as_the_certified_template_has_it() -> None:
    told = section("Installation")
    for words in (
        "Automation Hub",
        f"ansible-galaxy collection install {NAME}\n",
        f"ansible-galaxy collection install {NAME}:==",
        f"ansible-galaxy collection install {NAME} --upgrade",
        "requirements.yml",
    ):
        assert words in told, words
    assert "pip install" not in README
    [wanted] = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", told, re.DOTALL)]
    assert [one["name"] for one in wanted["collections"]] == [NAME]


def test_support_and_communication() -> None:
    assert "**Create issue**" in section("Support")
    told = section("Communication")
    assert "https://forum.ansible.com/" in told and "`usersync`" in told and "/issues)" in told
    releases = section("Release Notes and Roadmap")
    assert "semantic versioning" in releases and "major release only" in releases
