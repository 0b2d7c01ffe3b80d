# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: work_plan
short_description: Which hosts need something, and why
version_added: 1.0.0
description:
  - Puts together what the directory and every Atlassian host have told, and returns the hosts that need something.
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
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Say which hosts need something
  ansible.builtin.debug:
    msg: "{{ ansible_play_batch | fleetops.usersync.work_plan(hostvars) }}"
"""

RETURN = r"""
_value:
  description:
    - By host that needs something, C(reasons) (for a new secret), C(stop) (why nothing may be begun, or an empty text),
      C(click) (whether somebody has to click Authorize before anything else) and C(delivered) (whether it holds the
      secret of an earlier run that nobody had authorized).
  type: dict
  sample:
    jira01:
      {reasons: [its secret ends in 12 days], stop: "", click: false, delivered: false}
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._entra import holders
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import need

TWINS = (
    "azure_connector_url: these hosts of the inventory are one and the same connector, so each would take the secret "
    "of the other: {}; keep one of them, or name different connectors by azure_connector_connector_id"
)


def work_plan(hosts: Iterable[str], hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """One entry for each host that needs something; hosts that have failed already are left out."""
    apps: dict[str, Any] = {}
    work: dict[str, Any] = {}
    names = [str(host) for host in hosts]
    plan = hostvars[names[0]]["__azure_connector_plan"]
    for name in names:
        known = hostvars[name]
        uses = known["__azure_connector_uses"]
        if known.get("azure_connector_failure"):
            continue
        key = str(uses["app"])
        if key not in apps:
            apps[key] = hostvars[plan[key]["leader"]].get("__azure_connector_app_result") or {}
        work[name] = _one(name, uses, apps[key], known.get("__azure_connector_survey") or {})
    for name, twins in holders.twins({name: entry.pop("holder") for name, entry in work.items()}).items():
        work[name].update(stop=TWINS.format(", ".join(twins)), reasons=[], needed=True)
    return {name: entry for name, entry in work.items() if entry.pop("needed") or entry["reasons"]}


def _one(name: str, uses: Mapping[str, Any], result: Mapping[str, Any], survey: Mapping[str, Any]) -> dict[str, Any]:
    stop = result.get("failure") or ("" if result else "the app was not looked at, see the errors above")
    holder, host = survey.get("holder"), survey.get("host_fingerprint")
    stop = stop or (str(survey.get("holder_lacks") or "the host was not looked at") if holder is None else "")
    reasons = [] if stop else _reasons(uses, result["app"], survey)
    connector = survey.get("connector") or {}
    click = not stop and need.waits_for_click(connector, reasons)
    delivered = not stop and not reasons and need.delivered_before(result["app"], str(holder), connector, host)
    return {
        "app": str(uses["app"]),
        "reasons": reasons,
        "stop": stop,
        "holder": holder,
        "click": click,
        "delivered": delivered,
        "needed": bool(stop or reasons or click or delivered or survey.get("written") or _sync_wanted(uses, survey)),
    }


def _reasons(uses: Mapping[str, Any], app: Mapping[str, Any], survey: Mapping[str, Any]) -> list[str]:
    return need.secret_reasons(
        app,
        str(survey["holder"]),
        survey.get("host_fingerprint"),
        min_remaining_days=int(uses["min_remaining_days"]),
        connector=survey.get("connector"),
        last_sync=survey.get("last_sync"),
        consumers=True,
        force=bool(uses["force"]),
    )


def _sync_wanted(uses: Mapping[str, Any], survey: Mapping[str, Any]) -> bool:
    last = survey.get("last_sync") or {}
    return uses["sync"] == "always" or (uses["sync"] == "auto" and not (last.get("success") or last.get("running")))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"work_plan": work_plan}
