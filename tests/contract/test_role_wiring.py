# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of the role reaches the option that it is named for, and each one is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _options
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import (
    ENTRIES,
    GROUPS,
    NAMED,
    OWN,
    PREFIX,
    HostVariables,
)
from collection import ROOT

ROLE = ROOT / "roles" / "azure_connector"
SPEC = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
DOCUMENTED = SPEC["variables"]["options"]
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
MAPPED = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))
TASKS = "".join(path.read_text(encoding="utf-8") for path in sorted((ROLE / "tasks").glob("*.yml")))
# Options that no variable fills: what the role decides itself
DECIDED = {("secret", "expected_roles"), ("secret", "force"), ("secret", "hold"), ("sync", "progress_every")} | {
    ("sync", f"{name}_states") for name in ("running", "success", "failure")
}


def rendered(does: str = "", apps: dict[str, Any] | None = None, **variables: Any) -> dict[str, Any]:
    """What usersync_connection gets of a host with these variables."""
    own = {f"{PREFIX}url": "https://jira.example.com", **DEFAULTS, **variables}
    return _options.options(HostVariables(own, lambda value: value), does, {}, {"apps": apps or {}})


def options() -> list[tuple[str, str, str]]:
    """Dictionary, option and variable of everything that a variable fills."""
    from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection import groups

    listed = []
    for group, entry in groups().items():
        if group not in GROUPS:
            continue
        for option in entry["options"]:
            name = NAMED.get((group, option), GROUPS[group] + option)
            if name is not None and (group, option) not in DECIDED:
                listed.append((group, option, PREFIX + name))
    return listed


SENTINELS: dict[str, Any] = {"bool": True, "int": 4711, "float": 47.11, "list": ["sentinel"], "dict": {"a": "sentinel"}}


@pytest.mark.parametrize(("group", "option", "variable"), options())
def test_a_variable_reaches_its_option(group: str, option: str, variable: str) -> None:
    entry = ENTRIES[variable]
    sentinel = SENTINELS.get(entry.get("type", "str"), "sentinel")
    if entry.get("choices"):
        sentinel = next(one for one in entry["choices"] if one != entry.get("default"))
        sentinel = [sentinel] if entry["type"] == "list" else sentinel
    if group == "host" and option == "url":
        sentinel = "https://sentinel.example.com"
    told = rendered(**{variable: sentinel})[group]
    assert option in told, f"{variable} reaches no option"
    assert told[option] == sentinel


@pytest.mark.parametrize(("group", "option", "variable"), options())
def test_a_variable_that_is_not_set_leaves_its_option_out(group: str, option: str, variable: str) -> None:
    if variable not in DEFAULTS and (group, option) != ("host", "url"):
        assert option not in rendered()[group]


@pytest.mark.parametrize("variable", ["force", "compromised"])
def test_both_words_for_a_renewal_force_it(variable: str) -> None:
    assert rendered()["secret"]["force"] is False
    assert rendered(**{PREFIX + variable: "yes"})["secret"]["force"] is True


def test_consent_that_is_known_to_be_missing_holds_the_secret_back() -> None:
    missing = {"usersync": {"missing": ["x"], "consent_url": "https://consent.example.com"}}
    held = rendered(apps=missing, **{f"{PREFIX}consent": "check"})["secret"]["hold"]
    assert "https://consent.example.com" in held and held.startswith("azure_connector_consent: ")
    assert not rendered(apps=missing, **{f"{PREFIX}consent": "grant"})["secret"]["hold"]
    assert not rendered(**{f"{PREFIX}consent": "check"})["secret"]["hold"]


def test_only_the_secret() -> None:
    told = rendered(**{f"{PREFIX}only_secret": True, f"{PREFIX}schedule_enabled": True})
    assert told["only_secret"] is True and "schedule_enabled" not in told["connector"]
    told = rendered(does="rotate", **{f"{PREFIX}sync": "always"})
    assert told["only_secret"] is True and told["sync"]["mode"] == "never"


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_a_documented_variable_is_known_to_the_role(name: str) -> None:
    assert name in ENTRIES, "it has no type, so that the plan does not check it"
    entry, known = DOCUMENTED[name], ENTRIES[name]
    assert entry["type"] == known.get("type", "str")
    assert bool(entry.get("no_log")) == bool(known.get("no_log"))
    if known.get("choices"):
        # revoking consent is for remove_permissions alone
        assert entry.get("choices") == [one for one in known["choices"] if one != "revoke"]
    if name in DEFAULTS and not isinstance(DEFAULTS[name], (list, dict)):
        assert entry.get("default") == DEFAULTS[name]


USED = re.compile(rf"\b{PREFIX}[a-z_]+")


def test_every_variable_that_the_role_uses_is_documented() -> None:
    returned = {f"{PREFIX}{name}" for name in ("new_secret", "report", "fleet", "options")}
    text = TASKS + (ROLE / "vars" / "main.yml").read_text(encoding="utf-8")
    used = {name for name in USED.findall(re.sub(r"__azure_connector_\w+", "", text)) if not name.endswith("_")}
    assert used - returned <= set(DOCUMENTED)
    assert set(DEFAULTS) <= set(DOCUMENTED)


@pytest.mark.parametrize("name", sorted(OWN))
def test_what_no_module_takes_is_used_by_the_role_or_its_plugin(name: str) -> None:
    plugin = "".join(
        (ROOT / "plugins" / path).read_text(encoding="utf-8")
        for path in (
            "plugin_utils/_fleet.py",
            "plugin_utils/_options.py",
            "plugin_utils/_audit.py",
            "plugin_utils/_audit_page.py",
        )
    ) + (ROOT / "plugins" / "action" / "azure_connector_fleet.py").read_text(encoding="utf-8")
    templates = "".join(path.read_text(encoding="utf-8") for path in (ROLE / "templates").rglob("*") if path.is_file())
    text = TASKS + (ROLE / "vars" / "main.yml").read_text(encoding="utf-8") + templates
    # the files of the audit are asked for by kind
    kind = f'"{name.removeprefix("audit_")}"' if "audit_{kind}" in plugin else None
    assert f"{PREFIX}{name}" in text or f'"{name}"' in plugin or (kind and kind in plugin)


def _tasks(listed: Any) -> Iterator[dict[str, Any]]:
    """All tasks of a file; a block is none itself."""
    for entry in listed or []:
        if "block" in entry:
            for part in ("block", "rescue", "always"):
                yield from _tasks(entry.get(part))
        else:
            yield entry


def test_numbers_of_the_role() -> None:
    """The role stays short: tasks in an order, decisions in Python."""
    parsed = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((ROLE / "tasks").glob("*.yml"))]
    tasks = [task for listed in parsed for task in _tasks(listed)]
    private = set(re.findall(r"\b__azure_connector_\w+", TASKS + str(MAPPED)))
    numbers = {
        "tasks": len(tasks),
        "set_fact": sum("ansible.builtin.set_fact" in task for task in tasks),
        "private variables": len(private),
        "hostvars": TASKS.count("hostvars"),
    }
    most = {"tasks": 55, "set_fact": 6, "private variables": 25, "hostvars": 0}
    assert {what: number for what, number in numbers.items() if number > most[what]} == {}
    assert [task for task in tasks if "name" not in task] == []


def test_playbooks_stay_short() -> None:
    for path in (ROOT / "playbooks").glob("*.yml"):
        plays = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert len(plays) <= 4, path.name
        assert "groups[" not in path.read_text(encoding="utf-8").replace("groups['usersync_hosts']", "")
