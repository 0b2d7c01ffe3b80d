# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages about Entra ID say what the code does: tables made from it, tests that exist, examples that log in."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fleetops.usersync.plugins.module_utils import _front
from ansible_collections.fleetops.usersync.plugins.module_utils._argspec import AUTH_METHODS, CLOUDS, entra_spec
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_info import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import aadsts, clouds, uses
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import STORE
from ansible_collections.fleetops.usersync.tests.simulator import Simulator
from ansible_collections.fleetops.usersync.tests.simulator.entra import permissions as catalogue
from ansible_collections.fleetops.usersync.tests.simulator.entra import seeds
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import token
from collection import NAME, ROOT, documentation, modules

sys.path.insert(0, str(ROOT / "tests" / "tools"))

import entra_tables

DOCS = ROOT / "docs"
PAGES = ("authentication.md", "permissions.md", "azuread.md")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def yaml_blocks(name: str) -> list[Any]:
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)]


@cache
def known() -> dict[str, set[str]]:
    """Test functions by the name of their file."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        found.setdefault(path.name, set()).update(names)
    return found


@pytest.mark.parametrize(("name", "table"), entra_tables.TABLES)
def test_tables_are_those_of_the_code(name: str, table: str) -> None:
    """``python tests/tools/entra_tables.py`` makes them anew."""
    written = entra_tables.between((ROOT / name).read_text(encoding="utf-8"), table).group(2)
    assert written == entra_tables.TABLES[name, table]()


def test_every_named_test_exists() -> None:
    named = re.findall(r"`(test_\w+\.py)::(\w+)`", page("azuread.md") + page("old-portals.md"))
    assert len(named) > 65
    assert [f"{file}::{name}" for file, name in named if name not in known().get(file, set())] == []


def test_every_feature_and_every_pitfall_has_a_test() -> None:
    for heading, least in (("Features and their tests", 40), ("Pitfalls of the directory and their tests", 15)):
        section = page("azuread.md").partition(f"## {heading}")[2].partition("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| ") and "---" not in line][1:]
        assert len(rows) >= least
        assert [row for row in rows if not re.search(r"`test_\w+\.py::test_\w+`", row)] == []


def test_every_option_of_the_login_is_on_its_page() -> None:
    text = page("authentication.md")
    for option, entry in entra_spec().items():
        _fallback, names = entry["fallback"]
        row = next(line for line in text.splitlines() if line.startswith(f"| `{option}` |"))
        assert re.findall(r"`([A-Z_]+)`", row) == names
    assert [method for method in AUTH_METHODS if f"## `{method}`" not in text] == []
    for cloud in CLOUDS:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{cloud}`"))
        for address in clouds.CLOUDS[cloud]:
            assert address is None or f"`{address.removeprefix('https://')}`" in row


def test_every_module_and_operation_of_the_uses_is_real() -> None:
    assert {use.module for use in uses.USES} == {name for name in modules() if name.startswith("azuread")}


@pytest.mark.parametrize("profile", uses.PROFILES)
def test_what_a_profile_may_is_what_the_simulator_lets_it(profile: str) -> None:
    """The simulator enforces Microsoft's own catalogue."""
    held = uses.PROFILES[profile]
    for use in uses.USES:
        method, path = use.call.lower().split(" ")
        rule = "/" + re.sub(r"/microsoft\.graph\.\w+|/\$ref", "", path)
        granted = catalogue.granting(rule, method.upper(), held)
        if not use.need.owner_suffices:
            assert bool(granted) is (use.allowed(held) != "no") or not use.own, use
        if use.allowed(held) == "yes":
            assert granted, use


def test_the_profiles_are_the_same_everywhere() -> None:
    """README, page, code and simulator name the same permissions for each profile."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [told] = re.findall(r"with one of three \[profiles\].*?(?=^- |^$)", readme, re.MULTILINE | re.DOTALL)
    parts = re.split(r"`(owner|owned_by|full)`", told)
    told_of = {
        name: set(re.findall(r"`(\w+(?:\.\w+)+)`", text)) for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    for name, permissions in uses.PROFILES.items():
        row = next(line for line in page("permissions.md").splitlines() if line.startswith(f"| {name} |"))
        assert set(re.findall(r"`(\w+(?:\.\w+)+)`", row)) == set(permissions) == told_of[name], name
        assert set(seeds.PROFILES[name]) == set(permissions), name


def test_meanings_cover_the_codes_of_the_login_that_the_simulator_knows() -> None:
    told = set(re.findall(r"^\| AADSTS(\d+) \|", page("authentication.md"), re.MULTILINE))
    assert told == {str(number) for number in aadsts.MEANINGS}


# -- the examples log in


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(hosts=0) as running:
        yield running


def _examples() -> list[Any]:
    found = []
    for block in yaml_blocks("authentication.md"):
        for item in block:
            defaults = (item.get("module_defaults") or {}).get("group/fleetops.usersync.azuread", {})
            for task in item.get("tasks", [item]):
                options = {**defaults, **task[f"{NAME}.azuread_app_info"]}
                found.append(pytest.param(options, task.get("environment", {}), id=task["name"]))
    return found


def _fill(value: Any, variables: dict[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    return re.sub(r"\{\{ (\w+) \}\}", lambda match: variables[match.group(1)], value)


class Identity(BaseHTTPRequestHandler):
    """The managed identity service of a platform of Azure."""

    given = ""

    def do_GET(self) -> None:
        body = json.dumps({"access_token": self.given, "expires_on": "4102444800", "resource": "x"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Silent."""


@pytest.fixture
def surroundings(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Files, commands and services that the examples name, and the values of their variables."""
    for name in list(os.environ):
        if name.startswith(("USERSYNC_", "AZURE_", "IDENTITY_", "MSI_")):
            monkeypatch.delenv(name)
    STORE.clear()
    given = token(sim).json()["access_token"]
    app_id = sim.automation["client_id"]
    pair = sim.seed("certificate", app_id=app_id)
    (tmp_path / "both.pem").write_text(pair["private_key"] + pair["certificate"])
    foreign = sim.seed("federation", app_id=app_id, issuer="https://ci.example.test", subject="job")["token"]
    (tmp_path / "token").write_text(foreign)
    command = tmp_path / "az"
    command.write_text(f"#!/bin/sh\necho '{json.dumps({'accessToken': given, 'expires_on': 4102444800})}'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    Identity.given = given
    service = HTTPServer(("127.0.0.1", 0), Identity)
    threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{service.server_port}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    yield {
        "automation_client_id": app_id,
        "automation_client_secret": sim.automation["client_secret"],
        "certificate_file": str(tmp_path / "both.pem"),
        "token_file": str(tmp_path / "token"),
        "token": foreign,
        "graph_token": given,
    }
    service.shutdown()
    service.server_close()


@pytest.mark.parametrize(("options", "environment"), _examples())
def test_every_way_in(
    sim: Simulator,
    surroundings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    environment: dict[str, str],
) -> None:
    """Each example of the page, as it stands there, at the simulated tenant."""
    for name, value in environment.items():
        monkeypatch.setenv(name, _fill(value, surroundings))
    filled = {name: _fill(value, surroundings) for name, value in options.items()}
    if "tenant" in filled:
        filled["tenant"] = sim.tenant_domain
    filled.update(authority_url=sim.authority_url, graph_url=sim.graph_url, ca_path=sim.ca_file)
    validation = ArgumentSpecValidator(DEFINITION.argument_spec, **DEFINITION.constraints).validate(filled)
    assert validation.error_messages == []
    result = _front.execute(DEFINITION, validation.validated_parameters, _front.Run())
    assert not result.get("failed"), result["msg"]
    assert result["tenant_id"] == sim.tenant_id and "Application.ReadWrite.All" in result["automation"]["permissions"]
    for name in ("automation_client_secret", "token", "graph_token"):
        assert surroundings[name] not in str(result)


def test_the_page_has_an_example_of_every_way() -> None:
    shown = {options.values[0].get("auth_method", "auto") for options in _examples()}
    assert shown == set(AUTH_METHODS)


@pytest.mark.parametrize("name", PAGES)
def test_examples_name_options_that_exist(name: str) -> None:
    blocks = [item for block in yaml_blocks(name) for item in block]
    assert blocks
    for task in [inner for item in blocks for inner in item.get("tasks", [item])]:
        for module, options in task.items():
            if module.startswith(f"{NAME}."):
                there = documentation()[module.removeprefix(f"{NAME}.")]["doc"]["options"]
                assert set(options) <= set(there), task["name"]
