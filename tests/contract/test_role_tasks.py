# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The safety arguments of the role's tasks, word for word."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from collection import ROOT

ROLE = ROOT / "roles" / "azure_connector"
OURS = "fleetops.usersync."
# What a task must say beside its options, so that a secret goes where it should and nowhere else
REACHES_OUT = (
    "usersync_connection",
    "usersync_connection_confirm",
    "usersync_connector",
    "usersync_connector_info",
    "usersync_sync",
    "azuread_app",
    "azuread_app_info",
    "azuread_app_permission",
    "azuread_app_secret",
)
WHERE = {
    "delegate_to": "{{ azure_connector_delegate_to }}",
    "connection": "{{ __azure_connector_transport }}",
    "become": False,
}
# The steps of a secret: what each hands on to the next. An option that is dropped here costs a host its secret
STEPS = {
    "Mint": {
        "holder": "__azure_connector_read.holder",
        "host_fingerprint": "__azure_connector_read.host_fingerprint",
        "reasons": "__azure_connector_read.reasons",
        "takeover": "not __azure_connector_read.created",
        "former": "__azure_connector_read.held_before",
    },
    "Deliver": {
        "connector_id": "__azure_connector_read.connector.id | default(omit, true)",
        "application_id": "__azure_connector_minted.app_id | default(omit, true)",
        "tenant_id": "__azure_connector_minted.tenant_id",
        "application_secret": (
            "__azure_connector_minted.secret_text | default('a-secret-that-check-mode-does-not-mint')"
        ),
        "deliver_by": "__azure_connector_minted.deliver_by | default(omit, true)",
        "wait_for_authorization": "azure_connector_wait_for_authorization",
    },
    "Confirm": {
        "connector_id": "__azure_connector_delivered.connector.id | default(omit, true)",
        "mode": "__azure_connector_read.sync_mode",
        "user": "azure_connector_confirm_user if __azure_connector_read.sync_mode == 'single_user' else omit",
        "wait_timeout": "azure_connector_sync_timeout",
        "poll": "azure_connector_sync_poll",
    },
    "Retire": {
        "holder": "__azure_connector_read.holder",
        "host_fingerprint": "__azure_connector_read.host_fingerprint",
        "key_id": "__azure_connector_minted.credential.key_id | default(omit, true)",
        "retire": "__azure_connector_minted.retire",
        "abandoned": "__azure_connector_minted.abandoned",
    },
}


def _within(listed: Any, outer: dict[str, Any]) -> Any:
    """Each task with the keywords that it inherits from its blocks."""
    for task in listed or []:
        inherited = {key: value for key, value in task.items() if key in (*WHERE, "when", "failed_when", "no_log")}
        mine = {**outer, **inherited, "vars": {**outer.get("vars", {}), **(task.get("vars") or {})}}
        yield task, mine
        for key in ("block", "rescue", "always"):
            yield from _within(task.get(key), mine)


def _all_tasks() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    found = []
    for path in sorted((ROLE / "tasks").glob("*.yml")):
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        found += [(path.name, task, keywords) for task, keywords in _within(listed, {})]
    return found


@pytest.mark.parametrize("word", REACHES_OUT)
def test_whoever_reaches_out_does_so_from_the_named_machine_as_the_user_of_the_run(word: str) -> None:
    found = [(file, task, how) for file, task, how in _all_tasks() if OURS + word in task]
    assert found
    for file, task, how in found:
        assert {key: how.get(key) for key in WHERE} == WHERE, f"{file}: {task['name']}"
        assert how["vars"].get("ansible_become") is False, f"{file}: {task['name']}"


@pytest.mark.parametrize("step", STEPS)
def test_each_step_hands_on_what_the_next_one_needs(step: str) -> None:
    (task,) = [task for _file, task, _how in _all_tasks() if task["name"].startswith(f"{step} - ") and "steps" in _file]
    args = next(value for key, value in task.items() if key.startswith(OURS))
    assert {key: args.get(key) for key in STEPS[step]} == {
        key: f"{{{{ {text} }}}}" for key, text in STEPS[step].items()
    }


def test_the_steps_come_in_their_order_and_the_secret_is_forgotten_whatever_happens() -> None:
    (block,) = [task for file, task, _how in _all_tasks() if file == "steps.yml" and "block" in task]
    order = [task["name"].partition(" - ")[0] for task in block["block"]]
    assert order == ["Read", "Mint", "Hook", "Deliver", "Confirm", "Retire", "Host"]
    changed = {task["name"].partition(" - ")[0]: task.get("when") for task in block["block"]}
    needed = "__azure_connector_read.reasons | length > 0"
    assert {changed[step] for step in ("Mint", "Deliver", "Confirm", "Retire")} == {needed}
    assert changed["Host"] == "__azure_connector_read.reasons | length == 0"
    (forget,) = block["always"]
    assert forget["no_log"] is True and "secret_text': ''" in str(forget["ansible.builtin.set_fact"])


def test_only_a_failure_that_is_noted_elsewhere_is_ignored() -> None:
    ignored = {
        (file, task["name"].partition(" - ")[0]): task.get("failed_when")
        for file, task, _how in _all_tasks()
        if "failed_when" in task
    }
    assert ignored == {
        ("app.yml", "App"): False,
        ("audit.yml", "App"): False,
        ("audit.yml", "Read"): False,
        ("audit.yml", "Strays"): False,
        ("connect.yml", "Confirm"): False,
        ("host.yml", "Host"): False,
        ("preflight.yml", "Preflight"): False,
        ("remove.yml", "App"): False,
        ("remove.yml", "Secret"): "__azure_connector_result.failure.kind | default('missing') != 'missing'",
        ("report.yml", "Find the secrets that are still alive after an emergency"): False,
    }
    assert not [task["name"] for _file, task, _how in _all_tasks() if "ignore_errors" in task]


def test_what_is_secret_in_a_task_of_ansible_is_not_shown() -> None:
    secret = re.compile(r"_key\b.*password|secret_text|audit_key:|lookup\('ansible.builtin.password'")
    for file, task, how in _all_tasks():
        builtin = {key: value for key, value in task.items() if key.startswith("ansible.builtin.")}
        if builtin and secret.search(str(builtin)):
            assert how.get("no_log") is True, f"{file}: {task['name']}"


def test_hosts_that_may_not_begin_are_left_alone() -> None:
    guards = {
        ("connect.yml", "Connect the host"): "__azure_connector_may_begin",
        ("preflight.yml", "Check what set-up would do"): "__azure_connector_may_begin",
        ("remove.yml", "Remove the host"): "inventory_hostname not in __azure_connector_plan.stopped",
        ("audit.yml", "Read - connectors, last sync and versions"): (
            "inventory_hostname not in __azure_connector_plan.stopped"
        ),
    }
    found = {(file, task["name"]): how.get("when") for file, task, how in _all_tasks()}
    assert {place: found.get(place) for place in guards} == guards
    may_begin = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))["__azure_connector_may_begin"]
    assert "not in __azure_connector_plan.stopped" in may_begin and "failure" in may_begin


def test_yaml_converts_no_variable_by_itself() -> None:
    """A field left blank is no value: the lookup that reads variables knows that, and the filters of Jinja do not."""
    files = [*ROLE.glob("tasks/*.yml"), *ROLE.glob("vars/*.yml")]
    converts = re.compile(r"(?<!_)azure_connector_\w+ *(?:\| *(?:bool|int|float)\b|is (?:not )?defined)")
    found = {path.name: converts.findall(path.read_text(encoding="utf-8")) for path in files}
    assert len(found) > 10 and {name: lines for name, lines in found.items() if lines} == {}
