# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: audit_report
short_description: The state of a fleet as one data set
version_added: 1.0.0
description:
  - Reads what the entry point C(audit) of the role P(fleetops.usersync.azure_connector#role) has left in the variables
    of each host, and makes the data set of which all outputs are made.
  - Its JSON schema is C(roles/azure_connector/files/report.schema.json).
positional: _input, hostvars
options:
  _input:
    description: Names of the hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  warn_days:
    description: A secret with fewer days left is a warning.
    type: int
    default: 30
  sync_max_age_hours:
    description: Oldest last sync that is fine. By default it follows from the schedule of each connector.
    type: float
  fail_on:
    description: Codes and levels of findings that make the gate fail.
    type: list
    elements: str
    default: []
  known_holders:
    description: Further holders of secrets, such as those of hosts that stand in no inventory.
    type: list
    elements: str
    default: []
  others:
    description: Further hosts of the inventory, whose holders follow from their C(azure_connector_url).
    type: list
    elements: str
    default: []
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: How many hosts are in which state
  ansible.builtin.debug:
    msg: "{{ (ansible_play_hosts_all | fleetops.usersync.audit_report(hostvars)).summary.hosts }}"
"""

RETURN = r"""
_value:
  description: C(summary), C(hosts), C(apps), C(findings) and C(gate), without any secret.
  type: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._audit import dataset
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.settings import Settings
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _audit


def audit_report(
    hosts: Iterable[str],
    hostvars: Mapping[str, Any],
    warn_days: int = 30,
    sync_max_age_hours: float | None = None,
    fail_on: Iterable[str] = (),
    known_holders: Iterable[str] = (),
    others: Iterable[str] = (),
) -> Any:
    """See :func:`dataset.build`."""
    reads, apps = _audit.gather(hosts, hostvars)
    settings = Settings(
        now=_audit.now(),
        warn_days=int(warn_days),
        sync_max_age_hours=None if sync_max_age_hours is None else float(sync_max_age_hours),
        fail_on=[str(word) for word in fail_on],
        known_holders=frozenset(map(str, known_holders)) | _audit.holders_of(others, hostvars),
    )
    return _audit.inert(dataset.build(reads, apps, settings))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_report": audit_report}
