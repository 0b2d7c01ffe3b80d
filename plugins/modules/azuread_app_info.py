#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app_info
short_description: Show app registrations with their permissions and the ends of their secrets
version_added: 1.0.0
description:
  - Shows everything about app registrations in Microsoft Entra ID but secrets.
  - The shape is that of the diffs of M(fleetops.usersync.azuread_app).
extends_documentation_fragment:
  - fleetops.usersync.entra
  - fleetops.usersync.app_identity
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.info
options:
  tag:
    description: Show all apps that bear this tag. C(usersync-managed) marks those that this collection made or adopted.
    type: str
  display_name_prefix:
    description: Show all apps whose display name begins with this text.
    type: str
  include_owners:
    description: Whether to read the owners of each app, which takes one request more for each.
    type: bool
    default: false
  include_grants:
    description: Whether to read what each app has been granted, which takes a few requests more for each.
    type: bool
    default: false
notes:
  - With O(display_name) all apps of that name are shown, so that two namesakes can be told apart.
seealso:
  - module: fleetops.usersync.azuread_app
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: All apps of this collection
  fleetops.usersync.azuread_app_info:
    tag: usersync-managed
    include_grants: true
  register: found

- name: Which secrets end within 30 days
  ansible.builtin.debug:
    msg: "{{ item.credentials | selectattr('days_left', 'lt', 30) | map(attribute='display_name') }}"
  loop: "{{ found.apps }}"
  loop_control:
    label: "{{ item.app_id }}"
"""

RETURN = r"""
apps:
  description:
    - The apps that were found, sorted by display name, each as RV(fleetops.usersync.azuread_app#module:app) describes.
    - With O(include_owners) each has C(owners), with O(include_grants) each has C(granted_permissions), a list of
      dictionaries with C(api), C(type), C(id) and C(value).
  returned: success
  type: list
  elements: dict
tenant_id:
  description: Id of the tenant, however it was named.
  returned: success
  type: str
http:
  description: Requests to Microsoft Graph, how many of them were repetitions, and logins of this task.
  returned: always
  type: dict
failure:
  description: What went wrong, for a playbook to branch on, with C(kind), C(code) and further facts.
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_info import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
