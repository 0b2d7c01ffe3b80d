# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys against the options of the role, and every playbook of a job template against those that there are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from data import ROLE, load, questions, role_options, templates
from fake.launch import launch
from fake.rules import Refused
from fake.server import FakeAwx
from inprocess import keep

ROOT = ROLE.parents[1]
# Variables of the playbooks themselves
OF_PLAYBOOKS = {"usersync_hosts", "usersync_serial"}
ENTRIES = {"setup.yml": "main", "rotate_secrets.yml": "rotate", "audit.yml": "audit", "remove.yml": "remove"}
ASKED = {"set_up": "main", "rotate": "rotate", "audit": "audit", "remove": "remove"}


def surveys() -> dict[str, list[str]]:
    return load(ROLE / "vars" / "main" / "surveys.yml")["__usersync_awx_surveys"]


@pytest.mark.parametrize(("survey", "entry"), ASKED.items())
def test_every_question_is_an_option_of_its_entry_point(survey: str, entry: str) -> None:
    options = role_options("azure_connector", entry)
    for key in surveys()[survey]:
        question = questions()[key]
        variable = question["variable"]
        if variable in OF_PLAYBOOKS:
            assert any(variable in path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml"))
            continue
        kind = options[variable]["type"]
        assert question["type"] == {"int": "integer", "bool": "multiplechoice"}.get(kind, question["type"])
        if kind == "bool":
            assert question["choices"] == ["false", "true"]
        elif "choices" in options[variable]:
            assert question["choices"] == options[variable]["choices"]


def test_what_a_job_should_ask_is_asked() -> None:
    """Hosts and batch for all that writes; force, days and dry run where the entry point has them."""
    for template in templates():
        asked = {questions()[key]["variable"] for key in surveys().get(template.get("survey", ""), [])}
        if template["playbook"] != "prepare_apps.yml":
            assert "usersync_hosts" in asked
        entry = ENTRIES.get(template["playbook"])
        wanted = {
            "rotate": {
                "usersync_serial",
                "azure_connector_force",
                "azure_connector_compromised",
                "azure_connector_secret_min_remaining_days",
            },
            "audit": {"azure_connector_audit_warn_days"},
            "remove": {
                "azure_connector_remove_connector",
                "azure_connector_remove_app",
                "azure_connector_remove_purge",
            },
        }
        assert wanted.get(entry or "", set()) <= asked
        writes = template["playbook"] in ("setup.yml", "rotate_secrets.yml", "remove.yml")
        assert writes == any(one.get("check") for one in templates() if one["playbook"] == template["playbook"])


def workflows() -> list[dict[str, Any]]:
    return load(ROLE / "vars" / "main" / "workflows.yml")["__usersync_awx_workflows"]


def test_a_workflow_asks_what_its_jobs_ask() -> None:
    """An AWX refuses answers to what the workflow does not ask, and its jobs would get their templates' defaults."""
    of_jobs = {template["key"]: surveys()[template["survey"]] for template in templates()}
    for workflow in workflows():
        asked = {key for node in workflow["nodes"] if "template" in node for key in of_jobs[node["template"]]}
        assert set(surveys()[workflow["survey"]]) == asked


@pytest.mark.parametrize("name", ["UserSync roll-out", "UserSync rotation"])
def test_what_is_answered_at_a_workflow_reaches_each_of_its_jobs(fake: FakeAwx, name: str) -> None:
    keep(fake)
    store = fake.store
    (workflow,) = store.find("workflow_job_templates", name=name)
    answers = {"usersync_hosts": "production", "usersync_serial": "5"}
    started = launch(store, "workflow_job_templates", workflow, {"extra_vars": answers})
    assert {"dry_run", "prepare", "audit"} <= set(started["steps"])
    for variables in started["steps"].values():
        assert answers.items() <= variables.items()
        assert not PER_HOST & set(variables)
    with pytest.raises(Refused, match="not allowed on launch"):
        launch(store, "workflow_job_templates", workflow, {"extra_vars": {"azure_connector_url": "x"}})


# What an operator may set for a host or a group; an answer, and so a default, would outrank it
PER_HOST = {
    "azure_connector_sync",
    "azure_connector_secret_min_remaining_days",
    "azure_connector_audit_warn_days",
}
# Decisions of one run, which nobody keeps in an inventory: the answer has to count
OF_A_RUN = {
    "azure_connector_force",
    "azure_connector_compromised",
    "azure_connector_remove_connector",
    "azure_connector_remove_purge",
}


def test_no_default_of_a_survey_outranks_a_variable_of_a_host() -> None:
    for question in questions().values():
        variable = question["variable"]
        if variable in OF_PLAYBOOKS | OF_A_RUN:
            continue
        assert "default" not in question and not question["required"], variable
    unknown = {one["variable"] for one in questions().values()} - OF_PLAYBOOKS - OF_A_RUN - PER_HOST
    assert unknown == {"azure_connector_remove_app"}, "say of which kind it is"


def test_a_question_without_an_answer_sends_no_variable(fake: FakeAwx) -> None:
    keep(fake)
    (job,) = fake.store.find("job_templates", name="UserSync set up")
    variables = launch(fake.store, "job_templates", job, {})["extra_vars"]
    assert variables == {
        "usersync_hosts": "usersync_hosts",
        "usersync_serial": "20",
        "usersync_sliced": "{{ awx_workflow_job_id is defined }}",
    }


def test_the_pattern_of_hosts_is_in_surveys_schedules_and_workflows(fake: FakeAwx) -> None:
    keep(fake, hosts_pattern="production:&usersync_hosts")
    store = fake.store
    asked = [spec["spec"] for owner, spec in store.surveys.items()]
    defaults = {one.get("default") for spec in asked for one in spec if one["variable"] == "usersync_hosts"}
    assert defaults == {"production:&usersync_hosts", None}, "a removal has no default on purpose"
    assert {one["extra_data"]["usersync_hosts"] for one in store.listed("schedules")} == {"production:&usersync_hosts"}


def test_booleans_arrive_as_text_and_are_read_as_booleans() -> None:
    """'false' is true to Jinja, so the role must not use the bare variable in a condition."""
    variables = {
        question["variable"] for question in questions().values() if question.get("choices") == ["false", "true"]
    }
    bare = re.compile(rf"\b({'|'.join(sorted(variables))})\b(?! *(\| *bool|:|'))")
    role = ROOT / "roles" / "azure_connector"
    for path in [*role.glob("tasks/*.yml"), *role.glob("vars/*.yml")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.lstrip().startswith(("#", "msg", "purge:")):
                continue
            assert not bare.search(line), f"{path.name}: {line.strip()}"


def test_every_playbook_is_there() -> None:
    there = {path.name for path in (ROOT / "playbooks").glob("*.yml")}
    assert {template["playbook"] for template in templates()} <= there
    # what sets the AWX up, makes the automation's own app, or takes a list that nobody types into a survey
    not_offered = {"awx.yml", "bootstrap.yml", "remove_permissions.yml"}
    assert there - {template["playbook"] for template in templates()} <= not_offered
