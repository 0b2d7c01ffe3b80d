# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: bootstrap_plan
short_description: What the automation's own app should have
version_added: 1.0.0
description:
  - Turns the variables of the role P(fleetops.usersync.usersync_bootstrap#role) into what its tasks pass to the
    modules.
options:
  _input:
    description: The variables of the role, without the prefix C(usersync_bootstrap_).
    type: dict
    required: true
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Say which permissions the profile has
  ansible.builtin.debug:
    msg: >-
      {{ {'profile': 'owned_by', 'login': 'certificate', 'unique_name': 'usersync-automation'}
      | fleetops.usersync.bootstrap_plan }}
"""

RETURN = r"""
_value:
  description:
    - C(permissions), C(login), C(path) (of the file for certificate or secret) and C(trust) (C(name), C(issuer) and
      C(subject) of a federated credential).
  type: dict
"""

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import UsersyncError
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import bootstrap_plan


def plan(settings: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return bootstrap_plan.plan(settings, os.getcwd())
    except UsersyncError as exc:
        raise AnsibleFilterError(exc.message) from None


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"bootstrap_plan": plan}
