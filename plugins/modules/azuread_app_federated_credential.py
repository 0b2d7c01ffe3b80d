#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app_federated_credential
short_description: Let an app registration log in with the tokens of another issuer
version_added: 1.0.0
description:
  - Creates, changes and removes a federated identity credential of an app registration in Microsoft Entra ID, so that a
    pipeline, a cluster or an automation controller logs in as that app with its own token, and no secret is stored
    anywhere.
  - A credential is found by its name. An option that is not given leaves its property alone.
  - Whoever gets a token of that issuer with that subject can do everything that the app may do. So trust one protected
    branch, environment or job template, and never pull requests.
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
    support: full
  action:
    support: full
options:
  name:
    description:
      - Name of the credential, unique on the app, 3 to 120 letters, digits, hyphens and underscores. It cannot be
        changed.
    type: str
    required: true
  state:
    description: Whether the app should have this credential, V(present), or not, V(absent).
    type: str
    choices: [present, absent]
    default: present
  issuer:
    description:
      - Address of the issuer, exactly as in the C(iss) claim of its tokens, including a slash at the end.
      - Required for a new credential.
    type: str
  subject:
    description:
      - The C(sub) claim of the tokens that are trusted, exactly, including upper and lower case. There are no
        wildcards.
      - Issuer and subject together are unique on an app. Required for a new credential.
    type: str
  audiences:
    description:
      - The C(aud) claim of the tokens, exactly one.
      - By default, a new credential gets the usual one of the O(cloud), V(api://AzureADTokenExchange),
        V(api://AzureADTokenExchangeUSGov) or V(api://AzureADTokenExchangeChina).
    type: list
    elements: str
  description:
    description: Free text that administrators see in the portal. An empty text clears it.
    type: str
  settle_timeout:
    description: Seconds to wait until an app that was created a moment ago is known in the directory.
    type: float
    default: 120.0
notes:
  - An app may have at most 20 federated credentials.
seealso:
  - module: fleetops.usersync.azuread_app
  - module: fleetops.usersync.azuread_app_info
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: A job template of Ansible Automation Platform logs in without a secret
  fleetops.usersync.azuread_app_federated_credential:
    unique_name: usersync-automation
    name: aap-usersync-rotate
    issuer: https://aap.example.com/o
    subject: "workload_type:aap_controller_automation_job:organization:Operations:job_template:Rotate"

- name: GitHub Actions, in one protected environment
  fleetops.usersync.azuread_app_federated_credential:
    unique_name: usersync-automation
    name: github-production
    issuer: https://token.actions.githubusercontent.com
    subject: "repo:example/fleet:environment:production"
    description: Nightly rotation

- name: No longer
  fleetops.usersync.azuread_app_federated_credential:
    unique_name: usersync-automation
    name: github-production
    state: absent
"""

RETURN = r"""
federated_credential:
  description: The credential as it is now, in check mode as it would be; none when it was removed.
  returned: success
  type: dict
  contains:
    id:
      description: Its ID; none in check mode for one that would be created.
      type: str
      returned: always
    name:
      description: Its name.
      type: str
      returned: always
    issuer:
      description: Whose tokens are trusted.
      type: str
      returned: always
    subject:
      description: The subject of the trusted tokens.
      type: str
      returned: always
    audiences:
      description: The audience of the trusted tokens.
      type: list
      elements: str
      returned: always
    description:
      description: Free text.
      type: str
      returned: always
  sample:
    name: github-production
    issuer: https://token.actions.githubusercontent.com
    subject: repo:example/fleet:environment:production
    audiences: ["api://AzureADTokenExchange"]
app_id:
  description: Application (client) ID of the app. None in check mode for an app that would be created.
  returned: success
  type: str
object_id:
  description: Object ID of the app registration. None in check mode for an app that would be created.
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

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_federated_credential import (
    DEFINITION,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
