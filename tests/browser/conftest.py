# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages in a headless Chromium that belongs to the system; nothing is downloaded and nothing is asked of a network."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _audit_page
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "demo"))

from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call
from plays import fleet

__all__ = ["browser", "fleet", "pytest_runtest_call", "show"]
TEMPLATE = ROOT / "roles" / "azure_connector" / "templates" / "report" / "page.html"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Shown:
    """A report in the browser, with everything that its console said and every address that it asked for."""

    report: dict[str, Any]
    page: Page
    console: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def rows(self, name: str) -> list[list[str]]:
        """Texts of the cells of the rows that are shown."""
        script = """name => Array.from(document.querySelectorAll(`table[data-name=${name}] tbody tr`))
            .filter(row => row.offsetParent !== null)
            .map(row => Array.from(row.cells).map(cell => cell.innerText.replace(/\\s+/g, " ").trim()))"""
        return self.page.evaluate(script, name)

    def column(self, name: str, number: int = 0) -> list[str]:
        return [row[number] for row in self.rows(name)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    assert program, f"none of {', '.join(PROGRAMS)} is installed"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    """``show(report, width=1280, height=900, color_scheme="light")`` opens the report's page."""
    contexts = []

    def opened(report: dict[str, Any], width: int = 1280, height: int = 900, **how: Any) -> Shown:
        path = tmp_path / "report.html"
        path.write_text(
            _audit_page.render(report, str(TEMPLATE), "https://docs.example"), encoding="utf-8", newline="\n"
        )
        context = browser.new_context(viewport={"width": width, "height": height}, **how)
        contexts.append(context)
        shown = Shown(report, context.new_page())
        shown.page.set_default_timeout(8000)
        shown.page.on("console", lambda message: shown.console.append(message.text))
        shown.page.on("pageerror", lambda error: shown.console.append(str(error)))
        shown.page.on("dialog", lambda dialog: shown.console.append(f"dialog {dialog.message}"))
        shown.page.on("request", lambda request: shown.asked.append(request.url))
        shown.page.goto(path.as_uri())
        return shown

    yield opened
    for context in contexts:
        context.close()
