# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a gate ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


class GateFailed(Exception):
    """A gate failed; carries the output that tells why, when a command was run."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


class NotHere(Exception):
    """What the gate needs cannot be had on this machine and is not asked for by the README; the table says so."""


@dataclass
class Outcome:
    """Counts of tests or checks, and what ran in words."""

    passed: int
    failed: int
    what: str


def pytest_counts(output: str) -> tuple[int, int]:
    """Sum of (passed, failed) over the closing lines of pytest in the output; errors and skipped count as failed."""
    passed = failed = 0
    for line in re.findall(r"^=* ?((?:\d+ \w+(?:, )?)+) in [\d.]+s", output, re.MULTILINE):
        for number, word in re.findall(r"(\d+) (\w+)", line):
            passed += int(number) if word == "passed" else 0
            failed += int(number) if word in ("failed", "error", "errors", "skipped", "xpassed") else 0
    return passed, failed


def pytest_outcome(output: str, what: str = "tests") -> Outcome:
    """The outcome of a pytest run that ended with code 0; a skipped test is a failure, as nobody would see it."""
    passed, failed = pytest_counts(output)
    return Outcome(passed, failed, f"{passed} {what}" + (f", {failed} skipped" if failed else ""))


def pytest_command(bin_folder: Path, *arguments: str) -> list[str]:
    """pytest of an environment, leaving no cache behind."""
    return [str(bin_folder / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
