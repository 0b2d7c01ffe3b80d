# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host is left out with a reason and until a date, and never for ever."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow.leave_out import left_out

NAME = "azure_connector_leave_out"
NOW = datetime(2026, 12, 31, 23, 59, tzinfo=timezone.utc)


@pytest.mark.parametrize("until", ["2026-12-31", "2027-01-15", date(2026, 12, 31), datetime(2027, 1, 1)])
def test_until_the_end_of_a_day(until: Any) -> None:
    found = left_out(NAME, {"reason": "data centre\n move", "until": until}, NOW)
    assert found is not None and found.reason == "data centre move"
    assert "data centre move" in found.sentence and found.as_dict()["until"] in found.sentence


@pytest.mark.parametrize("given", [None, {}, "", {"reason": "over", "until": "2026-12-30"}])
def test_hosts_that_take_part(given: Any) -> None:
    assert left_out(NAME, given, NOW) is None


@pytest.mark.parametrize(
    "given",
    [
        True,
        "maintenance",
        ["2026-12-31"],
        {"until": "2027-01-15"},
        {"reason": " ", "until": "2027-01-15"},
        {"reason": "move"},
        {"reason": "move", "until": "31.12.2026"},
        {"reason": "move", "until": "2026-13-01"},
        {"reason": "move", "until": "tomorrow"},
        {"reason": "move", "until": "2099-01-01"},
        {"reason": "move", "til": "2027-01-15"},
    ],
)
def test_what_cannot_be_read_is_said(given: Any) -> None:
    with pytest.raises(OptionError) as caught:
        left_out(NAME, given, NOW)
    assert caught.value.message.startswith(f"{NAME}: ") and "\n" not in caught.value.message
