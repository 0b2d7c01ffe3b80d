#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azuread_app_secret
short_description: Mint, prove, confirm and retire the client secrets of an app registration
version_added: 1.0.0
description:
  - Keeps one client secret alive for each holder of an app registration in Microsoft Entra ID, and renews it without
    leaving the holder without one at any moment.
  - A secret created here is called C(usersync:<holder>:<host_fingerprint, or ->:<UTC time>). Every other one is
    foreign, whatever its name starts with, and is never removed unless its O(key_id) is given.
  - O(state=present) mints a secret when one is needed and proves it by logging in with it. The old one stays.
  - O(state=confirmed) is for when the host has proven the new one. It removes the older ones of that holder.
  - The new secret is returned once, under RV(secret_text). The result that holds it is hidden from the output, whatever
    C(no_log) says. A failure is not hidden.
  - A task with C(async) is refused, because its result is kept in a file that others may be able to read.
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
    details: With O(force) or O(reasons) every run mints a secret.
  action:
    support: full
options:
  state:
    description:
      - V(present) mints and proves a secret when one is needed.
      - V(confirmed) retires the older secrets of the holder, then removes the mark that its renewal is pending.
      - V(absent) removes the secret that O(key_id) names, or the holder's own ones, or with O(expired=true) only the
        expired ones.
    type: str
    choices: [present, confirmed, absent]
    default: present
  holder:
    description:
      - Who the secret is for, as M(fleetops.usersync.usersync_connector) returns it, which is the address of the host
        without its scheme, as in V(jira.example.com/jira), and not the inventory's name for it.
      - Required, except for O(state=absent) with O(key_id), O(expired) or O(all_holders).
    type: str
  host_fingerprint:
    description:
      - Fingerprint of the host's own ID, as M(fleetops.usersync.usersync_connector) returns it. The same address with
        another id is another host, whose secrets are not touched.
      - Without it, the one under which the O(holder) has secrets already is meant, and V(-) for a new holder, which
        means a host that does not show its ID. Several are an error.
    type: str
  valid_days:
    description:
      - Days that a new secret is valid. The tenant's policy may allow fewer; where it may be read, it counts.
    type: int
    default: 180
  end_date:
    description: Day or time at which a new secret expires, such as V(2027-06-30) or V(2027-06-30T12:00:00Z).
    type: str
  never_expires:
    description: Whether a new secret expires only in 2299, as in the old portals. Most tenants refuse it today.
    type: bool
    default: false
  min_remaining_days:
    description: A secret with fewer days left is renewed.
    type: int
    default: 30
  force:
    description: Renew even if it is not necessary. Such a task changes something in every run.
    type: bool
    default: false
  reasons:
    description:
      - Why a new secret is needed, when the caller knows more than the directory (for example that its connector is
        missing). With one or more, a secret is minted.
    type: list
    elements: str
    default: []
  prove:
    description: Whether to log in with the new secret until the token endpoint accepts it, before it is returned.
    type: bool
    default: true
  prove_timeout:
    description: Seconds to wait for that. A new secret is usually refused for some seconds.
    type: float
    default: 120.0
  expected_roles:
    description: Application permissions that the token of the proof should hold; a missing one is a warning.
    type: list
    elements: str
    default: []
  takeover:
    description:
      - Whether the holder's connector already works, with a foreign secret. A second secret that nobody knows is then
        added during the renewal, so that a run that dies leaves a trace that no other run can remove.
    type: bool
    default: false
  former:
    description:
      - Key ids of secrets under former names of the host that it held before this renewal, as
        M(fleetops.usersync.usersync_connection) returns them in C(held_before). They go with the holder's older ones.
    type: list
    elements: str
    default: []
  known_credentials:
    description:
      - Key ids of secrets, and thumbprints of certificates, of the app that are known though this collection did not
        make them. Others are a warning with the command that removes them, and the new secret is made all the same.
    type: list
    elements: str
    default: []
  delivery_window:
    description:
      - A new secret may be delivered only for this many seconds, until RV(deliver_by). Another run that renews for the
        same holder waits that long.
    type: float
    default: 120.0
  delivery_timeout:
    description: Seconds that the delivery itself may take at most; another run waits for these too.
    type: float
    default: 60.0
  key_id:
    description:
      - With O(state=confirmed), the secret that the host has proven; the newest own one by default.
      - With O(state=absent), the secret to remove, foreign or own.
    type: str
  retire:
    description:
      - With O(state=confirmed), key IDs of the older secrets, as RV(retire) of O(state=present) returned them.
      - Without it, all other own secrets of the holder are removed, which is safe only while no other run renews its
        secret.
    type: list
    elements: str
  abandoned:
    description: With O(state=confirmed), names of attempts whose answer was lost, as RV(abandoned) returned them.
    type: list
    elements: str
    default: []
  expired:
    description: With O(state=absent), remove only expired own secrets.
    type: bool
    default: false
  all_holders:
    description: With O(state=absent), remove the own secrets of all holders. Foreign ones still stay.
    type: bool
    default: false
notes:
  - Keep the result that holds RV(secret_text) in a registered variable, never in a fact; facts may be cached on disk.
seealso:
  - module: fleetops.usersync.azuread_app
  - module: fleetops.usersync.usersync_connector
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Read what the host has
  fleetops.usersync.usersync_connector_info:
    url: https://jira01.example.com
    username: admin
    password: "{{ jira_password }}"
  register: host

- name: Create a secret for this host, when it needs one
  fleetops.usersync.azuread_app_secret:
    unique_name: usersync-emea
    holder: "{{ host.holder }}"
    host_fingerprint: "{{ host.host_fingerprint }}"
    valid_days: 180
    min_remaining_days: 30
    expected_roles: [Directory.Read.All, User.Read.All]
  register: secret

- name: Deliver it to the host
  fleetops.usersync.usersync_connector:
    url: https://jira01.example.com
    username: admin
    password: "{{ jira_password }}"
    application_id: "{{ secret.app_id }}"
    tenant_id: "{{ secret.tenant_id }}"
    application_secret: "{{ secret.secret_text }}"
  when: secret is changed

- name: The host has proven it, so the older ones can go
  fleetops.usersync.azuread_app_secret:
    unique_name: usersync-emea
    holder: "{{ host.holder }}"
    host_fingerprint: "{{ host.host_fingerprint }}"
    state: confirmed
    key_id: "{{ secret.credential.key_id }}"
    retire: "{{ secret.retire }}"
    abandoned: "{{ secret.abandoned }}"
  when: secret is changed

- name: Remove the secret that somebody made by hand in 2019
  fleetops.usersync.azuread_app_secret:
    unique_name: usersync-emea
    state: absent
    key_id: 33333333-0000-4000-8000-000000000001
"""

RETURN = r"""
secret_text:
  description: The new secret. It is nowhere else in the result, and cannot be read again.
  returned: when a secret was minted
  type: str
credential:
  description: The holder's newest secret without its value. It has the members of RV(app.credentials).
  returned: success with O(state=present) or O(state=confirmed)
  type: dict
reasons:
  description: Why a new secret was needed. Empty when none was.
  returned: success with O(state=present)
  type: list
  elements: str
  sample: [its secret expires in 12 days]
retire:
  description: Key IDs of the holder's own secrets that were there before, for O(retire) of O(state=confirmed).
  returned: success with O(state=present)
  type: list
  elements: str
abandoned:
  description: Names of attempts whose answer was lost, for O(abandoned) of O(state=confirmed).
  returned: success with O(state=present)
  type: list
  elements: str
waited:
  description:
    - How many C(seconds) this task waited before the mint, and C(why). Null when it did not. After its mint, another
      run for the same holder may still send its own secret for O(delivery_window) and O(delivery_timeout).
  returned: success with O(state=present)
  type: dict
deliver_by:
  description:
    - The end of the delivery window, ISO 8601 in UTC by this machine's clock, for
      M(fleetops.usersync.usersync_connector).
  returned: when a secret was minted
  type: str
roles:
  description: Application permissions in the token of the proof.
  returned: when a secret was minted and proven
  type: list
  elements: str
app_id:
  description: Application (client) ID of the app. The host needs it together with the secret.
  returned: success with O(state=present)
  type: str
object_id:
  description: Object ID of the app registration.
  returned: success with O(state=present)
  type: str
retired:
  description: Key IDs of the secrets that were removed.
  returned: success with O(state=confirmed)
  type: list
  elements: str
left:
  description: Key IDs of own live secrets of the holder that another run has minted and that therefore stay.
  returned: success with O(state=confirmed)
  type: list
  elements: str
removed:
  description: Key IDs of the secrets that were removed.
  returned: success with O(state=absent)
  type: list
  elements: str
app:
  description: The app as it is now, in check mode as it would be. M(fleetops.usersync.azuread_app) describes it.
  returned: success
  type: dict
  contains:
    credentials:
      description: All client secrets without their value.
      type: list
      elements: dict
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

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_secret import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
