# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Who uses an object. AWX removes what others use without a word, and their templates lose it."""

from __future__ import annotations

from collections.abc import Callable

from .kinds import (
    CREDENTIAL,
    CREDENTIAL_TYPE,
    ENVIRONMENT,
    GROUP,
    HOST,
    INVENTORY,
    PROJECT,
    SOURCE,
    TEMPLATES,
    Awx,
    Item,
    Kind,
    Thing,
)

# endpoint and field of what may point to an object of a kind; a field may be a list of many
USERS: dict[Kind, tuple[tuple[str, str], ...]] = {
    CREDENTIAL_TYPE: (("credentials", "credential_type"),),
    CREDENTIAL: (
        ("job_templates", "credentials__id"),
        ("job_templates", "webhook_credential"),
        ("workflow_job_templates", "webhook_credential"),
        ("workflow_job_template_nodes", "credentials__id"),
        ("schedules", "credentials__id"),
        ("projects", "credential"),
        ("inventory_sources", "credentials__id"),
        ("execution_environments", "credential"),
        ("credential_input_sources", "source_credential"),
        ("organizations", "galaxy_credentials__id"),
    ),
    ENVIRONMENT: (
        ("job_templates", "execution_environment"),
        ("workflow_job_template_nodes", "execution_environment"),
        ("schedules", "execution_environment"),
        ("projects", "default_environment"),
        ("organizations", "default_environment"),
        ("inventory_sources", "execution_environment"),
    ),
    PROJECT: (
        ("job_templates", "project"),
        ("inventory_sources", "source_project"),
        ("workflow_job_template_nodes", "unified_job_template"),
        ("schedules", "unified_job_template"),
    ),
    INVENTORY: (
        ("job_templates", "inventory"),
        ("workflow_job_templates", "inventory"),
        ("workflow_job_template_nodes", "inventory"),
        ("schedules", "inventory"),
        ("inventories", "input_inventories__id"),
        ("inventory_sources", "inventory"),
    ),
    SOURCE: (("workflow_job_template_nodes", "unified_job_template"), ("schedules", "unified_job_template")),
    **dict.fromkeys(
        TEMPLATES,
        (("workflow_job_template_nodes", "unified_job_template"), ("schedules", "unified_job_template")),
    ),
}
WORDS = {
    "job_templates": "job template",
    "workflow_job_templates": "workflow",
    "inventory_sources": "inventory source",
    "inventories": "inventory",
    "credential_input_sources": "a field of credential",
}


def users(awx: Awx, thing: Thing, ours: Callable[[str, Item], bool]) -> list[str]:
    """Words for each object that uses this one and is none of C(ours)."""
    found: list[str] = []
    for endpoint, field in USERS.get(thing.kind, ()):
        for item in awx.find(endpoint, **{field: thing.id}):
            if not ours(endpoint, item):
                words = _words(awx, endpoint, item)
                found += [words] if words not in found else []
    return found


def _words(awx: Awx, endpoint: str, item: Item) -> str:
    if endpoint == "workflow_job_template_nodes":
        owner = item.get("workflow_job_template")
        name = next((one["name"] for one in awx.find("workflow_job_templates", id=owner)), owner)
        return f"a step of workflow '{name}'"
    if endpoint == "credential_input_sources":
        owner = item.get("target_credential")
        return f"a field of credential '{next((one['name'] for one in awx.find('credentials', id=owner)), owner)}'"
    word = WORDS.get(endpoint, endpoint.removesuffix("s").replace("_", " "))
    text = f"{word} '{item.get('name')}'"
    owner = item.get("organization")
    if owner and endpoint != "organizations":
        text += f" of organization '{next((one['name'] for one in awx.find('organizations', id=owner)), owner)}'"
    return text


def in_inventory(
    awx: Awx, inventory: int, given: str, named: str, source: int | None = None
) -> tuple[list[Item], list[Item], list[str]]:
    """What lies in an inventory of ours.

    :param given: group whose hosts the role has made
    :param named: group that the playbooks work on
    :param source: inventory source of ours, whose hosts and groups are nobody else's
    :returns: hosts that the role has made and groups of ours, and words for what others put there
    """
    groups = awx.find(GROUP.endpoint, inventory=inventory)
    made = next((group for group in groups if group["name"] == given), None)
    ours = awx.find(HOST.endpoint, inventory=inventory, groups__id=made["id"]) if made else []
    known = {host["id"] for host in ours}
    sourced: set[int] = set()
    if source is not None:
        known |= {host["id"] for host in awx.find(HOST.endpoint, inventory=inventory, inventory_sources__id=source)}
        sourced = {one["id"] for one in awx.find(GROUP.endpoint, inventory=inventory, inventory_sources__id=source)}
    hosts = [host for host in awx.find(HOST.endpoint, inventory=inventory) if host["id"] not in known]
    strange = [group for group in groups if group["name"] not in (given, named) and group["id"] not in sourced]
    words = [f"host '{host['name']}'" for host in hosts] + [f"group '{group['name']}'" for group in strange]
    return ours, [group for group in groups if group["name"] in (given, named)], words
