# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""extensions/audit/event_query.yml on a real result of each module, by the library that AWX uses for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jq
import pytest
import yaml
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import GUIDE, Tenant
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.test_usersync_connection import One

ROOT = Path(__file__).resolve().parents[4]
QUERIES = yaml.safe_load((ROOT / "extensions" / "audit" / "event_query.yml").read_text(encoding="utf-8"))
PREFIX = "fleetops.usersync."
HOLDER = "wiki.example.com/Confluence"
# objects of a controller, and hosts that usersync_connection has counted
NO_NODES = {"awx_objects", "usersync_connection_confirm"}
APP = {"unique_name": "usersync-emea"}
TRUST = {"issuer": "https://issuer.example.com", "subject": "job", "audiences": ["api://AzureADTokenExchange"]}


def nodes(module: str, result: dict[str, Any]) -> list[dict[str, Any]]:
    """What a controller makes of a result, held against what it needs of each node."""
    found: list[dict[str, Any]] = jq.compile(QUERIES[PREFIX + module]["query"]).input_value(result).all()
    for node in found:
        assert set(node) == {"name", "canonical_facts", "facts"} and node["name"]
        assert node["canonical_facts"] and all(node["canonical_facts"].values())
        assert set(node["facts"]) == {"infra_type", "infra_bucket", "device_type"}
    return found


def test_every_module_has_its_query() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("[a-z]*.py")}
    assert {name.removeprefix(PREFIX) for name in QUERIES} == modules - NO_NODES


@pytest.fixture
def made(tenant: Tenant) -> Tenant:
    tenant.ok("app", **APP, display_name="User Sync")
    return tenant


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("app", {}),
        ("info", {}),
        ("permission", {"permissions": GUIDE, "consent": "grant"}),
        ("permission", {"permissions": GUIDE, "consent": "check"}),
        ("secret", {"holder": HOLDER}),
        ("secret", {"holder": HOLDER, "state": "absent"}),
        ("federated", {"name": "ours", **TRUST}),
        ("certificate", {"path": "automation.pem"}),
    ],
)
def test_an_app_is_a_node(made: Tenant, tmp_path: Path, module: str, options: dict[str, Any]) -> None:
    if "path" in options:
        options = {"path": str(tmp_path / options["path"])}
    result = made.ok(module, **APP, **options)
    name = {"federated": "azuread_app_federated_credential", "app": "azuread_app"}.get(module, f"azuread_app_{module}")
    app_id = made.app("usersync-emea")["appId"]
    [node] = nodes(name, result)
    assert node["name"] == app_id
    assert node["canonical_facts"] == {"tenant_id": made.sim.tenant_id, "app_id": app_id}
    assert node["facts"]["device_type"] == "Entra application"


def test_many_apps_are_many_nodes_and_none_is_none(made: Tenant) -> None:
    made.ok("app", unique_name="usersync-apac", display_name="User Sync APAC")
    result = made.ok("info", display_name_prefix="User Sync")
    assert len({node["name"] for node in nodes("azuread_app_info", result)}) == 2
    assert nodes("azuread_app_info", made.ok("info", unique_name="nobody")) == []
    assert nodes("azuread_app", made.run("app", unique_name="bad\nname")) == []


@pytest.mark.parametrize("module", ["usersync_connector", "usersync_connector_info", "usersync_sync"])
def test_a_host_is_a_node(live: Any, module: str) -> None:
    live.world("confluence01")
    made = live.connector(**live.wanted(**live.app(), connector_name="Entra ID"))
    assert not made.get("failed"), made.get("msg")
    run = {
        "usersync_connector": lambda: made,
        "usersync_connector_info": live.info,
        "usersync_sync": live.sync,
    }
    result = run[module]()
    assert not result.get("failed"), result.get("msg")
    [node] = nodes(module, result)
    assert node["name"] == node["canonical_facts"]["address"] == live.host["url"].partition("//")[2]
    assert nodes(module, {**result, "failed": True}) == []


def test_a_connection_is_both(live: Any, tenant: Tenant) -> None:
    live.world("confluence01")
    tenant.ok("app", **APP, display_name="User Sync")
    tenant.ok("permission", **APP, permissions=GUIDE, consent="grant")
    one = One(live, tenant)
    host, app = nodes("usersync_connection", one.ok(app=APP))
    assert host["canonical_facts"] == {"address": live.host["url"].partition("//")[2]}
    assert app["canonical_facts"] == {"tenant_id": live.sim.tenant_id, "app_id": tenant.app("usersync-emea")["appId"]}


def test_hosts_that_lacked_nothing_are_nodes_and_those_that_could_not_be_read_are_none() -> None:
    settled = {"jira01": {"address": "jira.example.com"}, "jira02": {"address": "b.example.com", "failed": True}}
    [node] = nodes("azure_connector_fleet", {"settled": settled})
    assert node["name"] == "jira.example.com"
    assert nodes("azure_connector_fleet", {"leaders": {}}) == []
