# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a run beside those of each host."""

from __future__ import annotations

from ansible_collections.fleetops.usersync.plugins.plugin_utils import _outcome

RESULT = {"changed": True, "done": ["secret renewed"], "reasons": ["forced"], "credential": {"days_left": 179}}


def test_hosts_that_nothing_synchronises_are_named_once() -> None:
    on, off = {"schedule_enabled": True}, {"schedule_enabled": False}
    assert _outcome.unscheduled({"a": on, "b": {}, "c": {"schedule_enabled": None}}) == []
    [line] = _outcome.unscheduled({**{f"h{number}": off for number in range(12)}, "on": on})
    assert "h9 and 2 more" in line and "azure_connector_schedule_enabled: true" in line and "on," not in line


def test_whoever_failed_is_told_how_to_find_out_what_is_missing() -> None:
    good, bad = _outcome.of_host("a", RESULT), _outcome.of_host("b", None)
    assert _outcome.advice([good]) == []
    [line] = _outcome.advice([good, bad])
    assert line.startswith("fleetops.usersync.preflight ")


def test_an_app_that_stays_is_told_by_the_variable_that_was_to_remove_it() -> None:
    read, app = {"holder": "h"}, {"msg": "state: the app stays", "failure": {"kind": "state", "code": None}}
    removal = {"read": read, "delivered": {}, "app": app, "users": []}
    told = _outcome.of_host("h", _outcome.of_removal({}, removal))
    assert told.text.startswith("failed at app: azure_connector_remove_app: the app stays (the app stays)")
