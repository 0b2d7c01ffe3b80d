# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""awx_objects runs on the controller only; what it does there is tested in tests/awx, on an AWX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.fleetops.usersync.plugins.modules import awx_objects

NEEDED = {"organization": "Default", "prefix": "UserSync", "names": {}, "definitions": {}, "defaults": {}}


def test_as_a_module_it_says_where_it_runs(run_module: Callable[..., dict[str, Any]]) -> None:
    result = run_module(awx_objects.main, NEEDED)
    assert result["failed"]
    assert result["msg"].startswith("connection: awx_objects runs only on the controller")


def test_what_is_missing_is_named(run_module: Callable[..., dict[str, Any]]) -> None:
    result = run_module(awx_objects.main, {})
    assert "missing required arguments" in result["msg"]
    assert "organization" in result["msg"]
