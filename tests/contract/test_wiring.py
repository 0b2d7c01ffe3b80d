# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of the role reaches the option that bears its name: its value is changed, and what the tasks render is
compared.
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
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _options
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import HostVariables
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
CONNECTION = "__azure_connector_connection"
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
    "azure_connector_consent": "tasks/app.yml",
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
    if CONNECTION in template:
        new |= set(VARIABLES)
    while new:
        words |= new
        new = {word for name in new for word in WORD.findall(str(known.get(name, "")))} - words
    return frozenset(words)


def _values(name: str) -> tuple[Any, Any]:
    """Two values that differ from each other and from the default."""
    entry = VARIABLES[name]
    if entry.get("choices"):
        first, second, *_more = [choice for choice in entry["choices"] if choice != entry.get("default")]
        return ([first], [second]) if entry["type"] == "list" else (first, second)
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
    variables = {**STUBS, **_role()[0], **always, **given}
    if CONNECTION in str(template):
        assert "azure_connector_options" in variables[CONNECTION], "what a template without a play does not find"
        own = {name: value for name, value in variables.items() if name.startswith(PREFIX)}
        variables[CONNECTION] = _options.options(HostVariables(own, lambda value: value), "", {}, {})
    return Templar(DataLoader(), variables=variables).template(template)


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
