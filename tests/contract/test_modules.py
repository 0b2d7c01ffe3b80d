# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module is documented, tested through its main(), in its action groups, and does what its page says."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import statistics
from typing import Any

import pytest
from ansible.module_utils import basic
from collection import NAME, ROOT, documentation, modules, runtime

PAGES = ("DOCUMENTATION", "EXAMPLES", "RETURN")
# Parts of a role without a module behind them: the action plugin is all there is
PARTS = {"azure_connector_fleet": "tests/unit/plugins/plugin_utils/test_fleet.py"}
RUN = [module for module in modules() if module not in PARTS]
UNIT_TESTS = ROOT / "tests" / "unit" / "plugins" / "modules"
COMPARED = {"type": "str", "required": False, "choices": None, "default": None, "elements": None, "aliases": []}


def source(module: str) -> str:
    return (ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")


def code_lines(module: str) -> int:
    """Lines of code beside the pages of documentation, comments and empty lines."""
    paged: set[int] = set()
    for node in ast.parse(source(module)).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) in PAGES:
            paged.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source(module).splitlines(), 1)
    return sum(1 for number, line in lines if number not in paged and line.strip() and line.strip()[0] != "#")


class Caught(Exception):
    """Carries the argument spec out of AnsibleModule."""


def argument_spec(module: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    def catch(self: Any, argument_spec: dict[str, Any], **others: Any) -> None:
        raise Caught({"spec": argument_spec, **others})

    monkeypatch.setattr(basic.AnsibleModule, "__init__", catch)
    with pytest.raises(Caught) as caught:
        importlib.import_module(f"ansible_collections.{NAME}.plugins.modules.{module}").main()
    return caught.value.args[0]


def differences(spec: dict[str, Any], documented: dict[str, Any], where: str = "") -> list[str]:
    """Sentences about options whose page and spec disagree, sub-options included."""
    found = [f"{where}{name} is in the spec or on the page only" for name in sorted(set(spec) ^ set(documented))]
    for name in sorted(set(spec) & set(documented)):
        for key, default in COMPARED.items():
            coded, paged = spec[name].get(key, default), documented[name].get(key, default)
            coded, paged = (list(coded), list(paged)) if key == "choices" and coded and paged else (coded, paged)
            if coded != paged:
                found.append(f"{where}{name}.{key}: {coded!r} in the spec, {paged!r} on the page")
        inner = spec[name].get("options") or {}
        found += differences(inner, documented[name].get("suboptions") or {}, f"{where}{name}.")
    return found


def test_there_are_modules() -> None:
    assert {"azuread_app", "azuread_app_permission", "azuread_app_secret"} <= set(modules())
    assert {"usersync_connector", "usersync_sync"} <= set(modules())


@pytest.mark.parametrize("module", modules())
def test_pages(module: str) -> None:
    assigned = {
        getattr(node.targets[0], "id", "") for node in ast.parse(source(module)).body if isinstance(node, ast.Assign)
    }
    assert set(PAGES) <= assigned
    page = documentation()[module]
    assert page["doc"]["description"] and page["examples"].strip() and page["return"]
    assert {"check_mode", "diff_mode"} <= set(page["doc"]["attributes"])


@pytest.mark.parametrize("module", RUN)
def test_spec_is_what_the_page_says(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    caught = argument_spec(module, monkeypatch)
    assert differences(caught["spec"], documentation()[module]["doc"]["options"]) == []
    assert caught["supports_check_mode"] is True


@pytest.mark.parametrize("module", RUN)
def test_unit_tests_run_the_real_main(module: str) -> None:
    """Called by the test file itself or by the helpers beside it."""
    path = UNIT_TESTS / f"test_{module}.py"
    assert path.exists()
    tests = path.read_text(encoding="utf-8")
    assert re.search(r"^(async )?def test_", tests, re.MULTILINE)
    helpers = [file for file in UNIT_TESTS.glob("*.py") if not file.name.startswith("test_")]
    sources = "".join([tests, *(file.read_text(encoding="utf-8") for file in helpers)])
    assert re.search(rf"\b{module}\.main\b|modules\.{module} import .*\bmain\b", sources)


@pytest.mark.parametrize("module", RUN)
def test_action_group_and_action_plugin(module: str) -> None:
    group = module.split("_")[0]
    assert module in runtime()["action_groups"][group]
    assert (ROOT / "plugins" / "action" / f"{module}.py").exists()


def test_groups_name_only_modules_that_exist() -> None:
    groups = runtime()["action_groups"]
    extended = groups["all"][0]["metadata"]["extend_group"]
    assert extended == [f"{NAME}.{name}" for name in groups if name != "all"]
    named = [module for name in groups if name != "all" for module in groups[name]]
    assert sorted(named) == RUN


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_role_takes_what_its_page_says(part: str) -> None:
    plugin = importlib.import_module(f"ansible_collections.{NAME}.plugins.action.{part}").ActionModule
    options = documentation()[part]["doc"]["options"]
    looks = re.findall(r'^            "(\w+)": self\._\w+,$', inspect.getsource(plugin.run), re.MULTILINE)
    assert looks and sorted(looks) == sorted(options["look"]["choices"])
    asked = set(re.findall(r'self\._(?:flag\(|task\.args\.get\()"(\w+)"', inspect.getsource(plugin)))
    assert asked == set(options)
    assert "def test_" in (ROOT / PARTS[part]).read_text(encoding="utf-8")


def test_action_plugins_have_a_module() -> None:
    plugins = [path.stem for path in (ROOT / "plugins" / "action").glob("[a-z]*.py")]
    assert sorted(plugins) == modules()


def test_modules_stay_thin() -> None:
    sizes = {module: code_lines(module) for module in modules()}
    assert {module: size for module, size in sizes.items() if size > 150} == {}
    assert statistics.median(sizes.values()) < 60
