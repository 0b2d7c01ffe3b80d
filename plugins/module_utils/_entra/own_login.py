# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""When that ends by which the automation itself logs in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import _errors as errors
from .. import _moments as moments
from . import credentials
from .auth.certificate import Certificate
from .auth.client_secret import ClientSecret
from .graph import Graph


def describe(graph: Graph, now: datetime) -> dict[str, Any]:
    """C(app_id), C(by) (the value of auth_method), C(end), and C(certain); no secret, nor a sign of one.

    C(end) is None for a login that does not end, and where it cannot be told.
    """
    method = graph.login.method
    shown: dict[str, Any] = {"app_id": graph.client_id or None, "by": method.NAME, "end": None, "certain": False}
    if isinstance(method, Certificate):
        end = method.end()
        return {**shown, "end": moments.stamp(end) if end else None, "certain": end is not None}
    if isinstance(method, ClientSecret):
        ends = _ends(graph, method.option("client_secret"), now)
        # three characters are all that the directory shows of a secret
        return {**shown, "end": min(ends, default=None), "certain": len(ends) == 1}
    return shown


def _ends(graph: Graph, secret: str, now: datetime) -> list[str]:
    """Ends of the live secrets of the automation's own app that begin like the one in use."""
    try:
        app = graph.find(f"applications(appId='{graph.client_id}')", {"$select": "id,passwordCredentials"})
    except errors.UsersyncError:
        return []  # it may not read its own app, and works all the same
    live = [one for one in (app or {}).get("passwordCredentials") or [] if credentials.live(one, now)]
    fitting = [one for one in live if one.get("hint") and secret.startswith(one["hint"])]
    return [one["endDateTime"] for one in fitting if one.get("endDateTime")]
