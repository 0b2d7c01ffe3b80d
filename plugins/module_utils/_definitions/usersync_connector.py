# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What usersync_connector takes and runs."""

from __future__ import annotations

from typing import Any

from .._argspec import atlassian_spec, connector_identity_spec
from .._front import Definition
from .._usersync.connect import open_host
from .._usersync.shown import HIDES
from .._usersync.values import GROUP_TYPES
from .._workflow import connector
from ._key_map import key_map_spec


def settings_spec() -> dict[str, Any]:
    """What the connector is to be, its app and its secret apart."""
    return {
        **key_map_spec(),
        "name": {"type": "str"},
        "hidden_secret": {
            "type": "str",
            "choices": ["required", "send_back"],
            "default": "required",
            "no_log": False,
        },
        "flow": {
            "type": "str",
            "choices": ["auto", "client_credentials", "authorization_code"],
            "default": "auto",
        },
        "schedule_enabled": {"type": "bool"},
        "schedule_cron": {"type": "str"},
        "cleanup_behavior": {"type": "str", "aliases": ["cleanup_behaviour"]},
        "required_groups": {"type": "list", "elements": "str"},
        "required_groups_filter": {"type": "str"},
        "group_types": {"type": "list", "elements": "str", "choices": list(GROUP_TYPES)},
        "profile_pictures": {"type": "bool"},
        "settings": {"type": "dict"},
        "template": {"type": "raw"},
        "template_connector": {"type": "str"},
        "backup": {"type": "bool", "default": False},
        "backup_dir": {"type": "path"},
        "backup_content": {"type": "str", "choices": ["redacted", "full"], "default": "redacted"},
        "backup_mode": {"type": "str", "default": "0600"},
        "backup_owner": {"type": "str"},
        "backup_group": {"type": "str"},
        "backup_keep_days": {"type": "int"},
        "backup_vault_password": {"type": "str", "no_log": True},
        "verify_timeout": {"type": "float", "default": 15.0},
    }


DEFINITION = Definition(
    name="usersync_connector",
    argument_spec={
        **atlassian_spec(),
        **connector_identity_spec(),
        **settings_spec(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "application_id": {"type": "str"},
        "tenant_id": {"type": "str"},
        "application_secret": {"type": "str", "no_log": True},
        "update_secret": {
            "type": "str",
            "choices": ["when_needed", "always", "never"],
            "default": "when_needed",
            "no_log": False,
        },
        "deliver_by": {"type": "str"},
        "wait_for_authorization": {"type": "float"},
        "directory_id": {"type": "str"},
        "confirm_directory_delete": {"type": "bool", "default": False},
    },
    constraints={"required_if": [("backup", True, ("backup_dir",))]},
    connect=open_host,
    run=connector.run,
    validate=connector.validate,
    hides=HIDES,
)
