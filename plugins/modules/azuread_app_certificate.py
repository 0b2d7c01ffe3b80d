#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app_certificate
short_description: Manage the certificate that an app registration logs in with
version_added: 1.0.0
description:
  - Creates a private key with a self-signed certificate in a file on the machine where the task runs, registers the
    certificate with an app registration in Microsoft Entra ID, and renews both before they expire.
  - A renewal leaves no gap. The new key is kept in a second file next to the first (O(path) followed by C(.new)) until
    a login with it has been accepted; only then does it replace the old one, whose certificate is removed from the app.
    If a run dies at any point, the next one completes the renewal.
  - Certificates that this module did not create for this file stay, whatever their names.
  - Meant for the app of an automation, which can then log in without a client secret.
extends_documentation_fragment:
  - fleetops.usersync.entra
  - fleetops.usersync.app_identity
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_azuread
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - O(force) renews at every run.
  action:
    support: full
options:
  state:
    description:
      - With V(present), the file contains a certificate that is registered with the app and valid for long enough.
      - With V(absent), the certificates created for this file are removed from the app. The file itself stays.
    type: str
    choices: [present, absent]
    default: present
  path:
    description:
      - The file with private key and certificate, PEM without a password, readable by its owner only. Its folder must
        exist.
      - It is what the login option O(certificate_path) takes.
    type: path
    required: true
  valid_days:
    description: Days that a new certificate is valid.
    type: int
    default: 365
  min_remaining_days:
    description: A certificate with fewer days left is renewed.
    type: int
    default: 30
  force:
    description: Renew even if it is not necessary. Such a task changes something in every run.
    type: bool
    default: false
  prove:
    description: Whether to log in with the new certificate before it replaces the old one.
    type: bool
    default: true
  prove_timeout:
    description: Seconds to wait for that. A certificate that was registered a moment ago may be refused for a while.
    type: float
    default: 120.0
notes:
  - Graph replaces the list of certificates as a whole and has no locks. Do not change the certificates of the same app
    from two places at the same moment.
seealso:
  - module: fleetops.usersync.azuread_app
  - module: fleetops.usersync.azuread_app_federated_credential
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: A certificate for the automation, renewed a month before it expires
  fleetops.usersync.azuread_app_certificate:
    auth_method: azure_cli
    unique_name: usersync-automation
    path: /etc/usersync/automation.pem

- name: Log in with it
  fleetops.usersync.azuread_app_info:
    tenant: contoso.example
    client_id: 22222222-0000-4000-8000-000000000001
    certificate_path: /etc/usersync/automation.pem
    check_permissions: true

- name: The automation shall no longer get in with it
  fleetops.usersync.azuread_app_certificate:
    auth_method: azure_cli
    unique_name: usersync-automation
    path: /etc/usersync/automation.pem
    state: absent
"""

RETURN = r"""
certificate:
  description:
    - The certificate in the file, with C(thumbprint) (SHA-1), C(end) (ISO 8601 in UTC) and C(days_left).
    - V(none) if there is none, and if check mode would create a new one.
  returned: success
  type: dict
  sample: {thumbprint: 0123456789ABCDEF0123456789ABCDEF01234567, end: "2027-11-28T00:00:00Z", days_left: 365}
certificates:
  description: All certificates of the app, with C(key_id), C(display_name), C(thumbprint) and C(end).
  returned: success
  type: list
  elements: dict
thumbprints:
  description:
    - Thumbprints of all certificates in the file, including one that waits for its first login and those that it
      replaced. Give them to O(fleetops.usersync.azuread_app#module:known_credentials).
  returned: success
  type: list
  elements: str
reason:
  description: Why something was done; an empty text if nothing was.
  returned: success
  type: str
  sample: it expires in 12 days
path:
  description: The file.
  returned: success
  type: str
app_id:
  description: Application (client) ID of the app.
  returned: success
  type: str
object_id:
  description: Object ID of the app registration.
  returned: success
  type: str
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

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_certificate import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
