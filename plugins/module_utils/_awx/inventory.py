# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The inventory of a set: its variables, the hosts that were named, and where else hosts come from."""

from __future__ import annotations

from typing import Any

from .._errors import OptionError
from . import merge
from .kinds import GROUP, HOST, Item
from .uses import in_inventory
from .writer import Writer, given

# The group that the playbooks work on, and the one that tells which hosts the role has made
WORKED_ON = "usersync_hosts"
GIVEN = "usersync_awx_hosts"
MINIMUM = "azure_connector_secret_min_remaining_days"
WARN = "azure_connector_audit_warn_days"


def check(options: dict[str, Any]) -> None:
    """:raises OptionError: where something was given for an inventory that is not ours to change"""
    if "inventory" in options["existing"]:
        for option in ("hosts", "inventory_variables", "inventory_path", "min_remaining_days", "warn_days"):
            if options[option] is not None:
                remedy = {"min_remaining_days": f"; set {MINIMUM} there", "warn_days": f"; set {WARN} there"}
                told = "belongs to the inventory, which is never changed, because usersync_awx_existing lists it"
                raise OptionError(f"usersync_awx_{option}", told + remedy.get(option, ""))


def keep(writer: Writer) -> None:
    """Make or change it, and what lies in it."""
    options, thing = writer.options, writer.set["inventory"]
    if thing.state == "existing":
        writer.notes.append(
            f"the {thing} is used as it is; its variables should contain {MINIMUM}, more than the days between two "
            "rotations"
        )
        return
    new = thing.found is None
    wanted = {MINIMUM: options["defaults"]["min_remaining_days"]} if new else {}
    wanted.update(options["inventory_variables"] or {})
    wanted.update(given(**{MINIMUM: options["min_remaining_days"], WARN: options["warn_days"]}))
    before = merge.mapping(str(thing), (thing.found or {}).get("variables"), writer.parse)
    variables = merge.over(before, wanted)
    made = {"description": "Hosts with User Sync", "kind": ""} if new else {}
    writer.write(thing, organization=writer.set.organization["name"], **made, **given(variables=variables))
    _source(writer)
    if options["hosts"] is not None:
        _hosts(writer, options["hosts"])
    elif new and not options["inventory_path"]:
        _group(writer, WORKED_ON, [])


def _source(writer: Writer) -> None:
    options, path = writer.options, writer.options["inventory_path"]
    if not path:
        return
    thing, inventory = writer.set["inventory_source"], writer.set["inventory"]
    made = {} if thing.found else {"source": "scm", "update_on_launch": True, "overwrite": True}
    project = options["inventory_project"] or (str(writer.set["project"].id) if thing.found is None else None)
    writer.write(
        thing,
        possible=inventory.id is not None and project != "None",
        inventory=str(inventory.id),
        organization=writer.set.organization["name"],
        source_path=path,
        **given(source_project=project),
        **made,
    )


def _hosts(writer: Writer, wanted: dict[str, dict[str, Any] | None]) -> None:
    inventory = writer.set["inventory"].id
    there: dict[str, Item] = {}
    if inventory is not None:
        there = {host["name"]: host for host in writer.awx.find(HOST.endpoint, inventory=inventory)}
    made = []
    for name, variables in wanted.items():
        host = there.get(name)
        before = merge.mapping(f"host '{name}'", (host or {}).get("variables"), writer.parse)
        whole = merge.over(before, variables or {})
        if host is None:
            made.append(name)
        if host is None or whole is not None:
            writer.apply(
                "hosts",
                HOST.module,
                f"host '{name}'",
                host is None,
                inventory is not None,
                name=name,
                inventory=str(inventory),
                variables=whole if whole is not None else before,
            )
    _retired(writer, wanted)
    _group(writer, WORKED_ON, list(wanted))
    _group(writer, GIVEN, made)


def _retired(writer: Writer, wanted: dict[str, Any]) -> None:
    """Hosts that the role made and that are not named any more."""
    inventory = writer.set["inventory"].id
    if inventory is None:
        return
    ours, _groups, _strangers = in_inventory(writer.awx, inventory, GIVEN, WORKED_ON)
    gone = sorted(host["name"] for host in ours if host["name"] not in wanted)
    if gone and writer.options["hosts_retired"] == "remove":
        for name in gone:
            writer.apply("hosts", HOST.module, f"host '{name}'", name=name, inventory=str(inventory), state="absent")
    elif gone:
        writer.notes.append(
            f"no longer in usersync_awx_hosts, but still in the {writer.set['inventory']}: {', '.join(gone)}; run the "
            "job template 'remove' on them, and then this with usersync_awx_hosts_retired: remove"
        )


def _group(writer: Writer, name: str, hosts: list[str]) -> None:
    """Put hosts into a group, beside those that are in it."""
    inventory = writer.set["inventory"].id
    found = writer.awx.find(GROUP.endpoint, inventory=inventory, name=name) if inventory is not None else []
    lacking = hosts
    if found:
        members = {host["name"] for host in writer.awx.find(f"groups/{found[0]['id']}/hosts")}
        lacking = [host for host in hosts if host not in members]
    if found and not lacking:
        return
    what = {WORKED_ON: "Hosts that the playbooks work on by default", GIVEN: "Hosts that the role has created"}
    made = {} if found else {"description": what[name]}
    writer.apply(
        "hosts",
        GROUP.module,
        f"group '{name}'",
        not found,
        inventory is not None and not writer.run.check_mode,
        name=name,
        inventory=str(inventory),
        hosts=lacking,
        preserve_existing_hosts=True,
        **made,
    )
