# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The set of objects that one organization and one prefix stand for: what is ours, what is there, what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .._errors import MissingError, OptionError, StateError
from . import record as records
from .kinds import (
    CREDENTIAL,
    CREDENTIAL_TYPE,
    ENVIRONMENT,
    INVENTORY,
    JOB_TEMPLATE,
    LABEL,
    PROJECT,
    SCHEDULE,
    SOURCE,
    TEMPLATES,
    WORKFLOW,
    Awx,
    Item,
    Thing,
)
from .record import BEING_MADE, Record

HOLDER = "entra_type"
CREDENTIALS = {"entra_credential": "entra_type", "atlassian_credential": "atlassian_type"}


def things(options: Mapping[str, Any], recorded: Collection[str]) -> list[Thing]:
    """All that the set is made of, each after what it is made of. :param recorded: keys that the record has"""
    names, data = options["names"], options["definitions"]
    listed = [(entry["key"], CREDENTIAL_TYPE) for entry in data["credential_types"]]
    listed += [("label", LABEL)]
    listed += [(key, CREDENTIAL) for key in CREDENTIALS]
    listed += [("execution_environment", ENVIRONMENT), ("project", PROJECT), ("inventory", INVENTORY)]
    if options["inventory_path"] or "inventory_source" in recorded:
        listed += [("inventory_source", SOURCE)]
    listed += [(entry["key"], JOB_TEMPLATE) for entry in data["job_templates"]]
    listed += [(entry["key"], WORKFLOW) for entry in data["workflows"]]
    found = [Thing(key, kind, names[key]) for key, kind in listed]
    return found + [
        Thing(entry["key"], SCHEDULE, names[entry["key"]], parent=entry["template"]) for entry in data["schedules"]
    ]


class Set:
    """:ivar things: by key; :ivar record: of the set, as it is to be written; :ivar organization: as the AWX has it"""

    def __init__(self, awx: Awx, options: Mapping[str, Any], strict: bool = True) -> None:
        """:param strict: whether namesakes and what is missing of what should exist end the run"""
        self.awx, self.options = awx, options
        self.me = next(iter(awx.find("me")), {})
        self.organization = self._organization(options["organization"])
        self.record = self._record()
        self.problems: list[str] = []
        self.things = {thing.key: thing for thing in things(options, self.record.ids)}
        for thing in self.things.values():
            self._locate(thing)
        source = self.things.get("inventory_source")
        if source and source.state == "missing" and not options["inventory_path"]:
            del self.things["inventory_source"]  # somebody took it away, and nobody asks for it
            self.record.ids.pop("inventory_source")
        if strict and self.problems:
            raise StateError(
                "nothing was written: " + "; ".join(self.problems), code="Namesake", problems=list(self.problems)
            )

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.things.values())

    def __getitem__(self, key: str) -> Thing:
        return self.things[key]

    @property
    def ours(self) -> list[Thing]:
        return [thing for thing in self if thing.state == "ours"]

    @property
    def superuser(self) -> bool:
        return bool(self.me.get("is_superuser"))

    def _organization(self, name: str) -> Item:
        found = self.awx.find("organizations", name=name)
        if len(found) != 1:
            raise MissingError(f"organization: the AWX has no organization '{name}', or does not show it to this user")
        return found[0]

    def _record(self) -> Record:
        prefix, mine = self.options["prefix"], self.organization["id"]
        for record in records.records(self.awx):
            if record.prefix == prefix and record.organization == mine:
                return record
            if record.prefix == prefix:
                owner = self.awx.find("organizations", id=record.organization)
                who = f"'{owner[0]['name']}'" if owner else f"with the id {record.organization}"
                raise OptionError(
                    "usersync_awx_prefix",
                    f"'{prefix}' is the prefix of the set that organization {who} has in this AWX, and names of "
                    "credential types and execution environments must be unique in the whole AWX; use another prefix",
                )
        return Record(mine, prefix)

    def _locate(self, thing: Thing) -> None:
        if thing.key in self.options["existing"]:
            self._existing(thing)
            return
        adopted = self.options["adopt"].get(thing.key)
        known = self.record.ids.get(thing.key, adopted)
        if thing.key == HOLDER and self.record.holder is not None:
            thing.found, thing.state = self.record.holder, "ours"
        elif known:
            found = self._alive(thing, id=known)
            if found and self._belongs(thing, found[0]):
                thing.found, thing.state = found[0], "ours"
            elif adopted:
                self.problems.append(
                    f"usersync_awx_adopt: there is no {thing.kind.word} with the id {adopted} in organization "
                    f"'{self.organization['name']}' to be {thing.key}"
                )
            elif found:
                self.problems.append(
                    f"the {thing} is no longer in organization '{self.organization['name']}'; move it back"
                )
        if thing.found is None:
            self._namesakes(thing)

    def _alive(self, thing: Thing, **query: Any) -> list[Item]:
        return [item for item in self.awx.find(thing.kind.endpoint, **query) if not item.get("pending_deletion")]

    def _belongs(self, thing: Thing, item: Item) -> bool:
        """Organizations decide what is ours; a type has none, and what hangs on something of ours needs none."""
        if thing.kind is CREDENTIAL_TYPE:
            return records.read(item) is None
        if thing.parent is not None:
            return item.get("unified_job_template") == self.things[thing.parent].id
        if thing.kind is SOURCE:
            return item.get("inventory") == self.things["inventory"].id
        return item.get("organization") == self.organization["id"]

    def _named(self, thing: Thing) -> list[Item]:
        if thing.parent is not None or thing.kind is SOURCE:
            owner = self.things[thing.parent or "inventory"].id
            field = "inventory" if thing.kind is SOURCE else "unified_job_template"
            return self._alive(thing, name=thing.name, **{field: owner}) if owner else []
        if thing.kind.everywhere:
            return self._alive(thing, name=thing.name)
        query = {"name": thing.name, "organization": self.organization["id"]}
        if thing.kind is CREDENTIAL:
            kind = self.things[CREDENTIALS[thing.key]].id
            return self._alive(thing, **query, credential_type=kind) if kind else []
        if thing.kind in TEMPLATES:
            # by name, schedules and steps find whatever can be launched
            return self.awx.find("unified_job_templates", **query)
        return self._alive(thing, **query)

    def _namesakes(self, thing: Thing) -> None:
        found = self._named(thing)
        if not found:
            return
        # a label is shared by whoever bears it, and a run that died has left what it was making
        being_made = self.record.ids.get(thing.key) == BEING_MADE and self._belongs(thing, found[0])
        if thing.kind is LABEL or being_made:
            ours = self._alive(thing, id=found[0]["id"])
            if ours:
                thing.found, thing.state = ours[0], "ours"
                return
        elsewhere = found[0].get("organization") not in (None, self.organization["id"])
        where = "another organization" if elsewhere else f"organization '{self.organization['name']}'"
        if thing.kind is CREDENTIAL_TYPE:
            where = "this AWX"
        told = "; give it another name with usersync_awx_names or usersync_awx_prefix"
        if self._belongs(thing, found[0]):
            told += f", or say usersync_awx_adopt: {{{thing.key}: {found[0]['id']}}} if it is meant"
        if not elsewhere and thing.kind in (PROJECT, INVENTORY, ENVIRONMENT):
            told += f", or usersync_awx_existing: [{thing.key}] to use it as it is"
        self.problems.append(f"{where} has a {thing.kind.word} '{thing.name}' that this role did not create{told}")

    def _existing(self, thing: Thing) -> None:
        found = self._named(thing)
        if thing.kind is ENVIRONMENT:
            found = [one for one in found if one.get("organization") in (None, self.organization["id"])]
        if found:
            thing.found, thing.state = found[0], "existing"
            return
        of_ours = " of our credential type" if thing.kind is CREDENTIAL else ""
        self.problems.append(
            f"usersync_awx_existing: organization {self.organization['name']} has no {thing.key} called "
            f"'{thing.name}'{of_ours}"
        )
