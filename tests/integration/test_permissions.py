# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Permissions of apps over a fleet's life: asked for by profile, never reduced by set-up, removed by name."""

from __future__ import annotations

from typing import Any

REMOVE = "fleetops.usersync.remove_permissions"
LIST = [{"name": "User.Read.All", "type": "application"}, {"name": "User.Read", "type": "delegated"}]


def requested(it: Any) -> int:
    return sum(len(api["resourceAccess"]) for api in it.app()["requiredResourceAccess"])


def test_from_the_guide_to_the_least(fleet: Any) -> None:
    it = fleet(1)
    assert it.play().code == 0 and requested(it) == 4

    it.variables["azure_connector_permission_profile"] = "least"
    assert it.play().writes == [] and requested(it) == 4

    it.variables["azure_connector_permissions_remove"] = LIST
    shown = it.play(playbook=REMOVE)
    assert shown.code == 0 and shown.writes == [] and requested(it) == 4, shown.output
    assert "nothing was removed yet" in shown.output and "User.Read.All" in shown.output

    it.variables["azure_connector_permissions_remove_confirmed"] = True
    assert it.play(playbook=REMOVE).code == 0 and requested(it) == 2
    assert it.play(playbook=REMOVE).writes == []
    assert it.play().writes == [] and requested(it) == 2

    it.variables["azure_connector_permissions_remove"] = [{"name": "Directory.Read.All", "type": "application"}]
    refused = it.play(playbook=REMOVE)
    assert refused.code and refused.writes == [] and "Directory.Read.All (application) must stay" in refused.output

    it.variables["azure_connector_permissions_remove"] = []
    refused = it.play(playbook=REMOVE)
    assert refused.code and "azure_connector_permissions_remove: is empty" in refused.output
