# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Whether this user may do all that a run would do; asked before its first write."""

from __future__ import annotations

from collections.abc import Iterable

from .._errors import StateError
from .kinds import CREDENTIAL_TYPE, LABEL, Item, Thing
from .sets import Set


def _may(item: Item, what: str) -> bool:
    """What the AWX itself says of this user; it says nothing of what it does not protect."""
    return bool(item.get("summary_fields", {}).get("user_capabilities", {}).get(what, True))


def _refuse(found: Set, reasons: list[str]) -> None:
    if reasons:
        who = found.me.get("username", "this user")
        raise StateError(f"nothing was written: the user '{who}' " + "; ".join(reasons), code="Rights")


def to_write(found: Set, missing: Iterable[Thing], new_types: bool) -> None:
    """:param new_types: whether a credential type is made or changed, which holds the record too"""
    reasons = []
    if new_types and not found.superuser:
        reasons.append(
            "is not a system administrator, and nobody else may create or change credential types, which also contain "
            "the record of what is ours; run this once as a system administrator"
        )
    if list(missing) and not _may(found.organization, "edit"):
        reasons.append(f"may not create anything in organization '{found.organization['name']}'")
    kept = [
        str(thing)
        for thing in found.ours
        if thing.found and thing.kind not in (CREDENTIAL_TYPE, LABEL) and not _may(thing.found, "edit")
    ]
    if kept:
        reasons.append(f"may not change the {', '.join(kept)}")
    _refuse(found, reasons)


def to_remove(found: Set) -> None:
    """Who may not see the objects of other organizations cannot know who uses ours."""
    if not found.superuser:
        reason = "is not a system administrator: AWX does not show such a user what other organizations use of ours, "
        _refuse(found, [reason + "nor lets such a user remove credential types"])
