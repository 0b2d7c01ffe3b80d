# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The kinds of AWX objects that a set is made of, and what AWX itself is asked with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

Item = dict[str, Any]


class Awx(Protocol):
    """An AWX, through the lookup and the modules of one collection."""

    def find(self, endpoint: str, **query: Any) -> list[Item]:
        """All objects of an endpoint that fit; raises AnswerError."""

    def apply(self, module: str, **arguments: Any) -> Item:
        """Run a module; returns C(changed) and, where something is there, C(id). Raises AnswerError."""


@dataclass(frozen=True)
class Kind:
    """:ivar word: for people; :ivar module: which writes it; :ivar everywhere: its name is unique in the whole AWX"""

    word: str
    endpoint: str
    module: str
    everywhere: bool = False


CREDENTIAL_TYPE = Kind("credential type", "credential_types", "credential_type", True)
LABEL = Kind("label", "labels", "label")
CREDENTIAL = Kind("credential", "credentials", "credential")
ENVIRONMENT = Kind("execution environment", "execution_environments", "execution_environment", True)
PROJECT = Kind("project", "projects", "project")
INVENTORY = Kind("inventory", "inventories", "inventory")
SOURCE = Kind("inventory source", "inventory_sources", "inventory_source")
JOB_TEMPLATE = Kind("job template", "job_templates", "job_template")
WORKFLOW = Kind("workflow", "workflow_job_templates", "workflow_job_template")
SCHEDULE = Kind("schedule", "schedules", "schedule")
HOST = Kind("host", "hosts", "host")
GROUP = Kind("group", "groups", "group")

TEMPLATES = (JOB_TEMPLATE, WORKFLOW)


@dataclass
class Thing:
    """One object of the set.

    :ivar state: C(ours), C(existing) (used, never changed) or C(missing)
    :ivar found: as the AWX answered it; None where it is missing
    :ivar parent: key of the template that a schedule belongs to
    """

    key: str
    kind: Kind
    name: str
    state: str = "missing"
    found: Item | None = None
    parent: str | None = None

    @property
    def id(self) -> int | None:
        return self.found["id"] if self.found else None

    def __str__(self) -> str:
        return f"{self.kind.word} '{self.found['name'] if self.found else self.name}'"
