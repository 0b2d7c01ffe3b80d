# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What usersync_sync takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import atlassian_spec, connector_identity_spec
from .._front import Definition
from .._usersync.connect import open_host
from .._usersync.sync import FAILURE, RUNNING, SUCCESS
from .._workflow import sync
from ._key_map import key_map_spec


def following_spec() -> dict[str, Any]:
    """How a sync is followed until it has ended."""
    return {
        "wait_timeout": {"type": "float", "default": 14400.0},
        "poll": {"type": "float", "default": 10.0},
        "progress_every": {"type": "float", "default": 60.0},
        "running_states": {"type": "list", "elements": "str", "default": list(RUNNING)},
        "success_states": {"type": "list", "elements": "str", "default": list(SUCCESS)},
        "failure_states": {"type": "list", "elements": "str", "default": list(FAILURE)},
    }


DEFINITION = Definition(
    name="usersync_sync",
    argument_spec={
        **atlassian_spec(),
        **connector_identity_spec(),
        **key_map_spec(),
        "mode": {"type": "str", "choices": ["full", "single_user"], "default": "full"},
        "user": {"type": "str"},
        "wait": {"type": "bool", "default": True},
        **following_spec(),
        "accept": {"type": "str", "choices": ["sync", "login"], "default": "sync"},
        "already_running": {"type": "str", "choices": ["wait", "fail", "ignore"], "default": "wait"},
    },
    constraints={"required_if": [("mode", "single_user", ("user",))]},
    connect=open_host,
    run=sync.run,
    validate=sync.validate,
)
