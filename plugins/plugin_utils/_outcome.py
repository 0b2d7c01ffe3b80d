# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""What became of each host, in sentences. Pure: sees what tasks have returned, asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import renewal
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import in_role_words

OK, CHANGED, WAITING, FAILED, LEFT_OUT = "ok", "changed", "waiting", "failed", "left out"
NEVER_BEGAN = "never started; see its error above"
LONGEST_REASON = 600
MOST_NAMED = 10
# What stands after a failure of a task that does not say so itself
STANDS = {
    **renewal.STANDS,
    "hook": "the new secret was not sent to the host, which still has its old one",
    "connector": "its secrets are still alive",
    "secret": "the connector is done; secrets of the host are still alive",
    "app": "the app stays",
}
# The tasks of a host whose steps are separate
STEPS = ("read", "minted", "delivered", "synced")
# By module, with .state where a state was named, the step that its task is; tasks of a hook are any
TASKS = {
    "usersync_connection": "read",
    "azuread_app_secret": "mint",
    "usersync_connector": "deliver",
    "usersync_sync": "confirm",
    "azuread_app_secret.state": "retire",
}
REMOVAL_TASKS = {"usersync_connector.state": "connector", "azuread_app_secret.state": "secret"}
# The tasks that take a host out, and what they come to
REMOVAL = {"read": "", "delivered": "schedule disabled", "app": "app removed"}


@dataclass(frozen=True)
class Outcome:
    """:ivar text: one sentence without the host's name; :ivar step: at which it failed"""

    host: str
    status: str
    text: str
    step: str | None = None
    reason: str | None = None
    stands: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return dict(vars(self))


def of_host(
    host: str,
    result: Mapping[str, Any] | None,
    stopped: str | None = None,
    left_out: str | None = None,
    app_failure: str | None = None,
    confirmed: Mapping[str, Any] | None = None,
    check_mode: bool = False,
    unproven: str | None = None,
) -> Outcome:
    """:param result: what usersync_connection returned, or its like
    :param stopped: why the host was not begun
    :param left_out: why it takes no part now, which is no failure
    :param app_failure: why its app could not be prepared
    :param confirmed: what usersync_connection_confirm returned of it
    :param unproven: why nobody logs in with its secrets before they are sent
    """
    if left_out and not stopped:
        return Outcome(host, LEFT_OUT, left_out)
    if stopped or app_failure:
        return failure(
            host, "plan" if stopped else "app", str(stopped or app_failure), "nothing was changed on the host"
        )
    if not isinstance(result, Mapping) or result.get("skipped") or result.get("unreachable"):
        told = (result or {}).get("msg") if isinstance(result, Mapping) else None
        return failure(host, "start", str(told or NEVER_BEGAN), None)
    if result.get("failed") or result.get("failure"):
        facts = result.get("failure") or {}
        step = str(facts.get("step") or "start")
        return failure(host, step, str(result.get("msg") or ""), facts.get("stands") or STANDS.get(step))
    done = list(result.get("done") or [])
    sync = result.get("sync") or result.get("last_sync")
    if result.get("confirming"):
        if confirmed is None:
            return Outcome(
                host, WAITING, f"{_what(done, result, check_mode)}its sync is still running; the next run continues"
            )
        if confirmed.get("failed"):
            facts = confirmed.get("failure") or {}
            step = str(facts.get("step") or "confirm")
            return failure(host, step, str(confirmed.get("msg") or ""), facts.get("stands"))
        done, sync = [*confirmed.get("done", []), *done], confirmed.get("sync")
    stands = (
        [_credential(result.get("credential"), result.get("usable", True)), _unproven(unproven), _sync(sync)]
        if "credential" in result
        else []
    )
    text = "; ".join(part for part in [_what(done, result, check_mode).removesuffix("; "), *stands] if part)
    return Outcome(host, CHANGED if done else OK, text or "nothing left to remove")


def of_app(made: Mapping[str, Any] | None, consented: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the hosts of an app have to know of it.

    :param made: what azuread_app returned; :param consented: what azuread_app_permission did
    """
    for one in (made, consented):
        if not one or one.get("failure") or one.get("unreachable"):
            return {"failure": str((one or {}).get("msg") or NEVER_BEGAN)}
    told = consented or {}
    return {"failure": None, "missing": told.get("missing"), "consent_url": told.get("consent_url")}


def of_steps(result: Mapping[str, Any] | None, steps: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What of_host takes, of a host whose steps were separate tasks. :param steps: what the tasks of STEPS returned"""
    minted = steps["minted"]
    if isinstance(result, Mapping) and result.get("failed"):
        return _at_its_step(result, TASKS)
    if not minted.get("changed"):
        return result
    made = ["connector made"] if steps["delivered"].get("created") else []
    secret = "secret created" if made else "secret renewed"
    synced = ["synchronised"] if steps["synced"].get("changed") else []
    return {
        "done": [*made, secret, *synced],
        "reasons": steps["read"].get("reasons"),
        "credential": minted.get("credential"),
        "sync": steps["synced"].get("sync") or {},
    }


def _at_its_step(result: Mapping[str, Any], tasks: Mapping[str, str]) -> dict[str, Any]:
    """A failure of a task, whose module does not always tell the step. :param tasks: by module, the step"""
    step = tasks.get(str(result.get("task")), "hook")
    return {**result, "failure": {"step": step, **(result.get("failure") or {})}}


def removed(removal: Mapping[str, Any]) -> bool:
    """Whether a host was taken out: it was read, and nothing of it is left to do."""
    return bool(removal["read"]) and not removal["read"].get("skipped") and not removal["read"].get("failed")


def of_removal(result: Mapping[str, Any] | None, removal: Mapping[str, Any]) -> dict[str, Any] | None:
    """What of_host takes, of a host that was taken out. :param removal: what the tasks of REMOVAL returned"""
    if isinstance(result, Mapping) and result.get("failed"):
        return _at_its_step(result, REMOVAL_TASKS)
    if not removed(removal):
        return None
    if removal["users"]:
        message = (
            "azure_connector_remove_app: the app stays, because these hosts of the inventory use it and were not "
            f"removed in this run: {', '.join(removal['users'])}"
        )
        return {"failed": True, "msg": message, "failure": {"step": "app"}}
    if removal["app"].get("failure"):
        failure_of_app = {**removal["app"]["failure"], "step": "app"}
        # what the module calls its state is this variable to the user
        message = str(removal["app"].get("msg") or "").removeprefix("state: ")
        return {"failed": True, "msg": f"azure_connector_remove_app: {message}", "failure": failure_of_app}
    words = {**REMOVAL, "result": "secrets removed"}
    if removal["delivered"].get("directory_deleted") is not None:
        words["delivered"] = "connector removed"
    told = {**removal, "result": result or {}}
    return {"done": [words[step] for step in words if words[step] and told[step].get("changed")]}


def failure(host: str, step: str, reason: str, stands: str | None) -> Outcome:
    """A host that failed."""
    told = in_role_words(" ".join(reason.split()))[:LONGEST_REASON]
    text = f"failed at {step}: {told}" + (f" ({stands})" if stands else "")
    return Outcome(host, FAILED, text, step, told, stands)


def lines(outcomes: Iterable[Outcome]) -> list[str]:
    """One line for each sentence, with the hosts that share it; those that failed come last."""
    order = {OK: 0, CHANGED: 1, LEFT_OUT: 2, WAITING: 3, FAILED: 4}
    groups: dict[tuple[str, str], list[str]] = {}
    for one in sorted(outcomes, key=lambda known: order[known.status]):
        groups.setdefault((one.status, one.text), []).append(one.host)
    return [f"{_named(hosts)}: {text}" for (_status, text), hosts in groups.items()]


def advice(outcomes: Iterable[Outcome]) -> list[str]:
    """A line on how to find out what is missing, where a host failed."""
    if all(one.status != FAILED for one in outcomes):
        return []
    return ["fleetops.usersync.preflight says for each host what is missing, and changes nothing"]


def unscheduled(connectors: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A line about hosts that nothing synchronises from now on; none where there are none.

    :param connectors: by host, its connector as usersync_connector returns it; empty where it is not known
    """
    hosts = [host for host, one in connectors.items() if one.get("schedule_enabled") is False]
    if not hosts:
        return []
    shown = ", ".join(hosts[:MOST_NAMED]) + (f" and {len(hosts) - MOST_NAMED} more" if len(hosts) > MOST_NAMED else "")
    return [
        f"without a schedule, so they do not synchronise from now on: {shown}; set azure_connector_schedule_enabled: "
        "true and azure_connector_schedule_cron"
    ]


def _named(hosts: list[str]) -> str:
    return hosts[0] if len(hosts) == 1 else f"{len(hosts)} hosts ({', '.join(hosts)})"


def _what(done: list[str], result: Mapping[str, Any], check_mode: bool) -> str:
    """What was done and why; in check mode, what would be."""
    if not done:
        return ""
    reasons = result.get("reasons") or []
    why = f" because {', '.join(reasons)}" if reasons else ""
    return f"{'would be done: ' if check_mode else ''}{', '.join(done)}{why}; "


def _credential(credential: Any, usable: Any) -> str:
    if not isinstance(credential, Mapping) or credential.get("days_left") is None:
        return ""
    if not usable:
        return f"secret lasts {credential['days_left']} more days, and whether its app may sign in could not be read"
    return f"secret valid for {credential['days_left']} days"


def _unproven(why: str | None) -> str:
    return f"its secrets are not tried here before they are sent: {' '.join(why.split())}" if why else ""


def _sync(sync: Any) -> str:
    if not isinstance(sync, Mapping) or not sync.get("state"):
        return "never synchronised" if sync is None else ""
    counters = sync.get("counters") or {}
    users = sum(int(counters.get(name) or 0) for name in ("added", "updated", "not_modified"))
    return f"last sync {sync['state']} with {users} users"
