# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: audit_table
short_description: The state of a fleet as lines of text
version_added: 1.0.0
description:
  - Creates a table of the hosts, the worst first, a line for each finding with its remedy, and a summary line.
options:
  _input:
    description: The data set of the audit, C(azure_connector_report).
    type: dict
    required: true
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ azure_connector_report | fleetops.usersync.audit_table }}"
"""

RETURN = r"""
_value:
  description: Lines of text.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._audit import table
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _audit


def audit_table(report: Mapping[str, Any]) -> Any:
    """See :func:`table.lines`."""
    return _audit.inert(table.lines(report))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_table": audit_table}
