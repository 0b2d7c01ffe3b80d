# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a connector of the old flow waits for its click, and when its secret is minted all the same."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import need

APP_ID = "0f5d1c7e-1111-4222-8333-444455556666"
HOLDER = "jira01.example.com"
OLD, NEW = "authorization_code", "client_credentials"


def own(time: str, hint: str = "abc", spare: bool = False, **more: Any) -> dict[str, Any]:
    name = f"usersync:{HOLDER}:-:2026010{time}T000000.000000Z" + (":spare" if spare else "")
    return {
        "display_name": name,
        "holder": HOLDER,
        "host_fingerprint": "-",
        "hint": hint,
        "expired": False,
        "days_left": 179,
        **more,
    }


def app(*credentials: dict[str, Any], pending: bool = True) -> dict[str, Any]:
    return {"app_id": APP_ID, "credentials": list(credentials), "pending": [HOLDER] if pending else []}


def connector(
    authorized: bool | None = False, flow: str = OLD, hint: str | None = "abc", **more: Any
) -> dict[str, Any]:
    secret = {"hint": hint, "needed": False}
    shown = {"exists": True, "flow": flow, "authorized": authorized, "application_id": APP_ID, "secret": secret}
    return {**shown, **more}


def reasons(told: dict[str, Any], one: dict[str, Any], **more: Any) -> list[str]:
    return need.secret_reasons(told, HOLDER, min_remaining_days=30, connector=one, consumers=True, **more)


@pytest.mark.parametrize("authorized", [True, False, None])
def test_what_an_earlier_run_delivered_is_enough(authorized: bool | None) -> None:
    told, one = app(own("1", "xyz", spare=True), own("2")), connector(authorized)
    assert need.delivered_before(told, HOLDER, one)
    assert reasons(told, one, last_sync={"login_failed": authorized is not True}) == []
    assert need.waits_for_click(one, []) is (authorized is False)


@pytest.mark.parametrize(
    ("told", "one"),
    [
        (app(own("1")), connector(flow=NEW, authorized=None)),
        (app(own("1")), connector(hint=None)),
        (app(own("1", hint="xyz")), connector()),
        (app(own("1"), own("2")), connector()),
        (app(own("1"), own("2", spare=True)), connector()),
        (app(own("1", expired=True)), connector()),
    ],
    ids=["new flow", "hidden", "another one", "two of them", "spare is the newest", "expired"],
)
def test_where_it_is_not_certain_the_renewal_is_begun_again(told: dict[str, Any], one: dict[str, Any]) -> None:
    assert not need.delivered_before(told, HOLDER, one)
    assert need.UNFINISHED in reasons(told, one)


def test_hidden_secret_waits_for_the_click_before_it_is_renewed() -> None:
    told = app(own("1"))
    unclicked, clicked = connector(hint=None), connector(hint=None, authorized=True)
    assert need.waits_for_click(unclicked, reasons(told, unclicked))
    assert not need.waits_for_click(clicked, reasons(told, clicked))


@pytest.mark.parametrize(
    ("told", "one", "force"),
    [
        (app(own("1")), connector(), True),
        (app(own("1", days_left=3)), connector(), False),
        (app(own("1")), connector(application_id="another"), False),
        (app(own("1")), connector(hint="xyz"), False),
        (app(), connector(), False),
        (app(), {}, False),
    ],
    ids=["forced", "ends soon", "another app", "another secret", "no secret", "no connector"],
)
def test_what_a_click_would_not_mend_is_done_first(told: dict[str, Any], one: dict[str, Any], force: bool) -> None:
    assert not need.waits_for_click(one, reasons(told, one, force=force))


@pytest.mark.parametrize(
    ("authorized", "flow", "pending", "counts"),
    [
        (False, OLD, False, False),
        (None, OLD, True, False),
        (None, OLD, False, True),
        (True, OLD, False, True),
        (None, NEW, False, True),
    ],
)
def test_a_sync_before_the_click_proves_nothing(authorized: Any, flow: str, pending: bool, counts: bool) -> None:
    told = reasons(app(own("1"), pending=pending), connector(authorized, flow), last_sync={"login_failed": True})
    assert ("its last sync failed at login" in told) is counts
