# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: shared_plan
short_description: Whether an app with one secret for all its hosts needs a new one, and which host mints it
version_added: 1.0.0
description:
  - Puts together what all hosts of an app have told, for apps whose hosts share one secret.
  - Nobody can read that secret again, so that one host which needs it makes a new one for all of them.
positional: _input, hostvars
options:
  _input:
    description: Names of the hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  min_remaining_days:
    description: A secret with fewer days left is a reason.
    type: int
    default: 30
  force:
    description: Whether to add the reason C(forced).
    type: bool
    default: false
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Which apps need a new secret
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | fleetops.usersync.shared_plan(hostvars) }}"
"""

RETURN = r"""
_value:
  description: By app, C(minter) (a host) and C(reasons).
  type: dict
  sample:
    usersync: {minter: jira01, reasons: [its secret ends in 12 days]}
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import need

HOLDER = "app"


def shared_plan(
    hosts: Iterable[str], hostvars: Mapping[str, Any], min_remaining_days: int = 30, force: bool = False
) -> dict[str, Any]:
    """One entry for each app; a plan that an earlier batch of the play has made is kept."""
    names = [str(host) for host in hosts]
    first = hostvars[names[0]]
    plan: dict[str, Any] = dict(first.get("__azure_connector_shared") or {})
    for key, group in first["__azure_connector_plan"].items():
        app = (hostvars[group["leader"]].get("__azure_connector_app_result") or {}).get("app")
        if key in plan or not app:
            continue
        surveys = {name: hostvars[name].get("__azure_connector_survey") for name in group["hosts"] if name in names}
        told = {name: survey for name, survey in surveys.items() if survey and not survey.get("failed")}
        reasons = [reason for survey in told.values() for reason in _reasons(app, survey, min_remaining_days, force)]
        if told:
            plan[key] = {"minter": next(iter(told)), "reasons": list(dict.fromkeys(reasons))}
    return plan


def _reasons(app: Mapping[str, Any], survey: Mapping[str, Any], min_remaining_days: int, force: bool) -> list[str]:
    return need.secret_reasons(
        app,
        HOLDER,
        min_remaining_days=int(min_remaining_days),
        connector=survey.get("connector"),
        last_sync=survey.get("last_sync"),
        consumers=True,
        force=bool(force),
    )


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"shared_plan": shared_plan}
