# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What usersync_connection_confirm takes and runs."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from .._front import Definition
from .._run import Result, Run
from .._usersync.shown import HIDES
from .._workflow import confirm
from .._workflow.numbers import check_number
from .usersync_connection import connect, groups


def _run(_client: None, options: dict[str, Any], run: Run) -> Result:
    return confirm.run(connect, options, run)


def _validate(options: dict[str, Any]) -> None:
    for name in ("poll", "progress_every"):
        check_number(name, options[name], 0.1)
    check_number("timeout", options["timeout"], 0.0, 30 * 86400.0)


DEFINITION = Definition(
    name="usersync_connection_confirm",
    argument_spec={
        "connections": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                **groups(),
                "confirming": {"type": "dict", "required": True},
            },
        },
        "names": {"type": "list", "elements": "str", "default": []},
        "timeout": {"type": "float", "default": 14400.0},
        "poll": {"type": "float", "default": 10.0},
        "progress_every": {"type": "float", "default": 60.0},
    },
    connect=lambda _options, _run: nullcontext(),
    run=_run,
    validate=_validate,
    hides=HIDES,
)
