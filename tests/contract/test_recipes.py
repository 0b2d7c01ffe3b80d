# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of docs/recipes: each is on the page of recipes, says what runs it, and names only what there is."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.module_utils._audit import metrics
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.audit import made_up
from collection import ROOT

RECIPES = sorted((ROOT / "docs" / "recipes").iterdir())
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_every_recipe_is_on_the_page_with_its_test(path: Path) -> None:
    [row] = [line for line in PAGE.splitlines() if f"](recipes/{path.name})" in line and line.startswith("|")]
    told = row.split("|")[-2].strip()
    name = re.match(r"\[`(tests/[\w/.]+)`\]", told)
    assert name and (ROOT / name.group(1)).exists(), row


def test_the_page_lists_nothing_that_is_not_there() -> None:
    assert set(re.findall(r"\]\(recipes/([\w.-]+)\)", PAGE)) == {path.name for path in RECIPES}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_only_playbooks_that_there_are(path: Path) -> None:
    named = set(re.findall(r"fleetops\.usersync\.(\w+)", path.read_text(encoding="utf-8")))
    others = {"azure_connector", "audit_table"}
    assert named <= PLAYBOOKS | others, named


@pytest.mark.parametrize("path", [path for path in RECIPES if path.suffix == ".yml"], ids=lambda path: path.name)
def test_yaml(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    dashboard = json.loads((ROOT / "docs" / "recipes" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    told = set(re.findall(r"^# TYPE (\w+)", "\n".join(metrics.text(made_up.varied()).splitlines()), re.MULTILINE))
    asked = {name for panel in dashboard["panels"] for name in re.findall(r"usersync_\w+", panel["targets"][0]["expr"])}
    assert len(dashboard["panels"]) == 8 and asked and asked <= told


@pytest.mark.parametrize(("name", "when"), [("rotate", "Mon 03:30"), ("audit", "*-*-* 06:00")])
def test_the_units_of_systemd(name: str, when: str) -> None:
    service, timer = configparser.RawConfigParser(), configparser.RawConfigParser()
    service.read(ROOT / "docs" / "recipes" / f"usersync-{name}.service")
    timer.read(ROOT / "docs" / "recipes" / f"usersync-{name}.timer")
    assert service["Service"]["Type"] == "oneshot" and f"fleetops.usersync.{name}" in service["Service"]["ExecStart"]
    assert timer["Timer"]["OnCalendar"] == when


SCHEDULERS = {"cron": "usersync.cron", "systemd": "usersync-*.service"}
SCHEDULERS |= {name: f"{name}.yml" for name in ("azure-pipelines", "github-actions", "gitlab-ci")}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_each_scheduler_rotates_and_looks(name: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "recipes").glob(SCHEDULERS[name]))
    assert "rotate_secrets" in text and "audit" in text


def test_the_crontab_has_a_user_in_each_line() -> None:
    text = (ROOT / "docs" / "recipes" / "usersync.cron").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"[\d*]", line)]
    assert len(lines) == 2 and all(line.split()[5] == "usersync" for line in lines)
