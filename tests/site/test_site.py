# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built site in Chromium, opened as files: complete, searchable, and asking nothing of a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ["USERSYNC_SITE"])
REFERENCE = SITE / "collections" / "fleetops" / "usersync"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """Every address that a page asked for."""
    return []


@pytest.fixture(scope="module")
def page(asked: list[str]) -> Iterator[Page]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        opened = browser.new_page()
        opened.on("request", lambda request: asked.append(request.url))
        yield opened
        browser.close()


def test_every_page_of_the_docs_is_there() -> None:
    names = {path.stem for path in (ROOT / "docs").glob("*.md")}
    names.add("first-fleet")
    assert names <= {path.stem for path in SITE.glob("*.html")}


@pytest.mark.parametrize("kind", ["module", "filter"])
def test_every_plugin_has_a_page(kind: str) -> None:
    folder = "modules" if kind == "module" else kind
    names = {path.stem for path in (ROOT / "plugins" / folder).glob("[a-z]*.py")}
    assert names and names <= {path.stem.removesuffix(f"_{kind}") for path in REFERENCE.glob(f"*_{kind}.html")}


def test_every_entry_point_of_a_role_has_a_page() -> None:
    seen = 0
    for specs in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        role = specs.parents[1].name
        points = yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]
        for point in points:
            name = f"{role}_role__{point}" if len(points) > 1 else f"{role}_role"
            assert (REFERENCE / f"{name}.html").is_file(), name
            seen += 1
    assert seen > 3


SEARCHES = [("spare", "rotation"), ("AADSTS7000222", "authentication"), ("min_remaining_days", "azuread")]


@pytest.mark.parametrize(("words", "page_name"), SEARCHES)
def test_the_search_works_without_a_network(page: Page, asked: list[str], words: str, page_name: str) -> None:
    page.goto(f"{SITE.as_uri()}/index.html")
    page.fill("input[name=q]", words)
    page.press("input[name=q]", "Enter")
    page.wait_for_selector(f"#search-results li a[href^='{page_name}.html']")
    assert [address for address in asked if not address.startswith("file:")] == []
