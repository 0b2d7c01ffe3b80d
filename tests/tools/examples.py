# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of README and docs, and the test that runs it; ``python tests/tools/examples.py`` writes the page."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "examples.md"
FORM = "tests/contract/test_examples.py"
PLAYED = "tests/integration/test_examples.py"
DISCOVERY = "tests/integration/test_discovery.py"
# By page, and heading where not the whole page is meant: the test that runs it as it stands there
RUN = {
    ("README.md", "Your own fleet"): "tests/integration/test_quick_start.py",
    ("docs/audit.md", "See the whole fleet"): PLAYED,
    ("docs/audit.md", "Files"): PLAYED,
    ("docs/audit.md", "A job that turns red in time"): PLAYED,
    ("docs/authentication.md", ""): "tests/contract/test_entra_pages.py",
    ("docs/awx.md", ""): "tests/awx/test_page.py",
    ("docs/bootstrap.md", "With az"): "tests/witness/test_bootstrap_page.py",
    ("docs/connector.md", "Discovery: what a host calls its settings"): DISCOVERY,
    ("docs/end-of-data-center.md", "Until the last day"): PLAYED,
    ("docs/end-of-data-center.md", "The last host of an app leaves"): PLAYED,
    ("docs/live-host.md", "Ten steps"): PLAYED,
    ("docs/modules.md", ""): "tests/integration/test_guide_by_hand.py",
    ("docs/old-flow.md", "Somebody watches"): PLAYED,
    ("docs/permissions.md", "What the apps of User Sync ask for"): PLAYED,
    ("docs/remove.md", "Taking hosts out"): PLAYED,
    ("docs/retention.md", "Reports by date"): PLAYED,
    ("docs/rotation.md", "Renewing secrets"): PLAYED,
    ("docs/rotation.md", "After a theft"): PLAYED,
}
# Blocks in which no example stands, but what a run prints
PRINTED = ("text", "")


@dataclass(frozen=True)
class Example:
    """One fenced block. ``page``: from the root of the repository; ``heading``: above it; ``kind``: after the fence"""

    page: str
    heading: str
    kind: str
    text: str

    @property
    def name(self) -> str:
        """Its first line that is no comment."""
        lines = [line.strip().removeprefix("- ") for line in self.text.replace(" \\\n", "").splitlines()]
        first = " ".join(next(line for line in lines if line and not line.startswith("#")).split())
        return (first if len(first) < 100 else f"{first[:96]} ...").replace("|", "\\|")

    @property
    def test(self) -> str | None:
        """The test that runs it; None where only its form is checked."""
        by_heading = RUN.get((self.page, self.heading)) or RUN.get((self.page, ""))
        # these run commands and plays, and no single tasks or variables
        return None if by_heading in (PLAYED, DISCOVERY) and not self.runs_alone else by_heading

    @property
    def runs_alone(self) -> bool:
        return self.kind == "console" or "\n  hosts: " in self.text


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def examples() -> list[Example]:
    """All of them, page by page."""
    found = []
    for path in pages():
        text, heading, kept, kind = path.read_text(encoding="utf-8"), "", [], None
        for line in text.splitlines():
            fence = re.match(r"```(\w*)$", line)
            if fence and kind is None:
                kind, kept = fence[1], []
            elif fence:
                found.append(Example(str(path.relative_to(ROOT)), heading, kind, "\n".join(kept) + "\n"))
                kind = None
            elif kind is not None:
                kept.append(line)
            elif head := re.match(r"#+ (.+)$", line):
                heading = head[1]
    return [one for one in found if one.kind not in PRINTED]


def rendered() -> str:
    """The page as it has to be."""
    listed = examples()
    run = [one for one in listed if one.test]
    lines = [
        "<!-- Copyright (c) 2026, the fleetops.usersync contributors -->",
        # REUSE-IgnoreStart
        "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->",
        # REUSE-IgnoreEnd
        "",
        "# Every example, and the test that runs it",
        "",
        f"Of {len(listed)} examples {len(run)} are run by a test as they stand there, against the simulator or a",
        "stand-in. Of the others the form is checked: what they name (modules, options, variables, playbooks, targets)",
        "exists and takes that value. The files of `docs/recipes` have [a table of their own](recipes.md).",
        "",
        "| page | example | test |",
        "|---|---|---|",
    ]
    for one in listed:
        where = one.page if one.page == "README.md" else f"[{Path(one.page).stem}]({one.page.removeprefix('docs/')})"
        told = f"`{one.test}`" if one.test else f"`{FORM}` (form)"
        lines.append(f"| {where} | `{one.name}` | {told} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} has {len(examples())} examples\n")
