# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""fleetops.usersync.awx with the real modules of awx.awx on a fake AWX.

A run takes a while, so the tests up to the one of C(absent) go through the life of one AWX, in this order.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from data import questions, templates
from fake.server import FakeAwx
from inprocess import keep
from play import PLANTED, Awx

ABSENT = ("-e", "usersync_awx_state=absent")


def test_everything_is_made(awx: Awx) -> None:
    assert awx.first is not None
    assert awx.first.changed == 1
    assert "workflow 'UserSync roll-out' made" in awx.first.output
    made = {template["name"]: template for template in awx.sent("job_templates")}
    assert len(made) == len(templates())
    audit, rotate = made["UserSync audit"], made["UserSync rotate"]
    assert audit["allow_simultaneous"] is True
    assert rotate["allow_simultaneous"] is False
    assert json.loads(audit["extra_vars"]) == {"azure_connector_audit_fail_on": ["error", "secret-expires-soon"]}
    dry = {name for name, template in made.items() if template["job_type"] == "check"}
    assert dry == {f"UserSync {what} (dry run)" for what in ("set up", "rotate", "remove")}
    for template in made.values():
        assert template["ask_limit_on_launch"] is True
        assert template["ask_variables_on_launch"] is False
        assert template["timeout"] >= 3600
        held = awx.named("job_templates", template["name"])["many"]
        assert [len(held[name]) for name in ("credentials", "labels", "notification_templates_error")] == [2, 1, 1]
        assert held.get("notification_templates_started", []) == []


def test_the_rotation_is_audit_dry_run_approval_apps_slices_audit(awx: Awx) -> None:
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
        ("audit", "always_nodes", "dry_run"),
        ("dry_run", "always_nodes", "approval"),
        ("approval", "success_nodes", "prepare"),
        ("prepare", "success_nodes", "rotate"),
        ("rotate", "always_nodes", "audit_again"),
    }
    assert {name: node["job_slice_count"] for name, node in nodes.items() if node["job_slice_count"]} == {"rotate": 3}
    approval = store.get("workflow_approval_templates", nodes["approval"]["unified_job_template"])
    assert approval["timeout"] == 259200
    dry = store.get("job_templates", nodes["dry_run"]["unified_job_template"])
    assert (dry["job_type"], dry["playbook"]) == ("check", "playbooks/rotate_secrets.yml")


def test_the_schedules_answer_every_question(awx: Awx) -> None:
    """And no question that a host may have a variable for."""
    schedules = {schedule["name"]: schedule for schedule in awx.sent("schedules")}
    assert set(schedules) == {"UserSync audit, daily", "UserSync rotation, monthly"}
    assert schedules["UserSync audit, daily"]["extra_data"] == {"usersync_hosts": "usersync_hosts"}
    assert schedules["UserSync rotation, monthly"]["extra_data"] == {
        "usersync_hosts": "usersync_hosts",
        "usersync_serial": "20",
        "azure_connector_force": "false",
        "azure_connector_compromised": "false",
    }
    assert not any(schedule["enabled"] for schedule in schedules.values()), "one credential is empty"


def test_no_survey_asks_for_a_secret() -> None:
    for question in questions().values():
        assert question["type"] != "password"


def test_a_second_run_settles_and_leaves_what_people_did(awx: Awx) -> None:
    store = awx.fake.store
    credential = awx.named("credentials", "UserSync Atlassian administrator")
    assert credential["inputs"] == {}
    inventory = awx.named("inventories", "UserSync hosts")["id"]
    group = store.find("groups", name="usersync_hosts", inventory=inventory)[0]
    group["many"]["hosts"].append(store.seed("hosts", name="added", inventory=inventory))
    again = awx.play(*awx.options())
    assert (again.code, again.changed, again.writes) == (0, 0, [])
    assert "fill in the credential 'UserSync Atlassian administrator'" in again.output
    assert len(group["many"]["hosts"]) == 3


def test_a_dry_run_tells_what_changes_and_writes_nothing(awx: Awx) -> None:
    """The sliced step of each of the two workflows."""
    dry = awx.play(*awx.options(usersync_awx_slices=5), "--check", "--diff")
    assert (dry.code, dry.changed, dry.writes) == (0, 1, [])
    for step in ("set_up' of the workflow 'UserSync roll-out'", "rotate' of the workflow 'UserSync rotation'"):
        assert f"step '{step} would be changed" in dry.output


def test_secrets_are_sent_when_told_and_shown_never(awx: Awx) -> None:
    assert awx.first is not None
    bodies = [json.dumps(body) for _method, _path, body in awx.first.writes]
    assert sum(PLANTED in body for body in bodies) == 1
    loud = awx.play(*awx.options(usersync_awx_update_secrets=True), "-vvvv")
    assert loud.code == 0, loud.output
    assert PLANTED in json.dumps(loud.writes)
    for output in (awx.first.output, loud.output):
        assert PLANTED not in output
    assert {path.split("/")[3] for _method, path, _body in loud.writes} == {"credentials"}


def test_absent_takes_all_of_ours_and_nothing_else(awx: Awx) -> None:
    store = awx.fake.store
    kind = awx.named("credential_types", "UserSync: Entra login")["id"]
    other = store.find("organizations", name="Other")[0]["id"]
    theirs = store.seed("credentials", name="second tenant", credential_type=kind, organization=other)
    added = store.find("hosts", name="added")[0]["id"]
    refused = awx.play(*ABSENT)
    assert refused.code != 0
    said = " ".join(refused.output.split())
    assert "is used by: credential 'second tenant' of organization 'Other'" in said
    assert "is used by: host 'added'" in said
    assert (store.find("credentials", id=theirs), store.find("hosts", id=added)) != ([], [])
    store.delete("credentials", theirs)
    store.delete("hosts", added)
    gone = awx.play(*ABSENT)
    assert gone.code == 0, gone.output
    assert store.snapshot() == awx.before
    again = awx.play(*ABSENT)
    assert (again.code, again.changed, again.writes) == (0, 0, [])


def test_other_names_and_things_that_exist(fake: FakeAwx) -> None:
    store = fake.store
    store.seed("inventories", name="All of it", organization=1)
    before = store.snapshot()
    options = {
        "prefix": "Identity",
        "names": {"inventory": "All of it", "audit": "Look"},
        "existing": ["inventory"],
        "schedules_enabled": False,
    }
    keep(fake, **options)
    assert store.find("job_templates", name="Look")[0]["inventory"] == 2
    assert {schedule["enabled"] for schedule in store.listed("schedules")} == {False}
    ours = [name["name"] for kind in ("projects", "credentials", "credential_types") for name in store.listed(kind)]
    assert ours and all(name.startswith("Identity") for name in ours)
    keep(fake, "absent", **options)
    assert store.snapshot() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-e", "usersync_awx_execution_environment_image="), "usersync_awx_execution_environment_image: must name"),
        (
            ("-e", "{usersync_awx_names: {adit: x}}"),
            "usersync_awx_names: adit: at least one of these keys is unknown",
        ),
        (("-e", "{usersync_awx_names: {audit: '7'}}"), "usersync_awx_names: a name must not be empty, be a number"),
        (("-e", "{usersync_awx_adopt: {adit: 7}}"), "usersync_awx_adopt: adit: at least one of these keys"),
        (("-e", "usersync_awx_prefix='{{ 1 }}x{'"), "usersync_awx_prefix, usersync_awx_names: a name must not"),
        (("-e", "usersync_awx_organization=Nowhere"), "the AWX has no organization 'Nowhere'"),
        (("-e", "{usersync_awx_project_credential: none}"), "usersync_awx_project_credential: there is no credential"),
        (("-e", "{usersync_awx_hosts: [jira01]}"), "usersync_awx_hosts"),
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
        for made in ("credential type 'UserSync: Entra login'", "schedule 'UserSync rotation, monthly'"):
            assert f"{made} would be made" in dry.output
