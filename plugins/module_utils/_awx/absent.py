# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Take a set away: what is ours and what nobody else uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._errors import StateError
from .._run import Result, Run
from . import rights
from .inventory import GIVEN, WORKED_ON
from .kinds import CREDENTIAL_TYPE, GROUP, HOST, INVENTORY, LABEL, SCHEDULE, WORKFLOW, Awx, Item, Thing
from .record import VARIABLE
from .sets import CREDENTIALS, HOLDER, Set
from .uses import in_inventory, users
from .writer import Writer

# What an object of the set is made of, by key or kind; "*" is every template
NEEDS = ("project", "inventory", "execution_environment", *CREDENTIALS)


def run(awx: Awx, options: Mapping[str, Any], run: Run, parse: Callable[[str], Any]) -> Result:
    """:raises StateError: before the first removal where the user lacks rights; after the last where something stays"""
    found = Set(awx, {**options, "adopt": {}}, strict=False)
    writer = Writer(awx, found, options, run, parse)
    if found.record.holder is not None:
        rights.to_remove(found)
    keep = _kept(writer)
    order = [thing for thing in reversed(found.ours) if thing.kind is not LABEL]
    inventory = found["inventory"]
    if inventory.state == "ours" and inventory.key in keep:
        _ours_in(writer, inventory)
    for thing in order:
        if thing.key not in keep:
            _remove(writer, thing)
    _record(writer, keep)
    notes = [*writer.notes, *_label(writer)]
    stayed = [f"the {found[key]} stays, {why}" for key, why in keep.items()]
    if stayed:
        raise StateError(
            f"{'; '.join(stayed)}. Everything else {'would be' if run.check_mode else 'was'} removed",
            code="Used",
            stayed=stayed,
            removed=[change["what"] for change in writer.changes],
        )
    return writer.result(notes)


def _kept(writer: Writer) -> dict[str, str]:
    """What cannot go, by key, with the reason."""
    found, awx = writer.set, writer.awx
    ids = {(thing.kind.endpoint, thing.id): thing.key for thing in found.ours}
    workflows = {thing.id for thing in found.ours if thing.kind is WORKFLOW}

    def ours(endpoint: str, item: Item) -> bool:
        if endpoint == "workflow_job_template_nodes":
            return item.get("workflow_job_template") in workflows
        return (endpoint, item["id"]) in ids

    keep: dict[str, str] = {}
    for thing in found.ours:
        if thing.kind in (LABEL, SCHEDULE):
            continue
        words = users(awx, thing, ours)
        if thing.kind is INVENTORY:
            source = found.things.get("inventory_source")
            words += in_inventory(awx, thing.id or 0, GIVEN, WORKED_ON, source.id if source else None)[2]
        if words:
            keep[thing.key] = f"because it is used by: {', '.join(words)}"
    _with_what_they_need(writer, keep)
    if keep and found[HOLDER].state == "ours":
        keep.setdefault(HOLDER, "because it contains the record of what is ours")
    return keep


def _with_what_they_need(writer: Writer, keep: dict[str, str]) -> None:
    """What stays keeps what it is made of."""
    found, data = writer.set, writer.options["definitions"]
    steps = {entry["key"]: [node.get("template") for node in entry["nodes"]] for entry in data["workflows"]}
    jobs = {entry["key"] for entry in data["job_templates"]}
    todo = list(keep)
    while todo:
        key = todo.pop()
        needs: list[str | None] = list(NEEDS) if key in jobs else []
        needs += [*steps.get(key, []), *(["inventory"] if key in steps else [])]
        needs += [CREDENTIALS[key]] if key in CREDENTIALS else []
        needs += ["project"] if key == "inventory_source" else []
        for need in needs:
            if need and need not in keep and found[need].state == "ours":
                keep[need] = f"because the {found[key]} stays and needs it"
                todo.append(need)


def _remove(writer: Writer, thing: Thing) -> None:
    arguments: dict[str, Any] = {"name": str(thing.id), "state": "absent"}
    if thing.kind not in (CREDENTIAL_TYPE, SCHEDULE):
        arguments["organization"] = writer.set.organization["name"]
    if thing.kind.module == "execution_environment":
        arguments.pop("organization")
    if thing.key in CREDENTIALS:
        arguments["credential_type"] = str(writer.set[CREDENTIALS[thing.key]].id)
    if thing.kind.module == "inventory_source":
        arguments["inventory"] = str(writer.set["inventory"].id)
    if thing.parent is not None:
        template = writer.set[thing.parent].found or {}
        arguments.update(unified_job_template=template.get("name"), organization=writer.set.organization["name"])
    writer.apply(thing.key, thing.kind.module, str(thing), **arguments)
    writer.set.record.ids.pop(thing.key, None)
    writer.set.record.off.discard(thing.key)


def _ours_in(writer: Writer, inventory: Thing) -> None:
    """Hosts that the role has created, and its groups where nobody else is in them, of an inventory that stays."""
    hosts, groups, _words = in_inventory(writer.awx, inventory.id or 0, GIVEN, WORKED_ON)
    mine = {host["id"] for host in hosts}
    for host in hosts:
        arguments = {"name": host["name"], "inventory": str(inventory.id), "state": "absent"}
        writer.apply("hosts", HOST.module, f"host '{host['name']}'", **arguments)
    for group in groups:
        members = {host["id"] for host in writer.awx.find(f"groups/{group['id']}/hosts")}
        if members <= mine and (group["name"] == GIVEN or not writer.awx.find(f"groups/{group['id']}/children")):
            arguments = {"name": group["name"], "inventory": str(inventory.id), "state": "absent"}
            writer.apply("hosts", GROUP.module, f"group '{group['name']}'", **arguments)


def _record(writer: Writer, keep: Mapping[str, str]) -> None:
    """Where the type stays that holds it, the record tells what is left."""
    thing, record = writer.set[HOLDER], writer.set.record
    if HOLDER not in keep or writer.run.check_mode or thing.found is None or not record.differs():
        return
    injectors = thing.found["injectors"]
    env = {**injectors.get("env", {}), VARIABLE: record.text()}
    writer.awx.apply(thing.kind.module, name=str(thing.id), injectors={**injectors, "env": env})


def _label(writer: Writer) -> list[str]:
    """No module removes a label; it goes with the last thing that bears it, and jobs of the past bear it too."""
    label = writer.set["label"]
    if label.found is None:
        return []
    if writer.run.check_mode:
        return [f"the {label} is removed with the last template or job that has it"]
    if not writer.awx.find(LABEL.endpoint, id=label.id):
        return []
    return [f"the {label} stays: other templates or past jobs have it; it is removed with the last of them"]
