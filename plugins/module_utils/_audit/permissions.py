# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which permissions the connectors of an app need, and which it requests and has beyond them (permissions.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from .._entra import permission_profiles as profiles
from .._entra.permission_profiles import APPLICATION, DELEGATED
from .._entra.permissions import MICROSOFT_GRAPH
from .._usersync.values import AUTHORIZATION_CODE

# Names for what an app only requests, since its registration bears ids (permissions.md)
NAMES = {
    (DELEGATED, "e1fe6dd8-ba31-4d61-89e7-88639da4683d"): "User.Read",
    (DELEGATED, "b340eb25-3456-403f-be2f-af7a0d370277"): "User.ReadBasic.All",
    (APPLICATION, "97235f07-e226-4f63-ace3-39588e11d3a1"): "User.ReadBasic.All",
    (APPLICATION, "7ab1d382-f21e-4acd-a863-ba3e13f7da61"): "Directory.Read.All",
    (DELEGATED, "06da0dbc-49e2-44d2-8312-53f166ab848a"): "Directory.Read.All",
    (APPLICATION, "df021288-bdef-4463-88db-98f22de89214"): "User.Read.All",
    (DELEGATED, "a154be20-db9c-4678-8ab7-66f6cc099a59"): "User.Read.All",
    (APPLICATION, "5b567255-7703-4780-807c-7be8301ae99b"): "Group.Read.All",
    (DELEGATED, "5f8c59db-677d-491f-a6b8-5f174b11ec1d"): "Group.Read.All",
    (APPLICATION, "98830695-27a2-44f7-8c18-0c3ebc9698f6"): "GroupMember.Read.All",
    (DELEGATED, "bc024368-1153-4739-b217-4326f2e966d0"): "GroupMember.Read.All",
    (DELEGATED, "37f7f235-527c-4136-accd-4a02d197296e"): "openid",
    (DELEGATED, "14dad69e-099b-42c9-810b-d002981feec1"): "profile",
    (DELEGATED, "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0"): "email",
    (DELEGATED, "7427e0e9-2fba-42fe-b0c0-848c9e6a8182"): "offline_access",
    (APPLICATION, "18a4783c-866b-4cc7-a460-3d5e5662c884"): "Application.ReadWrite.OwnedBy",
    (APPLICATION, "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"): "Application.ReadWrite.All",
    (APPLICATION, "06b708a9-e830-4db3-a914-8e69da51d44f"): "AppRoleAssignment.ReadWrite.All",
}
READS_ALL = "Directory.Read.All"
WIDER = {"Directory.ReadWrite.All"}
USERS = {"User.Read.All", "User.ReadWrite.All"}
GROUPS = {"Group.Read.All", "GroupMember.Read.All", "Group.ReadWrite.All"}
# What a sign-in of a person brings along
SIGN_IN = {(DELEGATED, name) for name in ("openid", "profile", "email", "offline_access")}
MORE_THAN_READING = ("Write", "Manage", "FullControl", "Send", "Create", "Delete", "Privileged")


def judge(
    app: Mapping[str, Any],
    connectors: Sequence[Mapping[str, Any]],
    complete: bool,
    profile: str = profiles.GUIDE,
    asked: Iterable[tuple[str, str]] = (),
) -> dict[str, Any] | None:
    """The entry C(permissions) of an app; None when its grants were not read.

    :param connectors: of all its hosts, in the shape of the data set
    :param complete: all its hosts were read, so that what none of them needs is needed by none
    :param profile: the permission profile that was chosen
    :param asked: type and name of what the inventory asks for by name
    :returns: C(requested), C(granted), C(missing), C(excess) (beyond the profile), C(savings) (what the profile least
        would do without, beside the excess), each a list of C(type), C(name), C(api); C(excess) and C(savings) are None
        where they cannot be told
    """
    if app.get("granted_permissions") is None or app.get("granted_permissions_complete") is False:
        return None
    named = {(entry["api"], entry["type"], entry["id"]): entry["value"] for entry in app["granted_permissions"]}
    requested = [_show(entry, named) for entry in app["requested_permissions"]]
    granted = [_show(entry, named) for entry in app["granted_permissions"]]
    missing = [entry for entry in requested if entry not in granted]
    if connectors and not _reads_directory(granted):
        needed = {"type": APPLICATION, "name": READS_ALL, "api": MICROSOFT_GRAPH}
        missing += [needed] if needed not in missing else []
    excess = savings = None
    if complete and connectors:
        least = _allowed(connectors, requested + granted)
        chosen = {*least, *asked, *(profiles.OF_THE_GUIDE if profile == profiles.GUIDE else ())}
        excess = _beyond(chosen, requested + granted)
        savings = [entry for entry in _beyond(least, requested + granted) if entry not in excess]
    return {
        "requested": requested,
        "granted": granted,
        "missing": _unique(missing),
        "excess": excess,
        "savings": savings,
    }


def _beyond(allowed: Collection[tuple[str, str]], entries: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return _unique(
        entry for entry in entries if entry["api"] != MICROSOFT_GRAPH or (entry["type"], entry["name"]) not in allowed
    )


def does_more_than_read(entries: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of the permissions lets its bearer change something."""
    return any(word in entry["name"] for entry in entries for word in MORE_THAN_READING)


def words(entries: Iterable[Mapping[str, Any]]) -> str:
    """For a sentence."""
    return ", ".join(f"{entry['name']} ({entry['type']})" for entry in entries)


def _show(entry: Mapping[str, Any], named: Mapping[tuple[Any, Any, Any], Any]) -> dict[str, str]:
    value = entry.get("value") or named.get((entry["api"], entry["type"], entry["id"]))
    name = value or NAMES.get((entry["type"], str(entry["id"]))) or str(entry["id"])
    return {"type": entry["type"], "name": name, "api": entry["api"]}


def _reads_directory(granted: Iterable[Mapping[str, str]]) -> bool:
    held = {entry["name"] for entry in granted if entry["type"] == APPLICATION and entry["api"] == MICROSOFT_GRAPH}
    return bool(held & {READS_ALL, *WIDER}) or bool(held & USERS and held & GROUPS)


def _allowed(connectors: Iterable[Mapping[str, Any]], entries: Iterable[Mapping[str, str]]) -> set[tuple[str, str]]:
    there = {entry["name"] for entry in entries if entry["type"] == APPLICATION}
    allowed = {(APPLICATION, READS_ALL)}
    if READS_ALL not in there:
        allowed |= {(APPLICATION, name) for name in ("User.Read.All", "Group.Read.All", "GroupMember.Read.All")}
    for connector in connectors:
        old_flow = connector["flow"] == AUTHORIZATION_CODE
        allowed |= {*profiles.needed(old_flow, bool(connector["profile_pictures"])), *(SIGN_IN if old_flow else ())}
    return allowed


def _unique(entries: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = []
    for entry in entries:
        if entry not in kept:
            kept.append(entry)
    return kept
