# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many hosts may fail before no further one is begun."""

from __future__ import annotations

import pytest
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _failures, _fleet
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import in_role_words


@pytest.mark.parametrize(
    ("hosts_so_far", "failed", "most", "may"),
    [(50, 0, 100, None), (50, 0, 10, 5), (10, 0, 15, 1), (10, 0, 0, 0), (20, 1, 10, 1), (20, 5, 10, 0)],
)
def test_a_share_of_failures_is_a_number_of_hosts(hosts_so_far: int, failed: int, most: float, may: int | None) -> None:
    limit = _fleet.failures(hosts_so_far, failed, most, "this batch")
    assert limit == (None if may is None else {"most": may, "counted_as": "this batch"})


def test_failures_are_counted_by_host_and_by_batch() -> None:
    limit = {"most": 1, "counted_as": "batch one"}
    assert _failures.too_many(None, "a") == _failures.too_many(limit, "a") == ""
    _failures.note(limit, ["a"])
    _failures.note(limit, ["a"])
    assert _failures.too_many(limit, "c") == ""
    _failures.note(limit, ["b"])
    told = in_role_words(_failures.too_many(limit, "c"))
    assert told.startswith("azure_connector_max_fail_percentage: nothing was begun, because 2 hosts have failed")
    assert _failures.too_many(limit, "a") == "", "a host that is tried again is not stopped by itself"
    assert _failures.too_many({**limit, "counted_as": "batch two"}, "c") == ""
