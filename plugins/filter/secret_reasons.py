# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: secret_reasons
short_description: Why a holder needs a new client secret
version_added: 1.0.0
description:
  - Puts together what the directory and the Atlassian host have told, and returns the reasons for a new client secret.
  - The list is empty when none is needed.
positional: _input, holder
options:
  _input:
    description: The app, as RV(fleetops.usersync.azuread_app#module:app).
    type: dict
    required: true
  holder:
    description: Whose secret is meant.
    type: str
    required: true
  min_remaining_days:
    description: A secret with fewer days left is a reason.
    type: int
    default: 30
  survey:
    description: What M(fleetops.usersync.usersync_connector) told in check mode; the host does not count without it.
    type: dict
  force:
    description: Whether to add the reason C(forced).
    type: bool
    default: false
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Say why this host would get a new secret
  ansible.builtin.debug:
    msg: "{{ app.app | fleetops.usersync.secret_reasons(inventory_hostname, min_remaining_days=30, survey=survey) }}"
"""

RETURN = r"""
_value:
  description: Reasons, each a phrase that goes with the name of the host.
  type: list
  elements: str
  sample: [its secret ends in 12 days]
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import need


def secret_reasons(
    app: Mapping[str, Any],
    holder: str,
    min_remaining_days: int = 30,
    survey: Mapping[str, Any] | None = None,
    force: bool = False,
) -> list[str]:
    """See :func:`need.secret_reasons`."""
    told = survey or {}
    return need.secret_reasons(
        app,
        holder,
        min_remaining_days=int(min_remaining_days),
        connector=told.get("connector"),
        last_sync=told.get("last_sync"),
        consumers=survey is not None,
        force=bool(force),
    )


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"secret_reasons": secret_reasons}
