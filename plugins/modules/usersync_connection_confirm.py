#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: usersync_connection_confirm
short_description: Wait for the syncs and the Authorize clicks of many hosts together
version_added: 1.0.0
description:
  - Takes hosts for which M(fleetops.usersync.usersync_connection) has returned C(confirming), checks all of them in
    turn until each has finished, and retires the older secrets of each as it finishes. So one task waits for any number
    of syncs, however many hours they take.
  - The failure of one host is part of its outcome and does not stop any other; the task itself does not fail because of
    it.
  - When the time is up, or the task is stopped, nothing is lost. The next run of
    M(fleetops.usersync.usersync_connection) continues with what is left.
extends_documentation_fragment:
  - fleetops.usersync.connection.confirm
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_usersync
attributes:
  check_mode:
    support: full
    details: Asks no host.
  diff_mode:
    support: none
    details: Its effect is that older secrets are removed, which the outcomes show.
  idempotent:
    support: full
  action:
    support: full
    details:
      - On the controller, hosts for which M(fleetops.usersync.usersync_connection) returned C(confirming) earlier in
        the same run are known with their logins by O(names), so that no variable holds a login for this.
options:
  names:
    description:
      - Inventory names of hosts whose M(fleetops.usersync.usersync_connection) returned C(confirming) earlier in this
        run. Those that are not known are left out.
      - Works on the controller only, where the platform has anonymous memory (Linux). O(connections) works everywhere.
    type: list
    elements: str
    default: []
  timeout:
    description:
      - Seconds to wait for all of them. Hours are normal with many thousand users and groups. What has not finished by
        then continues on its own.
    type: float
    default: 14400.0
  poll:
    description: Longest pause between two checks of one host, in seconds. The first checks come sooner.
    type: float
    default: 10.0
  progress_every:
    description: Seconds between two progress lines, which show how many hosts have finished.
    type: float
    default: 60.0
seealso:
  - module: fleetops.usersync.usersync_connection
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Wait for all hosts of the play whose sync takes long
  fleetops.usersync.usersync_connection_confirm:
    names: "{{ ansible_play_hosts }}"
    timeout: 21600
  run_once: true
  register: confirmed

- name: Show the results
  ansible.builtin.debug:
    msg: "{{ item.name }} - {{ item.msg | default('confirmed') }}"
  loop: "{{ confirmed.outcomes }}"
  loop_control:
    label: "{{ item.name }}"
  run_once: true
"""

RETURN = r"""
outcomes:
  description: One entry for each host, in the order given.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The host.
      type: str
    failed:
      description: Whether it failed.
      type: bool
    done:
      description: What was done, in a few words each.
      type: list
      elements: str
    sync:
      description: The sync, as M(fleetops.usersync.usersync_sync) returns it; null when none was started.
      type: dict
    warnings:
      description: Sentences about this host.
      type: list
      elements: str
    msg:
      description: Why it failed.
      type: str
      returned: failed
    failure:
      description: The same for a playbook to branch on, with C(kind), C(code), C(step) and C(stands).
      type: dict
      returned: failed
failure:
  description: What went wrong, for a playbook to branch on, with C(kind), C(code) and further details.
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection_confirm import (
    DEFINITION,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
