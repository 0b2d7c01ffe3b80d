# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Everything about apps but secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import grants as consent
from .._entra import permissions as catalogue
from .._entra import principals
from .._entra.graph import Graph
from .._entra.paths import odata_quote
from .._run import Result, Run


def validate(options: Mapping[str, Any]) -> None:
    """:raises OptionError: for an identity that cannot be what it is called"""
    if options.get("tag") or options.get("display_name_prefix"):
        return
    apps.check_identity(options)


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(apps), each in the shape of :func:`applications.describe`"""
    listed = [_describe(graph, app, options, run) for app in _select(graph, options)]
    listed.sort(key=lambda app: (app["display_name"] or "", app["object_id"]))
    return Result(False, values={"apps": listed, "tenant_id": graph.tenant_id})


def _select(graph: Graph, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    if options.get("tag"):
        return graph.list("applications", {"$filter": f"tags/any(t:t eq {odata_quote(options['tag'])})"})
    if options.get("display_name_prefix"):
        prefix = options["display_name_prefix"]
        query = {"$filter": f"startswith(displayName,{odata_quote(prefix)})", "$count": "true"}
        found = graph.list("applications", query, eventual=True)
        return [app for app in found if (app.get("displayName") or "").startswith(prefix)]
    try:
        app = apps.find(graph, options)
    except errors.AmbiguousError as exc:
        return [graph.get(f"applications/{candidate['object_id']}") for candidate in exc.details["candidates"]]
    return [app] if app else []


def _describe(graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any], run: Run) -> dict[str, Any]:
    principal = principals.find_principal(graph, app["appId"])
    owners = principals.owner_ids(graph, app["id"]) if options["include_owners"] else None
    shown = apps.describe(app, run.now(), principal, owners)
    if options["include_grants"]:
        shown["granted_permissions"] = _granted(graph, principal)
    return shown


def _granted(graph: Graph, principal: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """What has been consented to: C(type), C(resource_id), C(api), C(id) and C(value) where the API tells them."""
    if principal is None:
        return []
    granted = consent.read_grants(graph, principal["id"])
    resources = {entry["resourceId"] for entry in granted.roles} | set(granted.scopes)
    apis = {
        resource: catalogue.Api(graph.get(f"servicePrincipals/{resource}", catalogue.SELECT)) for resource in resources
    }
    listed = []
    for entry in granted.roles:
        api = apis[entry["resourceId"]]
        known = api.by_id(entry["appRoleId"], "application")
        listed.append(_grant(api, "application", entry["appRoleId"], known.value if known else None))
    for resource, grant in granted.scopes.items():
        for value in (grant.get("scope") or "").split():
            known = apis[resource].by_value(value, "delegated")
            listed.append(_grant(apis[resource], "delegated", known.id if known else None, value))
    return sorted(listed, key=lambda entry: (entry["api"], entry["type"], entry["value"] or ""))


def _grant(api: catalogue.Api, kind: str, identifier: str | None, value: str | None) -> dict[str, Any]:
    return {"api": api.app_id, "resource_id": api.resource_id, "type": kind, "id": identifier, "value": value}
