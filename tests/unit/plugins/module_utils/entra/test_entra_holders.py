# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a secret is: the name of a consumer, and which display names are ours."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _address
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import credentials, holders
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError

NOW = datetime(2026, 11, 28, 1, 2, 3, 456789, timezone.utc)
STAMP = "20261128T010203.456789Z"
HOST, OTHER = holders.fingerprint("a1b2c3d4-0000-3000-8000-1"), holders.fingerprint("a1b2c3d4-0000-3000-8000-2")


def name(url: str, connector_id: str | None = None, site: str | None = None) -> str:
    return holders.holder(_address.parse("url", url, allow_plain_http=True), connector_id, site)


@pytest.mark.parametrize(
    ("url", "connector_id", "site", "expected"),
    [
        ("https://Jira.Example.com/", None, None, "jira.example.com"),
        ("https://jira.example.com:443/Jira/", None, None, "jira.example.com/Jira"),
        ("http://jira.example.com/Jira", None, None, "jira.example.com/Jira"),
        ("https://jira.example.com.:8443/jira", None, None, "jira.example.com:8443/jira"),
        ("https://bücher.example.com", None, None, "xn--bcher-kva.example.com"),
        ("https://jira.example.com", "7", None, "jira.example.com#7"),
        ("https://jira.example.com", None, "berlin", "jira.example.com"),
        ("https://jira01/jira", None, "Berlin ", "berlin:jira01/jira"),
        ("https://localhost:8443/jira", "7", "lab-2", "lab-2:localhost:8443/jira#7"),
        ("https://10.0.0.1:8443/x", None, "berlin", "berlin:10.0.0.1:8443/x"),
        ("https://[::1]:8443/jira", None, "berlin", "berlin:[::1]:8443/jira"),
    ],
)
def test_holder(url: str, connector_id: str | None, site: str | None, expected: str) -> None:
    told = name(url, connector_id, site)
    assert told == expected and holders.is_holder(told)
    for host in (HOST, "-"):
        for spare in (False, True):
            display_name = credentials.attempt_name(told, host, NOW, spare)
            assert credentials.read_name(display_name) == credentials.Name(told, host, NOW, spare)


@pytest.mark.parametrize("url", ["https://jira01", "https://localhost", "https://10.1.1.1/jira", "https://[fd00::1]"])
@pytest.mark.parametrize("site", [None, "", "  "])
def test_an_address_that_says_nothing_needs_a_site(url: str, site: str | None) -> None:
    with pytest.raises(OptionError, match="azure_connector_site") as caught:
        name(url, None, site)
    assert caught.value.code == "site_needed"


@pytest.mark.parametrize("site", ["two words", "a/b", "a:b", "-a", "x" * 41, "berlin!", "ü"])
def test_bad_site(site: str) -> None:
    with pytest.raises(OptionError, match=r"^site: must have 1 to 40"):
        name("https://jira01", None, site)


def test_long_ones_are_cut_and_stay_apart() -> None:
    urls = [f"https://{'long-' * 11}name.example.com/{'path-' * 12}{end}" for end in ("a", "b")]
    long = [name(url, connector) for url in urls for connector in (None, "7")]
    assert {len(one) for one in long} == {holders.LIMIT} and len(set(long)) == 4
    assert long and all(holders.is_holder(one) and set(one[-16:]) <= set("0123456789abcdef") for one in long)
    for one in long:
        assert credentials.read_name(credentials.attempt_name(one, HOST, NOW)) == credentials.Name(one, HOST, NOW)
        assert len(credentials.PENDING + one) <= 256 and len(credentials.attempt_name(one, HOST, NOW, True)) <= 256


@pytest.mark.parametrize(
    "text",
    [
        "",
        "app",
        "jira01",
        "jira01:8443",
        "localhost",
        "10.0.0.1",
        "Jira.example.com",
        "jira.example.com/",
        "jira.example.com.",
        "https://jira.example.com",
        "jira.example.com#",
        "jira.example.com#a b",
        "jira.example.com/a b",
        "berlin:jira.example.com",
        "Berlin:jira01",
        ":jira01",
        "jira.example.com:-",
        " Confluence prod (Maria)",
        "x" * 121,
    ],
)
def test_what_is_no_holder(text: str) -> None:
    assert not holders.is_holder(text)
    assert credentials.read_name(f"usersync:{text}:-:{STAMP}") is None
    with pytest.raises(OptionError, match=r"^holder: .* is not a holder"):
        holders.check("holder", text)


@pytest.mark.parametrize(
    "display_name",
    [
        None,
        "",
        "usersync",
        "usersync: Confluence prod (Maria)",
        "usersync:jira01",
        "usersync:jira01:20261128T010203.456789Z",
        "usersync:app:20261128T010203.456789Z",
        f"usersync:app:-:{STAMP}",
        f"usersync:jira.example.com:{STAMP}",
        f"usersync:jira.example.com::{STAMP}",
        f"usersync:jira.example.com:abc:{STAMP}",
        f"usersync:jira.example.com:{HOST.upper()}:{STAMP}",
        f"usersync:jira.example.com:-:{STAMP} ",
        f"usersync:jira.example.com:-:{STAMP}:spare:spare",
        f"usersync:jira.example.com:-:{STAMP}x",
        "usersync:jira.example.com:-:20261128T010203Z",
        "usersync:jira.example.com:-:20261399T010203.456789Z",
        f" usersync:jira.example.com:-:{STAMP}",
        f"Usersync:jira.example.com:-:{STAMP}",
        f"usersync:jira.example.com:-:{STAMP}\n",
    ],
)
def test_every_other_name_is_foreign(display_name: str | None) -> None:
    credential = {"displayName": display_name, "keyId": "1"}
    assert credentials.holder_of(credential) is None and credentials.host_of(credential) is None
    assert credentials.own({"passwordCredentials": [credential]}, "jira.example.com") == []
    assert not credentials.describe(credential, NOW)["own"]


def test_own_is_exactly_that_holder_of_exactly_that_host() -> None:
    made = [
        credentials.attempt_name(holder, host, NOW)
        for holder in ("jira.example.com", "jira.example.com/jira", "jira.example.com#1", "xjira.example.com")
        for host in (HOST, OTHER, "-")
    ]
    app: dict[str, Any] = {"passwordCredentials": [{"displayName": one, "keyId": one} for one in made]}
    for holder in ("jira.example.com", "jira.example.com/jira", "jira.example.com#1"):
        for host in (HOST, OTHER, "-"):
            found = credentials.own(app, holder, host)
            assert [entry["keyId"] for entry in found] == [credentials.attempt_name(holder, host, NOW)]
        assert len(credentials.own(app, holder)) == 3
        assert credentials.hosts_of(app, holder) == sorted([HOST, OTHER, "-"])


def test_own_ones_come_by_time_whatever_their_host() -> None:
    early = NOW.replace(year=2025)
    made = [
        credentials.attempt_name("jira.example.com", host, moment)
        for host in ("f" * 12, "0" * 12, "-")
        for moment in (NOW, early)
    ]
    found = credentials.own({"passwordCredentials": [{"displayName": n, "keyId": n} for n in made]}, "jira.example.com")
    assert [credentials.attempt_time(entry["displayName"]) for entry in found] == [early] * 3 + [NOW] * 3


def test_fingerprint() -> None:
    assert holders.fingerprint(None) == holders.fingerprint(" ") == "-"
    assert holders.fingerprint("A1B2 ") == holders.fingerprint("a1b2") != holders.fingerprint("a1b3")
    assert all(holders.is_fingerprint(one) for one in ("-", HOST)) and not holders.is_fingerprint("")


def test_hosts_of_a_play_that_are_one_consumer() -> None:
    named = {"jira02": "a.example.com", "jira01": "a.example.com", "wiki01": "b.example.com", "x": None, "y": None}
    assert holders.twins(named) == {"jira01": ["jira01", "jira02"], "jira02": ["jira01", "jira02"]}


def test_the_longest_holder_that_is_written_as_it_is() -> None:
    place = "jira.example.com/"
    longest = place + "a" * (holders.LIMIT - len(place))
    assert len(longest) == holders.LIMIT
    assert holders.is_holder(longest) and not holders.is_holder(longest + "a")
