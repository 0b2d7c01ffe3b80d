# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables of a host to the options of usersync_connection; tests/contract tries every variable."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _options
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import BadVariable, HostVariables

PREFIX = "azure_connector_"


def told(does: str = "", plan: dict[str, Any] | None = None, **variables: Any) -> dict[str, Any]:
    named = {f"{PREFIX}{name}": value for name, value in {"url": "https://jira.example.com", **variables}.items()}
    return _options.options(HostVariables(named, lambda value: value), does, plan or {}, {})


@pytest.mark.parametrize(
    ("named", "app"),
    [
        ({}, {"unique_name": "usersync"}),
        ({"app_unique_name": "wiki"}, {"unique_name": "wiki"}),
        ({"app_unique_name": "wiki", "app_id": "b"}, {"app_id": "b"}),
        ({"app_unique_name": "wiki", "app_id": "", "app_object_id": "a"}, {"object_id": "a"}),
        ({"app_id": "b", "app_object_id": "a"}, {"app_id": "b", "object_id": "a"}),
    ],
)
def test_an_app_goes_by_the_surest_name(named: dict[str, Any], app: dict[str, str]) -> None:
    assert told(**named)["app"] == app


def test_text_means_the_same_as_yaml() -> None:
    made = told(secret_valid_days="30", schedule_enabled="yes", required_groups="[]", timeout="")
    assert made["secret"]["valid_days"] == 30 and made["connector"]["schedule_enabled"] is True
    assert made["connector"]["required_groups"] == [], "an empty list clears, and is not left out"
    assert "timeout" not in made["host"], "a field that was left blank"


def test_a_variable_that_cannot_be_used_is_named() -> None:
    with pytest.raises(BadVariable, match="azure_connector_secret_valid_days: must be a whole number"):
        told(secret_valid_days="30 days")


@pytest.mark.parametrize("does", ["rotate", "remove"])
def test_settings_stay_out_of_what_is_no_set_up(does: str) -> None:
    made = told(does, schedule_enabled=True, flow="auto", connector_id="4")
    assert made["connector"] == {"connector_id": "4", "flow": "auto"}
    assert made["only_secret"] is (does == "rotate")


def test_a_secret_is_asked_for_the_roles_that_its_app_was_given() -> None:
    asked = [
        {"type": "application", "name": "User.Read.All"},
        {"type": "delegated", "name": "User.Read"},
        {"type": "application", "name": "0f5d1c7e-1111-4222-8333-444455556666"},
    ]
    made = told(plan={"permissions": {"usersync": asked, "other": asked}})
    assert made["secret"]["expected_roles"] == ["User.Read.All"]
