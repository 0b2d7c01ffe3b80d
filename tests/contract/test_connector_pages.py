# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages about the connector know every setting, every refusal and every variable that the code has."""

from __future__ import annotations

import ast
import dataclasses
import re

import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions import usersync_connector, usersync_sync
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import changes
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.probe import MANIFEST
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.sentences import SENTENCES
from ansible_collections.fleetops.usersync.tests.frontends import KINDS as FRONT_ENDS
from ansible_collections.fleetops.usersync.tests.simulator.atlassian.traits import Traits
from ansible_collections.fleetops.usersync.tests.simulator.faults import HOST_KINDS, KERNEL_KINDS
from collection import ROOT

UTILS = ROOT / "plugins" / "module_utils"
SOURCES = [
    *(UTILS / f"{name}.py" for name in ("_exchange", "_http", "_proxies")),
    *sorted((UTILS / "_usersync").glob("*.py")),
    *(
        UTILS / "_workflow" / f"{name}.py"
        for name in ("connector", "connector_create", "connector_remove", "sync", "window")
    ),
]
# Front ends that let everything through in the end, and refusals of the library that connects
EASY = {"plain", "gateway_header", "throttles_by_date", "sends_posts_twice", "loses_a_post"}
EASY |= {"client_certificate_closes"}
TRANSPORT = {"name", "connect", "tls", "url", "io", "reset", "timeout", "deadline", "too_large", "too_late", "proxy"}
TRANSPORT |= {"not_user_sync", "app_missing", "app_disabled"}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    return re.split(r"^## ", text.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> set[str]:
    """What stands in code marks in the first column of all tables."""
    rows = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)}


def literal(node: ast.AST) -> str:
    """A text in the source, with an ellipsis for each place that is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""


def refusals() -> dict[str, list[str]]:
    """The sentences of every code that the code raises."""
    found = {code: [re.sub(r"\{\w+\}", "…", text)] for code, (_kind, text) in SENTENCES.items()}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = [key.value for key in node.keywords if key.arg == "code"] if isinstance(node, ast.Call) else []
            if named and isinstance(named[0], ast.Constant):
                found.setdefault(named[0].value, []).extend(filter(None, map(literal, node.args)))  # type: ignore
    return found


def test_every_refusal_stands_there_in_its_own_words() -> None:
    text = section(page("connector.md"), "Every refusal and its remedy")
    told, raised = first_cells(text), refusals()
    assert told == set(raised)
    flat = " ".join(text.replace("\\|", "|").split())
    lacking = [
        (code, part)
        for code, sentences in raised.items()
        for sentence in sentences
        for part in sentence.split("…")
        if len(part.strip()) > 8 and " ".join(part.split()) not in flat
    ]
    assert lacking == []


def test_front_ends_of_the_page_are_played() -> None:
    text = section(page("connector.md"), "Every refusal and its remedy")
    rows = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    named = {name for _code, cell in rows for name in re.findall(r"`([a-z_0-9]+)`", cell)}
    traits = {field.name for field in dataclasses.fields(Traits)}
    assert set(FRONT_ENDS) - EASY <= named <= set(FRONT_ENDS) | HOST_KINDS | KERNEL_KINDS | traits
    for code, cell in rows:
        assert cell.strip() != "-" or code in TRANSPORT, code


def test_every_setting_is_told() -> None:
    told = first_cells(section(page("connector.md"), "Settings"))
    assert told == {*changes.PLAIN_OPTIONS, "application_secret", "flow", "settings"}


@pytest.mark.parametrize("name", ["connector.md", "live-host.md", "old-flow.md"])
def test_names_in_code_marks_exist(name: str) -> None:
    text = page(name)
    spec = yaml.safe_load((ROOT / "roles/azure_connector/meta/argument_specs.yml").read_text(encoding="utf-8"))
    variables = set(spec["argument_specs"]["variables"]["options"])
    named = set(re.findall(r"\bazure_connector_[a-z_]+[a-z]\b", text))
    assert named <= variables, named - variables
    options = {*usersync_connector.DEFINITION.argument_spec, *usersync_sync.DEFINITION.argument_spec}
    given = set(re.findall(r"`([a-z]+_[a-z_]+): [^`]+`", text)) - variables
    assert given <= options, given - options


def test_the_ten_steps_confirm_rows_that_are_there() -> None:
    text = page("live-host.md")
    rows = re.findall(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    assert [int(row[0]) for row in rows] == list(range(1, 11))
    fidelity = (ROOT / "tests/simulator/FIDELITY.md").read_text(encoding="utf-8")
    for row in rows:
        named = re.findall(r'"([^"]+)"', row[4])
        assert named, row[0]
        assert [one for one in named if one not in fidelity] == [], row[0]


def test_what_the_look_sends_is_told() -> None:
    told = re.findall(r"^\| `GET (/[^`]+)` \|", page("live-host.md"), re.MULTILINE)
    assert told == [
        "/rest/samlsso-admin/1.0/usersync/connector/",
        "/rest/samlsso-admin/1.0/usersync/connector/<id>",
        "/rest/samlsso-admin/1.0/usersync/connector/<id>/syncstatus",
        f"/{MANIFEST}",
        "/rest/plugins/1.0/",
        "/rest/pat/latest/tokens",
    ]
