# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: audit_metrics
short_description: The state of a fleet as metrics for Prometheus
version_added: 1.0.0
description:
  - Creates the text that the textfile collector of the node exporter reads.
options:
  _input:
    description: The data set of the audit, C(azure_connector_report).
    type: dict
    required: true
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: The metrics alone
  ansible.builtin.copy:
    content: "{{ azure_connector_report | fleetops.usersync.audit_metrics }}"
    dest: /var/lib/node_exporter/usersync.prom
    mode: "0644"
"""

RETURN = r"""
_value:
  description: Text in the format 0.0.4 of Prometheus.
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._audit import metrics
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _audit


def audit_metrics(report: Mapping[str, Any]) -> Any:
    """See :func:`metrics.text`."""
    return _audit.inert(metrics.text(report))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_metrics": audit_metrics}
