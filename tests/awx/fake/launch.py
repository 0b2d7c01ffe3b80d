# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A launch, as far as it is about variables: what is refused, and what the jobs get. Nothing runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import rules
from .rules import Refused

if TYPE_CHECKING:
    from .store import Store

Item = dict[str, Any]


def launch(store: Store, endpoint: str, template: Item, body: Item) -> Item:
    """:returns: the extra variables of the job, or by identifier those of each step's job"""
    given = body.get("extra_vars") or {}
    given = json.loads(given) if isinstance(given, str) else given
    spec = store.surveys.get(template["id"], {}) if template["survey_enabled"] else {}
    asked = {question["variable"] for question in spec.get("spec") or []}
    unknown = sorted(set(given) - asked)
    if unknown and not template["ask_variables_on_launch"]:
        raise Refused("variables_needed_to_start", f"Variables {unknown} are not allowed on launch.")
    if body.get("limit") and not template["ask_limit_on_launch"]:
        raise Refused("limit", "Field is not configured to prompt on launch.")
    answered = {**defaults(spec), **given}
    rules.answers(spec, {name: value for name, value in answered.items() if name in asked})
    if endpoint == "job_templates":
        return {"id": store.next_id(), "extra_vars": {**of_template(template), **answered}}
    steps = {}
    for node in store.find("workflow_job_template_nodes", workflow_job_template=template["id"]):
        home = store.endpoint_of(node["unified_job_template"]) if node["unified_job_template"] else None
        if home == "job_templates":
            job = store.get(home, node["unified_job_template"])
            own = defaults(store.surveys.get(job["id"], {}) if job["survey_enabled"] else {})
            steps[node["identifier"]] = {**of_template(job), **own, **answered}
        elif home is None:
            raise Refused("detail", f"Node {node['identifier']} has no template.")
    return {"id": store.next_id(), "steps": steps}


def defaults(spec: Mapping[str, Any]) -> Item:
    """What is answered where nobody answers: each question that has a default, were it an empty text."""
    return {one["variable"]: one["default"] for one in spec.get("spec") or [] if one.get("default") is not None}


def of_template(template: Item) -> Item:
    text = template.get("extra_vars") or "{}"
    return json.loads(text) if text.strip().startswith("{") else {}
