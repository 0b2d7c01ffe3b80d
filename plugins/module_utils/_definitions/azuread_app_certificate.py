# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What azuread_app_certificate takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import app_identity_spec, entra_spec
from .._entra.connect import open_graph, validate_login
from .._front import Definition
from .._workflow import certificate


def _validate(options: dict[str, Any]) -> None:
    validate_login(options)
    certificate.validate(options)


DEFINITION = Definition(
    name="azuread_app_certificate",
    argument_spec={
        **entra_spec(),
        **app_identity_spec(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "path": {"type": "path", "required": True},
        "valid_days": {"type": "int", "default": 365},
        "min_remaining_days": {"type": "int", "default": 30},
        "force": {"type": "bool", "default": False},
        "prove": {"type": "bool", "default": True},
        "prove_timeout": {"type": "float", "default": 120.0},
    },
    connect=open_graph,
    run=certificate.run,
    validate=_validate,
)
