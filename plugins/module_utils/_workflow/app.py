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
from .._entra import credentials, health, ownership, principals
from .._entra.graph import Graph
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
    """The app to work on and how it was come by: found, adopted, restored, created (then None).

    :raises StateError: somebody else's, see :mod:`ownership`
    """
    app = apps.find(graph, options)
    named_by_id = bool(options.get("object_id") or options.get("app_id"))
    if app is None and options.get("adopt") and not named_by_id:
        app = graph.find(f"applications/{options['adopt']}")
    if app is not None:
        ownership.check(graph, app, options)
        return app, "adopted" if options.get("adopt") else "found"
    restored = _deleted(graph, options, run)
    if restored is not None:
        return restored, "restored"
    if named_by_id:
        apps.require(graph, options)
    if options.get("adopt") and options["if_deleted"] != "purge":
        raise errors.OptionError("adopt", f"the tenant has no app with the object id {options['adopt']}")
    return None, "created"


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
            run.warn(f"deleted apps could not be searched: {exc.message}")
        return None
    if not gone:
        return None
    if choice == "fail":
        raise apps.ambiguous(
            "if_deleted: a deleted app has this name; restore brings it back, purge frees the name", gone
        )
    if choice == "restore":
        if len(gone) > 1:
            raise apps.ambiguous("if_deleted: more than one deleted app matches; name one by object_id", gone)
        ownership.check(graph, gone[0], options, deleted=True)
        return gone[0]
    for app in gone:
        ownership.check(graph, app, options, deleted=True)
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
    app = _post_named(graph, options, body) if options.get("unique_name") else _post(graph, body)
    _settle(graph, app["id"], options)
    return app


def _post_named(graph: Graph, options: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Make an app with its unique name, which no two apps may have, so that it may be tried again.

    No upsert: one that finds the name taken has overwritten somebody else's app already.
    """
    body = {**body, "uniqueName": options["unique_name"]}

    def taken(error: errors.AnswerError) -> bool:
        return "same value for property uniquename" in str(error.details.get("text")).lower()

    def held_by_purged(error: errors.AnswerError) -> bool:
        # a namesake that was purged a moment ago holds the name until every replica knows that it is gone
        return options["if_deleted"] == "purge" and taken(error) and apps.find(graph, options) is None

    for pause in (1.0, 2.0, 4.0, None):
        try:
            made = graph.settle(lambda: graph.post("applications", body), held_by_purged, options["settle_timeout"])
            if made:
                return made
        except (errors.LostAnswerError, errors.UnavailableError):
            if pause is None:
                raise
            graph.run.sleep(pause)
        except errors.AnswerError as exc:
            # an earlier try whose answer was lost, or another run, has made it meanwhile; or a deleted one has the name
            there = _soon(graph, options) if taken(exc) else None
            if there is None:
                raise
            ownership.check(graph, there, options)
            return there
    raise errors.StateError("Graph created the app, but its answer did not contain it; run again")


def _soon(graph: Graph, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """The app of that unique name, which a replica may not know yet."""
    for pause in (0.0, 1.0, 2.0, 4.0, 8.0):
        graph.run.sleep(pause)
        app = apps.find(graph, options)
        if app is not None:
            return app
    return None


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
            raise apps.ambiguous("purge: more than one deleted app matches; name one by object_id", gone)
        for deleted in gone:
            ownership.check(graph, deleted, options, deleted=True)
        for deleted in gone if not run.check_mode else []:
            graph.delete(f"directory/deletedItems/{deleted['id']}")
        before = apps.describe(gone[0], run.now()) if gone else None
        return Result(bool(gone), before, None, values)
    ownership.check(graph, app, options, removing=True)
    _refuse_in_use(app, options, run)
    if not run.check_mode:
        graph.delete(f"applications/{app['id']}")
        if options["purge"]:
            graph.settle(
                lambda: graph.delete(f"directory/deletedItems/{app['id']}"),
                principals.is_replication,
                options["settle_timeout"],
            )
    return Result(True, apps.describe(app, run.now()), None, values)


def _refuse_in_use(app: Mapping[str, Any], options: Mapping[str, Any], run: Run) -> None:
    """:raises StateError: hosts that nobody has taken out still log in with the app"""
    now, going = run.now(), options["holders"]
    alive = [entry for entry in app.get("passwordCredentials") or [] if credentials.live(entry, now)]
    staying = sorted({str(credentials.holder_of(entry)) for entry in alive} - {"None", *going})
    if staying:
        raise errors.StateError(
            f"state: the app '{app.get('displayName')}' (app_id {app.get('appId')}) stays, since it has live secrets "
            f"of {', '.join(staying)}, whose users would no longer be synchronised; remove these hosts first "
            "(playbook fleetops.usersync.remove, or azuread_app_secret with state: absent)",
            code="live_secrets",
            holders=staying,
        )
