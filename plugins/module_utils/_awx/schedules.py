# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""When a set runs by itself. A schedule is off while a credential is empty, and on again once it is filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import merge
from .kinds import Thing
from .sets import CREDENTIALS
from .writer import Writer, given


def keep(writer: Writer) -> None:
    """Make or change them."""
    empty = _empty(writer)
    for entry in writer.options["definitions"]["schedules"]:
        _schedule(writer, writer.set[entry["key"]], entry, empty)
    off = [f"the {thing}" for thing in writer.set if thing.key in writer.set.record.off]
    if off and empty:
        lacking = " and ".join(f"the {thing}" for thing in empty)
        writer.notes.append(f"created disabled: {' and '.join(off)}; fill in {lacking}, and run this again")


def _empty(writer: Writer) -> list[Thing]:
    """Credentials that nobody has filled in; a field that is linked to another credential is filled."""
    options, empty = writer.options, []
    for key in CREDENTIALS:
        thing = writer.set[key]
        if options[f"{key.removesuffix('_credential')}_inputs"]:
            continue
        if key == "atlassian_credential" and options["vault_credentials"]:
            continue  # hosts bring their own accounts
        filled = thing.found is not None and (
            any(value not in (None, "", False) for value in (thing.found.get("inputs") or {}).values())
            or writer.awx.find("credential_input_sources", target_credential=thing.id)
        )
        if not filled:
            empty.append(thing)
    return empty


def _enabled(writer: Writer, thing: Thing, empty: list[Thing]) -> bool | None:
    """What the switch is set to; None leaves it as it is."""
    off, asked = writer.set.record.off, writer.options["schedules_enabled"]
    if asked is not None:
        off.discard(thing.key)
        return asked
    if thing.found is None:
        if empty:
            off.add(thing.key)
        return not empty
    if thing.key not in off:
        return None
    if thing.found.get("enabled"):
        off.discard(thing.key)  # somebody has switched it on
        return None
    if empty or not writer.set.superuser:
        return None
    off.discard(thing.key)
    return True


def _schedule(writer: Writer, thing: Thing, entry: Mapping[str, Any], empty: list[Thing]) -> None:
    options, template = writer.options, writer.set[entry["template"]]
    pattern = ["usersync_hosts"] if options["hosts_pattern"] is not None else []
    before = (thing.found or {}).get("extra_data") or {}
    made: dict[str, Any] = {}
    if thing.found is None:
        made = {"description": entry["description"], "rrule": options["defaults"][entry["rrule"]]}
    enabled = _enabled(writer, thing, empty)
    writer.write(
        thing,
        possible=template.id is not None,
        organization=writer.set.organization["name"],
        unified_job_template=template.found["name"] if template.found else template.name,
        extra_data=merge.answers(before, writer.surveys[entry["template"]], pattern),
        **{**made, **given(rrule=options[entry["rrule"]], enabled=enabled)},
    )
