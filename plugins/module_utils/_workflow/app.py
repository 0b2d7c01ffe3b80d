# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One app registration with its service principal: present or absent."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import principals
from .._entra.credentials import PENDING
from .._entra.graph import Graph
from .._entra.paths import key_path
from .._run import Result, Run
from .lists import combine

OWN_TAGS = (apps.MANAGED_TAG, PENDING)


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    for name in ("redirect_uris", "spa_redirect_uris", "public_client_redirect_uris"):
        for uri in options.get(name) or []:
            _check_redirect_uri(name, uri)
    for name in ("home_page_url", "logout_url"):
        if options.get(name) and urlsplit(options[name]).scheme not in ("https", "http"):
            raise errors.OptionError(name, f"'{options[name]}' must begin with https://")
    for name in ("tags", "service_principal_tags"):
        for tag in options.get(name) or []:
            if not 1 <= len(tag) <= 256 or any(character.isspace() for character in tag):
                raise errors.OptionError(name, f"'{tag}' must have 1 to 256 characters and no white space")
    for owner in options.get("owners") or []:
        if not apps.GUID.fullmatch(owner):
            raise errors.OptionError(
                "owners", f"'{owner}' is not the object id (a GUID) of a user or service principal"
            )
    if options["state"] == "present" and options.get("purge"):
        raise errors.OptionError("purge", "goes with state: absent; if_deleted: purge clears a deleted namesake")


def _check_redirect_uri(option: str, uri: str) -> None:
    parts = urlsplit(uri)
    if not parts.scheme or len(uri) > 256 or "*" in uri or parts.fragment:
        raise errors.OptionError(
            option, f"'{uri}' must be an absolute address of at most 256 characters without wildcard or fragment"
        )
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme == "http" and not local:
        raise errors.OptionError(option, f"'{uri}' uses plain http, which Entra ID takes for localhost only; use https")
    if parts.scheme not in ("http", "https") and option != "public_client_redirect_uris":
        raise errors.OptionError(option, f"'{uri}' must begin with https://")


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(app) (shape of :func:`applications.describe`), C(tenant_id), C(how)"""
    if options["state"] == "absent":
        return _remove(graph, options, run)
    app, how = _locate(graph, options, run)
    now = run.now()
    if app is None:
        return _create(graph, options, run, how)
    before, principal, owners = copy.deepcopy(app), _principal(graph, app, options), _owners(graph, app, options)
    shown_before = apps.describe(before, now, principal, owners)
    patch = _plan(app, options, adopting=how == "adopted")
    if patch and not run.check_mode:
        graph.patch(f"applications/{app['id']}", patch)
    app.update(patch)
    principal, principal_changed = _ensure_principal(graph, app, principal, options, run)
    owners_after, owners_changed = _ensure_owners(graph, app, owners, options, run)
    changed = bool(patch) or principal_changed or owners_changed or how == "restored"
    after = apps.describe(app, now, principal, owners_after)
    return Result(changed, shown_before, after, {"app": after, "tenant_id": graph.tenant_id, "how": how})


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
    """A restored app; None when there is nothing deleted in the way (any more)."""
    gone = principals.deleted_apps(graph, options)
    if not gone:
        return None
    choice = options["if_deleted"]
    if choice == "fail":
        raise apps.ambiguous("if_deleted: a deleted app holds this name; restore takes it back, purge frees it", gone)
    if choice == "restore":
        if len(gone) > 1:
            raise apps.ambiguous("if_deleted: more than one deleted app fits; name one by object_id", gone)
        if not run.check_mode:
            graph.post(f"directory/deletedItems/{gone[0]['id']}/restore")
            _settle(graph, gone[0]["id"], options)
        return gone[0]
    for app in gone if not run.check_mode else []:
        graph.delete(f"directory/deletedItems/{app['id']}")
    return None


def _plan(app: Mapping[str, Any], options: Mapping[str, Any], adopting: bool = False) -> dict[str, Any]:
    """The members to send, as Graph names them: only what differs, complex members whole."""
    patch: dict[str, Any] = {}
    modes = options.get("list_modes") or {}
    for name, path in apps.SCALARS.items():
        wanted = options.get(name)
        if wanted is not None and (wanted or None) != apps.member(app, path):
            _carry(patch, app, path, wanted or None)
    for name, path in apps.LISTS.items():
        current = apps.member(app, path) or []
        wanted = options.get(name)
        keep = [tag for tag in current if tag.startswith(OWN_TAGS)] if name == "tags" else []
        target = combine(current, wanted, modes.get(name) or "merge", keep)
        if target is not None:
            _carry(patch, app, path, target)
    if adopting and apps.MANAGED_TAG not in patch.get("tags", app.get("tags") or []):
        patch["tags"] = [*patch.get("tags", app.get("tags") or []), apps.MANAGED_TAG]
    unique_name = options.get("unique_name")
    if unique_name and app.get("uniqueName") != unique_name:
        if app.get("uniqueName"):
            raise errors.StateError(
                f"unique_name: the app already has the unique name '{app['uniqueName']}', which nobody can change; "
                "use that one"
            )
        patch["uniqueName"] = unique_name
    return patch


def _carry(patch: dict[str, Any], app: Mapping[str, Any], path: tuple[str, ...], value: Any) -> None:
    if len(path) > 1 and path[0] not in patch:
        # Graph replaces a complex member as a whole; redirectUriSettings repeats redirectUris and is left to it
        whole = copy.deepcopy(app.get(path[0]) or {})
        whole.pop("redirectUriSettings", None)
        patch[path[0]] = whole
    apps.set_member(patch, path, value)


def _create(graph: Graph, options: Mapping[str, Any], run: Run, how: str) -> Result:
    name = options.get("display_name") or options["unique_name"]
    wanted = {**options, "display_name": name, "sign_in_audience": options.get("sign_in_audience") or "AzureADMyOrg"}
    body = _plan({}, {**wanted, "unique_name": None})
    body["tags"] = [*body.get("tags", []), apps.MANAGED_TAG]
    app: dict[str, Any] = {**body, "uniqueName": options.get("unique_name")}
    if not run.check_mode:
        app = _write_new(graph, options, body)
    principal, _changed = _ensure_principal(graph, app, None, options, run)
    owners, _changed = _ensure_owners(graph, app, [], options, run)
    after = apps.describe(app, run.now(), principal, owners)
    return Result(True, None, after, {"app": after, "tenant_id": graph.tenant_id, "how": how})


def _write_new(graph: Graph, options: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    unique_name = options.get("unique_name")
    if unique_name:
        path = key_path("applications", unique_name=unique_name)
        made = graph.patch(path, body, headers={"Prefer": "create-if-missing"})
        # 204: an earlier try whose answer was lost, or another run, has made it in the meantime
        app = made or graph.settle(lambda: graph.get(path), principals.is_replication, options["settle_timeout"])
    else:
        app = graph.post("applications", body) or {}
    _settle(graph, app["id"], options)
    return app


def _settle(graph: Graph, object_id: str, options: Mapping[str, Any]) -> None:
    """Wait until reads know what this run made: two in a row, because replicas differ."""
    for _read in range(2):
        graph.settle(
            lambda: graph.get(f"applications/{object_id}", {"$select": "id"}),
            principals.is_replication,
            options["settle_timeout"],
        )


def _principal(graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any] | None:
    return principals.find_principal(graph, app["appId"]) if options["service_principal"] else None


def _ensure_principal(
    graph: Graph, app: Mapping[str, Any], principal: dict[str, Any] | None, options: Mapping[str, Any], run: Run
) -> tuple[dict[str, Any] | None, bool]:
    if not options["service_principal"]:
        return None, False
    wanted, modes = options.get("service_principal_tags"), options.get("list_modes") or {}
    if principal is None:
        tags = list(dict.fromkeys(wanted or []))
        if run.check_mode:
            return {"id": None, "accountEnabled": True, "tags": tags}, True
        return principals.create_principal(graph, app["appId"], tags, options["settle_timeout"]), True
    tags = combine(principal.get("tags") or [], wanted, modes.get("service_principal_tags") or "merge")
    if tags is None:
        return principal, False
    if not run.check_mode:
        graph.patch(f"servicePrincipals/{principal['id']}", {"tags": tags})
    return {**principal, "tags": tags}, True


def _owners(graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any]) -> list[str] | None:
    return principals.owner_ids(graph, app["id"]) if options.get("owners") is not None else None


def _ensure_owners(
    graph: Graph, app: Mapping[str, Any], current: list[str] | None, options: Mapping[str, Any], run: Run
) -> tuple[list[str] | None, bool]:
    if options.get("owners") is None:
        return None, False
    if current == [] and app.get("id") and not run.check_mode:
        # Graph makes the caller an owner of what it creates
        current = principals.owner_ids(graph, app["id"])
    mode = (options.get("list_modes") or {}).get("owners") or "merge"
    keep = [graph.caller_id] if options["keep_caller_as_owner"] and graph.caller_id else []
    target = combine(current or [], options["owners"], mode, keep)
    if target is None:
        return current, False
    if not run.check_mode:
        for owner in target:
            if owner not in (current or []):
                principals.add_owner(graph, app["id"], owner)
        for owner in current or []:
            if owner not in target:
                principals.remove_owner(graph, app["id"], owner)
    return target, True


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
