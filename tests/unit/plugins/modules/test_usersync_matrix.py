# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set up, again, one change, over product, platform, generation, login, visibility of the secret and front end.

As few rows as hold every pair of two values; all of them with USERSYNC_TESTS_MATRIX=whole.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.frontends import KINDS, Proxy
from ansible_collections.fleetops.usersync.tests.frontends.pairs import DIMENSIONS, pairs, pairs_of, possible, rows
from ansible_collections.fleetops.usersync.tests.simulator.atlassian import settings
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import (
    APP_ID,
    NEW_SECRET,
    SECRET,
    settings_of,
)

GENERATIONS = ("1.4", "1.9", "2.x")
VISIBILITIES = ("clear", "encrypted", "masked", "absent")
KEY_MAPS = {
    "terse": {
        "name": "title",
        "type": "kind",
        "directory_id": "dir",
        "application_id": "idp.ref1",
        "tenant_id": "idp.ref2",
        "application_secret": "idp.ref3",
        "schedule_enabled": "run.on",
        "schedule_cron": "run.at",
        "cleanup_behavior": "run.gone",
        "required_groups": "idp.only",
    }
}


API_TOKEN = "api-token-of-the-vendors-app"


def log_in(live: Any, login: str) -> None:
    host = live.host
    nobody = {"username": None, "password": None}
    if login == "token":
        live.more = {**nobody, "token": host["token"]}
    elif login == "api_token":
        live.more = {"password": API_TOKEN}
    elif login == "headers":
        pair = base64.b64encode(f"{host['username']}:{host['password']}".encode()).decode()
        # what a proxy that vouches for the user adds, here by hand
        value = f"Basic {pair}" if live.name == "bitbucket01" else f"Bearer {host['token']}"
        live.more = {**nobody, "headers": {"Authorization": value}}


@pytest.fixture
def before(live: Any) -> Iterator[Callable[[str], None]]:
    """``before("plain")`` puts a front end before the hosts."""
    with contextlib.ExitStack() as stack:

        def start(kind: str) -> None:
            if kind == "none":
                return
            proxy = stack.enter_context(Proxy(live.sim.graph_url, live.sim.ca_file, KINDS[kind]()))
            url = live.host["url"].replace(live.sim.graph_url, proxy.url)
            live.more = {**live.more, "url": url, "ca_path": proxy.ca_file}
            if kind == "gateway_header":
                headers = {**live.more.get("headers", {}), **proxy.kind.wants}
                live.more = {**live.more, "headers": headers}

        yield start


def test_the_rows_hold_every_pair() -> None:
    every = [row for row in itertools.product(*DIMENSIONS.values()) if possible(row)]
    held = [pairs_of(row) for row in pairs(every)]
    assert set().union(*held) == set().union(*map(pairs_of, every)) and len(held) < 40


@pytest.mark.parametrize(tuple(DIMENSIONS), rows())
def test_set_up_again_and_one_change(
    live: Any,
    before: Callable[[str], None],
    product: str,
    platform: str,
    generation: str,
    login: str,
    visibility: str,
    front_end: str,
) -> None:
    live.world(product, generation, platform, secret_visibility=visibility, api_token=API_TOKEN, rate_limit=None)
    log_in(live, login)
    before(front_end)
    wanted = live.wanted(schedule_enabled=True)
    planned = live.connector(check=True, **wanted)
    assert planned["changed"] and live.writes() == []
    done = live.connector(**wanted)
    assert done["changed"] and done["diff"]["after"] == planned["diff"]["after"], done
    assert (live.held("application_id"), live.held("client_secret")) == (APP_ID, SECRET)
    assert live.held("schedule_enabled") is True
    assert done["connector"]["secret"]["visibility"] == visibility

    # Without a new secret nothing is to be done, whatever the host shows
    live.begin()
    again = live.connector(**live.wanted(schedule_enabled=True, application_secret=None))
    assert not again["changed"] and live.writes() == [], again
    assert again["http"]["requests"] - again["http"]["retries"] == 2, again
    # With it, only a host that shows it can tell
    given = live.connector(check=True, **wanted)
    assert given["changed"] is (visibility != "clear")

    was = live.tree()
    changed = live.connector(**live.wanted(schedule_enabled=False, application_secret=NEW_SECRET))
    assert changed["changed"], changed
    leaves = [".".join(settings.STYLES["nested"][leaf]) for leaf in ("schedule_enabled", "client_secret")]
    assert settings_of(live.tree(), *leaves) == settings_of(was, *leaves)
    assert (live.held("schedule_enabled"), live.held("client_secret")) == (False, NEW_SECRET)
    for secret in (SECRET, NEW_SECRET, live.host["token"], live.host["password"], API_TOKEN):
        assert secret not in str(changed)


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("mask_on_put", ["keep", "store"])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_no_change_of_settings_ever_costs_the_secret(
    live: Any, generation: str, visibility: str, mask_on_put: str
) -> None:
    live.world(generation=generation, secret_visibility=visibility, mask_on_put=mask_on_put)
    live.connector(**live.wanted())
    options = live.wanted(application_secret=None, schedule_enabled=True)
    survey = live.connector(check=True, **options)
    hidden = visibility in ("masked", "absent")
    assert survey["changed"] and survey["connector"]["secret"]["needed"] is hidden
    result = live.connector(**options)
    assert bool(result.get("failed")) is hidden
    if hidden:
        assert result["failure"]["code"] == "hidden_secret" and "hidden_secret" in result["msg"]
    assert live.held("client_secret") == SECRET
    given = live.connector(**live.wanted(application_secret=NEW_SECRET, schedule_enabled=True))
    assert given["changed"] and live.held("client_secret") == NEW_SECRET


@pytest.mark.parametrize("visibility", ["masked", "absent"])
def test_hidden_secret_may_be_sent_back(live: Any, visibility: str) -> None:
    live.world(secret_visibility=visibility)
    live.connector(**live.wanted())
    result = live.connector(**live.wanted(application_secret=None, schedule_enabled=True, hidden_secret="send_back"))
    assert result["changed"] and live.held("client_secret") == SECRET


@pytest.mark.parametrize("style", ["nested", "flat", "terse"])
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("generation", GENERATIONS)
def test_names_of_members(live: Any, generation: str, visibility: str, style: str) -> None:
    live.world(generation=generation, secret_visibility=visibility, key_style=style)
    if generation == "2.x":
        live.click_create()
    key_map = KEY_MAPS.get(style)
    wanted = live.wanted(
        key_map=key_map,
        name="Entra",
        schedule_enabled=True,
        schedule_cron="0 0 5 * * ?",
        cleanup_behavior="keep",
        required_groups=["jira-users"],
    )
    done = live.connector(**wanted)
    assert done["changed"], done["msg"]
    assert live.held("client_secret") == SECRET and live.held("name") == "Entra"
    assert live.held("cleanup_behaviour") == "KEEP_USERS" and live.held("cron_expression") == "0 0 5 * * ?"
    again = live.connector(**{**wanted, "application_secret": None})
    assert not again["changed"], again
    assert again["connector"]["directory_id"] == str(live.held("directory_id"))
    assert again["connector"]["cleanup_behavior"] == "keep"


def test_names_that_tell_nothing_are_listed_without_values(live: Any) -> None:
    live.world(key_style="terse")
    live.click_create(application_id=APP_ID)
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "missing_key" and result["msg"].startswith("key_map: ")
    assert "idp.ref1 (GUID)" in result["msg"] and "run.at (cron expression)" in result["msg"]
    assert APP_ID not in result["msg"] and "0 0 2" not in result["msg"]
    assert live.writes() == []


def test_two_names_that_may_be_it_are_never_guessed_between(live: Any) -> None:
    live.world()
    live.click_create(application_id=APP_ID, extra={"clientId": "0f5d1c7e-5555-4222-8333-444455556666"})
    result = live.connector(**live.wanted(application_id="0f5d1c7e-7777-4222-8333-444455556666"))
    assert result["failure"]["code"] == "ambiguous_key" and "key_map.application_id" in result["msg"]
    assert [row["kind"] for row in result["failure"]["candidates"]] == ["GUID", "GUID"]
    assert live.writes() == []
    chosen = {"application_id": "azureSettings.applicationId"}
    assert live.connector(**live.wanted(application_id=APP_ID, key_map=chosen))["changed"]


@pytest.mark.parametrize(
    ("key_map", "word"),
    [
        ({"application_id": ""}, "key_map.application_id"),
        ({"application_id": "a..b"}, "key_map.application_id"),
        ({"application_id": "nothing.here"}, "key_map.application_id"),
        ({"applicaton_id": "x"}, "applicaton_id"),
    ],
)
def test_key_maps_that_cannot_be(live: Any, key_map: dict[str, str], word: str) -> None:
    live.world()
    live.click_create()
    result = live.connector(**live.wanted(key_map=key_map))
    assert result["failed"] and word in result["msg"] and live.writes() == []


def test_clones_hold_the_same_connector(live: Any) -> None:
    live.sim.clear_faults()
    live.sim.reset(generation="2.x", host_options={"jira02": {"clone_of": "jira01"}, "jira01": {"connectors": [{}]}})
    numbers = set()
    for live.name in ("jira01", "jira02"):
        numbers.add(live.connector(**live.wanted())["connector"]["id"])
    assert len(numbers) == 1
