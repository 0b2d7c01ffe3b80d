# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys against the options of the role, and every playbook of a job template against those that there are."""

from __future__ import annotations

import re

import pytest
from data import ROLE, load, questions, role_options, templates

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


def test_a_workflow_asks_what_its_jobs_ask() -> None:
    of_jobs = {questions()[key]["variable"] for survey in ASKED for key in surveys()[survey]}
    for key in surveys()["rotation"]:
        assert questions()[key]["variable"] in of_jobs


def test_booleans_arrive_as_text_and_are_read_as_booleans() -> None:
    """'false' is true to Jinja, so the role must not use the bare variable in a condition."""
    variables = {
        question["variable"] for question in questions().values() if question.get("choices") == ["false", "true"]
    }
    bare = re.compile(rf"\b({'|'.join(sorted(variables))})\b(?! *(\| *bool|:))")
    role = ROOT / "roles" / "azure_connector"
    for path in [*role.glob("tasks/*.yml"), *role.glob("vars/*.yml")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.lstrip().startswith(("#", "msg", "purge:")):
                continue
            assert not bare.search(line), f"{path.name}: {line.strip()}"


def test_every_playbook_is_there() -> None:
    there = {path.name for path in (ROOT / "playbooks").glob("*.yml")}
    assert {template["playbook"] for template in templates()} <= there
    assert there - {template["playbook"] for template in templates()} == {"awx.yml"}
