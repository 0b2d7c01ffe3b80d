# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet without hosts is no success: every playbook says so, but for a slice, which may have none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FLEET = [
    path.stem
    for path in sorted((ROOT / "playbooks").glob("*.yml"))
    if any("usersync_hosts" in str(play["hosts"]) for play in yaml.safe_load(path.read_text(encoding="utf-8")))
]


def test_the_playbooks_of_the_fleet() -> None:
    assert {"audit", "preflight", "prepare_apps", "remove", "rotate_secrets", "setup"} <= set(FLEET)


@pytest.mark.parametrize("playbook", FLEET)
def test_no_host_is_red(fleet: Any, playbook: str) -> None:
    it = fleet(1)
    it.inventory["usersync_hosts"]["hosts"] = {}
    played = it.play(playbook=f"fleetops.usersync.{playbook}")
    told = re.sub(r"\s+", " ", played.output)
    assert played.code == 2 and "usersync_hosts: the inventory has no host that 'usersync_hosts' fits" in told
    assert played.requests == []


def test_a_pattern_that_fits_nothing_is_red_and_one_that_fits_is_not(fleet: Any) -> None:
    it = fleet(1)
    [name] = it.hosts
    wrong = it.play("-e", "usersync_hosts=jira_prod", playbook="fleetops.usersync.audit")
    assert wrong.code == 2 and "'jira_prod' fits" in re.sub(r"\s+", " ", wrong.output) and wrong.requests == []
    right = it.play("-e", f"usersync_hosts={name}", playbook="fleetops.usersync.audit")
    assert right.code == 0, right.output


def test_a_slice_may_be_empty(fleet: Any) -> None:
    it = fleet(1)
    it.inventory["usersync_hosts"]["hosts"] = {}
    played = it.play("-e", "usersync_sliced=true", playbook="fleetops.usersync.rotate_secrets")
    assert played.code == 0 and played.requests == [], played.output


def test_a_limit_is_decided_before_the_collection_is_asked(fleet: Any) -> None:
    """As docs/troubleshooting.md and, for a slice that has no host of the limit, docs/awx.md say."""
    it = fleet(2)
    first, second = it.hosts
    del it.inventory["usersync_hosts"]["hosts"][second]
    it.inventory["others"] = {"hosts": {"elsewhere": {}}}
    sliced = ("-e", "usersync_sliced=true")
    for limit, code, words in (
        (second, 1, "leaves us with no hosts to target"),
        ("elsewhere", 0, "skipping: no hosts matched"),
    ):
        for more in ((), sliced):
            played = it.play("--limit", limit, *more, playbook="fleetops.usersync.rotate_secrets")
            assert (played.code, played.requests) == (code, []), played.output
            assert words in played.output, played.output
    assert it.play("--limit", first, *sliced, playbook="fleetops.usersync.audit").code == 0
