# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of the role reaches the option that bears its name: its value is changed, and what the tasks render is
compared. The safety arguments of the tasks are compared word for word.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from collection import ROOT

ROLE = ROOT / "roles" / "azure_connector"
PREFIX = "azure_connector_"
OURS = "fleetops.usersync."
WORD = re.compile(r"\b(?:__)?azure_connector_\w+")
GROUPS = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
VARIABLES: dict[str, dict[str, Any]] = {
    name: entry for spec in SPECS.values() for name, entry in (spec.get("options") or {}).items()
}
OBJECT_ID = "11111111-2222-4333-8444-555555555555"
# Variables whose option is not the one that bears their name
RENAMED = {
    "azure_connector_sync": "usersync_connection.sync.mode",
    "azure_connector_sync_timeout": "usersync_connection.sync.wait_timeout",
    "azure_connector_confirm_user": "usersync_connection.sync.user",
    "azure_connector_wait_for_authorization": "usersync_connection.sync.wait_for_authorization",
    "azure_connector_force": "usersync_connection.secret.force",
    "azure_connector_compromised": "usersync_connection.secret.force",
    "azure_connector_only_secret": "usersync_connection.only_secret",
    "azure_connector_confirm_wait": "usersync_connection.confirm_wait",
    "azure_connector_app_id": "usersync_connection.app.app_id",
    "azure_connector_app_object_id": "usersync_connection.app.object_id",
    "azure_connector_app_unique_name": "usersync_connection.app.unique_name",
    "azure_connector_consent": "azuread_app_permission.consent",
    "azure_connector_remove_directory_id": "usersync_connector.directory_id",
}
# Variables that no module gets: where their name stands instead
DECIDED = {
    "azure_connector_delegate_to": "tasks/host.yml",
    "azure_connector_secret_hook": "tasks/steps.yml",
    "azure_connector_separate_steps": "plugin",
    "azure_connector_max_fail_percentage": "plugin",
    "azure_connector_leave_out": "plugin",
    "azure_connector_permission_profile": "plugin",
    "azure_connector_permissions": "plugin",
    "azure_connector_former_holders": "plugin",
    "azure_connector_remove_connector": "tasks/remove.yml",
    "azure_connector_remove_secrets": "tasks/remove.yml",
    "azure_connector_audit_table": "plugin",
    "azure_connector_redirect_uris": "plugin",
    "azure_connector_secret_prove_reason": "plugin",
}
STUBS: dict[str, Any] = {
    "inventory_hostname": "jira01",
    "omit": "__omit__",
    "ansible_play_batch": ["jira01"],
    "__azure_connector_plan": {
        "urls": {OBJECT_ID: ["https://jira.example.com"], "usersync": ["https://jira.example.com"]},
        "permissions": {},
        "stopped": {},
        "leaders": {},
        "separate": [],
    },
    "__azure_connector_apps": {"apps": {}},
}


def _load(name: str) -> Any:
    """With the marks that make its templates trusted, which ansible-core asks for since 2.19."""
    how = {"trusted_as_template": True}
    if "trusted_as_template" not in inspect.signature(DataLoader.load_from_file).parameters:
        how = {}
    return DataLoader().load_from_file(str(ROLE / name), **how)


@functools.cache
def _role() -> tuple[dict[str, Any], list[tuple[str, str, str, Any]]]:
    """The role's own variables, and every argument of its modules: file, module, option, template."""
    variables = {**_load("defaults/main.yml"), **_load("vars/main.yml")}
    found: list[tuple[str, str, str, Any]] = []
    for path in sorted((ROLE / "tasks").glob("*.yml")):
        for task, defaults in _tasks(_load(f"tasks/{path.name}"), {}):
            module = next((key for key in task if key.startswith(OURS)), None)
            if module is None:
                continue
            word = module.removeprefix(OURS)
            for name, given in defaults.items():
                group = name.removeprefix("group/").removeprefix(OURS)
                if group == word or (name.startswith("group/") and word in GROUPS[group]):
                    found.append((path.name, word, "", given))
            given = task[module] or {}
            listed = given.items() if isinstance(given, dict) else [("", given)]
            found += [(path.name, word, option, template) for option, template in listed]
    return variables, list(
        {
            (module, option, str(template)): (file, module, option, template)
            for file, module, option, template in found
        }.values()
    )


def _tasks(listed: Any, defaults: dict[str, Any]) -> Any:
    for task in listed or []:
        under = {**defaults, **(task.get("module_defaults") or {})}
        yield task, under
        for key in ("block", "rescue", "always"):
            yield from _tasks(task.get(key), under)


def _words(template: Any) -> frozenset[str]:
    return _words_of(str(template))


@functools.cache
def _words_of(template: str) -> frozenset[str]:
    """The variables of the role that a template uses, those of its own variables included."""
    known, words, new = _role()[0], set(), set(WORD.findall(template))
    while new:
        words |= new
        new = {word for name in new for word in WORD.findall(str(known.get(name, "")))} - words
    return frozenset(words)


def _values(name: str) -> tuple[Any, Any]:
    """Two values that differ from each other and from the default."""
    entry = VARIABLES[name]
    if entry.get("choices") and entry["type"] != "list":
        return tuple([choice for choice in entry["choices"] if choice != entry.get("default")][:2])  # type: ignore[return-value]
    number = 1000 + sorted(VARIABLES).index(name) * 2
    return {
        "bool": (True, False),
        "int": (number, number + 1),
        "float": (number, number + 1),
        "list": ([f"first-{number}"], [f"second-{number}"]),
        "dict": ({"k": f"first-{number}"}, {"k": f"second-{number}"}),
    }.get(entry["type"], (f"first-{number}", f"second-{number}"))


def _render(template: Any, given: dict[str, Any]) -> Any:
    always = {"azure_connector_url": "https://jira.example.com", "azure_connector_app_object_id": OBJECT_ID}
    if {"azure_connector_app_id", "azure_connector_app_unique_name"} & {*given}:
        del always["azure_connector_app_object_id"]
    return Templar(DataLoader(), variables={**STUBS, **_role()[0], **always, **given}).template(template)


def _flat(module: str, option: str, value: Any) -> dict[str, Any]:
    """Options with their values, two levels deep: ``usersync_connection.host.url``."""
    start = f"{module}.{option}" if option else module
    if not isinstance(value, dict):
        return {start: value}
    made = {start: value}
    for key, inner in value.items():
        made |= {f"{start}.{key}": inner}
        if isinstance(inner, dict):
            made |= {f"{start}.{key}.{last}": one for last, one in inner.items()}
    return made


def _rendered(templates: list[tuple[str, str, str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _file, module, option, template in templates:
        try:
            found |= _flat(module, option, _render(template, given))
        except Exception:  # what other tasks have registered is not known here
            continue
    return found


def _alone(name: str) -> bool:
    """Whether its values are no marks that are found again, or decide whether others count."""
    entry = VARIABLES[name]
    return entry["type"] == "bool" or bool(entry.get("choices")) or name in RENAMED or name in DECIDED


@functools.cache
def _together() -> tuple[dict[str, Any], dict[str, Any]]:
    """All variables with a value of their own at once, in two rounds."""
    names = [name for name in VARIABLES if not _alone(name)]
    rounds = [{name: _values(name)[number] for name in names} for number in (0, 1)]
    return _rendered(_role()[1], rounds[0]), _rendered(_role()[1], rounds[1])


def reached(name: str) -> set[str]:
    """The options that take the variable's value, or follow it where it is a switch."""
    if not _alone(name):
        first, second = _values(name)
        ones, others = _together()
        return {key for key, value in ones.items() if value == first and others.get(key) == second}
    used = [place for place in _role()[1] if name in _words(place[3])]
    ones, others = (_rendered(used, {name: value}) for value in _values(name))
    return {key for key, value in ones.items() if value != others.get(key)}


def expected(name: str) -> list[str]:
    """The options that may bear the variable's name."""
    if name in RENAMED:
        return [RENAMED[name]]
    short = name.removeprefix(PREFIX)
    for section, modules in {
        "entra_": ["usersync_connection.entra.{}"],
        "secret_": ["usersync_connection.secret.{}"],
        "sync_": ["usersync_connection.sync.{}"],
        "app_": ["azuread_app.{}"],
        "audit_": ["azure_connector_fleet.{}"],
        "remove_": ["azuread_app.{}", "azure_connector_fleet.{}"],
    }.items():
        if short.startswith(section):
            return [module.format(short.removeprefix(section)) for module in modules]
    named = [f"usersync_connection.{section}.{short}" for section in ("host", "connector")]
    return [*named, *(f"{module}.{short}" for module in ("azuread_app", "azuread_app_permission"))]


def _decided_by_a_plugin(name: str) -> bool:
    """Whether Python reads it by its short name; the list of their types in _variables.py does not count."""
    paths = [path for path in sorted((ROOT / "plugins").glob("*/*.py")) if path.name != "_variables.py"]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    kind = name.removeprefix(f"{PREFIX}audit_")
    if any("audit_{kind}" in text and f'"{kind}"' in text for text in texts):
        return True
    return any(re.search(rf"[\"'](?:{PREFIX})?{name.removeprefix(PREFIX)}[\"']", text) for text in texts)


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_variable_reaches_its_option(name: str) -> None:
    if name in DECIDED:
        place = DECIDED[name]
        assert (
            _decided_by_a_plugin(name) if place == "plugin" else name in (ROLE / place).read_text(encoding="utf-8")
        ), f"{name} is not used in {place}"
        return
    found = reached(name)
    options = [option for option in expected(name) if option in found]
    others = tuple(f"{PREFIX}{word}_" for word in ("audit", "report", "remove", "permissions"))
    if not options and name.startswith(others):
        assert _decided_by_a_plugin(name) or any(
            name in path.read_text(encoding="utf-8")
            for folder in ("tasks", "templates/report")
            for path in (ROLE / folder).glob("*")
        )
        return
    assert options, f"{name} reaches {sorted(found)}, not {expected(name)}"


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
        ("audit.yml", "App"): False,
        ("audit.yml", "Read"): False,
        ("audit.yml", "Strays"): False,
        ("connect.yml", "Confirm"): False,
        ("host.yml", "Host"): False,
        ("preflight.yml", "Preflight"): False,
        ("remove.yml", "App"): False,
        ("remove.yml", "Secret"): "__azure_connector_result.failure.kind | default('missing') != 'missing'",
        ("report.yml", "After an emergency, which secrets are still alive"): False,
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
        ("host.yml", "Connect the host"): "__azure_connector_may_begin",
        ("steps.yml", "Connect the host step by step"): "__azure_connector_may_begin",
        ("remove.yml", "Take the host out"): "inventory_hostname not in __azure_connector_plan.stopped",
        ("audit.yml", "Read - connectors, last sync and versions"): (
            "inventory_hostname not in __azure_connector_plan.stopped"
        ),
    }
    found = {(file, task["name"]): how.get("when") for file, task, how in _all_tasks()}
    assert {place: found.get(place) for place in guards} == guards
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
    assert "not in __azure_connector_plan.stopped" in variables["__azure_connector_may_begin"]
    assert "failure" in variables["__azure_connector_may_begin"]
