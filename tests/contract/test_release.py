# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make release`` tags what was checked and nothing else; what the check looks for is found where it is."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import gatelist
import pytest
import release
import tree
from outcome import GateFailed

CHANGELOG = "releases:\n  1.2.0:\n    release_date: '2026-01-01'\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit of version 1.2.0."""
    root = tmp_path / "repository"
    (root / "changelogs" / "fragments").mkdir(parents=True)
    (root / "galaxy.yml").write_text("version: 1.2.0\n", encoding="utf-8")
    (root / "changelogs" / "changelog.yaml").write_text(CHANGELOG, encoding="utf-8")
    (root / "CHANGELOG.md").write_text("## v1\\.2\\.0\n", encoding="utf-8")
    monkeypatch.setattr(tree, "ROOT", root)
    monkeypatch.setattr(release, "STAMP", tmp_path / "release.json")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.com")
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "first"]):
        subprocess.run(["git", "-C", str(root), *words], check=True)
    return root


def test_a_release_is_tagged_once_and_from_a_clean_tree(place: Path) -> None:
    with pytest.raises(GateFailed, match="make release-check"):
        release.tag()
    release.stamp(["passed", "passed"])
    (place / "new").write_text("x", encoding="utf-8")
    with pytest.raises(GateFailed, match="not committed"):
        release.tag()
    (place / "new").unlink()
    assert release.tag() == "1.2.0"
    assert release.git("cat-file", "-t", "1.2.0") == "tag"
    with pytest.raises(GateFailed, match="tagged already"):
        release.tag()


@pytest.mark.parametrize("results", [["passed", "failed"], ["passed", "not run"], []])
def test_what_did_not_pass_whole_is_not_tagged(place: Path, results: list[str]) -> None:
    release.stamp(["passed"])
    release.stamp(results)
    with pytest.raises(GateFailed, match="make release-check"):
        release.tag()


def test_another_commit_than_the_one_that_was_checked_is_not_tagged(place: Path) -> None:
    release.stamp(["passed"])
    subprocess.run(["git", "-C", str(place), "commit", "--quiet", "--allow-empty", "-m", "second"], check=True)
    with pytest.raises(GateFailed, match="make release-check"):
        release.tag()


def test_the_version_is_held_to_its_changelog_and_to_earlier_tags(place: Path) -> None:
    session: Any = None
    assert release.version(session).passed == 1
    (place / "changelogs" / "fragments" / "one.yml").write_text("minor_changes: [x]\n", encoding="utf-8")
    with pytest.raises(GateFailed, match="1 fragments"):
        release.version(session)
    (place / "changelogs" / "fragments" / "one.yml").unlink()
    (place / "galaxy.yml").write_text("version: 1.3.0\n", encoding="utf-8")
    with pytest.raises(GateFailed, match=r"does not tell of 1\.3\.0"):
        release.version(session)
    subprocess.run(["git", "-C", str(place), "tag", "1.10.0"], check=True)
    with pytest.raises(GateFailed, match="older than the last release"):
        release.version(session)
    (place / "galaxy.yml").write_text("version: soon\n", encoding="utf-8")
    with pytest.raises(GateFailed, match="no semantic version"):
        release.version(session)


def test_the_check_has_every_step() -> None:
    steps = [gate.name for gate in gatelist.GATES if "release-check" in gate.groups]
    assert set(steps) == {"version", "fragments", "site", "artifact", "importer", "installed", "upgrade"}
