# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""From the variables of one host to the options of usersync_connection. Pure: sees variables, asks nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection import groups
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _fleet
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import (
    GROUPS,
    NAMED,
    PREFIX,
    HostVariables,
)

SELECTION = ("connector_id", "connector_name", "key_map", "flow")
# Where nothing but the secret of a host, or nothing but its end, is meant
WITHOUT_SETTINGS = ("rotate", "remove")
ROLE_NAME = re.compile(r"[A-Za-z.]+")


def options(known: HostVariables, does: str, plan: Mapping[str, Any], apps: Mapping[str, Any]) -> dict[str, Any]:
    """What usersync_connection takes of this host; an option that no variable fills is left out.

    :param does: C(rotate), C(remove) or nothing
    :param plan: what the plan said of all hosts; :param apps: what became of each app
    :raises BadVariable: a variable cannot be used
    """
    told = {group: _filled(known, group) for group in GROUPS}
    app = _fleet.app_of(known)
    only_secret = does == "rotate" or bool(known.get("only_secret"))
    if only_secret or does in WITHOUT_SETTINGS:
        told["connector"] = {name: told["connector"][name] for name in SELECTION if name in told["connector"]}
    if does == "rotate":
        told["sync"]["mode"] = "never"
    asked = (plan.get("permissions") or {}).get(app) or []
    names = [str(one["name"]) for one in asked if one["type"] == "application"]
    told["secret"] |= {
        "expected_roles": [name for name in names if ROLE_NAME.fullmatch(name)],
        "force": bool(known.get("force") or known.get("compromised")),
        "hold": _hold(str(known.get("consent")), (apps.get("apps") or {}).get(app) or {}),
    }
    waits = {} if known.get("confirm_wait") is None else {"confirm_wait": known.get("confirm_wait")}
    limit = {"failures": plan["failures"]} if plan.get("failures") else {}
    return {**told, "app": _app(known), "only_secret": only_secret, **waits, **limit}


def _filled(known: HostVariables, group: str) -> dict[str, Any]:
    told = {}
    for option in SPECS[group]["options"]:
        name = NAMED.get((group, option), GROUPS[group] + option)
        # what the environment says is for the module, on its machine
        value = None if name is None or PREFIX + name not in known.raw else known.get(name)
        if value is not None:
            told[option] = value
    return told


def _app(known: HostVariables) -> dict[str, str]:
    """By the surest name that the host has for its app."""
    sure = {name: str(known.get(f"app_{name}" if name != "app_id" else name) or "") for name in ("object_id", "app_id")}
    return {name: value for name, value in sure.items() if value} or _fleet.identity_of(known)


def _hold(consent: str, app: Mapping[str, Any]) -> str:
    """Why no secret is made that nobody could use, or nothing."""
    if consent != "check" or not app.get("missing"):
        return ""
    page = app.get("consent_url") or "an address that set-up shows once the app is there"
    return (
        "azure_connector_consent: admin consent is missing, so no secret was made; an administrator grants it at "
        f"{page} and the next run goes on"
    )


SPECS = groups()
