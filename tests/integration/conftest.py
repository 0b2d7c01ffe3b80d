# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixtures ``fleet`` and ``served`` for tests with real playbooks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "demo"))
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call
from plays import Fleet, fleet

__all__ = ["fleet", "pytest_runtest_call"]
FOREIGN = "backup script"


@pytest.fixture
def served(fleet: Callable[..., Fleet]) -> Fleet:
    """Three hosts in service since yesterday, so that no lease is running, and somebody's credential beside theirs."""
    it = fleet(3)
    played = it.play()
    assert played.code == 0, played.output
    it.simulation.tell("/seed", credential={"app_id": it.app()["appId"], "display_name": FOREIGN, "days": 700})
    it.simulation.later(days=1)
    return it
