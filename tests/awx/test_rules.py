# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the fake AWX refuse what AWX refuses, and let pass what it swallows (facts of its API)."""

from __future__ import annotations

from typing import Any

import pytest
from fake import rules
from fake.rules import Refused

FIELD = {"id": "token", "label": "Token", "type": "string"}
QUESTION = {"type": "text", "question_name": "What", "variable": "what", "required": True}
DAILY = "DTSTART:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1"


def inputs(**more: Any) -> dict[str, Any]:
    return {"fields": [{**FIELD, **more}]}


def spec(**more: Any) -> dict[str, Any]:
    return {"name": "", "description": "", "spec": [{**QUESTION, **more}]}


@pytest.mark.parametrize(
    "wrong",
    [
        inputs(id="tower"),
        inputs(id="no-identifier"),
        inputs(id="class"),
        inputs(label=""),
        inputs(type="integer"),
        inputs(format="email"),
        inputs(colour="red"),
        inputs(type="boolean", secret=True),
        inputs(type="boolean", choices=["yes"]),
        inputs(type="boolean", multiline=True),
        inputs(type="boolean", format="url"),
        {"fields": [FIELD, FIELD]},
        {"fields": [FIELD], "more": []},
    ],
    ids=str,
)
def test_inputs_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        rules.credential_inputs(wrong)


@pytest.mark.parametrize(
    "silent", [inputs(choices=["a"], default="b"), {"fields": [FIELD], "required": ["nothing"]}], ids=str
)
def test_inputs_swallowed(silent: dict[str, Any]) -> None:
    rules.credential_inputs(silent)


@pytest.mark.parametrize(
    "wrong",
    [
        {"env": {"ANSIBLE_TOKEN": "{{ token }}"}},
        {"env": {"PATH": "{{ token }}"}},
        {"env": {"1ST": "{{ token }}"}},
        {"env": {"USERSYNC_X": "{{ nothing }}"}},
        {"env": {"USERSYNC_X": "{{ token | to_json }}"}},
        {"env": {"USERSYNC_X": "{{ tower.filename }}"}},
        {"env": {"USERSYNC_X": "{{ token"}},
        {"file": {"template": "{{ token }}", "template.x": "{{ token }}"}},
        {"file": {"other": "{{ token }}"}},
        {"stdin": {}},
    ],
    ids=str,
)
def test_injectors_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        rules.injectors(inputs(), wrong)


@pytest.mark.parametrize("wrong", [{"other": "x"}, {"token": 1}, {"token": True}, {"token": "c"}], ids=str)
def test_credentials_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        rules.credential({**inputs(choices=["a", "b"]), "required": ["token"]}, wrong)


def test_a_credential_without_a_required_field_is_swallowed() -> None:
    rules.credential({**inputs(), "required": ["token"]}, {})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "", "description": "", "spec": []},
        {"name": "", "spec": [QUESTION]},
        spec(type="boolean"),
        spec(required="true"),
        spec(type="integer", default="30"),
        spec(type="multiplechoice"),
        spec(type="multiplechoice", choices=["a"], default="b"),
        spec(default=3),
        spec(min="1"),
        {"name": "", "description": "", "spec": [QUESTION, QUESTION]},
    ],
    ids=str,
)
def test_surveys_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        rules.survey(wrong)


@pytest.mark.parametrize(
    "silent",
    [
        spec(variable="with space"),
        spec(type="integer", min=9, max=1, default=30),
        spec(colour="red"),
        spec(type="multiplechoice", choices=["true"], default="tr"),
    ],
    ids=str,
)
def test_surveys_swallowed(silent: dict[str, Any]) -> None:
    rules.survey(silent)


@pytest.mark.parametrize(
    "wrong",
    [
        "RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T030000 RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART;TZID=Europe/Berlin:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T030000Z DTSTART:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T030000Z",
        "DTSTART:20260101T030000Z RRULE:FREQ=DAILY",
        "DTSTART:20260101T030000Z RRULE:FREQ=SECONDLY;INTERVAL=1",
        "DTSTART:20260101T030000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO",
        f"{DAILY};COUNT=1000",
        f"{DAILY};COUNT=3;UNTIL=20270101T000000Z",
        f"{DAILY};UNTIL=20270101",
        f"{DAILY} EXDATE:20260102T030000Z",
    ],
)
def test_rules_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        rules.rrule(wrong)


@pytest.mark.parametrize(
    "right",
    [
        DAILY,
        "DTSTART;TZID=Europe/Berlin:20260101T030000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=MO;BYSETPOS=1",
        "DTSTART:20260101T030000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR",
        "DTSTART:20010101T030000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1",
    ],
)
def test_rules_taken(right: str) -> None:
    rules.rrule(right)


@pytest.mark.parametrize("given", [{}, {"what": ""}, {"what": 3}, {"what": "x", "more": "x"}], ids=str)
def test_answers_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        rules.answers(spec(min=1), given)


@pytest.mark.parametrize("wrong", ["https://registry.example.com/a", "a b", "", None])
def test_images_refused(wrong: Any) -> None:
    with pytest.raises(Refused):
        rules.image(wrong)


@pytest.mark.parametrize("wrong", ["[]", "7", "text"])
def test_extra_vars_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        rules.extra_vars(wrong)
