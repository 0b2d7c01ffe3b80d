# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ends of what a cron expression may hold, for who reads it and for who reckons with it."""

from __future__ import annotations

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import cron


@pytest.mark.parametrize(
    ("last", "over"),
    [
        ("59 0 2 * * ?", "60 0 2 * * ?"),
        ("0 59 2 * * ?", "0 60 2 * * ?"),
        ("0 0 23 * * ?", "0 0 24 * * ?"),
        ("0 0 2 31 * ?", "0 0 2 32 * ?"),
        ("0 0 2 1 12 ?", "0 0 2 1 13 ?"),
        ("0 0 2 ? * 7", "0 0 2 ? * 8"),
    ],
)
def test_the_last_value_of_each_field(last: str, over: str) -> None:
    assert cron.readable(last) and not cron.readable(over)
    assert cron.longest_pause_hours(last) is not None and cron.longest_pause_hours(over) is None


def test_a_month_by_its_name_is_that_month() -> None:
    for name, number in (("jan", 1), ("feb", 2), ("dec", 12)):
        assert cron.longest_pause_hours(f"0 0 2 1 {name} ?") == cron.longest_pause_hours(f"0 0 2 1 {number} ?")
    assert cron.longest_pause_hours("0 0 2 29 feb ?") == cron.longest_pause_hours("0 0 2 29 2 ?")
    assert cron.longest_pause_hours("0 0 2 30 feb ?") is None
