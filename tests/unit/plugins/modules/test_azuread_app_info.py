# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app_info through its real main() against the simulated tenant."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app_info
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE

APP = {"unique_name": "usersync-emea"}


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP, display_name="User Sync")
    tenant.ok("permission", **APP, permissions=GUIDE, consent="grant")
    return tenant


def test_shape_is_that_of_the_writing_module(made: Any) -> None:
    shown = made.ok("info", **APP)
    assert not shown["changed"] and made.writes() == []
    written = made.ok("app", **APP)["app"]
    assert shown["apps"] == [written]


@pytest.mark.parametrize("identity", ["object_id", "app_id", "unique_name", "display_name"])
def test_every_identity(made: Any, identity: str) -> None:
    app = made.ok("info", **APP)["apps"][0]
    assert made.ok("info", **{identity: app[identity]})["apps"] == [app]


def test_none(tenant: Any) -> None:
    assert tenant.ok("info", unique_name="nobody")["apps"] == []


def test_tag_and_prefix_follow_pages(made: Any) -> None:
    for number in range(120):
        made.sim.seed("application", display_name=f"Batch {number:03d}", tags=["usersync-managed"])
    assert len(made.ok("info", tag="usersync-managed")["apps"]) == 121
    assert len(made.ok("info", display_name_prefix="Batch ")["apps"]) == 120
    assert made.ok("info", display_name_prefix="Batch 00")["apps"][0]["display_name"] == "Batch 000"


def test_namesakes_are_all_shown(tenant: Any) -> None:
    tenant.sim.seed("twins", display_name="User Sync")
    assert len(tenant.ok("info", display_name="User Sync")["apps"]) == 2


def test_grants_owners_and_credentials_without_secret(made: Any) -> None:
    app_id = made.app("usersync-emea")["appId"]
    foreign = made.sim.seed("credential", app_id=app_id, display_name="by hand", days=12)
    minted = made.ok("secret", **APP, holder="jira01.test")
    result = made.ok("info", **APP, include_owners=True, include_grants=True)
    [app] = result["apps"]
    assert app["consent_url"].endswith(app_id)
    assert [(entry["type"], entry["value"]) for entry in app["granted_permissions"]] == [
        ("application", "Directory.Read.All"),
        ("application", "User.Read.All"),
        ("delegated", "User.Read"),
        ("delegated", "User.ReadBasic.All"),
    ]
    by_own = {entry["own"]: entry for entry in app["credentials"]}
    assert by_own[False]["days_left"] in (11, 12) and by_own[False]["holder"] is None
    assert by_own[True]["holder"] == "jira01.test" and app["pending"] == ["jira01.test"] and len(app["owners"]) == 1
    assert foreign["secret"] not in str(result) and minted["secret_text"] not in str(result)


def test_bad_input(tenant: Any) -> None:
    tenant.fails("info", "unique_name", "is required to say which app")
    tenant.fails("info", "tag", "empty", tag=" ")
    tenant.fails("info", "display_name_prefix", "template", display_name_prefix="{{ prefix }}")
    tenant.fails("info", "app_id", "GUID", app_id="x")
    tenant.fails("info", "mutually exclusive", tag="a", display_name_prefix="b")
    tenant.fails("info", "client_secret", **APP, client_secret="a-wrong-secret")
    tenant.sim.fault("unavailable", service="graph", times=50)
    tenant.fails("info", "503", **APP)


def test_nothing_to_log_in_with(run_module: Any) -> None:
    result = run_module(azuread_app_info.main, {"tenant": "example.test", "client_id": "x"})
    assert result["failed"] and "auth_method: no login for Entra ID is given" in result["msg"]


def test_certificates_are_shown_beside_the_secrets(tenant: Any) -> None:
    app = tenant.sim.seed("application", display_name="With a certificate")
    seeded = tenant.sim.seed("certificate", app_id=app["app_id"])
    [shown] = tenant.ok("info", object_id=app["id"])["apps"]
    [certificate] = shown["certificates"]
    assert certificate["thumbprint"] == seeded["thumbprint"]
    assert (certificate["display_name"], bool(certificate["end"])) == ("certificate", True)
    assert shown["credentials"] == []
