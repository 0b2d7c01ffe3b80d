#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app_certificate
short_description: Manage the certificate by which an app registration logs in
version_added: 1.0.0
description:
  - Makes a private key with a self-signed certificate in a file on the machine where the task runs, registers the
    certificate with an app registration in Microsoft Entra ID, and renews both before they expire.
  - A renewal leaves no gap. The new key waits in a second file beside the first (O(path) with C(.new) behind it) until
    a login with it was accepted; only then does it take the place of the old one, whose certificate is removed from
    the app. A run that dies anywhere is finished by the next one.
  - Certificates that this module has not made for this file stay, whatever they are called.
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
      - With V(present), the file holds a certificate that the app knows and that is good for long enough.
      - With V(absent), the app no longer knows the certificates made for this file. The file itself stays.
    type: str
    choices: [present, absent]
    default: present
  path:
    description:
      - The file with private key and certificate, PEM without a password, readable by its owner only. Its folder must
        exist.
      - It is what the option O(certificate_path) of the login takes.
    type: path
    required: true
  valid_days:
    description: Days that a new certificate is good for.
    type: int
    default: 365
  min_remaining_days:
    description: A certificate with fewer days left is renewed.
    type: int
    default: 30
  force:
    description: Renew even though nothing asks for it. Such a task changes something at every run.
    type: bool
    default: false
  prove:
    description: Whether to log in with the new certificate before it takes the place of the old one.
    type: bool
    default: true
  prove_timeout:
    description: Seconds to wait for that. A certificate that was registered a moment ago may be refused for a while.
    type: float
    default: 120.0
notes:
  - Graph replaces the list of certificates as a whole and knows no locks. Do not change the certificates of the same
    app from two places at the same moment.
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
    - V(none) where there is none, and where check mode would make a new one.
  returned: success
  type: dict
  sample: {thumbprint: 0123456789ABCDEF0123456789ABCDEF01234567, end: "2027-11-28T00:00:00Z", days_left: 365}
certificates:
  description: All certificates that the app knows, with C(key_id), C(display_name), C(thumbprint) and C(end).
  returned: success
  type: list
  elements: dict
thumbprints:
  description:
    - Thumbprints of all certificates that the file holds, one that waits for its first login and those that it took the
      place of included. Give them to O(fleetops.usersync.azuread_app#module:known_credentials).
  returned: success
  type: list
  elements: str
reason:
  description: Why something was done; an empty text when nothing was.
  returned: success
  type: str
  sample: it expires in 12 days
path:
  description: The file.
  returned: success
  type: str
app_id:
  description: Application id of the app.
  returned: success
  type: str
object_id:
  description: Directory object id of the app.
  returned: success
  type: str
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

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_certificate import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
