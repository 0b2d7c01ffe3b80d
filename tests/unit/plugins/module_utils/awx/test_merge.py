# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people have set stays under what is wanted."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.module_utils._awx import merge
from ansible_collections.fleetops.usersync.plugins.module_utils._awx.record import VARIABLE, Record, read
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import StateError

HOSTS = {"variable": "hosts", "type": "text", "question_name": "Hosts", "required": True, "default": "all"}
SYNC = {"variable": "sync", "type": "multiplechoice", "question_name": "Sync", "required": False, "choices": ["a", "b"]}


def spec(*questions: dict[str, Any]) -> dict[str, Any]:
    return {"name": "", "description": "", "spec": list(questions)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        (None, {}),
        ("---", {}),
        ("{}", {}),
        ('{"a": 1}', {"a": 1}),
        ("a: 1 # x", {"a": 1}),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_variables_as_an_awx_keeps_them(text: Any, value: dict[str, Any]) -> None:
    assert merge.mapping("host 'a'", text, yaml.safe_load) == value


@pytest.mark.parametrize("text", ["[1]", "7", "a: !vault x", "a: [", '"text"'])
def test_variables_that_are_none_are_an_error_of_that_host(text: str) -> None:
    with pytest.raises(StateError, match=r"^host 'a': its variables"):
        merge.mapping("host 'a'", text, yaml.safe_load)


def test_over_says_whether_anything_is_lacking() -> None:
    assert merge.over({"a": 1, "b": None}, {"a": 1, "b": None}) is None
    assert merge.over({"a": 1}, {}) is None
    assert merge.over({"a": 1}, {"b": None}) == {"a": 1, "b": None}
    assert merge.over({"a": 1, "b": 2}, {"a": 3}) == {"a": 3, "b": 2}


def test_a_survey_keeps_defaults_and_questions_of_people() -> None:
    theirs = {**HOSTS, "default": "some", "new_question": True}
    extra = {**HOSTS, "variable": "ticket"}
    merged = merge.survey(spec(extra, theirs), spec(HOSTS, SYNC), [])
    assert [one["variable"] for one in merged["spec"]] == ["hosts", "sync", "ticket"]
    assert merged["spec"][0]["default"] == "some"
    assert merge.survey(merged, spec(HOSTS, SYNC), []) == merged
    assert merge.survey(merged, spec(HOSTS, SYNC), ["hosts"])["spec"][0]["default"] == "all"


@pytest.mark.parametrize("default", ["c", None, ""])
def test_a_default_that_is_no_choice_is_not_kept(default: str | None) -> None:
    merged = merge.survey(spec({**SYNC, "default": default}), spec(SYNC), [])
    assert merged["spec"][0].get("default") in (None, "")


def test_a_question_of_another_type_is_ours_again() -> None:
    merged = merge.survey(spec({**HOSTS, "type": "textarea", "default": "some"}), spec(HOSTS), [])
    assert merged["spec"] == [HOSTS]


def test_a_schedule_answers_what_needs_an_answer_and_keeps_what_people_answered() -> None:
    asked = spec(HOSTS, SYNC, {**HOSTS, "variable": "more", "default": "x"})
    assert merge.answers({}, asked, []) == {"hosts": "all", "more": "x"}
    assert merge.answers({"hosts": "some", "sync": "a", "gone": 1}, asked, []) == {
        "hosts": "some",
        "sync": "a",
        "more": "x",
    }
    assert merge.answers({"hosts": "some"}, asked, ["hosts"])["hosts"] == "all"


def test_a_record_is_read_as_it_was_written() -> None:
    record = Record(7, "Ünï", {"project": 3, "inventory": 0}, {"audit_daily"})
    text = record.text()
    assert text.isascii()
    assert "{{" not in text and "}}" not in text
    again = read({"injectors": {"env": {VARIABLE: text}}})
    assert again is not None
    assert (again.organization, again.prefix, again.ids, again.off) == (7, "Ünï", record.ids, record.off)
    assert not again.differs()
    again.ids["project"] = 4
    assert again.differs()


@pytest.mark.parametrize(
    "injectors",
    [None, {}, {"env": {}}, {"env": {VARIABLE: "no JSON"}}, {"env": {VARIABLE: '{"prefix": "x"}'}}, {"env": []}],
)
def test_what_is_no_record_is_none(injectors: Any) -> None:
    assert read({"injectors": injectors}) is None
