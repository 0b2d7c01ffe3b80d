#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app
short_description: Manage an app registration and its service principal in Microsoft Entra ID
version_added: 1.0.0
description:
  - Creates, adopts, changes and removes an app registration in Microsoft Entra ID (Azure AD), together with its service
    principal.
  - Only what an option names is changed. An option that is not given leaves its property alone, and an empty list
    clears it.
  - Permissions and client secrets have their own modules, M(fleetops.usersync.azuread_app_permission) and
    M(fleetops.usersync.azuread_app_secret).
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
  state:
    description:
      - V(present) creates or changes the app, V(absent) deletes it.
      - A deleted app can be restored for 30 days, unless O(purge=true).
    type: str
    choices: [present, absent]
    default: present
  redirect_uris:
    description:
      - Redirect URIs of the Web platform. User Sync before 1.5.0 needs
        C(https://<host>/plugins/servlet/de.resolution.usersync/oauth2/authorize).
      - Plain C(http) is allowed only for localhost.
    type: list
    elements: str
  spa_redirect_uris:
    description: Redirect URIs of the single-page application platform.
    type: list
    elements: str
  public_client_redirect_uris:
    description: Redirect URIs of the mobile and desktop platform.
    type: list
    elements: str
  tags:
    description:
      - Tags of the app. Those that this collection sets itself, C(usersync-managed) and C(usersync-pending:...), stay
        in every mode but V(absent).
    type: list
    elements: str
  owners:
    description: Object IDs of the users or service principals that own the app.
    type: list
    elements: str
  service_principal_tags:
    description:
      - Tags of the service principal. The portal lists it under Enterprise applications when it has
        C(WindowsAzureActiveDirectoryIntegratedApp).
    type: list
    elements: str
  list_modes:
    description:
      - How each list is brought in line. V(merge) adds what is missing, V(exact) replaces the list, V(absent) removes
        the named entries.
      - The order of a list does not matter.
    type: dict
    suboptions:
      redirect_uris:
        description: Mode of O(redirect_uris).
        type: str
        choices: [merge, exact, absent]
        default: merge
      spa_redirect_uris:
        description: Mode of O(spa_redirect_uris).
        type: str
        choices: [merge, exact, absent]
        default: merge
      public_client_redirect_uris:
        description: Mode of O(public_client_redirect_uris).
        type: str
        choices: [merge, exact, absent]
        default: merge
      tags:
        description: Mode of O(tags).
        type: str
        choices: [merge, exact, absent]
        default: merge
      owners:
        description: Mode of O(owners).
        type: str
        choices: [merge, exact, absent]
        default: merge
      service_principal_tags:
        description: Mode of O(service_principal_tags).
        type: str
        choices: [merge, exact, absent]
        default: merge
  home_page_url:
    description: Home page of the app, which the old portal called sign-on URL. An empty text clears it.
    type: str
    aliases: [sign_on_url]
  logout_url:
    description: Front-channel logout URL. An empty text clears it.
    type: str
  sign_in_audience:
    description:
      - Which accounts the app is for. A new app gets V(AzureADMyOrg) by default.
      - An app open to personal accounts may have at most two client secrets.
    type: str
    choices: [AzureADMyOrg, AzureADMultipleOrgs, AzureADandPersonalMicrosoftAccount, PersonalMicrosoftAccount]
  notes:
    description: Free text that administrators see in the portal. An empty text clears it.
    type: str
  service_management_reference:
    description:
      - Reference to your organization's service management tool, such as the ID of an asset. Some tenants require one
        for every app. An empty text clears it.
    type: str
  enabled:
    description:
      - V(true) activates a deactivated app registration, V(false) deactivates it, so that nobody gets a token for it
        any more. Without it the app is left as it is, and a deactivated one is a warning.
      - Whether sign-in is enabled for the service principal is a separate switch, which this module never touches, and
        what Microsoft has disabled only Microsoft can enable.
    type: bool
  service_principal:
    description: Whether the app gets a service principal, which consent and logins require. It is never removed alone.
    type: bool
    default: true
  keep_caller_as_owner:
    description: Whether the identity that runs this remains an owner when O(owners) would remove it.
    type: bool
    default: true
  holders:
    description:
      - With O(state=absent), holders whose secrets may be removed with the app. Live secrets of any other holder make
        the task fail and name them, since their hosts would be cut off.
    type: list
    elements: str
    default: []
  if_deleted:
    description:
      - What to do when a deleted app has the same identity; it keeps its unique name for 30 days.
      - V(fail) fails, V(restore) restores it, V(purge) deletes it for good and creates a new one.
    type: str
    choices: [fail, restore, purge]
    default: fail
  purge:
    description: With O(state=absent), delete for good. There is no way back.
    type: bool
    default: false
  settle_timeout:
    description: Seconds to wait until what this task has created is known everywhere in the directory.
    type: float
    default: 120.0
seealso:
  - module: fleetops.usersync.azuread_app_federated_credential
  - module: fleetops.usersync.azuread_app_info
  - module: fleetops.usersync.azuread_app_permission
  - module: fleetops.usersync.azuread_app_secret
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: The app of two Jira hosts
  fleetops.usersync.azuread_app:
    tenant: example.onmicrosoft.com
    client_id: "{{ automation_client_id }}"
    client_secret: "{{ automation_client_secret }}"
    unique_name: usersync-emea
    display_name: User Sync (EMEA)
    redirect_uris:
      - https://jira01.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize
      - https://jira02.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize
  register: app

- name: Take over an app that somebody created in the portal years ago
  fleetops.usersync.azuread_app:
    unique_name: usersync-emea
    adopt: 11111111-0000-4000-8000-000000000001

- name: Set exactly the allowed redirect URIs
  fleetops.usersync.azuread_app:
    unique_name: usersync-emea
    redirect_uris:
      - https://jira01.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize
    list_modes:
      redirect_uris: exact

- name: Remove the app; it can be restored for 30 days
  fleetops.usersync.azuread_app:
    unique_name: usersync-emea
    state: absent
"""

RETURN = r"""
app:
  description: The app as it is now, in check mode as it would be. None when it was removed.
  returned: success
  type: dict
  contains:
    object_id:
      description: Directory object ID; none in check mode for an app that would be created.
      type: str
      returned: always
    app_id:
      description: Application ID, which hosts and logins use.
      type: str
      returned: always
    unique_name:
      description: The directory's own key, none for an app created in a portal.
      type: str
      returned: always
    display_name:
      description: Display name.
      type: str
      returned: always
    created:
      description: When it was created, ISO 8601 in UTC.
      type: str
      returned: always
    enabled:
      description: Whether the app registration is active; V(false) when it was deactivated.
      type: bool
      returned: always
    disabled_by_microsoft:
      description: Why Microsoft has disabled the app; none when it has not.
      type: str
      returned: always
    sign_in_audience:
      description: Which accounts it is for.
      type: str
      returned: always
    home_page_url:
      description: Home page or sign-on URL.
      type: str
      returned: always
    logout_url:
      description: Logout URL.
      type: str
      returned: always
    notes:
      description: Notes.
      type: str
      returned: always
    service_management_reference:
      description: Reference to the service management tool.
      type: str
      returned: always
    redirect_uris:
      description: Redirect URIs of the Web platform, sorted.
      type: list
      elements: str
      returned: always
    spa_redirect_uris:
      description: Redirect URIs of single-page applications, sorted.
      type: list
      elements: str
      returned: always
    public_client_redirect_uris:
      description: Redirect URIs of mobile and desktop applications, sorted.
      type: list
      elements: str
      returned: always
    tags:
      description: Tags, sorted.
      type: list
      elements: str
      returned: always
    requested_permissions:
      description: Requested permissions with C(api), C(id) and C(type).
      type: list
      elements: dict
      returned: always
    credentials:
      description:
        - All client secrets without their value. Each has C(key_id), C(display_name), C(holder), C(host_fingerprint),
          C(own), C(hint), C(start), C(end), C(days_left) and C(expired).
      type: list
      elements: dict
      returned: always
    certificates:
      description: Certificates, with C(key_id), C(display_name), C(thumbprint) and C(end).
      type: list
      elements: dict
      returned: always
    pending:
      description: Holders whose new secret is not confirmed yet.
      type: list
      elements: str
      returned: always
    service_principal:
      description:
        - Its service principal with C(object_id), C(enabled) and C(tags); none without one, and where it was not read.
      type: dict
      returned: always
    service_principal_read:
      description: Whether the service principal was read, so that none means that there is none.
      type: bool
      returned: always
    owners:
      description: Object IDs of the owners.
      type: list
      elements: str
      returned: when O(owners) is given
  sample:
    app_id: 22222222-0000-4000-8000-000000000001
    object_id: 11111111-0000-4000-8000-000000000001
    unique_name: usersync-emea
tenant_id:
  description: ID of the tenant, also when it was given as a domain.
  returned: success
  type: str
  sample: 55555555-0000-4000-8000-000000000001
how:
  description: How the app was obtained, V(found), V(adopted), V(restored), V(created) or V(removed).
  returned: success
  type: str
  sample: created
http:
  description: Requests of this task, and how many of them were retries. C(logins) counts the logins to Entra ID.
  returned: always
  type: dict
  sample: {requests: 3, retries: 0, throttled: 0, logins: 1}
failure:
  description: What went wrong, for a playbook to branch on, with C(kind), C(code) and further details.
  returned: failure
  type: dict
  sample: {kind: ambiguous, code: null, candidates: []}
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
