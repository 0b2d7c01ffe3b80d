# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The option key_map, which all modules that read a connector share (doc fragment C(connector_identity))."""

from __future__ import annotations

from typing import Any

from .._usersync.leaves import LEAVES


def key_map_spec() -> dict[str, Any]:
    """One place per setting; none of them holds a secret, whatever it is called."""
    return {
        "key_map": {
            "type": "dict",
            "no_log": False,
            "options": {leaf: {"type": "str", "no_log": False} for leaf in LEAVES},
        }
    }
