# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The requested permissions of an app, and the admin consent to them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import grants as consent
from .._entra import permissions as catalogue
from .._entra import principals
from .._entra.graph import Graph
from .._entra.paths import key_path
from .._run import Result, Run


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    for entry in options["permissions"]:
        if not entry["name"].strip():
            raise errors.OptionError("permissions", "a name is empty; give a value such as Directory.Read.All")
    if options["state"] == "absent" and options["consent"] == "grant":
        raise errors.OptionError("consent", "grant contradicts state: absent; use revoke, check or ignore")
    if options["state"] == "present" and options["mode"] != "exact" and not options["permissions"]:
        raise errors.OptionError("permissions", "is empty; name at least one, or use mode: exact to clear the list")


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(permissions), C(missing) (no consent), C(granted), C(revoked), C(consent_url)"""
    app = apps.require(graph, options, run)
    before = apps.describe(app, run.now())
    apis: dict[str, catalogue.Api] = {}
    named = [_resolve(graph, apis, entry) for entry in options["permissions"]]
    access = _requested(app, named, options, [api.app_id for api in apis.values()])
    changed = access is not None
    if access is not None:
        app["requiredResourceAccess"] = access
        if not run.check_mode:
            graph.patch(f"applications/{app['id']}", {"requiredResourceAccess": access})
    after = apps.describe(app, run.now())
    values: dict[str, Any] = {
        "app": after,
        "tenant_id": graph.tenant_id,
        "permissions": [permission.describe() for permission in named],
        "missing": [],
        "granted": [],
        "revoked": [],
        "consent_url": f"{graph.login.endpoints.authority}/{graph.tenant_id}/adminconsent?client_id={app['appId']}",
    }
    if options["consent"] == "ignore":
        return Result(changed, before, after, values)
    written = _consent(graph, app, named, options, run, values)
    before["consent"] = sorted(p.value for p in named if p.describe() not in values["missing"] + values["granted"])
    after["consent"] = sorted(
        p.value for p in named if p.describe() not in values["missing"] and p.describe() not in values["revoked"]
    )
    return Result(changed or written, before, after, values)


def _resolve(graph: Graph, apis: dict[str, catalogue.Api], entry: Mapping[str, Any]) -> catalogue.Permission:
    name = entry["api"]
    if name not in apis:
        apis[name] = catalogue.load_api(graph, name)
    return apis[name].resolve(entry["name"], entry["type"])


def _requested(
    app: Mapping[str, Any], named: list[catalogue.Permission], options: Mapping[str, Any], api_ids: list[str]
) -> list[dict[str, Any]] | None:
    """The new C(requiredResourceAccess), or None when it is right; APIs that were not named are carried along."""
    if options["mode"] == "keep":
        return None
    current = copy.deepcopy(app.get("requiredResourceAccess") or [])
    access = {entry["resourceAppId"]: entry for entry in current}
    wanted: dict[str, list[tuple[str, str]]] = {api_id: [] for api_id in api_ids}
    for permission in named:
        wanted[permission.api_id].append((permission.id, catalogue.ODATA_TYPE[permission.kind]))
    for api_id, pairs in wanted.items():
        entry = access.setdefault(api_id, {"resourceAppId": api_id, "resourceAccess": []})
        present = [(item["id"], item["type"]) for item in entry["resourceAccess"]]
        if options["state"] == "absent":
            target = [pair for pair in present if pair not in pairs]
        elif options["mode"] == "exact":
            target = pairs
        else:
            target = [*present, *(pair for pair in pairs if pair not in present)]
        if set(target) != set(present):
            entry["resourceAccess"] = [{"id": identifier, "type": kind} for identifier, kind in dict.fromkeys(target)]
    if options["mode"] == "exact" and not options["permissions"] and options["state"] == "present":
        access = {}
    result = [entry for entry in access.values() if entry["resourceAccess"]]
    return None if _flat(result) == _flat(app.get("requiredResourceAccess") or []) else result


def _flat(access: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(api["resourceAppId"], item["id"], item["type"]) for api in access for item in api["resourceAccess"]}


def _consent(
    graph: Graph,
    app: Mapping[str, Any],
    named: list[catalogue.Permission],
    options: Mapping[str, Any],
    run: Run,
    values: dict[str, Any],
) -> bool:
    principal = principals.find_principal(graph, app["appId"]) if app["appId"] else None
    if principal is None and principals.is_fresh(app, run.now()) and options["consent"] == "grant":
        path = key_path("servicePrincipals", app_id=app["appId"])
        if not run.check_mode:
            principal = graph.settle(lambda: graph.get(path), principals.is_replication, options["settle_timeout"])
    if principal is None and not run.check_mode and options["consent"] == "grant":
        raise errors.MissingError(
            f"app {app['appId']} has no service principal, so nothing can be granted to it; make it with azuread_app "
            "(service_principal: true)"
        )
    granted = consent.read_grants(graph, principal["id"]) if principal else consent.Grants("")
    if options["consent"] == "revoke":
        return _revoke(graph, granted, named, run, values)
    lacking = [permission for permission in named if not granted.has(permission)]
    if options["consent"] == "check":
        values["missing"] = [permission.describe() for permission in lacking]
        return False
    values["granted"] = [permission.describe() for permission in lacking]
    if lacking and not run.check_mode:
        timeout = options["settle_timeout"] if principals.is_fresh(app, run.now()) else 0
        _grant(graph, granted, lacking, timeout)
        if app["appId"] == graph.client_id:
            graph.renew_login()
    return bool(lacking)


def _grant(graph: Graph, granted: consent.Grants, lacking: list[catalogue.Permission], timeout: float) -> None:
    scopes: dict[str, list[str]] = {}
    for permission in lacking:
        if permission.kind == "application":
            consent.grant_role(graph, granted, permission, timeout)
        else:
            scopes.setdefault(permission.resource_id, []).append(permission.value)
    for resource_id, wanted in scopes.items():
        consent.grant_scopes(graph, granted, resource_id, wanted, timeout)


def _revoke(
    graph: Graph, granted: consent.Grants, named: list[catalogue.Permission], run: Run, values: dict[str, Any]
) -> bool:
    present = [permission for permission in named if granted.has(permission)]
    values["revoked"] = [permission.describe() for permission in present]
    scopes: dict[str, list[str]] = {}
    for permission in present if not run.check_mode else []:
        assignment = granted.assignment(permission)
        if permission.kind == "application" and assignment:
            consent.revoke_role(graph, assignment)
        else:
            scopes.setdefault(permission.resource_id, []).append(permission.value)
    for resource_id, unwanted in scopes.items():
        consent.revoke_scopes(graph, granted.scopes[resource_id], unwanted)
    return bool(present)
