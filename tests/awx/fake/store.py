# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that a fake AWX holds, and what it does when one is made, changed or removed."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from typing import Any

from . import checks, rules
from .kinds import KINDS, TEMPLATES
from .rules import Refused

ENCRYPTED = "$encrypted$"
Item = dict[str, Any]


class Store:
    """All objects by endpoint and id. :ivar playbooks: what a project has once it is synchronised"""

    def __init__(self, playbooks: list[str]) -> None:
        self.playbooks = playbooks
        self.items: dict[str, dict[int, Item]] = {endpoint: {} for endpoint in KINDS}
        self.surveys: dict[int, Item] = {}
        self._last = 0

    def seed(self, endpoint: str, **fields: Any) -> int:
        """Put an object there that was there before."""
        return self._insert(endpoint, fields)["id"]

    def find(self, endpoint: str, **fields: Any) -> list[Item]:
        """Objects whose fields have these values."""
        return [item for item in self.listed(endpoint) if all(item.get(key) == value for key, value in fields.items())]

    def listed(self, endpoint: str) -> list[Item]:
        """All objects of an endpoint, in the order of their ids."""
        if endpoint == "unified_job_templates":
            return [item for name in TEMPLATES[:4] for item in self.items[name].values()]
        return list(self.items[endpoint].values())

    def get(self, endpoint: str, item_id: int) -> Item:
        """:raises Refused: with 404"""
        found = self.items.get(endpoint, {}).get(item_id)
        if found is None:
            raise Refused("detail", "Not found.", 404)
        return found

    def endpoint_of(self, template_id: int) -> str | None:
        """Where a unified job template lives."""
        return next((endpoint for endpoint in TEMPLATES if template_id in self.items[endpoint]), None)

    def create(self, endpoint: str, body: Item) -> Item:
        """A new object as the API would make it from this body."""
        kind = KINDS[endpoint]
        missing = [name for name in kind.required if body.get(name) in (None, "")]
        if missing:
            raise Refused(missing[0], "This field is required.")
        fields = {name: body[name] for name in kind.fields if name in body}
        if endpoint == "workflow_job_template_nodes" and not fields.get("identifier"):
            fields["identifier"] = secrets.token_hex(8)
        wanted = {**copy.deepcopy(kind.fields), **fields}
        self._check(endpoint, wanted, None)
        item = self._insert(endpoint, fields)
        if endpoint == "projects" and item["scm_type"]:
            update = self._insert("project_updates", {"name": item["name"]})
            item["current_update"] = update["id"]
        return item

    def change(self, endpoint: str, item_id: int, body: Item) -> Item:
        """An object with the fields of the body."""
        item = self.get(endpoint, item_id)
        fields = {name: body[name] for name in KINDS[endpoint].fields if name in body}
        if endpoint == "credentials" and "inputs" in fields:
            kept = {name: item["inputs"].get(name) for name, value in fields["inputs"].items() if value == ENCRYPTED}
            fields["inputs"] = {**fields["inputs"], **kept}
        self._check(endpoint, {**item, **fields}, item)
        item.update(copy.deepcopy(fields))
        return item

    def delete(self, endpoint: str, item_id: int) -> None:
        """An object with everything that lives and dies with it."""
        item = self.get(endpoint, item_id)
        if endpoint == "credential_types" and self.find("credentials", credential_type=item_id):
            raise Refused("detail", "Credential types that are in use cannot be deleted", 403)
        del self.items[endpoint][item_id]
        for owner, field, name in (
            ("workflow_job_template_nodes", "workflow_job_template", "workflow_job_templates"),
            ("hosts", "inventory", "inventories"),
            ("groups", "inventory", "inventories"),
            ("inventory_sources", "inventory", "inventories"),
            ("credential_input_sources", "target_credential", "credentials"),
            ("credential_input_sources", "source_credential", "credentials"),
        ):
            for child in self.find(owner, **{field: item_id}) if endpoint == name else []:
                self.delete(owner, child["id"])
        if endpoint in TEMPLATES:
            self.surveys.pop(item_id, None)
            for schedule in self.find("schedules", unified_job_template=item_id):
                self.delete("schedules", schedule["id"])
        if endpoint == "workflow_job_template_nodes":
            step = item.get("unified_job_template")
            if step in self.items["workflow_approval_templates"]:
                self.delete("workflow_approval_templates", step)
        self._forget(endpoint, item_id)
        for label in item["many"].get("labels", []):
            self.drop_label(label)

    def drop_label(self, label: int) -> None:
        """A label goes with the last thing that bears it."""
        used = any(label in item["many"].get("labels", []) for _endpoint, item in self.every())
        if not used:
            self.items["labels"].pop(label, None)

    def every(self) -> Iterator[tuple[str, Item]]:
        """Every object with its endpoint."""
        for endpoint, items in self.items.items():
            for item in items.values():
                yield endpoint, item

    def associate(self, endpoint: str, item_id: int, name: str, body: Item) -> None:
        """Add a member to a sub-list, or take it away."""
        item, members = self.get(endpoint, item_id), KINDS[endpoint].many.get(name)
        if members is None:
            raise Refused("detail", "Not found.", 404)
        other, held = body.get("id"), item["many"].setdefault(name, [])
        if other not in self.items[members]:
            raise Refused("id", f"{other} is no {members}")
        if body.get("disassociate"):
            if other in held:
                held.remove(other)
                if name == "labels":
                    self.drop_label(other)
        elif other not in held:
            checks.association(self, endpoint, item, name, other)
            held.append(other)
        self._mirror(endpoint, item_id, name, other)

    def _mirror(self, endpoint: str, item_id: int, name: str, other: int) -> None:
        """A host knows the groups that it is in."""
        if endpoint == "groups" and name == "hosts":
            groups = self.items["hosts"][other]["many"].setdefault("groups", [])
            inside = other in self.items["groups"][item_id]["many"].get("hosts", [])
            groups[:] = [*(one for one in groups if one != item_id), *([item_id] if inside else [])]

    def approve(self, node_id: int, body: Item) -> Item:
        """The approval of a workflow's step."""
        node = self.get("workflow_job_template_nodes", node_id)
        if not body.get("name"):
            raise Refused("name", "This field may not be blank.")
        item = self._insert(
            "workflow_approval_templates", {key: body[key] for key in ("name", "description", "timeout") if key in body}
        )
        node["unified_job_template"] = item["id"]
        return item

    def survey(self, item_id: int, spec: Item | None) -> None:
        """Set or remove a survey."""
        if spec is None:
            self.surveys.pop(item_id, None)
            return
        rules.survey(spec)
        self.surveys[item_id] = copy.deepcopy(spec)

    def organization(self, endpoint: str, item: Item) -> int | None:
        """Where an object belongs; a job template belongs where its project does, a source where its inventory does."""
        if endpoint == "inventory_sources":
            return self.items["inventories"].get(item["inventory"], {}).get("organization")
        if endpoint == "job_templates":
            return self.items["projects"].get(item["project"], {}).get("organization")
        return item.get("organization")

    def snapshot(self) -> dict[str, list[tuple[Any, ...]]]:
        """What is there, to compare before and after: endpoint -> (id, fields as text)."""
        skipped = ("project_updates",)
        return {
            endpoint: [(item["id"], repr(sorted(item.items(), key=str))) for item in items.values()]
            for endpoint, items in self.items.items()
            if items and endpoint not in skipped
        }

    def next_id(self) -> int:
        """An id for something that is not kept."""
        self._last += 1
        return self._last

    def _insert(self, endpoint: str, fields: Item) -> Item:
        self._last += 1
        item = {**copy.deepcopy(KINDS[endpoint].fields), **copy.deepcopy(fields), "id": self._last, "many": {}}
        self.items[endpoint][self._last] = item
        return item

    def _check(self, endpoint: str, wanted: Item, before: Item | None) -> None:
        kind = KINDS[endpoint]
        for field, target in kind.links.items():
            if wanted.get(field) is not None and wanted[field] not in self.items[target]:
                raise Refused(field, f'Invalid pk "{wanted[field]}" - object does not exist.')
        for name, default in kind.fields.items():
            if isinstance(default, bool) and not isinstance(wanted.get(name), bool):
                raise Refused(name, "Must be a valid boolean.")
        checks.CHECKS.get(endpoint, lambda *_arguments: None)(self, wanted, before)
        for other in self.listed(endpoint):
            same = all(
                self._value(endpoint, other, name) == self._value(endpoint, wanted, name) for name in kind.unique
            )
            if same and (before is None or other["id"] != before["id"]):
                raise Refused("__all__", f"{kind.type} with this {' and '.join(kind.unique)} already exists.")

    def _value(self, endpoint: str, item: Item, name: str) -> Any:
        return self.organization(endpoint, item) if name == "organization" else item.get(name)

    def _forget(self, gone: str, item_id: int) -> None:
        """Nothing points to what is gone."""
        for endpoint, item in self.every():
            links = dict(KINDS[endpoint].links)
            if gone in TEMPLATES and "unified_job_template" in item:
                links["unified_job_template"] = gone
            for field, target in links.items():
                if target == gone and item.get(field) == item_id:
                    item[field] = None
            for name, target in KINDS[endpoint].many.items():
                if target == gone and item_id in item["many"].get(name, []):
                    item["many"][name].remove(item_id)
