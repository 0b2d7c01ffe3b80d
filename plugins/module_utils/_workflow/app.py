# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One app registration with its service principal: present or absent."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import health, principals
from .._entra.graph import Graph
from .._entra.paths import key_path
from .._run import Result, Run
from .app_parts import Owners, ServicePrincipal, settled
from .app_plan import changes, validate

__all__ = ["run", "validate"]


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(app) (shape of :func:`applications.describe`), C(tenant_id), C(how)"""
    if options["state"] == "absent":
        return _remove(graph, options, run)
    app, how = _locate(graph, options, run)
    now = run.now()
    if app is None:
        return _create(graph, options, run)
    before = copy.deepcopy(app)
    patch = changes(app, options, adopting=how == "adopted")
    if how == "restored" and not run.check_mode:
        _restore(graph, app, options)
    principal, owners = ServicePrincipal(graph, options, run), Owners(graph, options, run)
    principal.read(app)
    owners.read(app, deleted=how == "restored" and run.check_mode)
    shown_before = apps.describe(before, now, principal.now, owners.now, principal.known)
    if patch and not run.check_mode:
        settled(graph, app, options, lambda: graph.patch(f"applications/{app['id']}", patch))
    app.update(patch)
    changed = [bool(patch), how == "restored", principal.ensure(app), owners.ensure(app)]
    after = apps.describe(app, now, principal.now, owners.now, principal.known)
    for obstacle in health.of_described(after):
        run.warn(obstacle.sentence)
    return Result(any(changed), shown_before, after, {"app": after, "tenant_id": graph.tenant_id, "how": how})


def _locate(graph: Graph, options: Mapping[str, Any], run: Run) -> tuple[dict[str, Any] | None, str]:
    """The app to work on and how it was come by: found, adopted, restored, created (then None)."""
    app = apps.find(graph, options)
    if app is not None:
        by_name = not any(options.get(name) for name in apps.IDENTITY[:3])
        if by_name and apps.MANAGED_TAG not in (app.get("tags") or []):
            return _adopt(app, options), "adopted"
        return app, "found"
    named_by_id = bool(options.get("object_id") or options.get("app_id"))
    if options.get("unique_name") and options.get("display_name") and not named_by_id:
        namesake = apps.find_by_display_name(graph, options["display_name"])
        if namesake is not None and not namesake.get("uniqueName"):
            return _adopt(namesake, options), "adopted"
        if namesake is not None:
            run.warn(f"another app called '{options['display_name']}' has the unique name '{namesake['uniqueName']}'")
    restored = _deleted(graph, options, run)
    if restored is not None:
        return restored, "restored"
    if named_by_id:
        apps.require(graph, options)
    return None, "created"


def _adopt(app: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    if not options["adopt"]:
        raise apps.ambiguous(
            f"display_name: an app called '{options['display_name']}' exists and was not made by this collection; "
            "adopt: true takes it over, app_id names it for sure",
            [app],
        )
    return app


def _deleted(graph: Graph, options: Mapping[str, Any], run: Run) -> dict[str, Any] | None:
    """A deleted app to restore; None when there is nothing deleted in the way (any more)."""
    choice = options["if_deleted"]
    try:
        gone = principals.deleted_apps(graph, options)
    except errors.DeniedError as exc:
        # the write tells, should a deleted one hold the name
        if not exc.forbidden:
            raise
        if choice != "fail":
            run.warn(f"deleted apps could not be looked through: {exc.message}")
        return None
    if not gone:
        return None
    if choice == "fail":
        raise apps.ambiguous("if_deleted: a deleted app holds this name; restore takes it back, purge frees it", gone)
    if choice == "restore":
        if len(gone) > 1:
            raise apps.ambiguous("if_deleted: more than one deleted app fits; name one by object_id", gone)
        return gone[0]
    for app in gone if not run.check_mode else []:
        graph.delete(f"directory/deletedItems/{app['id']}")
    return None


def _restore(graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    try:
        graph.post(f"directory/deletedItems/{app['id']}/restore", repeatable=True)
    except errors.NotFoundError:
        # a first try whose answer was lost, or another run, has restored it
        if graph.find(f"applications/{app['id']}") is None:
            raise
    _settle(graph, app["id"], options)


def _create(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    name = options.get("display_name") or options["unique_name"]
    wanted = {**options, "display_name": name, "sign_in_audience": options.get("sign_in_audience") or "AzureADMyOrg"}
    body = changes({}, {**wanted, "unique_name": None})
    body["tags"] = [*body.get("tags", []), apps.MANAGED_TAG]
    app: dict[str, Any] = {**body, "uniqueName": options.get("unique_name")}
    principal, owners = ServicePrincipal(graph, options, run), Owners(graph, options, run)
    if not run.check_mode:
        app = _write_new(graph, options, body)
    owners.read(app)
    principal.ensure(app)
    owners.ensure(app)
    after = apps.describe(app, run.now(), principal.now, owners.now, principal.known)
    return Result(True, None, after, {"app": after, "tenant_id": graph.tenant_id, "how": "created"})


def _write_new(graph: Graph, options: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    unique_name = options.get("unique_name")
    if unique_name:
        app = _upsert(graph, options, key_path("applications", unique_name=unique_name), body)
    else:
        app = _post(graph, body)
    _settle(graph, app["id"], options)
    return app


def _upsert(graph: Graph, options: Mapping[str, Any], path: str, body: dict[str, Any]) -> dict[str, Any]:
    def held_by_purged(error: errors.AnswerError) -> bool:
        # a namesake that was purged a moment ago holds the name until every replica knows that it is gone
        return options["if_deleted"] == "purge" and "same value for property uniqueName" in str(
            error.details.get("text")
        )

    made = graph.settle(
        lambda: graph.patch(path, body, headers={"Prefer": "create-if-missing"}),
        held_by_purged,
        options["settle_timeout"],
    )
    # 204: an earlier try whose answer was lost, or another run, has made it in the meantime
    return made or graph.settle(lambda: graph.get(path), principals.is_replication, options["settle_timeout"])


def _post(graph: Graph, body: dict[str, Any]) -> dict[str, Any]:
    """Make an app that has no unique name. A lost answer is no reason to make a second one."""
    try:
        return graph.post("applications", body) or {}
    except (errors.LostAnswerError, errors.UnavailableError):
        for pause in (1.0, 2.0, 4.0):
            graph.run.sleep(pause)
            made = apps.find_by_display_name(graph, body["displayName"])
            if made is not None and apps.MANAGED_TAG in (made.get("tags") or []):
                return made
        raise


def _settle(graph: Graph, object_id: str, options: Mapping[str, Any]) -> None:
    """Wait until reads know what this run made: two in a row, because replicas differ."""
    for _read in range(2):
        graph.settle(
            lambda: graph.get(f"applications/{object_id}", {"$select": "id"}),
            principals.is_replication,
            options["settle_timeout"],
        )


def _remove(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    app = apps.find(graph, options)
    values = {"tenant_id": graph.tenant_id, "how": "removed", "app": None}
    if app is None:
        gone = principals.deleted_apps(graph, options) if options["purge"] else []
        if len(gone) > 1 and not options.get("unique_name"):
            raise apps.ambiguous("purge: more than one deleted app fits; name one by object_id", gone)
        for deleted in gone if not run.check_mode else []:
            graph.delete(f"directory/deletedItems/{deleted['id']}")
        before = apps.describe(gone[0], run.now()) if gone else None
        return Result(bool(gone), before, None, values)
    by_name = not any(options.get(name) for name in apps.IDENTITY[:3])
    if by_name and apps.MANAGED_TAG not in (app.get("tags") or []):
        _adopt(app, options)
    if not run.check_mode:
        graph.delete(f"applications/{app['id']}")
        if options["purge"]:
            graph.settle(
                lambda: graph.delete(f"directory/deletedItems/{app['id']}"),
                principals.is_replication,
                options["settle_timeout"],
            )
    return Result(True, apps.describe(app, run.now()), None, values)
