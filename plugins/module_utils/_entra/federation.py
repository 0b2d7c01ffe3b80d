# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Federated identity credentials: tokens of another issuer that an app may log in with (FIDELITY.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .paths import key_path

if TYPE_CHECKING:
    from .graph import Graph

LIMIT = 20
MEMBERS = ("name", "issuer", "subject", "audiences", "description")
# learn.microsoft.com, entra/workload-id/workload-identity-federation-create-trust
AUDIENCES = {
    "usgov": "api://AzureADTokenExchangeUSGov",
    "dod": "api://AzureADTokenExchangeUSGov",
    "china": "api://AzureADTokenExchangeChina",
}
USUAL_AUDIENCE = "api://AzureADTokenExchange"


def usual_audience(cloud: str | None) -> str:
    """The audience that tokens for this cloud bear unless somebody chose another."""
    return AUDIENCES.get(cloud or "", USUAL_AUDIENCE)


def path(object_id: str) -> str:
    return f"applications/{object_id}/federatedIdentityCredentials"


def read(graph: Graph, object_id: str) -> list[dict[str, Any]]:
    """All of an app, as Graph has them."""
    return graph.list(path(object_id))


def describe(credential: Mapping[str, Any]) -> dict[str, Any]:
    """:returns: C(id), C(name), C(issuer), C(subject), C(audiences), C(description)"""
    shown: dict[str, Any] = {"id": credential.get("id"), **{name: credential.get(name) for name in MEMBERS}}
    return {**shown, "audiences": sorted(shown["audiences"] or [])}


def describe_all(credentials: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In a stable order."""
    return sorted(map(describe, credentials), key=lambda entry: (entry["name"] or "", entry["id"] or ""))


def named(credentials: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The one of that name, which the directory compares without regard to case."""
    return next((entry for entry in credentials if str(entry.get("name")).casefold() == name.casefold()), None)


def create(graph: Graph, object_id: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Make it by its name, so that a try whose answer was lost makes no second one.

    :returns: None when an earlier try, or another run, has made it meanwhile
    """
    key = key_path(path(object_id), name=body["name"])
    return graph.patch(key, dict(body), headers={"Prefer": "create-if-missing"})


def change(graph: Graph, object_id: str, credential_id: str, members: Mapping[str, Any]) -> None:
    graph.patch(f"{path(object_id)}/{credential_id}", dict(members))


def remove(graph: Graph, object_id: str, credential_id: str) -> None:
    """One that is gone is no failure."""
    try:
        graph.delete(f"{path(object_id)}/{credential_id}")
    except errors.NotFoundError as exc:
        if exc.code is None:
            raise
