# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Authorize click of the old flow, made by a person's browser while the playbook waits, or between two runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from whose import host_of_mark, host_of_secret

HOST = "jira01"
ADDRESS = re.compile(r"open (https://\S+/editconnector\?id=\d+)")
PROGRESS = re.compile(rf"^{HOST}: open (\S+) and click Authorize; waiting \d+ s for it$")


@pytest.fixture
def person(browser: Browser) -> Iterator[Page]:
    """A window of a person who has not logged in anywhere.

    This browser, and nothing else, trusts the simulator's certificate without its authority.
    """
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(15000)
    yield page
    context.close()


def who(it: Any) -> dict[str, Any]:
    """The local administrator of the host, who has a password beside the token of the inventory."""
    return next(host for host in it.simulation.about["hosts"] if host["name"] == HOST)


def click(page: Page, address: str, login: dict[str, Any]) -> None:
    """What the guide tells: open the connector, log in, Authorize, accept."""
    page.goto(address)
    page.get_by_label("Username").fill(login["username"])
    page.get_by_label("Password").fill(login["password"])
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#authorization-state")).to_have_text("Not authorized")
    page.get_by_role("link", name="Authorize").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#authorization-state")).to_have_text("Authorized")
    assert page.url.split("&")[0] == address


def secrets(it: Any) -> list[str]:
    """Names of the host's own secrets, oldest first; a spare is one that was thrown away unread."""
    apps = it.simulation.state()["tenant"]["applications"]
    names = [entry["displayName"] for app in apps for entry in app["passwordCredentials"]]
    return sorted(name for name in names if host_of_secret(name) == HOST)


def pending(it: Any) -> list[str]:
    apps = it.simulation.state()["tenant"]["applications"]
    return [tag for app in apps for tag in app["tags"] if tag.startswith("usersync-pending:")]


def settled(it: Any) -> None:
    """The host is set up, works, and holds the one own secret; a further run does nothing."""
    state = it.simulation.state()
    assert state["works"] == dict.fromkeys(it.hosts, True)
    assert sum(folder["users"] for folder in state["hosts"][HOST]["directories"].values()) == 25
    assert len(secrets(it)) == 1 and pending(it) == []
    again = it.play()
    assert again.code == 0 and set(again.changed.values()) == {0} and again.writes == [], again.output


def start(fleet: Callable[..., Any], visibility: str) -> Any:
    options = f'{{"{HOST}": {{"secret_visibility": "{visibility}"}}}}'
    it = fleet(2, "--generations", f"{HOST}=1.4", "--host-options", options)
    # a run that mints waits until no earlier one can deliver any more
    it.variables.update({"azure_connector_secret_delivery_window": 30, "azure_connector_secret_delivery_timeout": 1})
    return it


@pytest.mark.parametrize("visibility", ["clear", "encrypted"])
def test_the_playbook_waits_and_goes_on_by_itself(fleet: Any, person: Page, visibility: str) -> None:
    it = start(fleet, visibility)
    it.variables["azure_connector_wait_for_authorization"] = 120
    seen: list[tuple[str, float]] = []

    def watch(line: str) -> None:
        told = PROGRESS.match(line.strip())
        if told and not seen:
            seen.append((told.group(1), time.monotonic()))
            # everything that needs no click is done by now, on the other host too
            assert it.simulation.state()["works"]["jira02"]
            click(person, told.group(1), who(it))

    played = it.play(watch=watch)
    assert played.code == 0, played.output
    assert len(seen) == 1 and seen[0][0].startswith(it.hosts[HOST]["azure_connector_url"])
    assert time.monotonic() - seen[0][1] < 60
    assert played.output.count("click Authorize") == 1
    settled(it)


@pytest.mark.parametrize("visibility", ["clear", "masked"])
def test_nobody_watches(fleet: Any, person: Page, visibility: str) -> None:
    it = start(fleet, visibility)
    first = it.play()
    assert first.failed == {HOST}, first.output
    assert it.simulation.state()["works"]["jira02"]
    sentence = next(line for line in first.output.splitlines() if line.startswith(f"fatal: [{HOST}]:"))
    address = ADDRESS.search(sentence)
    assert address, sentence
    before = secrets(it)
    assert [host_of_mark(tag) for tag in pending(it)] == [HOST]

    second = it.play()
    assert second.failed == {HOST} and address.group(1) in second.output
    # a nightly run must not pile up secrets while nobody clicks
    assert second.writes == [] and secrets(it) == before

    click(person, address.group(1), who(it))
    third = it.play()
    assert third.code == 0, third.output
    minted = [path for path in third.writes if path.endswith("addPassword")]
    # where the host shows what it holds, the secret of the first run is known to be there
    assert len(minted) == (0 if visibility == "clear" else 1)
    settled(it)


def test_a_click_that_the_directory_refuses(fleet: Any, person: Page) -> None:
    it = start(fleet, "clear")
    it.variables["azure_connector_permissions"] = [{"name": "Directory.Read.All", "type": "application"}]
    played = it.play()
    assert played.failed == {HOST}
    address = ADDRESS.search(played.output)
    assert address
    person.goto(address.group(1))
    person.get_by_label("Username").fill(who(it)["username"])
    person.get_by_label("Password").fill(who(it)["password"])
    person.get_by_role("button", name="Log in").click()
    person.get_by_role("link", name="Authorize").click()
    # without the delegated permissions of the guide the click leads nowhere, so the role grants them before it asks
    expect(person.locator("body")).to_contain_text("AADSTS65001")

    del it.variables["azure_connector_permissions"]
    again = it.play()
    assert again.failed == {HOST} and not [path for path in again.writes if path.endswith("addPassword")]
    person.goto(address.group(1))
    person.get_by_role("link", name="Authorize").click()
    person.get_by_role("button", name="Accept").click()
    assert it.play().code == 0
    settled(it)
