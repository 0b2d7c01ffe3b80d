# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the fake AWX refuse what AWX refuses, and let pass what it swallows (facts of its API)."""

from __future__ import annotations

from typing import Any

import pytest
from fake import rules
from fake.rules import Refused
from fake.store import Store
from fake.users import User

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


@pytest.mark.parametrize("wrong", ["a: !vault x", "[1]", "text", "a: [", 7, {"a": 1}], ids=str)
def test_variables_refused(wrong: Any) -> None:
    with pytest.raises(Refused):
        rules.variables(wrong)


@pytest.mark.parametrize("right", ["", None, "---", "a: 1", '{"a": {"__ansible_vault": "$ANSIBLE_VAULT"}}'], ids=str)
def test_variables_taken_as_they_are(right: Any) -> None:
    rules.variables(right)


class TestUsers:
    """What an AWX lets whom do, and what goes on when something is removed."""

    @pytest.fixture
    def store(self) -> Store:
        made = Store(["playbooks/x.yml"])
        for name in ("Ours", "Theirs"):
            made.seed("organizations", name=name)
        return made

    @pytest.mark.parametrize(
        ("endpoint", "fields", "may"),
        [
            ("credential_types", {}, False),
            ("projects", {"organization": 1}, True),
            ("projects", {"organization": 2}, False),
            ("execution_environments", {"organization": 1}, True),
            ("execution_environments", {"organization": None}, False),
        ],
    )
    def test_an_administrator_of_one_organization(
        self, store: Store, endpoint: str, fields: dict[str, Any], may: bool
    ) -> None:
        item = {"id": 9, "many": {}, **fields}
        user = User("olga", admin={1})
        assert user.may(store, endpoint, item) is may
        assert User("root", is_superuser=True).may(store, endpoint, item)
        assert not User("rita", reads={1, 2}).may(store, endpoint, item)

    def test_an_execution_environment_does_not_move(self, store: Store) -> None:
        item = store.get("execution_environments", store.seed("execution_environments", name="e", organization=1))
        with pytest.raises(Refused) as refused:
            User("olga", admin={1, 2}).check(store, "execution_environments", item, {"organization": 2})
        assert refused.value.status == 403

    def test_others_are_not_seen(self, store: Store) -> None:
        item = store.get("projects", store.seed("projects", name="p", organization=2))
        user = User("olga", admin={1})
        assert not user.sees(store, "projects", item)
        with pytest.raises(Refused) as refused:
            user.check(store, "projects", item)
        assert refused.value.status == 404

    def test_what_is_removed_from_under_others_is_gone_without_a_word(self, store: Store) -> None:
        project, inventory = store.seed("projects", name="p"), store.seed("inventories", name="i")
        host = store.seed("hosts", name="h", inventory=inventory)
        job = store.seed("job_templates", name="j", project=project, inventory=inventory)
        flow = store.seed("workflow_job_templates", name="w")
        step = store.seed("workflow_job_template_nodes", workflow_job_template=flow, unified_job_template=job)
        night = store.seed("schedules", name="s", unified_job_template=job)
        for endpoint, item in (("projects", project), ("inventories", inventory)):
            store.delete(endpoint, item)
        assert (store.get("job_templates", job)["project"], store.get("job_templates", job)["inventory"]) == (
            None,
            None,
        )
        assert host not in store.items["hosts"]
        store.delete("job_templates", job)
        assert store.get("workflow_job_template_nodes", step)["unified_job_template"] is None
        assert night not in store.items["schedules"]
