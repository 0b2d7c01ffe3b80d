# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Permissions of Microsoft Graph that User Sync and this collection use (permissions.md).

The tenant's own list counts. This one stands in where that list may not be read (C(Application.ReadWrite.OwnedBy), an
owner without permissions), and it knows the wordings of the English portals, old and new, where a tenant shows others.
"""

from __future__ import annotations

from typing import Any

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"

# value -> id as application permission, id as delegated permission, wordings
KNOWN: dict[str, tuple[str | None, str | None, tuple[str, ...]]] = {
    "User.Read": (
        None,
        "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
        ("Sign in and read user profile", "Sign you in and read your profile"),
    ),
    "User.ReadBasic.All": (
        "97235f07-e226-4f63-ace3-39588e11d3a1",
        "b340eb25-3456-403f-be2f-af7a0d370277",
        ("Read all users' basic profiles",),
    ),
    "Directory.Read.All": (
        "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
        "06da0dbc-49e2-44d2-8312-53f166ab848a",
        ("Read directory data",),
    ),
    "User.Read.All": (
        "df021288-bdef-4463-88db-98f22de89214",
        "a154be20-db9c-4678-8ab7-66f6cc099a59",
        ("Read all users' full profiles and company properties", "Read all users' full profiles"),
    ),
    "Group.Read.All": (
        "5b567255-7703-4780-807c-7be8301ae99b",
        "5f8c59db-677d-491f-a6b8-5f174b11ec1d",
        ("Read all groups",),
    ),
    "GroupMember.Read.All": (
        "98830695-27a2-44f7-8c18-0c3ebc9698f6",
        "bc024368-1153-4739-b217-4326f2e966d0",
        ("Read all group memberships", "Read group memberships"),
    ),
    "openid": (None, "37f7f235-527c-4136-accd-4a02d197296e", ()),
    "profile": (None, "14dad69e-099b-42c9-810b-d002981feec1", ()),
    "email": (None, "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", ()),
    "offline_access": (None, "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", ()),
    "Application.ReadWrite.OwnedBy": ("18a4783c-866b-4cc7-a460-3d5e5662c884", None, ()),
    "Application.ReadWrite.All": (
        "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
        "bdfbf15f-ee85-4955-8675-146e8e5296b5",
        ("Read and write all applications",),
    ),
    "Application.Read.All": (
        "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
        "c79f8feb-a9db-4090-85f9-90d820caa0eb",
        ("Read all applications",),
    ),
    "AppRoleAssignment.ReadWrite.All": (
        "06b708a9-e830-4db3-a914-8e69da51d44f",
        "84bccea3-f856-4a8a-967b-dbe0a3d53a64",
        ("Manage app permission grants and app role assignments",),
    ),
    "DelegatedPermissionGrant.ReadWrite.All": (
        "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
        "41ce6ca6-6826-4807-84f1-1c82854f7ee5",
        ("Manage all delegated permission grants",),
    ),
    "Policy.Read.All": ("246dd0d5-5bd0-4def-940b-0421030a5b68", None, ("Read your organization's policies",)),
    "Organization.Read.All": ("498476ce-e0fe-48b0-b801-37ba7e2685c6", None, ("Read organization information",)),
}


def values_of_wording(wording: str) -> set[str]:
    """The values that a wording of the English portals stands for."""
    folded = wording.casefold()
    return {value for value, (_role, _scope, texts) in KNOWN.items() if folded in {text.casefold() for text in texts}}


def name_of(identifier: str, kind: str) -> str | None:
    """The value of an id. :param kind: application or delegated"""
    place = 0 if kind == "application" else 1
    return next((value for value, entry in KNOWN.items() if entry[place] == identifier), None)


def as_principal() -> dict[str, Any]:
    """The list in the form of a service principal, without its object id."""
    roles, scopes = [], []
    for value, (role, scope, texts) in KNOWN.items():
        wording = texts[0] if texts else None
        if role:
            roles.append({"id": role, "value": value, "displayName": wording})
        if scope:
            scopes.append({"id": scope, "value": value, "adminConsentDisplayName": wording})
    return {
        "appId": MICROSOFT_GRAPH,
        "id": "",
        "displayName": "Microsoft Graph",
        "appRoles": roles,
        "oauth2PermissionScopes": scopes,
    }
