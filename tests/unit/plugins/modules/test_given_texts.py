# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Line breaks in logins, blank names in lists, blank texts: refused in every option of every module, by its name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _definitions, _front
from ansible_collections.fleetops.usersync.plugins.module_utils._argspec import atlassian_spec, entra_spec
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import cron

DEFINITIONS = {
    name: module.DEFINITION
    for _finder, name, _package in pkgutil.iter_modules(_definitions.__path__)
    if hasattr(module := importlib.import_module(f"{_definitions.__name__}.{name}"), "DEFINITION")
}
LOGINS = {*entra_spec(), *atlassian_spec()}


def options(spec: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path and entry of every option, those within dictionaries too; without those in lists of dictionaries."""
    for name, entry in spec.items():
        if entry.get("options") and entry["type"] == "dict":
            yield from options(entry["options"], f"{prefix}{name}.")
        elif not entry.get("options"):
            yield f"{prefix}{name}", name, entry


def every(wanted: Any) -> list[Any]:
    return [
        pytest.param(module, path, id=f"{module}-{path}")
        for module, definition in DEFINITIONS.items()
        for path, name, entry in options(definition.argument_spec)
        if wanted(name, entry)
    ]


def refused(module: str, path: str, value: Any) -> str:
    """The sentence; fails the test when anything would have been sent."""
    given: dict[str, Any] = {}
    place = given
    *outer, last = path.split(".")
    for name in outer:
        place = place.setdefault(name, {})
    place[last] = value

    def connect(_options: Any, _run: Any) -> Any:
        raise AssertionError("something would have been sent")

    definition = DEFINITIONS[module]
    quiet = type(definition)(**{**vars(definition), "connect": connect})
    result = _front.execute(quiet, given, Run())
    assert result["failed"] and result["failure"]["kind"] == "option", result
    return str(result["msg"])


def test_the_modules_are_all_there() -> None:
    assert {"usersync_connector", "usersync_sync", "azuread_app", "azuread_app_secret"} <= set(DEFINITIONS)


@pytest.mark.parametrize(
    ("module", "path"),
    every(lambda name, entry: entry["type"] == "str" and (name in LOGINS or entry.get("no_log") is True)),
)
@pytest.mark.parametrize("tail", ["\n", "\r\n"])
def test_a_line_break_at_the_end_of_a_login(module: str, path: str, tail: str) -> None:
    told = refused(module, path, f"Value-of-the-vault{tail}")
    assert told.startswith(f"{path}: ends with a line break"), told
    assert "Value-of-the-vault" not in told


@pytest.mark.parametrize(
    ("module", "path"), every(lambda _name, entry: entry["type"] == "list" and entry.get("elements") == "str")
)
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_entry_in_a_list(module: str, path: str, blank: str) -> None:
    assert path.rpartition(".")[2] in refused(module, path, [blank])


@pytest.mark.parametrize(("module", "path"), every(lambda _name, entry: entry["type"] == "str"))
def test_white_space_alone_is_no_text(module: str, path: str) -> None:
    assert path.rpartition(".")[2] in refused(module, path, "   ")


def test_settings_never_bring_a_group_without_a_name(live: Any) -> None:
    live.world()
    live.click_create()
    for value in ([""], ["jira-users", " "]):
        result = live.connector(**live.wanted(settings={"azureSettings.requiredGroups": value}))
        assert result["msg"].startswith("settings: azureSettings.requiredGroups contains an empty entry"), result
    assert live.writes() == []


def test_an_empty_list_and_an_empty_text_clear(live: Any) -> None:
    live.world()
    live.click_create(required_groups=["jira-users"], server_side_filter="startswith(displayName,'j')")
    result = live.connector(**live.wanted(required_groups=[], required_groups_filter=""))
    assert result["changed"], result
    assert live.held("required_groups") == [] and live.held("server_side_filter") == ""


def test_nobody_is_in_a_group_without_a_name(live: Any) -> None:
    live.world(connectors=[{"required_groups": [""]}])
    app = live.app()
    live.connector(**live.wanted(**app))
    counters = live.sync()["sync"]["counters"]
    assert (counters["added"], counters["filtered"]) == (0, 25), "a real host lets nobody in"


@pytest.mark.parametrize(
    "text",
    ["0 30 2 * * ?", "0 0 2 * * ? 2027", "30 2 * * *", "@daily", "0 0/30 8-18 ? * MON-FRI", "0 0 2 L * ?",
     "0 0 2 ? * 6L", "0 0 2 ? * 6#3", "0 0 2 15W * ?", "0 0 2 L-3 * ?", "0 0 2 ? * MONL"],
)  # fmt: skip
def test_cron_expressions_that_a_dialect_reads(text: str) -> None:
    assert cron.readable(text)


@pytest.mark.parametrize(
    "text",
    ["daily", "at 2", "0 2 * *", "0 0 25 * * ?", "61 0 2 * * ?", "0 0 2 * * ? * *", "0 0 2 32 * ?", "0 0 2 * 13 ?",
     "0 0 2 * * 8", "0 0 2 * * MOON", "every day at two", "0 0 2 ? * 6#6", "0;0;2;*;*;?"],
)  # fmt: skip
def test_cron_expressions_that_nobody_reads(live: Any, text: str) -> None:
    assert not cron.readable(text)
    live.begin()
    result = live.connector(**live.wanted(schedule_cron=text))
    assert result["msg"].startswith("schedule_cron: is not a valid cron expression") and "0 30 2 * * ?" in result["msg"]
    assert live.requests() == []
