# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: app_ids
short_description: The few facts about each app that all its hosts need
version_added: 1.0.0
description:
  - Takes from the leader of each app what the role has left there, and nothing that grows with the number of hosts.
positional: _input, hostvars
options:
  _input:
    description: The plan, as P(fleetops.usersync.app_plan#filter) made it.
    type: dict
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Which apps stand
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | fleetops.usersync.app_plan(hostvars) | fleetops.usersync.app_ids(hostvars) }}"
"""

RETURN = r"""
_value:
  description: By app, C(app_id), C(tenant_id) and C(failure) (a sentence, or an empty text).
  type: dict
"""

from collections.abc import Mapping
from typing import Any


def app_ids(plan: Mapping[str, Any], hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """One small entry for each app."""
    ids = {}
    for key, group in plan.items():
        result = hostvars[group["leader"]].get("__azure_connector_app_result") or {}
        app = result.get("app") or {}
        ids[str(key)] = {
            "app_id": app.get("app_id"),
            "tenant_id": result.get("tenant_id"),
            "failure": result.get("failure") or ("" if result else "the app was not looked at, see the errors above"),
        }
    return ids


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"app_ids": app_ids}
