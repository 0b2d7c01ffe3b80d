# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What azuread_app_federated_credential takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import app_identity_spec, entra_spec
from .._entra.connect import open_graph, validate_login
from .._front import Definition
from .._workflow import federated


def _validate(options: dict[str, Any]) -> None:
    validate_login(options)
    federated.validate(options)


DEFINITION = Definition(
    name="azuread_app_federated_credential",
    argument_spec={
        **entra_spec(),
        **app_identity_spec(),
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "issuer": {"type": "str"},
        "subject": {"type": "str"},
        "audiences": {"type": "list", "elements": "str"},
        "description": {"type": "str"},
        "settle_timeout": {"type": "float", "default": 120.0},
    },
    connect=open_graph,
    run=federated.run,
    validate=_validate,
)
