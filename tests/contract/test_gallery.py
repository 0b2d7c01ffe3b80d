# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the gallery are made by a test, and stand on a page."""

from __future__ import annotations

import pytest
from collection import ROOT

PICTURES = sorted((ROOT / "docs" / "images").glob("*.png"))
MADE = (ROOT / "tests" / "browser" / "test_report_page.py").read_text(encoding="utf-8")
PAGES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_there_are_pictures() -> None:
    assert {"report.png", "report-phone.png"} <= {path.name for path in PICTURES}


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_made_by_the_browser_test_and_shown(path: object) -> None:
    name = getattr(path, "name", "")
    assert f'"{name}"' in MADE and f"(images/{name})" in PAGES and f"docs/images/{name})" in README
