#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: azure_connector_fleet
short_description: What the role azure_connector decides for all hosts of a play together
version_added: 1.0.0
description:
  - A part of the roles of this collection, not meant for your own tasks. It evaluates the variables of all hosts of the
    play, and at what the tasks of the role have left there. With O(settles=true) it reads the hosts as well; it never
    writes anything.
  - A host whose variables cannot be used is named with one sentence, and never speaks for others.
extends_documentation_fragment:
  - fleetops.usersync.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
  action:
    support: full
    details: It is an action plugin only, and always runs on the controller.
options:
  look:
    description:
      - V(plan) - which host speaks for which app, and which hosts are not started.
      - V(apps) - the results of the hosts that speak for the apps.
      - V(report) - the result of each host.
      - V(host) - whether this host failed, as the report says, so that the recap has each host.
      - V(preflight) - which hosts are ready for set-up, and what to do for each that is not.
      - V(users) - which hosts of the inventory still use which app.
      - V(strays) - which apps only connectors name.
      - V(audit) - the data set of the audit.
      - V(show) - nothing; it shows O(lines) as they are, ready to be copied.
    type: str
    required: true
    choices: [plan, apps, report, host, preflight, users, strays, audit, show]
  lines:
    description: With O(look=show), lines of text without a secret in them.
    type: list
    elements: str
    default: []
  prepared:
    description: With O(look=apps), whether the apps were prepared at all.
    type: bool
    default: true
  settles:
    description:
      - With O(look=apps), whether the hosts of the batch are read as well, as many at a time as there are forks.
      - One that lacks nothing, or cannot be read, needs no task of its own then. Hosts with another
        C(azure_connector_delegate_to) than C(localhost) are not read, nor is any where the play sets C(environment) or
        C(module_defaults) for this collection.
    type: bool
    default: false
  everywhere:
    description: With O(look=plan), whether all hosts of the inventory are considered, and not only those of the play.
    type: bool
    default: false
  judges:
    description: With O(look=plan), whether an audit follows, whose own variables must be readable first.
    type: bool
    default: false
  removal:
    description: With O(look=report), whether hosts were removed.
    type: bool
    default: false
  schedules:
    description: With O(look=report), whether hosts without a schedule are reported.
    type: bool
    default: false
  all:
    description: With O(look=report), whether to report on all hosts of the play and not only those of the batch.
    type: bool
    default: false
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Report the results
  fleetops.usersync.azure_connector_fleet:
    look: report
  run_once: true
"""

RETURN = r"""
leaders:
  description: By host that speaks for it, the app.
  returned: O(look=plan)
  type: dict
redirect_uris:
  description: By app, those of its hosts in the play whose flow needs one.
  returned: O(look=plan)
  type: dict
stopped:
  description: By host of the batch, why it is not started.
  returned: O(look=plan)
  type: dict
left_out:
  description: By host of the batch that a maintenance window leaves out, the sentence about it.
  returned: O(look=plan)
  type: dict
separate:
  description: Hosts whose steps are separate tasks.
  returned: O(look=plan)
  type: list
  elements: str
first_leads:
  description: Whether no host but the first of the batch speaks for an app.
  returned: O(look=plan)
  type: bool
failures:
  description: >-
    How many hosts of the batch may fail before no further one is begun, as
    O(fleetops.usersync.usersync_connection#module:failures) takes it; none where any number may.
  returned: O(look=plan)
  type: dict
unproven:
  description: By host of the batch that gets secrets without a login first, the reason that was given.
  returned: O(look=plan)
  type: dict
apps:
  description: By app, C(failure), C(missing) and C(consent_url).
  returned: O(look=apps)
  type: dict
idle:
  description: Whether no host of the batch has anything to do.
  returned: O(look=apps)
  type: bool
settled:
  description: By host that lacks nothing or cannot be read, what usersync_connection returns of it, in part.
  returned: O(look=apps)
  type: dict
sentence:
  description: Why set-up would not work; an empty text when every host is ready.
  returned: O(look=preflight)
  type: str
lines:
  description: The results of the hosts, one line per sentence; a table with O(look=preflight).
  returned: O(look=report) or O(look=preflight)
  type: list
  elements: str
failed_hosts:
  description: By host that failed, a sentence.
  returned: O(look=report)
  type: dict
outcomes:
  description: By host, C(status), C(text), C(step), C(reason) and C(stands).
  returned: O(look=report)
  type: dict
users:
  description: The hosts of the inventory that use the app of this one and were not removed in this run.
  returned: O(look=users)
  type: list
  elements: str
files:
  description: By kind, the files of the report.
  returned: O(look=audit)
  type: dict
strays:
  description: By host, the application IDs that are read on its behalf.
  returned: O(look=strays)
  type: dict
report:
  description: The data set.
  returned: O(look=audit)
  type: dict
"""
