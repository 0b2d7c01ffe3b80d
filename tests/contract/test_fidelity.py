# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of FIDELITY.md that says "documented" names its page, and each page its date."""

from __future__ import annotations

import re

import pytest
from collection import ROOT

TEXT = (ROOT / "tests" / "simulator" / "FIDELITY.md").read_text(encoding="utf-8")
MARKS = {"D", "S", "I", "A"}
PAGES = dict(re.findall(r'^\[([\w.-]+)\]: \S+ "([^"]+)"$', TEXT, re.MULTILINE))
# the day that the page shows; the month in which it was read; or the commit of its public source
DATE = re.compile(r"\d{1,2} [A-Z][a-z]+ 20\d\d|read in [A-Z][a-z]+ 20\d\d|edition [0-9a-f]{8}")


def rows() -> list[tuple[str, str, str]]:
    """(what, mark, source) of each row that has a mark."""
    cells = [re.split(r"(?<!\\) \| ", line[2:].removesuffix(" |")) for line in TEXT.splitlines() if line[:2] == "| "]
    marked = [one for one in cells if len(one) == 3 and MARKS & set(re.findall(r"\b[A-Z]\b", one[1]))]
    return [(one[0], one[1], one[2]) for one in marked]


DOCUMENTED = [row for row in rows() if re.search(r"\bD\b", row[1])]


@pytest.mark.parametrize(("what", "mark", "source"), DOCUMENTED)
def test_what_is_documented_names_its_page(what: str, mark: str, source: str) -> None:
    named = re.findall(r"\[([\w.-]+)\]", source)
    assert named, f"no page for: {what}"
    assert set(named) <= set(PAGES), set(named) - set(PAGES)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_each_page_has_its_date_and_is_used(name: str) -> None:
    assert DATE.fullmatch(PAGES[name]), PAGES[name]
    assert any(f"[{name}]" in source for _what, _mark, source in rows()), "no row names it"


def test_there_are_rows() -> None:
    assert len(DOCUMENTED) > 60
