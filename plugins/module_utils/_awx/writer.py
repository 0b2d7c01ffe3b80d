# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The one way to write an object, and what was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from .._run import Result, Run
from .kinds import Awx, Item, Thing
from .sets import Set

# Arguments that change how the module works, not the object
HOW = frozenset(["name", "organization", "wait", "update_secrets", "unified_job_template"])


class Writer:
    """What the steps share.

    :ivar parse: reads YAML text
    :ivar changes: what was done, or would be: key, what and did
    :ivar notes: sentences for whoever reads the run
    :ivar surveys: by key of the template, as it is or would be
    """

    def __init__(self, awx: Awx, found: Set, options: Mapping[str, Any], run: Run, parse: Callable[[str], Any]) -> None:
        self.awx, self.set, self.options, self.run, self.parse = awx, found, options, run, parse
        self.changes: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.surveys: dict[str, dict[str, Any]] = {}

    def write(
        self, thing: Thing, possible: bool = True, held: Mapping[str, Collection[int]] | None = None, **arguments: Any
    ) -> None:
        """Make a thing, or change one of ours; what is used only is left alone.

        :param possible: whether what it needs is there; it is not where check mode did not make it
        :param held: ids of the members that its lists have now, by argument; what is wanted are texts of ids
        """
        if thing.state == "existing":
            return
        if thing.found and thing.key in self.options["renamed"] and thing.found["name"] != thing.name:
            arguments["new_name"] = thing.name
        if thing.found and settled(thing.found, arguments, held or {}):
            return
        name = str(thing.id) if thing.found else thing.name
        id_ = self.apply(
            thing.key, thing.kind.module, str(thing), thing.found is None, possible, **{"name": name, **arguments}
        )
        if id_ is not None:
            thing.found = thing.found or {"id": id_, "name": thing.name}
            thing.state = "ours"
            self.set.record.ids[thing.key] = id_

    def apply(
        self,
        key: str,
        module: str,
        what: str,
        made: bool = False,
        possible: bool = True,
        told: bool = True,
        **arguments: Any,
    ) -> int | None:
        """Run one module. :param told: whether a change is one to tell; :returns: id of what was written"""
        if self.run.check_mode and not possible:
            answer: Item = {"changed": True}
        else:
            answer = self.awx.apply(module, **arguments)
        if answer.get("changed") and told:
            did = "removed" if arguments.get("state") == "absent" else "made" if made else "changed"
            self.changes.append({"key": key, "what": what, "did": did})
        return answer.get("id")

    def result(self, notes: list[str]) -> Result:
        """What the run comes to."""
        would = "would be " if self.run.check_mode else ""
        said = [f"{change['what']} {would}{change['did']}" for change in self.changes]
        values = {"objects": self.changes, "said": said, "notes": notes}
        return Result(bool(said), before={}, after={"objects": said}, values=values)


def settled(found: Item, arguments: Mapping[str, Any], held: Mapping[str, Collection[int]]) -> bool:
    """Whether an object is as wanted for sure; where that cannot be told, its module is asked."""
    if arguments.get("update_secrets"):
        return False
    return all(name in HOW or _same(found.get(name), value, held.get(name)) for name, value in arguments.items())


def _same(there: Any, wanted: Any, held: Collection[int] | None) -> bool:
    if held is not None:
        return {str(one) for one in held} == set(wanted)
    if isinstance(wanted, Mapping) and isinstance(there, str):
        try:
            return json.loads(there or "{}") == wanted
        except ValueError:
            return False
    if isinstance(wanted, str) and isinstance(there, int) and not isinstance(there, bool):
        return str(there) == wanted
    return type(there) is type(wanted) and there == wanted


def given(**fields: Any) -> dict[str, Any]:
    """The fields whose option was given, which an empty list or text is too."""
    return {name: value for name, value in fields.items() if value is not None}
