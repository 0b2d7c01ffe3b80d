# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses because of other objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import rules
from .kinds import PROMPTS
from .rules import Refused

if TYPE_CHECKING:
    from .store import Store

Item = dict[str, Any]
Check = Callable[["Store", Item, "Item | None"], None]
LINKS = ("success_nodes", "failure_nodes", "always_nodes")


def credential_type(store: Store, wanted: Item, before: Item | None) -> None:
    if wanted["kind"] not in ("cloud", "net"):
        raise Refused("kind", "Must be 'cloud' or 'net'")
    rules.credential_inputs(wanted["inputs"])
    rules.injectors(wanted["inputs"], wanted["injectors"])
    used = before is not None and store.find("credentials", credential_type=before["id"])
    if before is not None and used and before["inputs"] != wanted["inputs"]:
        raise Refused("detail", "Modifications to inputs are not allowed for credential types that are in use", 403)


def variables(store: Store, wanted: Item, before: Item | None) -> None:
    """Of an inventory, a host or a group."""
    rules.variables(wanted["variables"])


def credential(store: Store, wanted: Item, before: Item | None) -> None:
    rules.credential(store.get("credential_types", wanted["credential_type"])["inputs"], wanted["inputs"])


def execution_environment(store: Store, wanted: Item, before: Item | None) -> None:
    rules.image(wanted["image"])
    if wanted["pull"] not in ("", "always", "missing", "never"):
        raise Refused("pull", "is not a valid choice")


def project(store: Store, wanted: Item, before: Item | None) -> None:
    if wanted["scm_type"] not in ("", "git", "svn", "insights", "archive"):
        raise Refused("scm_type", "is not a valid choice")
    if wanted["scm_type"] and not wanted["scm_url"]:
        raise Refused("scm_url", "SCM URL is required.")


def job_template(store: Store, wanted: Item, before: Item | None) -> None:
    if wanted["inventory"] is None and not wanted["ask_inventory_on_launch"]:
        raise Refused("inventory", "Job Template 'inventory' is required or must 'ask'.")
    if wanted["job_type"] not in ("run", "check"):
        raise Refused("job_type", "is not a valid choice")
    owner = store.get("projects", wanted["project"])
    if wanted["playbook"] not in store.playbooks and not owner["allow_override"]:
        raise Refused("playbook", "Playbook not found for project.")
    for name in ("forks", "timeout", "job_slice_count", "verbosity"):
        if not rules.is_integer(wanted[name]) or (name != "timeout" and wanted[name] < 0):
            raise Refused(name, "A valid integer is required.")
    rules.extra_vars(wanted["extra_vars"])


def node(store: Store, wanted: Item, before: Item | None) -> None:
    template = wanted["unified_job_template"]
    if template is None:
        return
    endpoint = store.endpoint_of(template)
    if endpoint is None:
        raise Refused("unified_job_template", "object does not exist")
    if endpoint != "workflow_approval_templates":
        prompts(store, endpoint, template, wanted, answers_needed=False)


def schedule(store: Store, wanted: Item, before: Item | None) -> None:
    rules.rrule(wanted["rrule"])
    endpoint = store.endpoint_of(wanted["unified_job_template"])
    if endpoint is None or endpoint == "workflow_approval_templates":
        raise Refused("unified_job_template", "object does not exist")
    if endpoint == "projects" and not store.get(endpoint, wanted["unified_job_template"])["scm_type"]:
        raise Refused("unified_job_template", "Manual Project cannot have a schedule set.")
    prompts(store, endpoint, wanted["unified_job_template"], wanted, answers_needed=True)


def prompts(store: Store, endpoint: str, template_id: int, wanted: Item, answers_needed: bool) -> None:
    """What a step or a schedule sets must be asked for by its template, or be what the template has anyway."""
    template = store.get(endpoint, template_id)
    for name, default in PROMPTS.items():
        value = wanted.get(name)
        asked = template.get(f"ask_{name.replace('job_tags', 'tags')}_on_launch", False)
        if value not in (default, None, "") and value != template.get(name) and not asked:
            raise Refused(name, f"Field is not configured to prompt on launch by {template['name']}.")
    spec = store.surveys.get(template_id, {}) if template.get("survey_enabled") else {}
    given = wanted.get("extra_data") or {}
    if template.get("ask_variables_on_launch"):
        given = {key: given[key] for key in given if key in {question["variable"] for question in spec.get("spec", [])}}
    if answers_needed or given:
        rules.answers(spec if answers_needed else _optional(spec), given)


def _optional(spec: Item) -> Item:
    return {"spec": [{**question, "required": False} for question in spec.get("spec") or []]}


def association(store: Store, endpoint: str, item: Item, name: str, other: int) -> None:
    """A new member of a sub-list."""
    if name == "credentials":
        kind = store.get("credentials", other)["credential_type"]
        same = [held for held in item["many"]["credentials"] if _unique(store, held) == _unique(store, other)]
        if same:
            label = store.get("credential_types", kind)["name"]
            raise Refused("error", f"Cannot assign multiple {label} credentials.")
    if endpoint == "workflow_job_template_nodes" and name in LINKS:
        _link(store, item, name, other)


def _unique(store: Store, credential_id: int) -> tuple[int, str]:
    """What may be there once: a type; of Vault credentials, one for each vault id."""
    item = store.get("credentials", credential_id)
    vault = store.get("credential_types", item["credential_type"])["kind"] == "vault"
    return item["credential_type"], item["inputs"].get("vault_id", "") if vault else ""


def _link(store: Store, item: Item, name: str, other: int) -> None:
    child = store.get("workflow_job_template_nodes", other)
    if child["workflow_job_template"] != item["workflow_job_template"]:
        raise Refused("error", "Cannot associate nodes of different workflows.")
    if any(other in item["many"].get(kind, []) for kind in LINKS if kind != name):
        raise Refused("error", "Relationship not allowed.")
    seen, queue = set(), [other]
    while queue:
        current = queue.pop()
        if current == item["id"]:
            raise Refused("error", "Cycle detected.")
        if current not in seen:
            seen.add(current)
            many = store.get("workflow_job_template_nodes", current)["many"]
            queue += [child for kind in LINKS for child in many.get(kind, [])]


CHECKS: dict[str, Check] = {
    "credential_types": credential_type,
    "credentials": credential,
    "inventories": variables,
    "hosts": variables,
    "groups": variables,
    "execution_environments": execution_environment,
    "projects": project,
    "job_templates": job_template,
    "workflow_job_template_nodes": node,
    "schedules": schedule,
}
