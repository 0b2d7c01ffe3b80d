# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses of a play an app gets as redirect URIs: only those that pass the one rule."""

from __future__ import annotations

import pytest
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _fleet
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import HostVariables


def registered(*urls: object) -> list[str]:
    known = {
        f"jira{number:02}": HostVariables(
            {"azure_connector_url": url, "azure_connector_flow": "authorization_code"}, lambda value: value
        )
        for number, url in enumerate(urls, 1)
    }
    made = _fleet.plan(list(known), known)
    return [uri.removesuffix(_fleet.AUTHORIZE) for group in made.redirect_uris.values() for uri in group]


@pytest.mark.parametrize(
    "url",
    [
        "https://admin:Winter-2026@jira02.example.com",
        "https://jira02.example.com/?os_password=Winter-2026",
        "https://jira02.example.com/rest/api/2",
        "https://jira02.example.com/login.action",
        "https://jira02.example.com/login.jsp",
        "https://jira02.example.com/secure/Dashboard.jspa",
        "//jira02",
        "https://jira02.example.com//jira",
        "https://jira02.example.com/#x",
        "http://jira02.example.com",
        "jira02.example.com",
        7,
    ],
)
def test_an_address_that_cannot_be_used_is_not_registered(url: object) -> None:
    assert registered("https://jira01.example.com", url) == ["https://jira01.example.com"]


def test_the_one_spelling_is_registered() -> None:
    assert registered("https://Jira01.example.com:443/Jira/") == ["https://jira01.example.com/Jira"]
