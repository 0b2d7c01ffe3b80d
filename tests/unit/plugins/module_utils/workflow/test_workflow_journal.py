# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier run has delivered is confirmed without a mint only where nothing else can have come after it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _errors as errors
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import credentials
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.sync import parse
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import journal
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow.window import Window

HOLDER, NOW = "jira.example.com", datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
OPTIONS = {"delivery_window": 120.0, "delivery_timeout": 60.0}
PENDING = f"usersync-pending:{HOLDER}"


def entry(key: str, minutes: float, days: int = 100, spare: bool = False, hint: str | None = None) -> dict[str, Any]:
    """A credential minted so many minutes ago."""
    name = credentials.attempt_name(HOLDER, "-", NOW - timedelta(minutes=minutes), spare)
    end = (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"keyId": key, "displayName": name, "endDateTime": end, "hint": hint}


def resumed(*mine: dict[str, Any], tags: tuple[str, ...] = (), hint: str | None = None) -> journal.Delivered | None:
    return journal.resumable({"tags": [PENDING, *tags]}, HOLDER, list(mine), hint, OPTIONS, NOW)


TAG = f"usersync-delivered:new:7:{NOW:%Y-%m-%dT%H:%M:%SZ}"


def test_the_sync_of_the_journal_confirms() -> None:
    found = resumed(entry("old", 9000), entry("new", 10), tags=(TAG,))
    assert found is not None and (found.key_id, found.sync_id) == ("new", "7")
    assert found.start == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("mine", "tags"),
    [
        ((entry("old", 9000), entry("new", 10)), ()),
        ((entry("old", 9000), entry("new", 10)), ("usersync-delivered:old:7:2026-06-01T11:00:00Z",)),
        ((entry("old", 9000), entry("new", 10)), ("usersync-delivered:new",)),
        # minted after it, or so shortly before that it may have been delivered after
        ((entry("new", 10), entry("younger", 5)), (TAG,)),
        ((entry("other", 12), entry("new", 10)), (TAG,)),
        ((entry("old", 9000), entry("new", 10, days=-1)), (TAG,)),
        ((entry("new", 10, spare=True),), (TAG,)),
        ((), (TAG,)),
    ],
)
def test_else_another_is_minted(mine: tuple[dict[str, Any], ...], tags: tuple[str, ...]) -> None:
    assert resumed(*mine, tags=tags) is None


def test_without_a_mark_nothing_is_taken_up() -> None:
    app = {"tags": [TAG]}
    assert journal.resumable(app, HOLDER, [entry("new", 10)], None, OPTIONS, NOW) is None


def test_a_hint_that_the_host_shows_confirms_where_no_other_secret_has_it() -> None:
    old, new = entry("old", 9000, hint="abc"), entry("new", 10, hint="xyz")
    found = resumed(old, new, hint="xyz")
    assert found is not None and found.sync_id is None
    assert resumed(old, new, hint="abc") is None and resumed(old, new) is None
    assert resumed(entry("old", 9000, hint="xyz"), new, hint="xyz") is None


def status(created: str, state: str = "DONE") -> Any:
    return parse({"status": state, "id": 1, "created": created})


DATE = "Mon, 01 Jun 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("created", "heard", "old"),
    [
        ("2026-05-01T00:00:00Z", DATE, True),
        ("2026-05-01T02:00:00+02:00", DATE, True),
        # the host's clock is a day behind: its sync of "yesterday" is of today
        ("2026-05-31T11:59:00Z", "Sun, 31 May 2026 12:00:00 GMT", False),
        ("2026-06-01T11:55:00Z", DATE, False),
        ("2026-06-01T11:46:00Z", DATE, False),
        ("2026-06-01T11:44:00Z", DATE, True),
        ("2026-05-01T00:00:00", DATE, False),
        ("yesterday", DATE, False),
        ("2026-05-01T00:00:00Z", None, False),
        ("2026-05-01T00:00:00Z", "no date", False),
    ],
)
def test_a_sync_is_old_only_where_that_is_certain(created: str, heard: str | None, old: bool) -> None:
    assert journal.sync_is_old(status(created), entry("new", 10), heard, NOW) is old


def test_no_status_a_running_sync_and_no_secret_are_no_reason() -> None:
    long_ago = "2026-05-01T00:00:00Z"
    assert not journal.sync_is_old(None, entry("new", 10), DATE, NOW)
    assert not journal.sync_is_old(status(long_ago, "RUNNING"), entry("new", 10), DATE, NOW)
    assert not journal.sync_is_old(status(long_ago), None, DATE, NOW)


def test_the_window_is_closed_as_soon_as_one_of_two_clocks_says_so() -> None:
    wall, ticks = [NOW], [1000.0]
    run = Run(now=lambda: wall[0], monotonic=lambda: ticks[0])
    window = Window.begin(run, 120.0)
    assert window.check(run) == 1120.0
    ticks[0] = 1121.0
    with pytest.raises(errors.StateError, match="delivery_window"):
        window.check(run)
    ticks[0], wall[0] = 1001.0, NOW + timedelta(seconds=121)
    with pytest.raises(errors.StateError, match="delivery_window"):
        window.check(run)
    # a clock that was set back opens nothing again
    wall[0] = NOW - timedelta(days=1)
    assert window.check(run) <= 1120.0
