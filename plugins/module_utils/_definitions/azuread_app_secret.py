# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What azuread_app_secret takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import app_identity_spec, entra_spec
from .._entra.connect import open_graph, validate_login
from .._front import Definition
from .._workflow import secret


def secret_spec() -> dict[str, Any]:
    """How long a new secret is good for, and how it is handled."""
    return {
        "valid_days": {"type": "int", "default": 180},
        "end_date": {"type": "str"},
        "never_expires": {"type": "bool", "default": False},
        "min_remaining_days": {"type": "int", "default": 30},
        "prove": {"type": "bool", "default": True},
        "prove_timeout": {"type": "float", "default": 120.0},
        "expected_roles": {"type": "list", "elements": "str", "default": []},
        "delivery_window": {"type": "float", "default": 120.0},
        "delivery_timeout": {"type": "float", "default": 60.0},
        "known_credentials": {"type": "list", "elements": "str", "default": []},
    }


def _validate(options: dict[str, Any]) -> None:
    validate_login(options)
    secret.validate(options)


DEFINITION = Definition(
    name="azuread_app_secret",
    argument_spec={
        **entra_spec(),
        **app_identity_spec(),
        "state": {"type": "str", "choices": ["present", "confirmed", "absent"], "default": "present"},
        "holder": {"type": "str"},
        "host_fingerprint": {"type": "str"},
        **secret_spec(),
        "force": {"type": "bool", "default": False},
        "reasons": {"type": "list", "elements": "str", "default": []},
        "takeover": {"type": "bool", "default": False},
        "former": {"type": "list", "elements": "str", "default": []},
        "key_id": {"type": "str", "no_log": False},
        "retire": {"type": "list", "elements": "str"},
        "abandoned": {"type": "list", "elements": "str", "default": []},
        "expired": {"type": "bool", "default": False},
        "all_holders": {"type": "bool", "default": False},
    },
    connect=open_graph,
    run=secret.run,
    constraints={"mutually_exclusive": [["end_date", "never_expires"], ["key_id", "all_holders"]]},
    validate=_validate,
    secret_key="secret_text",
)
