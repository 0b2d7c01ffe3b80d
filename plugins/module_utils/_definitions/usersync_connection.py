# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What usersync_connection takes and runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._argspec import app_identity_spec, atlassian_spec, connector_identity_spec, entra_spec
from .._entra.connect import open_graph, validate_login
from .._front import Definition
from .._run import Run
from .._usersync.connect import open_host
from .._usersync.shown import HIDES
from .._workflow import connection
from .._workflow.user_guard import DEFAULT_LIMIT
from .azuread_app_secret import secret_spec
from .usersync_connector import settings_spec
from .usersync_sync import following_spec


def group(options: dict[str, Any], required: bool = False) -> dict[str, Any]:
    """An option that is a dictionary, with defaults and the environment also where it is not given."""
    return {"type": "dict", "options": options, **({"required": True} if required else {"apply_defaults": True})}


def groups() -> dict[str, Any]:
    """The dictionaries that say which host, which app and how."""
    return {
        "entra": group(entra_spec()),
        "host": group(atlassian_spec(), required=True),
        "app": group(app_identity_spec(), required=True),
        "connector": group(
            {
                **connector_identity_spec(),
                **settings_spec(),
                "max_user_change": {"type": "float", "default": DEFAULT_LIMIT},
            }
        ),
        "secret": {
            **group(
                {
                    **secret_spec(),
                    "force": {"type": "bool", "default": False},
                    "hold": {"type": "str"},
                    "former_holders": {"type": "list", "elements": "str", "default": []},
                }
            ),
            # how it is to be, never the secret itself
            "no_log": False,
        },
        "sync": group(
            {
                "mode": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
                "user": {"type": "str"},
                "wait_for_authorization": {"type": "float", "default": 0.0},
                **following_spec(),
            }
        ),
    }


@contextmanager
def connect(options: Mapping[str, Any], run: Run) -> Iterator[connection.Clients]:
    """Both clients of one connection; nothing is sent before the first is asked something."""
    with open_host(options["host"], run) as host, open_graph(options["entra"], run) as graph:
        yield connection.Clients(graph, host)


def _validate(options: dict[str, Any]) -> None:
    validate_login(options["entra"])
    connection.validate(options)


DEFINITION = Definition(
    name="usersync_connection",
    argument_spec={
        **groups(),
        "only_secret": {"type": "bool", "default": False, "no_log": False},
        "confirm_wait": {"type": "float", "default": 60.0},
        # for the action plugin, which knows the other hosts of a run
        "failures": {
            "type": "dict",
            "options": {
                "most": {"type": "int", "required": True},
                "counted_as": {"type": "str", "required": True},
            },
        },
    },
    connect=connect,
    run=connection.run,
    validate=_validate,
    hides=HIDES,
)
