#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app_permission
short_description: Manage requested permissions of an app registration and the admin consent to them
version_added: 1.0.0
description:
  - Brings the list of requested permissions of an app registration in Microsoft Entra ID up to date, and grants, checks
    or revokes the admin consent to them.
  - Requesting a permission does not grant it, and granting does not require a request. Both lists are managed here,
    independently.
  - Permissions are resolved from the tenant's own service principal of the API. Consent by individual users is left
    alone.
extends_documentation_fragment:
  - fleetops.usersync.entra
  - fleetops.usersync.app_identity
  - fleetops.usersync.ownership
  - fleetops.usersync.ownership.adopt
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_azuread
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  action:
    support: full
options:
  permissions:
    description: The permissions to manage.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Value (V(Directory.Read.All)), id (a GUID), or the display name in the portals (V(Read directory data)).
          - A display name gives a warning, because Microsoft changes and translates them. One that two permissions
            share is an error that lists both.
          - With O(state=absent), O(consent=revoke) and O(consent=check) a permission that is disabled, retired, or of
            an API that has left the tenant is named in the same ways. If its name is no longer known anywhere, use its
            ID.
          - Where the automation may not read the tenant's own list, the values of Microsoft Graph that User Sync needs
            are known anyway, and every ID is accepted as given.
        type: str
        required: true
      type:
        description: The same value exists as an application permission and as a delegated one, so this is required.
        type: str
        required: true
        choices: [application, delegated]
      api:
        description: Application ID or display name of the API.
        type: str
        default: Microsoft Graph
  state:
    description: Whether the permissions should be on the list of requested ones, V(present), or not, V(absent).
    type: str
    choices: [present, absent]
    default: present
  mode:
    description:
      - V(merge) adds to the requested list, V(exact) makes it these permissions for each API that is named, V(keep)
        leaves it alone.
      - APIs that are not named are left alone. V(exact) with an empty list clears the whole list.
    type: str
    choices: [merge, exact, keep]
    default: merge
  consent:
    description:
      - V(grant) consents for the whole tenant, adding to what was granted before. It takes effect immediately, without
        a review.
      - V(check) changes nothing and returns what is missing with the address where an administrator consents.
      - V(revoke) revokes the consent to the named permissions and no others. V(ignore) does not check.
    type: str
    choices: [grant, check, revoke, ignore]
    default: check
  keep_at_least:
    description:
      - Permissions that are never removed. Where O(permissions) names one of them with O(state=absent) or
        O(consent=revoke), the task fails before anything is written.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: As in O(permissions).
        type: str
        required: true
      type:
        description: As in O(permissions).
        type: str
        required: true
        choices: [application, delegated]
      api:
        description: As in O(permissions).
        type: str
        default: Microsoft Graph
  only_own_apps:
    description:
      - Whether O(state=absent) and O(consent=revoke) are refused for an app that was created neither by the identity
        that runs this nor by one of O(automation_ids), because others may rely on what it has.
    type: bool
    default: false
  settle_timeout:
    description: Seconds to wait until an app that was created a moment ago is known in the directory.
    type: float
    default: 120.0
seealso:
  - module: fleetops.usersync.azuread_app
  - module: fleetops.usersync.azuread_app_info
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: What User Sync needs, with consent
  fleetops.usersync.azuread_app_permission:
    unique_name: usersync-emea
    permissions:
      - {name: User.Read, type: delegated}
      - {name: User.ReadBasic.All, type: delegated}
      - {name: Directory.Read.All, type: application}
      - {name: User.Read.All, type: application}
    consent: grant

- name: Leave consent to an administrator, and show the address to open
  fleetops.usersync.azuread_app_permission:
    unique_name: usersync-emea
    permissions:
      - {name: Read directory data, type: application}
    consent: check
  register: permission

- name: Remove what is not needed, but never what User Sync requires
  fleetops.usersync.azuread_app_permission:
    unique_name: usersync-emea
    permissions:
      - {name: User.Read.All, type: application}
    keep_at_least:
      - {name: Directory.Read.All, type: application}
    only_own_apps: true
    state: absent
    consent: revoke

- name: Stop until consent has been granted
  ansible.builtin.assert:
    that: not permission.missing
    fail_msg: "An administrator must open {{ permission.consent_url }}"
"""

RETURN = r"""
permissions:
  description: The permissions that were named, with C(api), C(id), C(value), C(type) and C(wording).
  returned: success
  type: list
  elements: dict
missing:
  description: Those without consent, of the same shape; looked for with O(consent=check).
  returned: success
  type: list
  elements: dict
unknown:
  description: Those whose consent may not be looked up, of the same shape; a warning says which permission is missing.
  returned: success
  type: list
  elements: dict
granted:
  description: Those that were granted now.
  returned: success
  type: list
  elements: dict
revoked:
  description: Those whose consent was revoked now.
  returned: success
  type: list
  elements: dict
consent_url:
  description:
    - The address where an administrator consents to all requested permissions, none in check mode for an app that would
      be created. It is the portal's page of the app when it has no redirect URI, because the consent page wants one.
  returned: success
  type: str
  sample: https://login.microsoftonline.com/55555555-0000-4000-8000-000000000001/adminconsent?client_id=22222222-0000-4000-8000-000000000001
app:
  description: The app as it is now, in check mode as it would be. M(fleetops.usersync.azuread_app) describes it.
  returned: success
  type: dict
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

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_permission import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
