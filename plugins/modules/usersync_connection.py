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
  - Connects User Sync in one host to Microsoft Entra ID and keeps it connected, in one task. It reads what the host
    and the directory have, and does what is lacking - the connector with its settings, a new secret when one is
    needed, and a sync.
  - A new secret goes through five steps. It is minted, proven by a login, delivered to the host, confirmed by a login
    of the host itself, and only then are older ones retired. Whatever step fails or dies, the host works on, and the
    next run goes on from what is there. The secret never leaves the process of the task.
  - A host that lacks nothing is read and left alone.
  - The same steps one by one are M(fleetops.usersync.azuread_app_secret), M(fleetops.usersync.usersync_connector) and
    M(fleetops.usersync.usersync_sync).
extends_documentation_fragment:
  - fleetops.usersync.connection
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_usersync
attributes:
  check_mode:
    support: full
    details: Neither mints a secret nor starts a sync, so what these would come to is not predicted.
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
      - Whether only the secret is looked after. Settings of the connector are left alone, and a host without a
        connector fails.
    type: bool
    default: false
  confirm_wait:
    description:
      - Seconds to wait for the sync. When it takes longer, the task ends well with RV(confirming), and
        M(fleetops.usersync.usersync_connection_confirm) waits for all such hosts together. A later run of this module
        takes the same up by itself.
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
  description: The consumer, as the directory names it.
  returned: success
  type: str
  sample: jira.example.com
host_fingerprint:
  description: Fingerprint of the host's own id. Null when nothing had to be known of it.
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
  description: ID of the tenant.
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
      C(failure.step) and what stands in C(failure.stands).
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
  description: The connector, as M(fleetops.usersync.usersync_connector) returns it.
  returned: success
  type: dict
created:
  description: Whether the connector was made, or in check mode would be.
  returned: success
  type: bool
written:
  description: Names of the settings that were written.
  returned: success
  type: list
  elements: str
product:
  description: The product that answers at O(host.url), where it had to be known.
  returned: success
  type: str
credential:
  description:
    - The newest live secret of the host, without its value, as M(fleetops.usersync.azuread_app_info) returns it.
  returned: success
  type: dict
retired:
  description: Key ids of older secrets that were removed.
  returned: success
  type: list
  elements: str
usable:
  description:
    - V(true) where app registration and service principal were looked at and nothing ends the app's logins. Null where
      the service principal may not be read.
  returned: success
  type: bool
waited:
  description: How many C(seconds) the task waited before its mint, and C(why). Null when it did not.
  returned: success
  type: dict
sync:
  description: The sync of this task, as M(fleetops.usersync.usersync_sync) returns it. Null when there was none.
  returned: success
  type: dict
last_sync:
  description: The last sync as last read; null when none ever ran, or when it was not read.
  returned: success
  type: dict
user_change:
  description:
    - How many users the tenant offers under the settings (C(offered)), how many the last sync had (C(before)), and how
      many percent of these a full sync leaves out (C(share_left_out)); null for what is not known.
    - Null as a whole where neither the settings nor the host gave a reason to look.
  returned: success
  type: dict
  sample: {offered: 412, before: 420, share_left_out: 1.9}
confirming:
  description:
    - What M(fleetops.usersync.usersync_connection_confirm) has to finish; null when all is done. No secret is in it.
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
      description: Id of the connector.
      type: str
    sync_id:
      description: Id of the sync; null when it is still to be started.
      type: str
    key_id:
      description: Key id of the secret that the sync confirms; null when there is none.
      type: str
    retire:
      description: Key ids that may be removed then.
      type: list
      elements: str
    abandoned:
      description: Names of attempts whose answer was lost, to be removed as well.
      type: list
      elements: str
    full:
      description: Whether a full sync is meant, and not the update of one user.
      type: bool
    made:
      description: What is said of the secret in the end, V(secret created) or V(secret renewed).
      type: str
backup_file:
  description: File with the configuration of before.
  returned: when O(connector.backup) is set and the configuration was written
  type: str
address:
  description: The host's address as its C(url) says it, without the scheme.
  returned: when the host was asked
  type: str
  sample: wiki.example.com/confluence
http:
  description: Requests of this task to Microsoft Graph and to the host, repetitions among them, and logins.
  returned: always
  type: dict
failure:
  description:
    - What went wrong, for a playbook to branch on, with C(kind), C(code), C(step), C(stands) and further facts.
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
