# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What azuread_app_permission takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import app_identity_spec, entra_spec, ownership_spec
from .._entra.connect import open_graph, validate_login
from .._front import Definition
from .._workflow import permission

NAMED = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "required": True, "choices": ["application", "delegated"]},
    "api": {"type": "str", "default": "Microsoft Graph"},
}


def _validate(options: dict[str, Any]) -> None:
    validate_login(options)
    permission.validate(options)


DEFINITION = Definition(
    name="azuread_app_permission",
    argument_spec={
        **entra_spec(),
        **app_identity_spec(),
        **ownership_spec(),
        "permissions": {"type": "list", "elements": "dict", "required": True, "options": NAMED},
        "keep_at_least": {"type": "list", "elements": "dict", "default": [], "options": NAMED},
        "only_own_apps": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "mode": {"type": "str", "choices": ["merge", "exact", "keep"], "default": "merge"},
        "consent": {"type": "str", "choices": ["grant", "check", "revoke", "ignore"], "default": "check"},
        "settle_timeout": {"type": "float", "default": 120.0},
    },
    connect=open_graph,
    run=permission.run,
    validate=_validate,
)
