# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test of the site has a limit."""

from __future__ import annotations

from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call

__all__ = ["pytest_runtest_call"]
