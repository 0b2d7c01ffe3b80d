# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Make a set, or bring it to what is wanted.

What is missing is made whole. Of what is there only this is written: what was given, and what the parts need to work
together. Everything else is whoever's who set it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._errors import OptionError, StateError
from .._run import Result, Run
from . import rights
from .inventory import check as check_inventory
from .inventory import keep as keep_inventory
from .kinds import Awx, Thing
from .record import BEING_MADE, VARIABLE
from .references import resolve
from .sets import CREDENTIALS, HOLDER, Set
from .templates import keep as keep_templates
from .writer import Writer, given


def run(awx: Awx, options: Mapping[str, Any], run: Run, parse: Callable[[str], Any]) -> Result:
    """:raises UsersyncError: before the first write, where anything is not as it must be"""
    check_inventory(options)
    found = Set(awx, options)
    options = resolve(found, options)
    writer = Writer(awx, found, options, run, parse)
    missing = [thing for thing in found if thing.state == "missing"]
    if found["execution_environment"].state == "missing" and not options["execution_environment_image"]:
        raise OptionError(
            "usersync_awx_execution_environment_image",
            "must name the image that was built from execution-environment/, such as "
            "registry.example.com/usersync:1.0.0",
        )
    for thing in found:
        if thing.key not in (HOLDER, "label") and thing.state != "existing":
            found.record.ids[thing.key] = thing.id or BEING_MADE
    types = _changed_types(found, options)
    rights.to_write(found, missing, bool(missing or types or found.record.differs()))
    for entry in options["definitions"]["credential_types"]:
        _type(writer, entry)
    _parts(writer)
    keep_inventory(writer)
    keep_templates(writer)
    _remember(writer)
    return writer.result(writer.notes)


def _injectors(writer: Writer, entry: Mapping[str, Any]) -> dict[str, Any]:
    injectors = dict(entry["injectors"])
    if entry["key"] == HOLDER:
        injectors["env"] = {**injectors["env"], VARIABLE: writer.set.record.text()}
    return injectors


def _changed_types(found: Set, options: Mapping[str, Any]) -> list[Thing]:
    """Types of ours whose fields or injectors are not those of this version."""
    changed = []
    for entry in options["definitions"]["credential_types"]:
        thing = found[entry["key"]]
        if thing.found is None:
            continue
        env = {name: text for name, text in thing.found["injectors"].get("env", {}).items() if name != VARIABLE}
        if {**thing.found["injectors"], "env": env} != entry["injectors"]:
            changed.append(thing)
        if thing.found["inputs"] != entry["inputs"]:
            if found.awx.find("credentials", credential_type=thing.id):
                raise StateError(
                    f"nothing was written: the {thing} has different fields from those of this version, and AWX does "
                    "not allow changing the fields of a type that credentials use; create a new set with another "
                    "usersync_awx_prefix",
                    code="Frozen",
                )
            changed.append(thing)
    return changed


def _type(writer: Writer, entry: Mapping[str, Any]) -> None:
    thing = writer.set[entry["key"]]
    made = {} if thing.found else {"description": entry["description"]}
    injectors = _injectors(writer, entry)
    writer.write(thing, kind="cloud", inputs=entry["inputs"], injectors=injectors, **made)
    if entry["key"] == HOLDER and not writer.run.check_mode:
        writer.set.record.holder = {"id": thing.id, "injectors": injectors}


def _remember(writer: Writer) -> None:
    """The record with the ids that there are now."""
    record, thing = writer.set.record, writer.set[HOLDER]
    if record.holder is None or not record.differs() or not writer.set.superuser:
        return
    if not writer.run.check_mode:
        entry = next(entry for entry in writer.options["definitions"]["credential_types"] if entry["key"] == HOLDER)
        writer.awx.apply(thing.kind.module, name=str(thing.id), injectors=_injectors(writer, entry))
    if not writer.changes:
        writer.changes.append({"key": HOLDER, "what": f"record of what is ours, in the {thing}", "did": "changed"})


def _parts(writer: Writer) -> None:
    options, found, organization = writer.options, writer.set, writer.set.organization["name"]
    if found["label"].state == "missing":
        writer.write(found["label"], organization=organization)
    for key, type_key in CREDENTIALS.items():
        _credential(writer, found[key], found[type_key])
    environment = found["execution_environment"]
    made = (
        {}
        if environment.found
        else {"description": "Ansible with fleetops.usersync and its Python libraries", "pull": "missing"}
    )
    writer.write(
        environment,
        organization=organization,
        # the module wants one, and what is there is no change
        image=options["execution_environment_image"] or (environment.found or {}).get("image"),
        **{**made, **given(pull=options["execution_environment_pull"], credential=options["registry_credential"])},
    )
    project = found["project"]
    made = (
        {}
        if project.found
        else {
            "description": "Playbooks of fleetops.usersync",
            "scm_type": "git",
            "scm_url": options["defaults"]["project_url"],
            "scm_branch": options["defaults"]["project_branch"],
        }
    )
    told = given(
        scm_url=options["project_url"], scm_branch=options["project_branch"], credential=options["project_credential"]
    )
    writer.write(project, organization=organization, wait=options["project_wait"], **{**made, **told})


def _credential(writer: Writer, thing: Thing, kind: Thing) -> None:
    """One that somebody fills in at the AWX is made once, empty, and never written again."""
    inputs = writer.options[f"{thing.key.removesuffix('_credential')}_inputs"]
    description = writer.options["definitions"]["credentials"][thing.key]
    arguments: dict[str, Any] = {} if thing.found else {"description": description}
    if inputs is not None:
        arguments["inputs"] = {**((thing.found or {}).get("inputs") or {}), **inputs}
    writer.write(
        thing,
        organization=writer.set.organization["name"],
        credential_type=str(kind.id) if kind.id else kind.name,
        update_secrets=writer.options["update_secrets"],
        possible=kind.id is not None,
        **arguments,
    )
