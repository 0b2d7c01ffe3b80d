#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app_info
short_description: Show app registrations with their permissions and when their secrets expire
version_added: 1.0.0
description:
  - Shows everything about app registrations in Microsoft Entra ID except secrets.
  - The shape is that of the diffs of M(fleetops.usersync.azuread_app).
extends_documentation_fragment:
  - fleetops.usersync.entra
  - fleetops.usersync.app_identity
  - fleetops.usersync.ownership
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_azuread
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: full
  action:
    support: full
options:
  tag:
    description: >-
      Show all apps that have this tag. C(usersync-managed) marks those that this collection created or adopted.
    type: str
  display_name_prefix:
    description: Show all apps whose display name starts with this text.
    type: str
  include_owners:
    description:
      - Whether to read the owners of each app and of its service principal, and what else lets others use it
        (C(foreign) of RV(apps)), which takes a few more requests for each.
    type: bool
    default: false
  include_federated_credentials:
    description: Whether to read which tokens of other issuers each app trusts, which takes one more request for each.
    type: bool
    default: false
  include_grants:
    description: Whether to read what each app has been granted, which takes a few more requests for each.
    type: bool
    default: false
  include_login:
    description:
      - Whether to return when the automation's own login expires, as RV(automation_login). It takes a request more
        where that is a client secret.
    type: bool
    default: false
  check_permissions:
    description:
      - Whether to return what the automation's own permissions allow, as RV(automation). It takes no additional
        request.
      - With this alone, no app needs to be named.
    type: bool
    default: false
notes:
  - One of O(object_id), O(app_id), O(unique_name), O(display_name), O(tag), O(display_name_prefix) and
    O(check_permissions) is needed.
  - With O(display_name) all apps of that name are shown, so that apps with the same name can be told apart.
seealso:
  - module: fleetops.usersync.azuread_app
  - module: fleetops.usersync.azuread_app_federated_credential
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: All apps of this collection
  fleetops.usersync.azuread_app_info:
    tag: usersync-managed
    include_grants: true
  register: found

- name: What the automation may do
  fleetops.usersync.azuread_app_info:
    check_permissions: true
  register: may

- name: What it may not
  ansible.builtin.debug:
    msg: "{{ may.automation.operations | selectattr('allowed', 'eq', 'no') }}"

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
    - With O(include_owners) each has C(owners), and C(foreign), a list of what lets others use it with C(kind), C(what)
      and the C(command) that removes it; none where owners may not be read.
    - With O(include_grants) each has C(granted_permissions), a list of
      dictionaries with C(api), C(type), C(id) and C(value), and C(granted_permissions_complete), whether all of them
      could be read, and C(consent_url), where an administrator consents to what it requests.
    - With O(include_federated_credentials) each has C(federated_credentials), a list of dictionaries with C(id),
      C(name), C(issuer), C(subject), C(audiences) and C(description), none where they may not be read.
  returned: success
  type: list
  elements: dict
automation:
  description: The identity that ran the task, and what it may do by the permissions in its token.
  returned: with O(check_permissions)
  type: dict
  contains:
    app_id:
      description: Application ID, none when the token does not say.
      type: str
      returned: always
    object_id:
      description: Object ID of its service principal, or of the user, none when the token does not say.
      type: str
      returned: always
    permissions:
      description: The permissions in its token.
      type: list
      elements: str
      returned: always
    operations:
      description:
        - For each operation of the modules C(module), C(operation), C(allowed), C(needs) and C(otherwise).
        - C(allowed) is V(yes), V(no), or V(own) only for apps that it owns. C(needs) lists alternatives, the least
          privileged first. C(otherwise) says what the module does without it, none when it fails.
      type: list
      elements: dict
      returned: always
automation_login:
  description: How the automation logs in, and when that ends.
  returned: with O(include_login)
  type: dict
  contains:
    app_id:
      description: Application ID, none when the token does not say.
      type: str
      returned: always
    by:
      description: The value of O(auth_method) that was used.
      type: str
      returned: always
    end:
      description:
        - When the certificate or secret expires. None for a login that does not expire, and if it is not known.
      type: str
      returned: always
    certain:
      description:
        - Whether that is the end of what is in use. Of two secrets of the app that begin alike the first end is told.
      type: bool
      returned: always
tenant_id:
  description: ID of the tenant, also when it was given as a domain.
  returned: success
  type: str
http:
  description: Requests of this task, and how many of them were retries. C(logins) counts the logins to Entra ID.
  returned: always
  type: dict
failure:
  description: What went wrong, for a playbook to branch on, with C(kind), C(code) and further details.
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_info import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
