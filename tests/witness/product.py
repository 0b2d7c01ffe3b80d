# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own modules, pointed at Microsoft's public cloud as their defaults are."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fleetops.usersync.plugins.module_utils import _front
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import snapshot
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import STORE
from ansible_collections.fleetops.usersync.tests.simulator import Simulator

HOLDER = "wiki.example.com/Confluence"
PERMISSIONS = [
    {"name": "Directory.Read.All", "type": "application"},
    {"name": "User.Read", "type": "delegated"},
]
TRUST = {
    "issuer": "https://issuer.example.com",
    "subject": "job:9",
    "audiences": ["api://AzureADTokenExchange"],
    "description": "jobs",
}
DEFINITIONS = "ansible_collections.fleetops.usersync.plugins.module_utils._definitions"


class Product:
    """``product("azuread_app", display_name="x")``: the module's result, which must not be a failure."""

    def __init__(self, sim: Simulator) -> None:
        self.login = {"tenant": sim.tenant_id, **sim.automation, "ca_path": sim.ca_file}

    def __call__(self, module: str, **options: Any) -> dict[str, Any]:
        result = self._run(module, options)
        assert not result.get("failed"), result.get("msg")
        return result

    def refused(self, module: str, **options: Any) -> str:
        """The sentence of a module that must fail."""
        result = self._run(module, options)
        assert result.get("failed"), result
        return str(result["msg"])

    def _run(self, module: str, options: dict[str, Any]) -> dict[str, Any]:
        definition = import_module(f"{DEFINITIONS}.{module}").DEFINITION
        STORE.clear()
        snapshot.forget()
        login = {name: value for name, value in self.login.items() if name in definition.argument_spec}
        validated = ArgumentSpecValidator(definition.argument_spec).validate({**login, **options})
        assert validated.error_messages == []
        result: dict[str, Any] = _front.execute(definition, validated.validated_parameters, _front.Run())
        return result

    def info(self, object_id: str) -> dict[str, Any]:
        """All that ``azuread_app_info`` shows of one app."""
        more = {"include_owners": True, "include_federated_credentials": True, "include_grants": True}
        [app] = self("azuread_app_info", object_id=object_id, **more)["apps"]
        shown: dict[str, Any] = app
        return shown

    def make(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """An app with all that the modules can give it; returns it as shown at its end, and the new secret's result."""
        object_id = self(
            "azuread_app",
            unique_name="usersync-wiki",
            display_name="User Sync (wiki)",
            redirect_uris=["https://wiki.example.com/a"],
            home_page_url="https://wiki.example.com",
            notes="made by a playbook",
            tags=["team:ops"],
        )["app"]["object_id"]
        self("azuread_app_permission", object_id=object_id, permissions=PERMISSIONS, consent="grant")
        self("azuread_app_federated_credential", object_id=object_id, name="ours", **TRUST)
        minted = self("azuread_app_secret", object_id=object_id, holder=HOLDER, valid_days=90)
        return self.info(object_id), minted
