# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app asks for by the profile that was chosen, and where an administrator consents to it."""

from __future__ import annotations

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import consent_page, permission_profiles
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.clouds import CLOUDS

GUIDE = ["User.Read", "User.ReadBasic.All", "Directory.Read.All", "User.Read.All"]
NEW, OLD, PICTURES = (False, False), (True, False), (False, True)
TENANT, APP = "55555555-0000-4000-8000-000000000001", "22222222-0000-4000-8000-00000000000a"


@pytest.mark.parametrize(
    ("profile", "connectors", "names"),
    [
        ("guide", [], GUIDE),
        ("guide", [NEW], GUIDE),
        ("least", [], ["Directory.Read.All"]),
        ("least", [NEW, NEW], ["Directory.Read.All"]),
        ("least", [NEW, PICTURES], ["Directory.Read.All", "User.Read.All"]),
        ("least", [NEW, OLD], GUIDE),
    ],
)
def test_wanted(profile: str, connectors: list[tuple[bool, bool]], names: list[str]) -> None:
    wanted = permission_profiles.wanted(profile, connectors)
    assert [entry["name"] for entry in wanted] == names
    assert {entry["type"] for entry in wanted if entry["name"] in GUIDE[:2]} <= {"delegated"}


@pytest.mark.parametrize("platform", ["web", "spa", "publicClient"])
def test_one_click_where_the_browser_has_a_place_to_go(platform: str) -> None:
    app = {"appId": APP, platform: {"redirectUris": ["https://jira.example.com"]}}
    address = consent_page.address("https://login.microsoftonline.com", TENANT, app)
    assert address == f"https://login.microsoftonline.com/{TENANT}/adminconsent?client_id={APP}"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_portal_where_it_has_none(cloud: str) -> None:
    address = consent_page.address(CLOUDS[cloud][0], TENANT, {"appId": APP, "web": {"redirectUris": []}, "spa": None})
    host = {"usgov": "azure.us", "dod": "azure.us", "china": "azure.cn", "germany": "microsoftazure.de"}
    assert address and address.startswith(f"https://portal.{host.get(cloud, 'azure.com')}/{TENANT}#view/")
    assert address.endswith(f"/CallAnAPI/appId/{APP}")


def test_no_page_for_an_app_that_is_not_there_yet() -> None:
    assert consent_page.address("https://login.microsoftonline.com", TENANT, {"appId": None}) is None
