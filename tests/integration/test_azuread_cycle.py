# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The twelve steps of each azuread module in real playbooks: create, change, remove, each again, each foretold."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

NOISE = ("Traceback", "[DEPRECATION", "[ERROR]", "[WARNING]")
URI = "https://jira01.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize"
APP = {"unique_name": "usersync-cycle"}
FEW = [{"name": "Directory.Read.All", "type": "application"}, {"name": "User.Read", "type": "delegated"}]
MORE = [*FEW, {"name": "User.Read.All", "type": "application"}]
TRUST = {**APP, "name": "aap-rotate"}
HOLDER = {**APP, "holder": "jira01.example.com", "delivery_window": 0, "delivery_timeout": 0}
# What prepares the tenant, then the options of creation, change and removal.
CYCLES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "azuread_app": (
        [],
        [
            {**APP, "display_name": "User Sync (cycle)"},
            {**APP, "redirect_uris": [URI], "notes": "changed", "service_principal_tags": ["visible"]},
            {**APP, "state": "absent"},
        ],
    ),
    "azuread_app_federated_credential": (
        [{"azuread_app": APP}],
        [
            {**TRUST, "issuer": "https://aap.example.com/o", "subject": "workload_type:a:job_template:Rotate"},
            {**TRUST, "subject": "workload_type:a:job_template:Renew", "description": "changed"},
            {**TRUST, "state": "absent"},
        ],
    ),
    "azuread_app_permission": (
        [{"azuread_app": APP}],
        [
            {**APP, "permissions": FEW, "consent": "grant"},
            {**APP, "permissions": MORE, "consent": "grant"},
            {**APP, "permissions": MORE, "state": "absent", "consent": "revoke"},
        ],
    ),
    "azuread_app_secret": (
        [{"azuread_app": APP}],
        [
            {**HOLDER, "valid_days": 90},
            {**HOLDER, "state": "confirmed"},
            {**HOLDER, "state": "absent"},
        ],
    ),
    "azuread_app_info": (
        [{"azuread_app": APP}],
        [APP, {"tag": "usersync-managed"}, {"display_name_prefix": "usersync"}],
    ),
}


def task(module: str, options: dict[str, Any], changes: bool, check: bool = False) -> dict[str, Any]:
    """One task that must change something, or must not."""
    return {
        "name": f"{module}, {'check' if check else 'real'}",
        f"fleetops.usersync.{module}": options,
        "check_mode": check,
        "register": "result",
        "failed_when": f"result is failed or result is {'not ' if changes else ''}changed",
    }


def play(fleet: Any, tasks: list[dict[str, Any]], writes: bool) -> None:
    """A playbook of these tasks on the controller, with the login of the inventory as their defaults."""
    login = {
        name: f"{{{{ hostvars[groups['usersync_hosts'][0]]['azure_connector_entra_{name}'] }}}}"
        for name in ("tenant", "client_id", "client_secret", "authority_url", "graph_url", "ca_path")
    }
    book = {
        "name": "A step",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {"group/fleetops.usersync.azuread": login},
        "tasks": tasks,
    }
    path = fleet.folder / "step.yml"
    path.write_text(yaml.safe_dump([book]), encoding="utf-8")
    played = fleet.play("--diff", playbook=str(path))
    assert played.code == 0, played.output
    assert not [word for word in NOISE if word in played.output], played.output
    assert bool(played.writes) is writes, played.writes
    for secret in (fleet.variables["azure_connector_entra_client_secret"], "secret_text"):
        assert secret not in played.output


@pytest.mark.parametrize("module", CYCLES)
def test_twelve_steps(fleet, module: str) -> None:
    """Between two steps that write stands a playbook that must not: the last one again, the next one foretold."""
    one = fleet(1)
    before, steps = CYCLES[module]
    if before:
        play(one, [task(name, options, True) for item in before for name, options in item.items()], True)
    if module == "azuread_app_info":
        play(one, [task(module, options, False, check) for options in steps for check in (True, False)], False)
        return
    quiet: list[dict[str, Any]] = []
    for options in steps:
        play(one, [*quiet, task(module, options, True, check=True)], False)
        play(one, [task(module, options, True)], True)
        # a secret that is minted but not confirmed is minted again, so that its second run comes after confirmation
        confirmed = module != "azuread_app_secret" or "state" in options
        quiet = [task(module, options, False, check) for check in (True, False)] if confirmed else []
    play(one, quiet, False)
    state = one.simulation.state()["tenant"]
    left = [app for app in state["applications"] if app["uniqueName"] == APP["unique_name"]]
    assert left == [] if module == "azuread_app" else left[0]["passwordCredentials"] == []
