# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""fleetops.usersync.awx with the real modules of awx.awx on a fake AWX.

A run takes half a minute, so the tests up to the one of C(absent) go through the life of one AWX, in this order.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from data import questions, templates
from play import PLANTED, Awx

ABSENT = ("-e", "usersync_awx_state=absent")


def test_everything_is_made(awx: Awx) -> None:
    assert awx.first is not None
    assert awx.first.changed > 10
    made = {template["name"]: template for template in awx.sent("job_templates")}
    assert len(made) == len(templates())
    audit, rotate = made["UserSync audit"], made["UserSync rotate"]
    assert audit["allow_simultaneous"] is True
    assert rotate["allow_simultaneous"] is False
    assert json.loads(audit["extra_vars"]) == {"azure_connector_audit_fail_on": ["error", "secret-ends-soon"]}
    dry = {name for name, template in made.items() if template["job_type"] == "check"}
    assert dry == {f"UserSync {what} (dry run)" for what in ("set up", "rotate", "remove")}
    for template in made.values():
        assert template["ask_limit_on_launch"] is True
        assert template["ask_variables_on_launch"] is False
        assert template["timeout"] >= 3600
        held = awx.named("job_templates", template["name"])["many"]
        assert [len(held[name]) for name in ("credentials", "labels", "notification_templates_error")] == [2, 1, 1]
        assert held.get("notification_templates_started", []) == []


def test_the_rotation_is_audit_approval_apps_slices_audit(awx: Awx) -> None:
    store, workflow = awx.fake.store, awx.named("workflow_job_templates", "UserSync rotation")
    nodes = {
        node["identifier"]: node
        for node in store.find("workflow_job_template_nodes", workflow_job_template=workflow["id"])
    }
    names = {node["id"]: name for name, node in nodes.items()}
    links = {
        (name, kind, names[child])
        for name, node in nodes.items()
        for kind in ("success_nodes", "failure_nodes", "always_nodes")
        for child in node["many"].get(kind, [])
    }
    assert links == {
        ("audit", "always_nodes", "approval"),
        ("approval", "success_nodes", "prepare"),
        ("prepare", "success_nodes", "rotate"),
        ("rotate", "always_nodes", "audit_again"),
    }
    assert {name: node["job_slice_count"] for name, node in nodes.items() if node["job_slice_count"]} == {"rotate": 3}
    approval = store.get("workflow_approval_templates", nodes["approval"]["unified_job_template"])
    assert approval["timeout"] == 259200


def test_the_schedules_answer_every_question(awx: Awx) -> None:
    schedules = {schedule["name"]: schedule for schedule in awx.sent("schedules")}
    assert set(schedules) == {"UserSync audit, daily", "UserSync rotation, monthly"}
    assert schedules["UserSync rotation, monthly"]["extra_data"] == {
        "usersync_hosts": "usersync_hosts",
        "azure_connector_secret_min_remaining_days": 45,
        "azure_connector_force": "false",
        "azure_connector_audit_warn_days": 30,
    }
    assert all(schedule["enabled"] for schedule in schedules.values())


def test_no_survey_asks_for_a_secret() -> None:
    for question in questions().values():
        assert question["type"] != "password"


def test_a_second_run_settles_and_leaves_what_people_did(awx: Awx) -> None:
    store = awx.fake.store
    credential = awx.named("credentials", "UserSync Atlassian administrator")
    assert credential["inputs"] == {}
    credential["inputs"] = {"username": "local", "password": "typed-at-the-awx"}
    inventory = awx.named("inventories", "UserSync hosts")["id"]
    group = store.find("groups", name="usersync_hosts", inventory=inventory)[0]
    group["many"]["hosts"].append(store.seed("hosts", name="added", inventory=inventory))
    again = awx.play(*awx.options())
    assert (again.code, again.changed, again.writes) == (0, 0, [])
    assert credential["inputs"]["password"] == "typed-at-the-awx"
    assert len(group["many"]["hosts"]) == 3


def test_a_dry_run_tells_what_changes_and_writes_nothing(awx: Awx) -> None:
    """The sliced step of each of the two workflows."""
    dry = awx.play(*awx.options(usersync_awx_slices=5), "--check")
    assert (dry.code, dry.changed, dry.writes) == (0, 2, [])


def test_secrets_are_sent_when_told_and_shown_never(awx: Awx) -> None:
    """At the same time: more slices, and no approval any more."""
    assert awx.first is not None
    bodies = [json.dumps(body) for _method, _path, body in awx.first.writes]
    assert sum(PLANTED in body for body in bodies) == 1
    wanted = awx.options(usersync_awx_update_secrets=True, usersync_awx_slices=5, usersync_awx_approval=False)
    loud = awx.play(*wanted, "-vvvv")
    assert loud.code == 0, loud.output
    assert PLANTED in json.dumps(loud.writes)
    for output in (awx.first.output, loud.output):
        assert PLANTED not in output
    assert awx.fake.store.find("workflow_job_template_nodes", identifier="approval") == []
    paths = {path.split("/")[3] for _method, path, _body in loud.writes}
    assert paths == {"credentials", "workflow_job_template_nodes"}


def test_the_approval_comes_back(awx: Awx) -> None:
    back = awx.play(*awx.options())
    assert back.code == 0, back.output
    test_the_rotation_is_audit_approval_apps_slices_audit(awx)


def test_absent_takes_all_of_ours_and_nothing_else(awx: Awx) -> None:
    store = awx.fake.store
    kind = awx.named("credential_types", "UserSync: Entra login")["id"]
    theirs = store.seed("credentials", name="second tenant", credential_type=kind)
    refused = awx.play(*ABSENT)
    assert refused.code != 0
    assert "nothing was removed, because the credentials second tenant use" in " ".join(refused.output.split())
    assert refused.writes == []
    store.delete("credentials", theirs)
    dry = awx.play(*ABSENT, "--check")
    assert (dry.code, dry.writes) == (0, [])
    gone = awx.play(*ABSENT)
    assert gone.code == 0, gone.output
    assert gone.changed == dry.changed > 0
    assert {method for method, _path, _body in gone.writes} == {"DELETE"}
    assert store.snapshot() == awx.before
    again = awx.play(*ABSENT)
    assert (again.code, again.changed, again.writes) == (0, 0, [])


def test_other_names_and_things_that_exist(start_awx: Callable[[], Awx]) -> None:
    awx = start_awx()
    with awx.fake:
        store = awx.fake.store
        default = store.find("organizations", name="Default")[0]["id"]
        store.seed("inventories", name="All of it", organization=default)
        before = store.snapshot()
        options = awx.only(
            {
                "usersync_awx_controller_host": awx.fake.url,
                "usersync_awx_controller_token": awx.fake.token,
                "usersync_awx_prefix": "Identity",
                "usersync_awx_names": {"inventory": "All of it", "audit": "Look"},
                "usersync_awx_existing": ["inventory"],
                "usersync_awx_schedules_enabled": False,
            }
        )
        made = awx.play(*options, told=False)
        assert made.code == 0, made.output
        assert awx.fake.token not in made.output
        assert awx.named("job_templates", "Look")["inventory"] == awx.named("inventories", "All of it")["id"]
        assert {schedule["enabled"] for schedule in store.listed("schedules")} == {False}
        ours = [name["name"] for kind in ("projects", "credentials", "credential_types") for name in store.listed(kind)]
        assert all(name.startswith("Identity") for name in ours)
        assert awx.play(*options, *ABSENT, told=False).code == 0
        assert store.snapshot() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-e", "usersync_awx_execution_environment_image="), "usersync_awx_execution_environment_image: must name"),
        (
            ("-e", "{usersync_awx_names: {adit: x}}"),
            "usersync_awx_names: adit: at least one of these keys names nothing",
        ),
        (("-e", "{usersync_awx_names: {audit: '7'}}"), "usersync_awx_names: a name must not be empty, be a number"),
        (("-e", "usersync_awx_state=gone"), "usersync_awx_state must be one of: present, absent"),
        (("-e", "{usersync_awx_existing: [template]}"), "usersync_awx_existing must be one or more of"),
    ],
)
def test_bad_input_is_one_sentence(start_awx: Callable[[], Awx], arguments: tuple[str, ...], sentence: str) -> None:
    awx = start_awx()
    with awx.fake:
        refused = awx.play(*arguments)
        assert refused.code != 0
        assert sentence in " ".join(refused.output.split())
        assert "Traceback" not in refused.output
        assert awx.fake.writes() == []


def test_a_dry_run_on_an_empty_awx_tells_what_it_would_make(start_awx: Callable[[], Awx]) -> None:
    awx = start_awx()
    with awx.fake:
        dry = awx.play("--check")
        assert (dry.code, dry.changed, dry.writes) == (0, 1, [])
        assert "the AWX lacks usersync, UserSync: Entra login" in dry.output
