# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the helpers importable whatever folder pytest was started in."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call

__all__ = ["pytest_runtest_call"]

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("bench", "demo", "tools"))]
