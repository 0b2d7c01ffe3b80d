# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The azuread modules against the simulated tenant: one object that runs a main() and asks the journal."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._entra import snapshot
from ansible_collections.fleetops.usersync.plugins.modules import (
    azuread_app,
    azuread_app_certificate,
    azuread_app_federated_credential,
    azuread_app_info,
    azuread_app_permission,
    azuread_app_secret,
)
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module

MODULES = {
    "app": azuread_app,
    "federated": azuread_app_federated_credential,
    "certificate": azuread_app_certificate,
    "info": azuread_app_info,
    "permission": azuread_app_permission,
    "secret": azuread_app_secret,
}
GUIDE = [
    {"name": "User.Read", "type": "delegated"},
    {"name": "User.ReadBasic.All", "type": "delegated"},
    {"name": "Directory.Read.All", "type": "application"},
    {"name": "User.Read.All", "type": "application"},
]


class Tenant:
    """Runs modules with the automation's login; C(mark) is the last journal entry before the module ran."""

    def __init__(self, sim: Any) -> None:
        self.sim = sim
        self.mark = 0
        self.login: dict[str, Any] = {
            "tenant": sim.tenant_id,
            "client_id": sim.automation["client_id"],
            "client_secret": sim.automation["client_secret"],
            "authority_url": sim.authority_url,
            "graph_url": sim.graph_url,
            "ca_path": sim.ca_file,
        }

    def as_identity(self, profile: str = "none", owns: list[str] | None = None, **seed: Any) -> dict[str, Any]:
        """Log in as another automation from here on: owner, owned_by, full or with chosen permissions.

        :param owns: application ids that it is an owner of
        """
        made: dict[str, Any] = self.sim.seed("identity", profile=profile, owns=owns or [], **seed)
        self.login.update(client_id=made["client_id"], client_secret=made["client_secret"])
        return made

    def run(self, module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        self.mark = self.sim.last_entry()
        # a module is a process of its own, which knows nothing of the ones before
        snapshot.forget()
        return run_module(MODULES[module].main, {**self.login, **options}, check=check)

    def ok(self, module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        """:raises AssertionError: when the module fails, with its sentence"""
        result = self.run(module, check, **options)
        assert not result.get("failed"), result["msg"]
        return result

    def fails(self, module: str, *words: str, **options: Any) -> dict[str, Any]:
        """The failure of a module: one sentence that holds these words, no traceback, no secret, nothing written."""
        result = self.run(module, **options)
        assert result.get("failed"), result
        for word in words:
            assert word in result["msg"], result["msg"]
        assert "\n" not in result["msg"] and "Traceback" not in str(result) and "defect" not in result["msg"]
        for secret in (self.sim.automation["client_secret"], options.get("client_secret")):
            assert not secret or secret not in str(result)
        assert self.writes() == []
        return result

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of what the last module wrote to Graph."""
        return [(entry["method"], entry["path"].removeprefix("/v1.0")) for entry in self.sim.writes(self.mark)]

    def apps(self, name: str) -> list[dict[str, Any]]:
        """The live apps of that display name, from the simulator's own state."""
        return [app for app in self.state()["applications"] if app["displayName"] == name]

    def app(self, unique_name: str) -> dict[str, Any]:
        return next(app for app in self.state()["applications"] if app["uniqueName"] == unique_name)

    def users(self) -> list[str]:
        """Object ids of the users."""
        return [record.id for record in self.sim.world.tenant.store.records("user")]

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.sim.state()["tenant"]
        return state
