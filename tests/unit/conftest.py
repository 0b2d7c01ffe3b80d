# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every unit test has a limit."""

from __future__ import annotations

from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call

__all__ = ["pytest_runtest_call"]
