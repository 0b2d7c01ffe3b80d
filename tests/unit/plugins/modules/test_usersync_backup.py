# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of a connector's configuration: before a removal too, who may read them, and how long they are kept."""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def ready(live: Any) -> Any:
    """A host whose connector is set up."""
    live.world()
    assert live.connector(**live.wanted())["changed"]
    live.begin()
    return live


def test_what_is_removed_is_kept_first(ready: Any, tmp_path: Path) -> None:
    """The host refuses the removal; the copy is there all the same."""
    name = ready.held("name")
    ready.sim.fault("error", service="atlassian", method="DELETE", status=500, times=99)
    options = ready.login(state="absent", backup=True, backup_dir=str(tmp_path / "kept"))
    assert ready.connector(**options)["failed"]
    [kept] = (tmp_path / "kept").iterdir()
    assert json.loads(kept.read_text(encoding="utf-8"))["configuration"]["name"] == name


def test_the_copy_of_a_removal_is_told(ready: Any, tmp_path: Path) -> None:
    options = ready.login(state="absent", backup=True, backup_dir=str(tmp_path / "kept"))
    planned = ready.connector(check=True, **options)
    assert planned["changed"] and not (tmp_path / "kept").exists()
    done = ready.connector(**options)
    assert done["changed"] and [done["backup_file"]] == [str(path) for path in (tmp_path / "kept").iterdir()]


def test_a_group_may_read_it_where_it_is_told_so(ready: Any, tmp_path: Path) -> None:
    options = {"backup": True, "backup_dir": str(tmp_path / "kept"), "backup_mode": "0640", "backup_group": os.getgid()}
    result = ready.connector(**ready.wanted(name="New", **options))
    assert stat.S_IMODE(os.stat(result["backup_file"]).st_mode) == 0o640


def test_an_owner_that_is_not_here_is_told_before_anything_is_written(ready: Any, tmp_path: Path) -> None:
    options = {"backup": True, "backup_dir": str(tmp_path / "kept"), "backup_owner": "nobody-of-that-name"}
    result = ready.connector(**ready.wanted(name="New", **options))
    assert result["msg"].startswith("backup_owner: nobody-of-that-name is no owner of this machine")
    assert ready.writes() == []


def test_older_ones_of_this_connector_go_after_a_new_one_was_written(ready: Any, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    options = {"backup": True, "backup_dir": str(folder), "backup_keep_days": 30}
    first = Path(ready.connector(**ready.wanted(name="New", **options))["backup_file"])
    start = first.name[: -len("20260101T000000000000Z.json")]
    now = datetime.now(timezone.utc)
    old, young = (f"{now - timedelta(days=days):%Y%m%dT%H%M%S%fZ}" for days in (31, 29))
    foreign = [
        f"{start}{young}.json",
        f"other.example.com-5-{old}.json",
        f"{start}{old}.json.bak",
        f"{start}notes.json",
    ]
    gone = [f"{start}{old}.json", f"{start}{old}.json.vault"]
    for name in [*foreign, *gone]:
        (folder / name).write_text("x", encoding="utf-8")
    ready.connector(**ready.wanted(name="Newer", **{**options, "backup_keep_days": None}))
    assert {*foreign, *gone, first.name} < set(os.listdir(folder)), "without it all are kept"
    second = ready.connector(**ready.wanted(name="Newest", **options))
    left = set(os.listdir(folder))
    assert {*foreign, first.name, Path(second["backup_file"]).name} < left and not left & set(gone)
