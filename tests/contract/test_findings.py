# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every finding of the audit is documented, and every place that lists the codes lists all of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import yaml
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.codes import CODES, LEVELS
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.settings import Settings
from collection import ROOT

PAGE = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
AUDIT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")


def options() -> dict[str, Any]:
    """Those of the audit alone."""
    path = ROOT / "roles" / "azure_connector" / "meta" / "argument_specs.yml"
    specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    listed = specs["variables"]["options"].items()
    mine = ("azure_connector_audit_", "azure_connector_report_")
    return {name: entry for name, entry in listed if name.startswith(mine)}


def test_every_code_has_a_section_with_its_levels_and_a_remedy() -> None:
    sections = dict(re.findall(r"^## ([a-z-]+)\n\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(CODES)
    for code, text in sections.items():
        told = re.search(r"Level: ([^.]+)\.", text)
        assert told and {level for level in LEVELS if level in told.group(1)} == set(CODES[code]), code
        assert "**Why it matters.**" in text and "**What to do.**" in text, code


def test_links_of_the_page_lead_somewhere() -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors
    assert set(re.findall(r"\]\(findings\.md#([\w-]+)\)", AUDIT)) <= anchors
    for path in re.findall(r"\]\((images/[^)]+|[\w-]+\.md)", AUDIT + PAGE):
        assert (ROOT / "docs" / path).exists(), path


def test_the_gate_takes_every_code_and_level() -> None:
    assert options()["azure_connector_audit_fail_on"]["choices"] == [*LEVELS, *CODES]


def test_every_option_of_the_audit_is_on_its_page() -> None:
    for name, entry in options().items():
        assert f"`{name}" in AUDIT, name
        if isinstance(entry.get("default"), int) and entry["default"] is not True:
            assert f"| {entry['default']} |" in AUDIT, name


def test_what_the_audit_takes_for_soon_is_what_the_role_says() -> None:
    assert Settings(now=datetime.now(UTC)).warn_days == options()["azure_connector_audit_warn_days"]["default"]
