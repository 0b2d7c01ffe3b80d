# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Examples of all pages: each is listed with the test that runs it, and what it names exists and takes that value."""

from __future__ import annotations

import re
import shlex
import sys
from typing import Any

import jinja2
import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import ENTRIES, checked
from collection import NAME, ROOT, documentation

sys.path.insert(0, str(ROOT / "tests" / "tools"))

import examples

LISTED = examples.examples()
PROGRAMS = {"ansible-galaxy", "ansible-playbook", "ansible-rulebook", "ansible-vault", "az", "make"}
SHELL = {"ansible-builder", "cat", "cd", "cp", "export", "find", "git", "mkdir", "mv", "podman", "read", "tee"}
# Other keywords of a task than the name of its module
OF_A_TASK = {"args", "become", "block", "changed_when", "delegate_to", "environment", "failed_when", "loop"}
OF_A_TASK |= {"loop_control", "module_defaults", "name", "no_log", "register", "run_once", "vars", "when"}


class Loader(yaml.SafeLoader):
    """Knows vaulted texts and texts that are no templates."""


for tag in ("!vault", "!unsafe"):
    Loader.add_constructor(tag, lambda loader, node: loader.construct_scalar(node))


def documented() -> dict[str, Any]:
    """Every variable of every role."""
    found: dict[str, Any] = {}
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for point in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            found |= point.get("options") or {}
    return found


VARIABLES = documented()
OURS = re.compile(r"(?:azure_connector|usersync_bootstrap|usersync_awx)_\w+")


def inside(value: Any) -> list[tuple[str, Any]]:
    """Every name with its value, however deep."""
    if isinstance(value, list):
        return [pair for one in value for pair in inside(one)]
    if not isinstance(value, dict):
        return []
    return [pair for name, inner in value.items() for pair in [(str(name), inner), *inside(inner)]]


def of_yaml(text: str) -> None:
    for document in yaml.load_all(text, Loader=Loader):
        for name, value in inside(document):
            if OURS.fullmatch(name):
                assert name in VARIABLES, name
                if name in ENTRIES and "{{" not in str(value):
                    checked(name, value)
            elif name.startswith(f"{NAME}.") and isinstance(value, dict):
                options = documentation()[name.removeprefix(f"{NAME}.")]["doc"]["options"]
                assert set(value) <= set(options), name
                for option, given in value.items():
                    choices = options[option].get("choices")
                    assert not choices or "{{" in str(given) or given in choices, option
        for task in document if isinstance(document, list) else []:
            if isinstance(task, dict) and "name" in task and not {"hosts", "import_playbook", "src"} & set(task):
                modules = set(task) - OF_A_TASK
                assert len(modules) <= 1 and all(re.fullmatch(r"\w+\.\w+\.\w+", module) for module in modules), task


def of_a_shell(text: str) -> None:
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True) if line.count("'") % 2 == 0 and line.count('"') % 2 == 0 else []
        if not words or words[0] not in PROGRAMS | SHELL:
            continue
        playbooks = [word for word in words if re.fullmatch(rf"{re.escape(NAME)}\.\w+", word)]
        if words[0] == "ansible-playbook":
            for one in playbooks:
                assert (ROOT / "playbooks" / f"{one.rpartition('.')[2]}.yml").is_file(), one
            for name in re.findall(r"-e '?(\w+)=", line):
                assert name in VARIABLES or name in ("usersync_hosts", "usersync_serial", "usersync_sliced"), name
        if words[0] == "make":
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^(?:{words[1]}:|one_gate = .*\b{words[1]}\b)", makefile, re.MULTILINE), words[1]


@pytest.mark.parametrize("one", LISTED, ids=lambda one: f"{one.page} {one.heading}")
def test_the_form(one: examples.Example) -> None:
    if one.kind == "yaml":
        of_yaml(one.text)
    elif one.kind in ("console", "shell"):
        first = [line.split()[0] for line in one.text.splitlines() if re.match(r"[a-z-]+ ", line)]
        assert first and set(first) <= PROGRAMS | SHELL | {"done", "for"}, first
        of_a_shell(one.text)
    else:
        assert one.kind in ("html", "jinja"), f"nobody checks an example of the kind {one.kind}"
        jinja2.Environment().parse(one.text)


def test_the_page_lists_each_with_its_test() -> None:
    """Write it anew with tests/tools/examples.py."""
    assert examples.PAGE.read_text(encoding="utf-8") == examples.rendered()
    assert len(LISTED) > 60 and len([one for one in LISTED if one.test]) > 40


def test_every_test_of_the_page_exists_and_reads_its_examples() -> None:
    for (page, heading), test in examples.RUN.items():
        text = (ROOT / test).read_text(encoding="utf-8")
        assert page.rpartition("/")[2] in text or "examples()" in text or "PAGES" in text, test
        assert [one for one in LISTED if one.page == page and heading in ("", one.heading)], (page, heading)
