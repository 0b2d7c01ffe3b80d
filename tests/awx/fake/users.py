# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks, what that user sees and may do: a system administrator, an administrator of organizations, a reader."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .rules import Refused

if TYPE_CHECKING:
    from .store import Store

Item = dict[str, Any]
# What every user sees, whoever's it is
SHARED = ("credential_types", "instance_groups", "project_updates")
# What hangs on something else, and belongs where that belongs
OWNERS = {
    "hosts": ("inventory", "inventories"),
    "groups": ("inventory", "inventories"),
    "inventory_sources": ("inventory", "inventories"),
    "workflow_job_template_nodes": ("workflow_job_template", "workflow_job_templates"),
    "credential_input_sources": ("target_credential", "credentials"),
}


@dataclass
class User:
    """:ivar admin: organizations that it administers; :ivar reads: those whose objects it may read"""

    username: str
    is_superuser: bool = False
    admin: set[int] = field(default_factory=set)
    reads: set[int] = field(default_factory=set)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def sees(self, store: Store, endpoint: str, item: Item) -> bool:
        if self.is_superuser or endpoint in SHARED:
            return True
        home = where(store, endpoint, item)
        return home is None or home in self.admin | self.reads

    def may(self, store: Store, endpoint: str, item: Item) -> bool:
        """Whether it may change or remove an object; nobody but a system administrator may what belongs to nobody."""
        if self.is_superuser:
            return True
        if endpoint in SHARED or endpoint == "credential_types":
            return False
        return where(store, endpoint, item) in self.admin

    def check(self, store: Store, endpoint: str, item: Item, body: Item | None = None) -> None:
        """:raises Refused: with 403, or with 404 for what it does not see"""
        if not self.sees(store, endpoint, item):
            raise Refused("detail", "Not found.", 404)
        home = where(store, endpoint, item)
        target = (body or {}).get("organization", home)
        moved = target != home and (endpoint == "execution_environments" or target not in self.admin)
        if not self.may(store, endpoint, item) or (moved and not self.is_superuser):
            raise Refused("detail", "You do not have permission to perform this action.", 403)


def where(store: Store, endpoint: str, item: Item) -> int | None:
    """Id of the organization that an object belongs to."""
    if endpoint == "organizations":
        return item["id"]
    if endpoint == "schedules":
        template = item.get("unified_job_template")
        home = store.endpoint_of(template) if template is not None else None
        return where(store, home, store.get(home, template)) if home else None
    if endpoint == "workflow_approval_templates":
        node = next(iter(store.find("workflow_job_template_nodes", unified_job_template=item["id"])), None)
        return where(store, "workflow_job_template_nodes", node) if node else None
    if endpoint in OWNERS:
        name, kind = OWNERS[endpoint]
        owner = store.items[kind].get(item.get(name) or 0)
        return where(store, kind, owner) if owner else None
    return store.organization(endpoint, item)
