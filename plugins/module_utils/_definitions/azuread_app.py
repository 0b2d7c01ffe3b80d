# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What azuread_app takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import app_identity_spec, entra_spec, ownership_spec
from .._entra.connect import open_graph, validate_login
from .._front import Definition
from .._workflow import app
from .._workflow.lists import MODES

LISTS = (
    "redirect_uris",
    "spa_redirect_uris",
    "public_client_redirect_uris",
    "tags",
    "owners",
    "service_principal_tags",
)


def _validate(options: dict[str, Any]) -> None:
    validate_login(options)
    app.validate(options)


DEFINITION = Definition(
    name="azuread_app",
    argument_spec={
        **entra_spec(),
        **app_identity_spec(),
        **ownership_spec(),
        **{name: {"type": "list", "elements": "str"} for name in LISTS},
        "list_modes": {
            "type": "dict",
            "options": {name: {"type": "str", "choices": list(MODES), "default": "merge"} for name in LISTS},
        },
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "home_page_url": {"type": "str", "aliases": ["sign_on_url"]},
        "logout_url": {"type": "str"},
        "sign_in_audience": {
            "type": "str",
            "choices": [
                "AzureADMyOrg",
                "AzureADMultipleOrgs",
                "AzureADandPersonalMicrosoftAccount",
                "PersonalMicrosoftAccount",
            ],
        },
        "notes": {"type": "str"},
        "service_management_reference": {"type": "str"},
        "enabled": {"type": "bool"},
        "service_principal": {"type": "bool", "default": True},
        "keep_caller_as_owner": {"type": "bool", "default": True},
        "holders": {"type": "list", "elements": "str", "default": []},
        "if_deleted": {"type": "str", "choices": ["fail", "restore", "purge"], "default": "fail"},
        "purge": {"type": "bool", "default": False},
        "settle_timeout": {"type": "float", "default": 120.0},
    },
    connect=open_graph,
    run=app.run,
    validate=_validate,
)
