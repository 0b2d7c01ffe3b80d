# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that every file keeps."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from collection import ROOT, files, text

CODE = (".py", ".yml", ".yaml", ".j2", ".sh", ".js", ".html", ".css", ".pml", ".md", ".toml", ".txt", "")
MACHINE = re.compile(
    r"(?<![\w.])/(work|root|home/\w+)/|\bpypi\.org|pythonhosted\.org|npmjs\.(org|com)|deb\.debian\.org|crates\.io"
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
DATA = ("tests", "simulator", "data")  # cut from Microsoft's own
GPL_LINE = "GNU General Public License v3.0+"


def written() -> list[Path]:
    """Text files that people wrote: no licence texts, no empty package markers, not this list of forbidden words."""
    return [name for name in files() if name.parts[0] != "LICENSES" and text(name) and name.name != Path(__file__).name]


def licence(name: Path) -> str:
    """The licence that the folder asks for."""
    special = {("plugins", "module_utils"): "BSD-2-Clause", DATA: "MIT"}
    return next((spdx for folder, spdx in special.items() if name.parts[: len(folder)] == folder), "GPL-3.0-or-later")


def annotated() -> list[tuple[str, str]]:
    """(pattern, licence) of REUSE.toml, for files that cannot carry a comment."""
    listed = tomllib.loads((ROOT / "REUSE.toml").read_text(encoding="utf-8"))["annotations"]
    return [(pattern, entry["SPDX-License-Identifier"]) for entry in listed for pattern in entry["path"]]


@pytest.mark.parametrize("name", written(), ids=str)
def test_licence_header(name: Path) -> None:
    head = "\n".join((text(name) or "").splitlines()[:8])
    # REUSE-IgnoreStart
    declared = re.search(r"SPDX-License-Identifier: ([\w.-]+)", head)
    # REUSE-IgnoreEnd
    if declared:
        assert "Copyright (c) 2026, the fleetops.usersync contributors" in head
        assert declared.group(1) == licence(name)
    else:
        assert name.suffix != ".py", "a Python file carries its own header"
        matching = [spdx for pattern, spdx in annotated() if fnmatch(str(name), pattern)]
        assert matching[-1:] == [licence(name)], "a comment with the licence, or an entry in REUSE.toml"


@pytest.mark.parametrize("name", [n for n in files() if n.parts[0] == "plugins" and n.suffix == ".py"], ids=str)
def test_plugins_bear_the_line_that_ansible_wants(name: Path) -> None:
    source = text(name) or ""
    if source and name.parts[1] != "module_utils":
        assert GPL_LINE in source[:400]


@pytest.mark.parametrize("name", [n for n in written() if n.suffix in CODE], ids=str)
def test_size_and_words(name: Path) -> None:
    lines = (text(name) or "").splitlines()
    # an argument specification has an entry for each variable, and Ansible reads one file for each role
    if name.suffix not in (".txt", ".md") and name.name not in ("COPYING", "argument_specs.yml"):
        assert len(lines) <= 400
    for number, line in enumerate(lines, 1):
        assert not MACHINE.search(line), f"line {number} names a place of one machine or a package index"
        assert not UNFINISHED.search(line), f"line {number} is unfinished"


def test_nothing_is_ignored_by_sanity_tests() -> None:
    for path in (ROOT / "tests" / "sanity").glob("ignore*.txt"):
        rules = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
        assert rules == [], path.name


def test_no_link_leaves_the_collection() -> None:
    assert [str(name) for name in files() if (ROOT / name).is_symlink()] == []


def headings() -> dict[str, set[str]]:
    """The pages by name, with what their headings begin with."""
    found: dict[str, set[str]] = {}
    for name in files():
        if name.suffix == ".md":
            lines = re.findall(r"^#+ ([^:(\n]+)", text(name) or "", re.MULTILINE)
            found.setdefault(name.name, set()).update(line.strip() for line in lines)
    return found


def test_references_in_comments_lead_to_pages_that_are_here() -> None:
    """Who reads the code has this repository, and nothing of what its authors read."""
    pages = headings()
    seen, astray = 0, []
    for name in files():
        if name.suffix != ".py" or name.name == Path(__file__).name:
            continue
        for number, line in enumerate((text(name) or "").splitlines(), 1):
            for page, heading in re.findall(r"\((?:see )?([\w-]+\.md)(?:, ([A-Z][\w ,]*))?[);:]", line):
                seen += 1
                if page not in pages or (heading and not any(one.startswith(heading) for one in pages[page])):
                    astray.append(f"{name}:{number}: {page} {heading}")
            if re.search(r"\b([Dd]esign,? section|facts(:| sections?) [\w\d]+[.\d])", line):
                astray.append(f"{name}:{number}: {line.strip()}")
    assert seen > 50 and not astray, "\n".join(astray)


def test_markers_of_packages_are_empty_and_stubs_have_a_line_of_their_own() -> None:
    """As the sanity tests of the oldest ansible-core want it, which the certification runs; ruff would not say so."""
    python = [name for name in files() if name.suffix == ".py"]
    markers = [name for name in python if name.name == "__init__.py" and name.parts[:2] == ("plugins", "module_utils")]
    assert markers and [str(name) for name in markers if (ROOT / name).stat().st_size] == []
    assert [str(name) for name in python if re.search(r"^\s*def .*: \.\.\.$", text(name) or "", re.MULTILINE)] == []
