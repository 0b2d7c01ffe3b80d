# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hundred hosts with the same trouble are one line to read, and nobody is left out of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._audit import table
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.codes import Finding
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.groups import groups
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.audit import made_up


def off(name: str) -> dict[str, Any]:
    return Finding("schedule-off", f"the schedule of {name} is off", f"switch it on for {name}", [name]).as_dict()


def test_the_same_sentence_about_many_hosts_is_said_once() -> None:
    [one] = groups([off(f"jira{number:03d}") for number in range(110)])
    assert one["alike"] and len(one["hosts"]) == len(one["findings"]) == 110
    assert one["what"] == "the schedule of jira000 is off"


def test_a_name_inside_another_one_is_no_name() -> None:
    found = [
        Finding("schedule-off", "the schedule of app is off on app-1.example", "see app", ["app"]).as_dict(),
        Finding("schedule-off", "the schedule of web is off on app-1.example", "see web", ["web"]).as_dict(),
    ]
    assert groups(found)[0]["alike"]
    found[1]["what"] = "the schedule of web is off on web-1.example"
    assert not groups(found)[0]["alike"]


def test_what_differs_is_kept() -> None:
    found = [
        Finding("secret-expires-soon", f"the secret of {name} ends in {days} days", "rotate", [name]).as_dict()
        for name, days in (("jira01", 3), ("jira02", 5))
    ]
    [one] = groups(found)
    assert not one["alike"] and one["findings"] == found and one["hosts"] == ["jira01", "jira02"]


def test_levels_are_apart_and_order_stays() -> None:
    error = Finding("clone-connector", "a", "b", ["x"], level="error").as_dict()
    warning = Finding("clone-connector", "a", "b", ["y"], level="warning").as_dict()
    assert [one["level"] for one in groups([error, warning, error])] == ["error", "warning"]
    assert groups([]) == []


def test_the_table_of_a_large_fleet_is_short_and_names_the_worst() -> None:
    report = made_up.varied(500)
    lines = table.lines(report)
    told = [line for line in lines if line.split(" ")[0] in ("ERROR", "WARNING", "INFO")]
    assert len(told) == len({(one["code"], one["level"]) for one in report["findings"]})
    assert "42 secrets have expired" in lines[-1]
    assert any(line.startswith("INFO schedule-off (41): bamboo03, ") and "and 31 more; each: " in line for line in told)


def test_one_expired_secret_is_told_before_the_next() -> None:
    last = table.lines(made_up.varied(8))[-1]
    assert last.index("1 secret has expired") < last.index("the next secret to expire")
    assert "expired" not in table.lines(made_up.healthy())[-1]
