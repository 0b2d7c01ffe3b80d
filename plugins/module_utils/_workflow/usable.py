# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Whether a secret of an app could log in at all, looked at before one is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._entra import principals, snapshot
from .._entra.graph import Graph
from .._entra.health import why_no_secret
from .._entra.paths import key_path


def refuse_unusable(graph: Graph, app: Mapping[str, Any]) -> bool:
    """One read for all hosts of the app.

    :returns: whether its service principal may be read, so that nothing stands in the way for sure
    :raises StateError: the app is deactivated, or its principal missing or disabled; C(code) tells which
    """
    _judge(app, None, False)
    # in check mode an app that would be made has no id
    if app.get("appId") and app.get("id"):
        return bool(snapshot.once(f"principal of {app['id']} by {graph.login.key}", lambda: _look(graph, app)))
    return True


def _look(graph: Graph, app: Mapping[str, Any]) -> bool:
    """Only what is good is kept for the other hosts; :returns: whether it may be read"""
    read, principal = _principal(graph, app)
    _judge(app, principal, read)
    return read


def _judge(app: Mapping[str, Any], principal: Mapping[str, Any] | None, read: bool) -> None:
    obstacle = why_no_secret(app, principal, read)
    if obstacle is not None:
        raise obstacle.error()


def _principal(graph: Graph, app: Mapping[str, Any]) -> tuple[bool, dict[str, Any] | None]:
    """Whether it may be read, and what of it counts here; a fresh one is waited for."""
    path = key_path("servicePrincipals", app_id=app["appId"])
    patience = 60.0 if principals.is_fresh(app, graph.run.now()) else 0.0
    wanted = {"$select": "id,appId,accountEnabled"}
    try:
        found = graph.settle(lambda: graph.get(path, wanted), principals.is_replication, patience)
    except errors.NotFoundError as exc:
        if exc.code is None:
            raise
        return True, None
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        return False, None
    return True, {"accountEnabled": found.get("accountEnabled")}
