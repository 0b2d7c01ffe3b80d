#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: awx_objects
short_description: Manage the set of objects that AWX needs for User Sync
version_added: 1.0.0
description:
  - What the role P(fleetops.usersync.usersync_awx#role) does; use that. The role has the definitions of the objects,
    and its page says more about each option.
  - Reads the AWX with the lookup, and writes with the modules, of one other collection.
  - A set is identified by one organization and one prefix. A record of the IDs of its own objects is kept in the
    injectors of its credential type for Entra ID, where only a system administrator can write. An object of the same
    name that is not in the record is refused.
  - Nothing is written before names, permissions and options have been checked.
author:
  - fleetops.usersync contributors (@fleetops)
extends_documentation_fragment:
  - fleetops.usersync.attributes
attributes:
  check_mode:
    support: full
    details: Reports what would be created, changed or removed; writes nothing.
  diff_mode:
    support: full
    details: Lists the objects by name.
  idempotent:
    support: partial
    details: With O(update_secrets) every run reports a change, since AWX does not show secrets.
  action:
    support: full
options:
  collection:
    description: Collection whose lookup and modules are used.
    type: str
    choices: [awx.awx, ansible.controller]
    default: awx.awx
  controller_host:
    description: Address of the AWX; without it, that collection uses C(CONTROLLER_HOST) from the environment.
    type: str
  controller_oauthtoken:
    description: Token.
    type: str
  controller_username:
    description: User, instead of a token.
    type: str
  controller_password:
    description: Password of that user.
    type: str
  validate_certs:
    description: Whether the certificate of the AWX is checked.
    type: bool
  state:
    description: Whether the set is created, or removed as far as nobody else uses it.
    type: str
    choices: [present, absent]
    default: present
  organization:
    description: Organization that the set belongs to; it must exist.
    type: str
    required: true
  prefix:
    description: Together with the organization, it identifies the set.
    type: str
    required: true
  names:
    description: Names of all objects by key.
    type: dict
    required: true
  renamed:
    description: Keys whose name was given, so that an object of ours with another name is renamed.
    type: list
    elements: str
    default: []
  existing:
    description: Keys of objects that are used, never changed and never removed.
    type: list
    elements: str
    choices: [entra_credential, atlassian_credential, project, inventory, execution_environment]
    default: []
  adopt:
    description: IDs, by key, of objects that this module did not create and that it is to take over.
    type: dict
    default: {}
  definitions:
    description: Credential types, job templates, workflows, surveys and schedules, as the role defines them.
    type: dict
    required: true
  defaults:
    description: The values for a new object if its option is not given.
    type: dict
    required: true
  execution_environment_image:
    description: Image of the execution environment.
    type: str
  execution_environment_pull:
    description: When the image is pulled.
    type: str
    choices: [always, missing, never]
  registry_credential:
    description: Credential for the image's registry.
    type: str
  project_url:
    description: Git repository with the playbooks.
    type: str
  project_branch:
    description: Branch, tag or commit.
    type: str
  project_credential:
    description: Credential for that repository.
    type: str
  project_playbooks:
    description: Folder of the playbooks, with a slash at its end, or empty.
    type: str
    default: playbooks/
  project_wait:
    description: Whether to wait until a new project is synchronised.
    type: bool
    default: true
  hosts:
    description: Variables by name of each host that goes into the inventory.
    type: dict
  hosts_pattern:
    description: Pattern of hosts that surveys and schedules suggest.
    type: str
  hosts_retired:
    description: Whether hosts that are no longer in O(hosts) are reported or removed.
    type: str
    choices: [name, remove]
    default: name
  inventory_variables:
    description: Variables of the inventory.
    type: dict
  inventory_path:
    description: Path of an inventory in a project, which becomes a source of our inventory.
    type: str
  inventory_project:
    description: Project that contains it; by default, the project of the set.
    type: str
  entra_inputs:
    description: Fields of the credential for Entra ID.
    type: dict
  atlassian_inputs:
    description: Fields of the credential for the Atlassian hosts.
    type: dict
  update_secrets:
    description: Whether the secrets of the two credentials are written again.
    type: bool
    default: false
  vault_credentials:
    description: Vault credentials for the job templates.
    type: list
    elements: str
  forks:
    description: Hosts that one job works on at a time.
    type: int
  slices:
    description: Jobs that share the hosts in the workflows.
    type: int
  instance_groups:
    description: Instance groups that the jobs run in.
    type: list
    elements: str
  approval:
    description: Whether somebody must approve before anything is written.
    type: bool
    default: true
  approval_timeout:
    description: Seconds after which a workflow that nobody approved is cancelled.
    type: int
  warn_days:
    description: Days for the audit, written into the inventory.
    type: int
  audit_fail_on:
    description: Findings that fail the audit.
    type: list
    elements: str
  min_remaining_days:
    description: Days for the rotation, written into the inventory.
    type: int
  schedules_enabled:
    description: Whether the schedules are enabled; without it, they are once the credentials are filled in.
    type: bool
  audit_rrule:
    description: When the audit runs.
    type: str
  rotation_rrule:
    description: When the rotation runs.
    type: str
  notifications_started:
    description: Notification templates for the start of jobs.
    type: list
    elements: str
  notifications_success:
    description: Notification templates for success.
    type: list
    elements: str
  notifications_error:
    description: Notification templates for failure.
    type: list
    elements: str
  notifications_approvals:
    description: Notification templates for pending approvals.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Set up an AWX
  ansible.builtin.import_role:
    name: fleetops.usersync.usersync_awx
  vars:
    usersync_awx_execution_environment_image: registry.example.com/usersync:1.0.0
"""

RETURN = r"""
objects:
  description: What was created, changed or removed, or would be in check mode; in that order.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: Key of the object, or C(hosts) for the hosts of the inventory.
      type: str
    what:
      description: Kind and name.
      type: str
      sample: job template 'UserSync audit'
    did:
      description: V(made), V(changed) or V(removed).
      type: str
said:
  description: The same as sentences.
  returned: success
  type: list
  elements: str
notes:
  description: Sentences about what is left to do.
  returned: success
  type: list
  elements: str
failure:
  description: Kind and code of a failure; V(Used) lists in C(stayed) what others use.
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.awx_objects import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
