# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page or a comment refers to is there, and the address of the repository stands in galaxy.yml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import shipped
import yaml
from collection import ROOT, files, text

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
REPOSITORY = GALAXY["repository"]
OWNER, PROJECT = REPOSITORY.split("/")[-2:]
RAW = f"https://raw.githubusercontent.com/{OWNER}/{PROJECT}/main/"
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$|(?:src|href)=\"([^\"]+)\"", re.MULTILINE)
PAGES = [name for name in files() if name.suffix == ".md"]
RENDERED_ELSEWHERE = [Path("README.md"), *(name for name in PAGES if name.match("roles/*/README.md"))]


def links(page: Path) -> list[str]:
    """Targets of all links and pictures of a page."""
    return [next(filter(None, found)) for found in LINK.findall(text(page) or "")]


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in an address, by GitHub's rule, and what is named in the page itself."""
    source = text(page) or ""
    heads = re.findall(r"^#+ (.+)$", source, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head)).strip().lower() for head in heads]
    named = re.findall(r"<a id=\"([^\"]+)\"|^\(([\w-]+)\)=$", source, re.MULTILINE)
    return {head.replace(" ", "-") for head in plain} | {first or second for first, second in named}


def inside(target: str, page: Path) -> Path | None:
    """The file of the repository that a link leads to, None where it leads elsewhere."""
    for start in (f"{REPOSITORY}/blob/main/", f"{REPOSITORY}/tree/main/", RAW):
        if target.startswith(start):
            return Path(target.removeprefix(start).partition("#")[0])
    if re.match(r"\w+:", target):
        return None
    return (page.parent / target.partition("#")[0]) if not target.startswith("#") else page


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files_and_headings_that_there_are(page: Path) -> None:
    for target in links(page):
        path = inside(target, page)
        if path is None:
            continue
        assert (ROOT / path).exists(), target
        fragment = target.partition("#")[2]
        if fragment and path.suffix == ".md":
            there = Path((ROOT / path).resolve().relative_to(ROOT.resolve()))
            assert fragment in anchors(there), f"{target} is not one of the heading of {there}"


@pytest.mark.parametrize("page", RENDERED_ELSEWHERE, ids=str)
def test_pages_that_are_shown_elsewhere_have_whole_addresses(page: Path) -> None:
    found = links(page)
    assert found or page.parts[0] == "roles"
    assert [target for target in found if not target.startswith(("https://", "#"))] == []
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text(page) or "")
    assert [target for target in pictures if not target.startswith(RAW)] == []


def test_the_address_of_the_repository_is_that_of_galaxy_yml() -> None:
    assert GALAXY["homepage"] == REPOSITORY
    assert GALAXY["issues"] == f"{REPOSITORY}/issues"
    assert GALAXY["documentation"].startswith(f"{REPOSITORY}/")
    address = re.compile(r"https://(?:raw\.)?github(?:usercontent)?\.com/[\w-]+/[\w-]+")
    ours = {REPOSITORY, RAW.removesuffix("/main/")}
    named = 0
    for name in files():
        for found in address.findall(text(name) or ""):
            foreign = found.split("/")[3] != OWNER and found.split("/")[4] != PROJECT
            assert foreign or found in ours, f"{name}: {found}"
            named += not foreign
    assert named > 20


def test_code_refers_to_pages_and_tests_that_there_are() -> None:
    """In comments, docstrings, settings and sentences alike; not in tests whose data are names of files."""
    path = re.compile(
        r"(?<![\w./<-])((?:docs|tests|roles|plugins(?!/servlet)|playbooks|extensions|meta)/[\w./-]+\.\w+)"
    )
    gone, seen = [], 0
    for name in files():
        if (
            not name.match("tests/awx/*")
            and not name.match("tests/contract/*")
            and name.suffix in (".py", ".yml", ".yaml", ".toml", ".md", ".j2", ".pml", "")
            and name not in (Path("CHANGELOG.md"), Path("tests/integration/test_own_plays.py"))
        ):
            for found in path.findall(text(name) or ""):
                seen += 1
                if not (ROOT / found).exists() and not (ROOT / name.parent / found).exists():
                    gone.append(f"{name}: {found}")
    assert seen > 50
    assert gone == []


def test_a_page_that_names_what_is_not_there_is_seen(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "there.md").write_text("see [it](https://example.com) and `docs/there.md`", encoding="utf-8")
    readme = tmp_path / "README.md"
    readme.write_text("[one](docs/there.md) `tests/gone.py` [two](docs/gone.md) `words/like-this`", encoding="utf-8")
    found = [line.rsplit("/", 2)[-2:] for line in shipped.lacking(tmp_path, {"docs", "tests"})]
    assert found == [["docs", "gone.md"], ["tests", "gone.py"]]


def test_a_file_that_nothing_names_is_seen(tmp_path: Path) -> None:
    for name in ("README.md", "docs/named.md", "docs/alone.md", "plugins/modules/one.py", "LICENSES/MIT.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("named", encoding="utf-8")
    assert shipped.needless(tmp_path) == ["LICENSES/MIT.txt", "docs/alone.md"]
