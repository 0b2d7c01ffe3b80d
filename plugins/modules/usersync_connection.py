#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: usersync_connection
short_description: One Atlassian host as a whole, from the connector to the confirmed secret
version_added: 1.0.0
description:
  - Connects User Sync in one host to Microsoft Entra ID and keeps it connected, in one task. It reads what the host and
    the directory have, and does what is missing - the connector with its settings, a new secret when one is needed, and
    a sync.
  - A new secret goes through five steps. It is minted, proven by a login, delivered to the host, confirmed by a login
    of the host itself, and only then are older ones retired. Whatever step fails or dies, the host keeps working, and
    the next run continues from there. The secret never leaves the process of the task.
  - A host where nothing is missing is read and left alone.
  - The same steps one by one are M(fleetops.usersync.azuread_app_secret), M(fleetops.usersync.usersync_connector) and
    M(fleetops.usersync.usersync_sync).
extends_documentation_fragment:
  - fleetops.usersync.connection
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_usersync
attributes:
  check_mode:
    support: full
    details: Neither mints a secret nor starts a sync, so their results are not predicted.
  diff_mode:
    support: full
  idempotent:
    support: full
    details: With O(secret.force=true) or O(sync.mode=always) every run changes something.
  action:
    support: full
options:
  only_secret:
    description:
      - Whether only the secret is managed. Settings of the connector are left alone, and a host without a connector
        fails.
    type: bool
    default: false
  confirm_wait:
    description:
      - Seconds to wait for the sync. When it takes longer, the task succeeds and returns RV(confirming), and
        M(fleetops.usersync.usersync_connection_confirm) waits for all such hosts together. A later run of this module
        continues from there on its own.
    type: float
    default: 60.0
  failures:
    description:
      - A limit above which no further host is begun. A task whose host is not begun fails, and nothing was changed.
      - It is asked when the task of a host begins, also within a batch, and counts the tasks of the same run of
        C(ansible-playbook).
    type: dict
    suboptions:
      most:
        description: How many other hosts may have failed.
        type: int
        required: true
      counted_as:
        description: Any text; tasks that name the same one count their failures together.
        type: str
        required: true
seealso:
  - module: fleetops.usersync.usersync_connection_confirm
  - module: fleetops.usersync.azuread_app
  - module: fleetops.usersync.azuread_app_permission
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Connect a host, and renew its secret when it has less than 30 days left
  fleetops.usersync.usersync_connection:
    entra:
      tenant: contoso.example
      client_id: "{{ automation_client_id }}"
      client_secret: "{{ vault_automation_secret }}"
    host:
      url: https://jira.example.com
      username: fleet-admin
      password: "{{ vault_jira_password }}"
    app:
      unique_name: usersync
    connector:
      schedule_enabled: true
      schedule_cron: "0 0 2 * * ?"
    secret:
      valid_days: 180
      min_remaining_days: 30
  register: result

- name: How long each step took
  ansible.builtin.debug:
    msg: "{{ result.steps }}"

- name: Wait for a sync that takes hours
  fleetops.usersync.usersync_connection_confirm:
    connections:
      - name: jira.example.com
        host: "{{ jira_login }}"
        app:
          unique_name: usersync
        confirming: "{{ result.confirming }}"
  when: result.confirming
"""

RETURN = r"""
holder:
  description: The name under which the directory keeps the secrets of the connector.
  returned: success
  type: str
  sample: jira.example.com/jira
host_fingerprint:
  description: >-
    Fingerprint of the host's own ID from its application links manifest, V(-) if the host does not show one. Null when
    it was not needed.
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
reasons:
  description: Why a new secret was needed. Empty when none was.
  returned: success
  type: list
  elements: str
  sample: [its secret expires in 12 days]
held_before:
  description: >-
    Key ids of secrets that the host held before anything was minted, under one of its O(secret.former_holders) or its
    address alone.
  returned: when the host could be read
  type: list
  elements: str
sync_mode:
  description: What kind of sync confirms a new secret of this host, V(full) or V(single_user).
  returned: success
  type: str
done:
  description: What was done, or in check mode would be, in a few words each.
  returned: success
  type: list
  elements: str
  sample: [secret renewed, synchronised]
steps:
  description:
    - The steps that were taken, in order. A failed task has them in C(failure.steps), with the step that failed in
      C(failure.step) and what is in place in C(failure.stands).
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description: V(read), V(mint), V(prove), V(deliver), V(authorize), V(confirm), V(retire) or V(sync).
      type: str
    seconds:
      description: How long it took.
      type: float
connector:
  description: >-
    The connector after the run, in check mode as it would be. M(fleetops.usersync.usersync_connector) describes it;
    C(key_paths) is left out.
  returned: success
  type: dict
created:
  description: Whether the connector was created, or would be.
  returned: success
  type: bool
written:
  description: Names of the settings that were written, or would be.
  returned: success
  type: list
  elements: str
product:
  description: The product that answers at C(url). Null when it was not needed.
  returned: success
  type: str
credential:
  description:
    - The holder's newest secret without its value. M(fleetops.usersync.azuread_app_info) shows the same.
  returned: success
  type: dict
retired:
  description: Key IDs of the secrets that were removed.
  returned: success
  type: list
  elements: str
usable:
  description:
    - V(true) if app registration and service principal were checked and nothing prevents the app from logging in. Null
      if the service principal may not be read.
  returned: success
  type: bool
waited:
  description: How many C(seconds) this task waited before the mint, and C(why). Null when it did not.
  returned: success
  type: dict
sync:
  description: Status of the sync. Null when there was none. M(fleetops.usersync.usersync_sync) describes it.
  returned: success
  type: dict
last_sync:
  description: Status of the connector's last sync. Null when none ever ran, or when it was not read.
  returned: success
  type: dict
user_change:
  description:
    - How many users the tenant offers under the settings (C(offered)), how many the last sync had (C(before)), and what
      percentage of these a full sync leaves out (C(share_left_out)); null for what is not known.
    - Null as a whole if neither the settings nor the host gave a reason to check.
  returned: success
  type: dict
  sample: {offered: 412, before: 420, share_left_out: 1.9}
confirming:
  description:
    - What M(fleetops.usersync.usersync_connection_confirm) has to finish; null when everything is done. It contains no
      secret.
  returned: success
  type: dict
  contains:
    wait:
      description: V(sync) for the end of a sync, V(authorize) for the click.
      type: str
    holder:
      description: As RV(holder).
      type: str
    host_fingerprint:
      description: As RV(host_fingerprint).
      type: str
    object_id:
      description: As RV(object_id).
      type: str
    connector_id:
      description: ID of the connector.
      type: str
    sync_id:
      description: ID of the sync; null when it is still to be started.
      type: str
    key_id:
      description: Key ID of the secret that the sync confirms; null when there is none.
      type: str
    retire:
      description: Key IDs that may be removed then.
      type: list
      elements: str
    abandoned:
      description: Names of attempts whose answer was lost, to be removed as well.
      type: list
      elements: str
    full:
      description: Whether it is a full sync, and not the update of one user.
      type: bool
    made:
      description: What is reported about the secret in the end, V(secret created) or V(secret renewed).
      type: str
backup_file:
  description: File with the previous configuration.
  returned: when O(connector.backup) is set and the configuration was written
  type: str
address:
  description: The host's address, as in its C(url), without the scheme.
  returned: when the host was asked
  type: str
  sample: wiki.example.com/confluence
http:
  description: >-
    Requests of this task, and how many of them were retries. They went to Microsoft Graph and to the host; C(logins)
    counts the logins to Entra ID.
  returned: always
  type: dict
failure:
  description:
    - What went wrong, for a playbook to branch on, with C(kind), C(code) and further details.
    - Among them are C(step), and C(stands) for what is in place.
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
