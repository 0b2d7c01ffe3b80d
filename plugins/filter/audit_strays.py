# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: audit_strays
short_description: Apps that connectors name and the inventory does not
version_added: 1.0.0
description:
  - Compares the application ids of the connectors that were read with the apps that were read, and shares out the
    others, so that each is read once.
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
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Who reads what
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | fleetops.usersync.audit_strays(hostvars) }}"
"""

RETURN = r"""
_value:
  description: By host, the application ids that are to be read on its behalf.
  type: dict
  sample: {jira02: [00000000-0000-0000-0000-000000000000]}
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._audit import dataset
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _audit


def audit_strays(hosts: Iterable[str], hostvars: Mapping[str, Any]) -> Any:
    """See :func:`dataset.strays`."""
    return _audit.inert(dataset.strays(*_audit.gather(hosts, hostvars)))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"audit_strays": audit_strays}
