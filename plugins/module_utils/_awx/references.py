# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Names of things that are not ours and that options point to. Modules look for most of them in all organizations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import OptionError
from .sets import Set

WHERE: dict[str, tuple[str, str, dict[str, str]]] = {
    "registry_credential": ("credentials", "credential", {}),
    "project_credential": ("credentials", "credential", {}),
    "vault_credentials": ("credentials", "Vault credential", {"credential_type__kind": "vault"}),
    "inventory_project": ("projects", "project", {}),
    "instance_groups": ("instance_groups", "instance group", {}),
    **{
        f"notifications_{when}": ("notification_templates", "notification template", {})
        for when in ("started", "success", "error", "approvals")
    },
}


def resolve(found: Set, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with texts of ids in place of names; :raises OptionError: where a name says nothing or too much"""
    resolved = dict(options)
    for option in WHERE:
        value = options[option]
        if isinstance(value, list):
            resolved[option] = [_id(found, option, name) for name in value]
        elif value:
            resolved[option] = _id(found, option, value)
    return resolved


def _id(found: Set, option: str, name: str) -> str:
    endpoint, word, more = WHERE[option]
    there = found.awx.find(endpoint, name=name, **more)
    own = [item for item in there if item.get("organization") == found.organization["id"]]
    there = own or there
    if len(there) == 1:
        return str(there[0]["id"])
    lack = "is no" if not there else f"are {len(there)}"
    raise OptionError(f"usersync_awx_{option}", f"there {lack} {word} '{name}' that this user can see")
