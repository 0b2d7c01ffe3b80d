# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: outcome
short_description: One sentence for each host about what a run did and what stands now
version_added: 1.0.0
description:
  - Reads what the role P(fleetops.usersync.azure_connector#role) has left in the variables of each host, and makes one
    line of it for each.
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
- name: Say how it went
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | fleetops.usersync.outcome(hostvars) | map(attribute='sentence') }}"
"""

RETURN = r"""
_value:
  description: For each host C(host), C(status) (ok, changed, failed), C(step) that failed, and C(sentence).
  type: list
  elements: dict
  sample:
    - {host: jira01, status: ok, step: null, sentence: "jira01: secret good for 179 days, last sync DONE with 25 users"}
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._workflow.need import live_own

PLAN = "__azure_connector_plan"
RESULT = "__azure_connector_app_result"
# What stands after a failure at each step of a new secret
AFTER_FAILURE = {
    "start": "nothing was changed on the host",
    "app": "nothing was changed on the host",
    "survey": "nothing was changed on the host",
    "mint": "the host works on with what it had",
    "hook": "the new secret was not delivered, the host works on with what it had",
    "deliver": "the host holds its old secret or the new one, and both are alive",
    "authorize": "everything is prepared, and the next run goes on once somebody has clicked",
    "confirm": "the new secret is delivered but not confirmed, and the old one is alive too",
    "retire": "the host works with the new secret, and older ones are still alive",
    "schedule": "its secrets are still alive",
    "connector": "its secrets are still alive",
    "secret": "the connector is dealt with, and secrets of the host are still alive",
}


def outcome(hosts: Iterable[str], hostvars: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One entry for each host, in the order of the hosts."""
    names = [str(host) for host in hosts]
    plan = next((known[PLAN] for known in map(hostvars.get, names) if known.get(PLAN)), {})
    leaders = {name: group["leader"] for group in plan.values() for name in group["hosts"]}
    apps = {leader: hostvars[leader].get(RESULT) or {} for leader in set(leaders.values())}
    return [_one(name, hostvars[name], apps.get(leaders.get(name, ""), {})) for name in names]


def _one(host: str, known: Mapping[str, Any], app: Mapping[str, Any]) -> dict[str, Any]:
    failure = known.get("azure_connector_failure")
    survey = known.get("__azure_connector_survey")
    if failure:
        step = failure.get("step") or "survey"
        stands = AFTER_FAILURE.get(step, "the next run goes on from here")
        return _entry(host, "failed", step, f"failed at {step}: {failure.get('reason')} ({stands})")
    if not isinstance(survey, Mapping):
        return _entry(host, "failed", "start", "never began; see its error above")
    done = known.get("azure_connector_done") or []
    status, what = "changed" if done else "ok", _done(known, done)
    if known.get("azure_connector_removed"):
        return _entry(host, status, None, what or "nothing left to remove")
    # check mode has made no secret and started no sync, so what stands is what was found
    now: Mapping[str, Any] = {} if known.get("ansible_check_mode") else known
    holder = str(survey.get("holder") or "")
    stands = [
        _credential(now.get("azure_connector_credential") or _newest(app, holder)),
        _sync(now.get("azure_connector_sync_result") or survey.get("last_sync")),
    ]
    return _entry(host, status, None, "; ".join(part for part in [what, *stands] if part))


def _done(known: Mapping[str, Any], done: list[str]) -> str:
    """What was done and why; in check mode, what would be."""
    if not done:
        return ""
    reasons = known.get("azure_connector_why") or []
    why = f" because {', '.join(reasons)}" if reasons else ""
    return f"{'would be done: ' if known.get('ansible_check_mode') else ''}{', '.join(done)}{why}"


def _credential(credential: Any) -> str:
    if not isinstance(credential, Mapping) or credential.get("days_left") is None:
        return ""
    return f"secret good for {credential['days_left']} days"


def _newest(app: Mapping[str, Any], holder: str) -> Mapping[str, Any] | None:
    alive = live_own((app.get("app") or {}).get("credentials") or [], holder)
    return alive[-1] if alive else None


def _sync(sync: Any) -> str:
    if not isinstance(sync, Mapping) or not sync.get("state"):
        return "never synchronised"
    counters = sync.get("counters") or {}
    users = sum(int(counters.get(name) or 0) for name in ("added", "updated", "not_modified"))
    return f"last sync {sync['state']} with {users} users"


def _entry(host: str, status: str, step: str | None, text: str) -> dict[str, Any]:
    return {"host": host, "status": status, "step": step, "sentence": f"{host}: {text}"}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"outcome": outcome}
