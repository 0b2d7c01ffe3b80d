# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: bootstrap_report
short_description: What is left to do after a bootstrap, and what goes into the inventory
version_added: 1.0.0
description:
  - Creates the last lines of the role P(fleetops.usersync.usersync_bootstrap#role). They contain no secret.
options:
  _input:
    description: What P(fleetops.usersync.bootstrap_plan#filter) returned.
    type: dict
    required: true
  profile:
    description: The profile of the automation.
    type: str
    required: true
  app:
    description: What M(fleetops.usersync.azuread_app) returned.
    type: dict
    required: true
  permission:
    description: What M(fleetops.usersync.azuread_app_permission) returned; empty where it did not run.
    type: dict
    default: {}
  login:
    description: The certificate or secret that the automation logs in with, with its C(end); empty where it has none.
    type: dict
    default: {}
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Print what goes into the inventory
  ansible.builtin.debug:
    msg: "{{ plan | fleetops.usersync.bootstrap_report(profile='owned_by', app=made, permission=consent) }}"
"""

RETURN = r"""
_value:
  description: Lines of text.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import bootstrap_plan


def report(
    plan: Mapping[str, Any],
    profile: str,
    app: Mapping[str, Any],
    permission: Mapping[str, Any] | None = None,
    login: Mapping[str, Any] | None = None,
) -> list[str]:
    return bootstrap_plan.report(plan, profile, app, permission or {}, login or {})


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"bootstrap_report": report}
