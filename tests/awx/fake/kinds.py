# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of the fake AWX: their fields with defaults, what is unique and what points where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One endpoint.

    :ivar type: as the API calls a single object
    :ivar fields: writable fields with their defaults; others are ignored in silence
    :ivar required: fields that a new object must have
    :ivar unique: fields that together name one object
    :ivar links: field -> endpoint of the object whose id it holds
    :ivar many: sub-list -> endpoint of its members
    """

    type: str
    fields: dict[str, Any]
    required: tuple[str, ...] = ("name",)
    unique: tuple[str, ...] = ("name", "organization")
    links: dict[str, str] = field(default_factory=dict)
    many: dict[str, str] = field(default_factory=dict)


ORGANIZATION = {"organization": "organizations"}
NOTIFY = {f"notification_templates_{when}": "notification_templates" for when in ("started", "success", "error")}
PROMPTS: dict[str, Any] = {
    "job_type": "",
    "limit": "",
    "scm_branch": "",
    "job_tags": "",
    "skip_tags": "",
    "diff_mode": None,
    "verbosity": None,
    "forks": None,
    "job_slice_count": None,
    "timeout": None,
    "inventory": None,
    "execution_environment": None,
}
PROMPT_LINKS = {"inventory": "inventories", "execution_environment": "execution_environments"}
PROMPT_MANY = {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"}
ASKED = [
    "diff_mode",
    "variables",
    "limit",
    "tags",
    "skip_tags",
    "job_type",
    "verbosity",
    "inventory",
    "credential",
    "execution_environment",
    "forks",
    "instance_groups",
    "job_slice_count",
    "labels",
    "timeout",
    "scm_branch",
]
WORKFLOW_ASKED = ("inventory", "scm_branch", "limit", "labels", "tags", "skip_tags")

KINDS: dict[str, Kind] = {
    "organizations": Kind(
        "organization",
        {"name": None, "description": "", "max_hosts": 0, "default_environment": None},
        unique=("name",),
        links={"default_environment": "execution_environments"},
        many={"galaxy_credentials": "credentials"},
    ),
    "labels": Kind("label", {"name": None, "organization": None}, ("name", "organization"), links=ORGANIZATION),
    "credential_types": Kind(
        "credential_type",
        {"name": None, "description": "", "kind": None, "inputs": {}, "injectors": {}, "managed": False},
        ("name", "kind"),
        ("name",),
    ),
    "credentials": Kind(
        "credential",
        {"name": None, "description": "", "organization": None, "credential_type": None, "inputs": {}},
        ("name", "credential_type"),
        ("name", "organization", "credential_type"),
        {**ORGANIZATION, "credential_type": "credential_types"},
    ),
    "execution_environments": Kind(
        "execution_environment",
        {"name": None, "description": "", "organization": None, "image": None, "credential": None, "pull": ""},
        ("name", "image"),
        ("name",),
        {**ORGANIZATION, "credential": "credentials"},
    ),
    "projects": Kind(
        "project",
        {
            "name": None,
            "description": "",
            "organization": None,
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "scm_refspec": "",
            "scm_clean": False,
            "scm_delete_on_update": False,
            "scm_track_submodules": False,
            "scm_update_on_launch": False,
            "scm_update_cache_timeout": 0,
            "allow_override": False,
            "timeout": 0,
            "credential": None,
            "default_environment": None,
        },
        links={**ORGANIZATION, "credential": "credentials", "default_environment": "execution_environments"},
        many=NOTIFY,
    ),
    "inventories": Kind(
        "inventory",
        {
            "name": None,
            "description": "",
            "organization": None,
            "kind": "",
            "host_filter": None,
            "variables": "",
            "prevent_instance_group_fallback": False,
        },
        ("name", "organization"),
        links=ORGANIZATION,
        many={"instance_groups": "instance_groups", "input_inventories": "inventories", "labels": "labels"},
    ),
    "hosts": Kind(
        "host",
        {"name": None, "description": "", "inventory": None, "enabled": True, "variables": ""},
        ("name", "inventory"),
        ("name", "inventory"),
        {"inventory": "inventories"},
        {"groups": "groups", "inventory_sources": "inventory_sources"},
    ),
    "groups": Kind(
        "group",
        {"name": None, "description": "", "inventory": None, "variables": ""},
        ("name", "inventory"),
        ("name", "inventory"),
        {"inventory": "inventories"},
        {"hosts": "hosts", "children": "groups", "inventory_sources": "inventory_sources"},
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            "name": None,
            "description": "",
            "inventory": None,
            "source": "",
            "source_project": None,
            "source_path": "",
            "source_vars": "",
            "execution_environment": None,
            "credential": None,
            "overwrite": False,
            "overwrite_vars": False,
            "update_on_launch": False,
            "timeout": 0,
            "verbosity": 1,
        },
        ("name", "inventory"),
        ("name", "inventory"),
        {
            "inventory": "inventories",
            "source_project": "projects",
            "execution_environment": "execution_environments",
            "credential": "credentials",
        },
        {"credentials": "credentials", **NOTIFY},
    ),
    "credential_input_sources": Kind(
        "credential_input_source",
        {
            "description": "",
            "target_credential": None,
            "source_credential": None,
            "input_field_name": None,
            "metadata": {},
        },
        ("target_credential", "source_credential", "input_field_name"),
        ("target_credential", "input_field_name"),
        {"target_credential": "credentials", "source_credential": "credentials"},
    ),
    "jobs": Kind("job", {"name": None, "status": "successful"}, unique=("id",), many={"labels": "labels"}),
    "job_templates": Kind(
        "job_template",
        {
            "name": None,
            "description": "",
            **{**PROMPTS, "job_type": "run", "diff_mode": False, "verbosity": 0, "forks": 0, "timeout": 0},
            "job_slice_count": 1,
            "project": None,
            "playbook": "",
            "extra_vars": "",
            "force_handlers": False,
            "start_at_task": "",
            "use_fact_cache": False,
            "host_config_key": "",
            "survey_enabled": False,
            "become_enabled": False,
            "allow_simultaneous": False,
            "webhook_service": "",
            "webhook_credential": None,
            "prevent_instance_group_fallback": False,
            **{f"ask_{name}_on_launch": False for name in ASKED},
        },
        ("name", "project"),
        links={"project": "projects", "webhook_credential": "credentials", **PROMPT_LINKS},
        many={**PROMPT_MANY, **NOTIFY},
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            "name": None,
            "description": "",
            "organization": None,
            "inventory": None,
            "limit": None,
            "scm_branch": None,
            "extra_vars": "",
            "job_tags": None,
            "skip_tags": None,
            "survey_enabled": False,
            "allow_simultaneous": False,
            "webhook_service": "",
            "webhook_credential": None,
            **{f"ask_{name}_on_launch": False for name in ("variables", *WORKFLOW_ASKED)},
        },
        links={**ORGANIZATION, "inventory": "inventories", "webhook_credential": "credentials"},
        many={"labels": "labels", **NOTIFY, "notification_templates_approvals": "notification_templates"},
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            "identifier": None,
            "workflow_job_template": None,
            "unified_job_template": None,
            "extra_data": {},
            "all_parents_must_converge": False,
            **PROMPTS,
        },
        ("workflow_job_template",),
        ("identifier", "workflow_job_template"),
        {"workflow_job_template": "workflow_job_templates", **PROMPT_LINKS},
        {
            **PROMPT_MANY,
            **{f"{when}_nodes": "workflow_job_template_nodes" for when in ("success", "failure", "always")},
        },
    ),
    "workflow_approval_templates": Kind(
        "workflow_approval_template", {"name": None, "description": "", "timeout": 0}, unique=("id",)
    ),
    "schedules": Kind(
        "schedule",
        {
            "name": None,
            "description": "",
            "rrule": None,
            "enabled": True,
            "unified_job_template": None,
            "extra_data": {},
            **PROMPTS,
        },
        ("name", "rrule", "unified_job_template"),
        ("name", "unified_job_template"),
        PROMPT_LINKS,
        PROMPT_MANY,
    ),
    "notification_templates": Kind(
        "notification_template", {"name": None, "organization": None, "description": ""}, links=ORGANIZATION
    ),
    "instance_groups": Kind("instance_group", {"name": None}, unique=("name",)),
    "project_updates": Kind("project_update", {"name": None, "status": "successful", "failed": False}, unique=("id",)),
}
TEMPLATES = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
