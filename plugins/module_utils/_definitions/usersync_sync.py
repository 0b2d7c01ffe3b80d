# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What usersync_sync takes and runs."""

from __future__ import annotations

from .._argspec import atlassian_spec, connector_identity_spec
from .._front import Definition
from .._usersync.client import open_host
from .._usersync.sync import FAILURE, RUNNING, SUCCESS
from .._workflow import sync
from ._key_map import key_map_spec

DEFINITION = Definition(
    name="usersync_sync",
    argument_spec={
        **atlassian_spec(),
        **connector_identity_spec(),
        **key_map_spec(),
        "mode": {"type": "str", "choices": ["full", "single_user"], "default": "full"},
        "user": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 14400.0},
        "poll": {"type": "float", "default": 10.0},
        "progress_every": {"type": "float", "default": 60.0},
        "already_running": {"type": "str", "choices": ["wait", "fail", "ignore"], "default": "wait"},
        "running_states": {"type": "list", "elements": "str", "default": list(RUNNING)},
        "success_states": {"type": "list", "elements": "str", "default": list(SUCCESS)},
        "failure_states": {"type": "list", "elements": "str", "default": list(FAILURE)},
    },
    constraints={"required_if": [("mode", "single_user", ("user",))]},
    connect=open_host,
    run=sync.run,
    validate=sync.validate,
)
