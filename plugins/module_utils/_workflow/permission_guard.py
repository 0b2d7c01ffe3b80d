# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What may not be taken away from an app, whatever list somebody has typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import _errors as errors
from .._entra import ownership
from .._entra.graph import Graph
from .._entra.permissions import Permission


def check(
    graph: Graph,
    app: Mapping[str, Any],
    going: Iterable[Permission],
    kept: Iterable[Permission],
    options: Mapping[str, Any],
) -> None:
    """:param options: only_own_apps, and what :func:`ownership.known` takes

    :raises StateError: one of those that stay is named, or the app was made by somebody else
    """
    needed = {(one.api_id, one.kind, one.id or one.value): one for one in kept}
    hit = [one for one in going if (one.api_id, one.kind, one.id or one.value) in needed]
    if hit:
        names = ", ".join(f"{one.value or one.id} ({one.kind})" for one in hit)
        raise errors.StateError(
            f"permissions: {names} must stay (keep_at_least); take it out of the list, or remove it from "
            "keep_at_least if nobody needs it any more",
            code="permission_needed",
            candidates=[one.describe() for one in hit],
        )
    maker = str(app.get("createdByAppId") or "").lower()
    if options["only_own_apps"] and not ownership.made_by_us(app, ownership.known(graph, options)):
        by = f"application {maker}" if maker else "somebody else"
        raise errors.StateError(
            f"only_own_apps: the app was created by {by}, so others may rely on its permissions; remove them in the "
            "portal, or with only_own_apps: false, once you know that nobody does, or list that automation in "
            "automation_ids",
            code="not_own_app",
        )
