#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: usersync_sync
short_description: Start a sync of User Sync in one Atlassian host, and wait for it to finish
version_added: 1.0.0
description:
  - Starts a full sync ("Sync") or a "Single User Update" of a connector of the app User Sync by resolution, waits for
    it to finish, and returns its counters and messages.
  - A sync that ends as C(DONE) with failed users, or with messages about a failed login to Entra ID, does not count as
    a success.
  - This is an action, not a state. Every run starts a sync.
extends_documentation_fragment:
  - fleetops.usersync.atlassian
  - fleetops.usersync.connector_identity
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_usersync
attributes:
  check_mode:
    support: full
    details: Reports that it would start a sync, checks whether one is running, and starts none.
  diff_mode:
    support: none
    details: A sync changes users of the host, which only the sync itself knows.
  idempotent:
    support: none
    details: Starts a sync in every run.
  action:
    support: full
options:
  mode:
    description:
      - V(full) is a full sync of all users and groups. It also cleans up users, according to the connector's "Cleanup
        Behaviour".
      - V(single_user) updates the one user that O(user) names, and is the quickest proof that the connector can log in.
    type: str
    choices: [full, single_user]
    default: full
  user:
    description:
      - Name of the user to update, with O(mode=single_user). It may contain any character, including C(@), C(/), C(+)
        and spaces.
      - This is not the user who logs in at the host, which is O(username).
    type: str
  wait:
    description: Whether to wait for it to finish. Without waiting, the result of the sync is not known.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for it to finish, including the wait for a sync that was running before. Hours are normal with
        many thousand users and groups.
      - The sync continues on its own when the time is up.
    type: float
    default: 14400.0
  poll:
    description: Longest pause between two checks of the status, in seconds. The first checks come sooner.
    type: float
    default: 10.0
  progress_every:
    description: Seconds between two lines that show state and counters while the task waits on the controller.
    type: float
    default: 60.0
  already_running:
    description:
      - What to do when a sync of the connector is already running.
      - V(wait) waits for it to finish and then starts another one, because the running one may have started with older
        settings.
      - V(fail) fails.
      - V(ignore) starts none, returns the running one, and reports no change.
    type: str
    choices: [wait, fail, ignore]
    default: wait
  accept:
    description:
      - What has to succeed.
      - With V(sync), failed users make the task fail.
      - With V(login), it is enough that the host has logged in to Entra ID, which confirms a new secret. Failed users
        are a warning with their number.
    type: str
    choices: [sync, login]
    default: sync
  running_states:
    description: The host's words for a sync that is still running. Only C(RUNNING) is known from the vendor.
    type: list
    elements: str
    default: [RUNNING, SCHEDULED, QUEUED, PENDING, STARTED, IN_PROGRESS]
  success_states:
    description: The host's words for a sync that has succeeded. C(DONE) is documented.
    type: list
    elements: str
    default: [DONE]
  failure_states:
    description:
      - The host's words for a sync that has failed. None is documented.
      - A word that is in none of the three lists is an error, which shows the word.
    type: list
    elements: str
    default: [FAILED, ERROR, CANCELLED, CANCELED, ABORTED, INTERRUPTED, TIMEOUT]
seealso:
  - module: fleetops.usersync.usersync_connector
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: A full sync, six hours at most
  fleetops.usersync.usersync_sync:
    url: https://jira.example.com
    token: "{{ vault_jira_token }}"
    wait_timeout: 21600
  register: result

- name: How many users came
  ansible.builtin.debug:
    msg: "{{ result.sync.counters.added }} users added"

- name: Prove that the connector can log in
  fleetops.usersync.usersync_sync:
    url: https://wiki.example.com/confluence
    token: "{{ vault_wiki_token }}"
    mode: single_user
    user: ada@example.com
"""

RETURN = r"""
connector_id:
  description: ID of the connector.
  returned: success
  type: str
mode:
  description: The mode, as given.
  returned: success
  type: str
sync_id:
  description: ID of the sync. Null if the host does not show one.
  returned: success
  type: str
sync:
  description:
    - Status of the sync. It is the last one that was read when the task did not wait, and null in check mode.
    - When the sync failed, C(failure.sync) contains the same.
  returned: success
  type: dict
  contains:
    id:
      description: ID of the sync.
      type: str
    state:
      description: The host's own word, in upper case.
      type: str
      sample: DONE
    running:
      description: Whether it is still running.
      type: bool
    success:
      description: Whether it succeeded, without failed users and without login problems.
      type: bool
    login_failed:
      description: Whether its messages say that the host could not log in to Entra ID.
      type: bool
    permission_missing:
      description: Whether its messages say that the app is missing a permission.
      type: bool
    counters:
      description: >-
        How many users were V(added), V(updated), V(not_modified), V(deleted), V(failed) and V(filtered), and V(result),
        as the host counts.
      type: dict
    messages:
      description: The host's messages, without secrets.
      type: list
      elements: str
    created:
      description: When it was started.
      type: str
    last_modified:
      description: When its status changed last.
      type: str
    duration:
      description: As the host reports it; the vendor documents no unit.
      type: int
    node:
      description: The node of the cluster that runs it.
      type: str
already_running:
  description: Whether a sync of the connector was running when the task started.
  returned: success
  type: bool
seconds:
  description: How long the task took, from the first check of the status.
  returned: success
  type: float
address:
  description: The host's address, as in its C(url), without the scheme.
  returned: when the host was asked
  type: str
  sample: wiki.example.com/confluence
http:
  description: Requests of this task, and how many of them were retries.
  returned: always
  type: dict
  sample: {requests: 2, retries: 0, throttled: 0}
failure:
  description:
    - What went wrong, for a playbook to branch on, with C(kind), C(code) and further details.
    - Among the codes are V(wrong_password), V(captcha), V(basic_disabled), V(two_step), V(token_only), V(not_admin),
      V(websudo), V(xsrf), V(sso_redirect), V(html), V(redirect), V(app_missing), V(restarting), V(tls), V(name),
      V(already_running), V(sync_failed), V(sync_login_failed), V(sync_permission_missing), V(sync_users_failed),
      V(sync_timeout), V(unknown_state) and V(no_status).
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_sync import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
