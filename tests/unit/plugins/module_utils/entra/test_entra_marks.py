# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks of pending holders when several runs, such as slices of one job, write the tags of one app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import marks
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run

APP = "11111111-2222-4333-8444-555555555555"


class Directory:
    """One app's tags; ``undo`` are what somebody else's late writes make of them, after each of our looks or writes."""

    def __init__(self, tags: list[str], *undo: list[str]) -> None:
        self.tags, self.undo, self.writes = tags, list(undo), 0

    def get(self, path: str, params: Any = None) -> dict[str, Any]:
        return {"id": APP, "tags": list(self.tags)}

    def patch(self, path: str, body: dict[str, Any]) -> None:
        self.writes += 1
        self.tags = list(body["tags"])

    def sleep(self, seconds: float) -> None:
        if self.undo:
            self.tags = self.undo.pop(0)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    with marks.DECIDED.content() as known:
        known.clear()
    yield
    with marks.DECIDED.content() as known:
        known.clear()


def clear(directory: Any, holder: str = "jira01") -> None:
    marks.clear(directory, directory.get(""), holder)
    marks.keep(directory, APP, Run(sleep=directory.sleep))


def test_a_mark_that_another_run_brought_back_is_cleared_again() -> None:
    directory = Directory(["usersync-pending:jira01", "theirs"], ["usersync-pending:jira01", "usersync-pending:wiki01"])
    clear(directory)
    assert (directory.tags, directory.writes) == (["usersync-pending:wiki01"], 2)


def test_a_mark_of_ours_that_another_run_dropped_is_set_again() -> None:
    directory = Directory(["usersync-pending:jira01"], [])
    marks.mark(directory, directory.get(""), "jira02")
    clear(directory)
    assert directory.tags == ["usersync-pending:jira02"]


def test_it_looks_until_all_is_right_and_not_for_ever() -> None:
    back = ["usersync-pending:jira01"]
    directory = Directory(back, back, back, back, back, back)
    clear(directory)
    assert directory.writes == 1 + len(marks.SECOND_LOOKS)


def test_one_look_is_enough_where_nothing_was_lost() -> None:
    directory = Directory(["usersync-pending:jira01"])
    clear(directory)
    assert directory.writes == 1


def test_only_marks_of_holders_that_this_run_does_not_know_mean_another_run() -> None:
    directory = Directory(["usersync-pending:jira01", "theirs"])
    marks.mark(directory, directory.get(""), "jira01")
    assert not marks.others(directory.get(""))
    directory.tags.append("usersync-pending:wiki01")
    assert marks.others(directory.get(""))
