# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What awx_objects takes and runs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from .._argspec import atlassian_spec, entra_spec
from .._awx import absent, present
from .._awx.kinds import Awx
from .._errors import OptionError
from .._front import Definition
from .._run import Result, Run
from .usersync_connector import settings_spec

COLLECTIONS = ("awx.awx", "ansible.controller")
CONNECTION = (
    "controller_host",
    "controller_oauthtoken",
    "controller_username",
    "controller_password",
    "validate_certs",
)
EXISTING = ("entra_credential", "atlassian_credential", "project", "inventory", "execution_environment")


def secret_names() -> set[str]:
    """Options that hold a secret, and the variables of the role azure_connector for them."""
    found = set()
    specs = (
        ("azure_connector_entra_", entra_spec()),
        ("azure_connector_", atlassian_spec()),
        ("azure_connector_", settings_spec()),
    )
    for prefix, spec in specs:
        secret = {name for name, option in spec.items() if option.get("no_log")}
        found |= secret | {f"{prefix}{name}" for name in secret}
    return found


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "str", **more}


def _texts(**more: Any) -> dict[str, Any]:
    return {"type": "list", "elements": "str", **more}


def _nowhere(options: dict[str, Any], run: Run) -> AbstractContextManager[Awx]:
    raise OptionError("connection", "awx_objects runs only on the controller; remove async and become")


def _run(awx: Awx, options: dict[str, Any], run: Run) -> Result:
    parse = options["parse"]
    return (absent if options["state"] == "absent" else present).run(awx, options, run, parse)


DEFINITION = Definition(
    name="awx_objects",
    argument_spec={
        "collection": _text(choices=list(COLLECTIONS), default="awx.awx"),
        "controller_host": _text(),
        "controller_oauthtoken": _text(no_log=True),
        "controller_username": _text(),
        "controller_password": _text(no_log=True),
        "validate_certs": {"type": "bool"},
        "state": _text(choices=["present", "absent"], default="present"),
        "organization": _text(required=True),
        "prefix": _text(required=True),
        "names": {"type": "dict", "required": True},
        "renamed": _texts(default=[]),
        "existing": _texts(choices=list(EXISTING), default=[]),
        "adopt": {"type": "dict", "default": {}},
        "definitions": {"type": "dict", "required": True},
        "defaults": {"type": "dict", "required": True},
        "execution_environment_image": _text(),
        "execution_environment_pull": _text(choices=["always", "missing", "never"]),
        "registry_credential": _text(),
        "project_url": _text(),
        "project_branch": _text(),
        "project_credential": _text(),
        "project_playbooks": _text(default="playbooks/"),
        "project_wait": {"type": "bool", "default": True},
        "hosts": {"type": "dict"},
        "hosts_pattern": _text(),
        "hosts_retired": _text(choices=["name", "remove"], default="name"),
        "inventory_variables": {"type": "dict"},
        "inventory_path": _text(),
        "inventory_project": _text(),
        "entra_inputs": {"type": "dict", "no_log": True},
        "atlassian_inputs": {"type": "dict", "no_log": True},
        "update_secrets": {"type": "bool", "default": False, "no_log": False},
        "vault_credentials": _texts(no_log=False),
        "forks": {"type": "int"},
        "slices": {"type": "int"},
        "instance_groups": _texts(),
        "approval": {"type": "bool", "default": True},
        "approval_timeout": {"type": "int"},
        "warn_days": {"type": "int"},
        "audit_fail_on": _texts(),
        "min_remaining_days": {"type": "int"},
        "schedules_enabled": {"type": "bool"},
        "audit_rrule": _text(),
        "rotation_rrule": _text(),
        "notifications_started": _texts(),
        "notifications_success": _texts(),
        "notifications_error": _texts(),
        "notifications_approvals": _texts(),
    },
    connect=_nowhere,
    run=_run,
)
