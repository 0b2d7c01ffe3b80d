# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What usersync_connector_info takes and runs."""

from __future__ import annotations

from .._argspec import atlassian_spec, connector_identity_spec
from .._front import Definition
from .._usersync.connect import open_host
from .._workflow import connector_info
from ._key_map import key_map_spec

DEFINITION = Definition(
    name="usersync_connector_info",
    argument_spec={
        **atlassian_spec(),
        **connector_identity_spec(),
        **key_map_spec(),
        "last_sync": {"type": "bool", "default": True},
        "versions": {"type": "bool", "default": True},
        "keys": {"type": "bool", "default": False, "no_log": False},
        "configuration": {"type": "bool", "default": False},
        "discovery": {"type": "bool", "default": False},
        "fingerprint_key": {"type": "str", "no_log": True},
    },
    connect=open_host,
    run=connector_info.run,
    validate=connector_info.validate,
)
