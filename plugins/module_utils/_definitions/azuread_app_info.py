# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What azuread_app_info takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import app_identity_spec, entra_spec, ownership_spec
from .._entra.connect import open_graph, validate_login
from .._front import Definition
from .._workflow import app_info


def _validate(options: dict[str, Any]) -> None:
    validate_login(options)
    app_info.validate(options)


DEFINITION = Definition(
    name="azuread_app_info",
    argument_spec={
        **entra_spec(),
        **app_identity_spec(),
        "tag": {"type": "str"},
        "display_name_prefix": {"type": "str"},
        **{name: entry for name, entry in ownership_spec().items() if name != "adopt"},
        "include_owners": {"type": "bool", "default": False},
        "include_federated_credentials": {"type": "bool", "default": False},
        "include_grants": {"type": "bool", "default": False},
        "include_login": {"type": "bool", "default": False},
        "check_permissions": {"type": "bool", "default": False},
    },
    connect=open_graph,
    run=app_info.run,
    constraints={"mutually_exclusive": [["tag", "display_name_prefix"]]},
    validate=_validate,
)
