# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Service principals, owners and deleted items (FIDELITY.md, Applications and secrets)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .. import _moments as moments
from .paths import key_path

if TYPE_CHECKING:
    from .graph import Graph

FRESH = timedelta(minutes=15)
NOT_REPLICATED = (
    "does not reference a valid application object",
    "must be in the local tenant",
    "not a valid reference update",
    "queried reference-property objects are not present",
)


def is_fresh(app: Mapping[str, Any], now: datetime) -> bool:
    """Made so short ago that replicas may not know it yet."""
    created = moments.parse(app.get("createdDateTime"))
    return created is not None and now - created < FRESH


def is_replication(error: errors.AnswerError) -> bool:
    """A refusal that a replica gives for an object it has not seen yet. Only for objects made a moment ago."""
    text = str(error.details.get("text") or "").lower()
    gone = isinstance(error, errors.NotFoundError) and error.code is not None
    return gone or any(mark in text for mark in NOT_REPLICATED)


def find_principal(graph: Graph, app_id: str) -> dict[str, Any] | None:
    """The service principal of an app id in this tenant."""
    return graph.find(key_path("servicePrincipals", app_id=app_id))


def create_principal(graph: Graph, app_id: str, tags: list[str], timeout: float) -> dict[str, Any]:
    """Make it, restoring a deleted one; waits for the app to be known, and takes one that another run just made."""
    gone = _deleted_principal(graph, app_id)
    if gone is not None:
        path = f"directory/deletedItems/{gone['id']}/restore"
        return graph.settle(lambda: graph.post(path, repeatable=True), is_replication, timeout) or gone
    body = {"appId": app_id, "tags": tags}
    try:
        # sent again after a lost answer: a second one is refused, and the first is found
        made = graph.settle(lambda: graph.post("servicePrincipals", body, repeatable=True), is_replication, timeout)
    except errors.AnswerError as exc:
        if exc.code != "Request_MultipleObjectsWithSameKeyValue":
            raise
        made = None
    if made:
        return made
    path = key_path("servicePrincipals", app_id=app_id)
    return graph.settle(lambda: graph.get(path), is_replication, timeout)


def _deleted_principal(graph: Graph, app_id: str) -> dict[str, Any] | None:
    try:
        listed = graph.list("directory/deletedItems/microsoft.graph.servicePrincipal")
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        return None
    return next((gone for gone in listed if gone.get("appId") == app_id), None)


def owner_ids(graph: Graph, object_id: str) -> list[str]:
    """Object ids of the owners of an app."""
    return [owner["id"] for owner in graph.list(f"applications/{object_id}/owners", {"$select": "id"})]


def add_owner(graph: Graph, object_id: str, owner: str) -> None:
    """:raises AnswerError: when the id is no user or service principal"""
    reference = {"@odata.id": f"{graph.root}/v1.0/directoryObjects/{owner}"}
    try:
        graph.post(f"applications/{object_id}/owners/$ref", reference, repeatable=True)
    except errors.AnswerError as exc:
        if "added object references already exist" not in str(exc.details.get("text") or ""):
            raise


def remove_owner(graph: Graph, object_id: str, owner: str) -> None:
    """One that is gone is no failure."""
    try:
        graph.delete(f"applications/{object_id}/owners/{owner}/$ref")
    except errors.NotFoundError as exc:
        if exc.code is None:
            raise


def deleted_apps(graph: Graph, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Soft-deleted apps that hold the unique name, or bear the identity, that the options name."""
    wanted = {
        "id": options.get("object_id"),
        "appId": options.get("app_id"),
        "uniqueName": options.get("unique_name"),
        "displayName": options.get("display_name"),
    }
    key = next(key for key, value in wanted.items() if value)
    listed = graph.list("directory/deletedItems/microsoft.graph.application")
    if key == "displayName":
        return [app for app in listed if app.get(key) == wanted[key]]
    # ids and the unique name are compared without regard to case
    return [app for app in listed if str(app.get(key) or "").casefold() == str(wanted[key]).casefold()]
