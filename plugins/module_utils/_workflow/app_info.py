# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Everything about apps but secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import builtin, consent_page, federation, own_login, ownership, principals, uses
from .._entra import grants as consent
from .._entra import permissions as catalogue
from .._entra.graph import Graph
from .._entra.paths import odata_quote
from .._run import Result, Run


def validate(options: Mapping[str, Any]) -> None:
    """:raises OptionError: for an identity that cannot be what it is called, or none at all"""
    for name in ("tag", "display_name_prefix"):
        if options.get(name) is not None:
            apps.check_text(name, options[name], "", "leave it out or give the text")
            return
    ownership.check_options(options)
    if options["check_permissions"] and not _named(options):
        return
    apps.check_identity(options)


def _named(options: Mapping[str, Any]) -> bool:
    return any(options.get(name) is not None for name in (*apps.IDENTITY, "tag", "display_name_prefix"))


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(apps), each in the shape of :func:`applications.describe`; C(automation) and
    C(automation_login) where they were asked for
    """
    found = _select(graph, options) if _named(options) else []
    warned: set[str] = set()

    def warn_once(text: str) -> None:
        if text not in warned:
            warned.add(text)
            run.warn(text)

    apis: dict[str, catalogue.Api] = {}
    listed = [_describe(graph, app, options, run, warn_once, apis) for app in found]
    listed.sort(key=lambda app: (app["display_name"] or "", app["object_id"]))
    values: dict[str, Any] = {"apps": listed, "tenant_id": graph.tenant_id}
    if options["include_login"]:
        values["automation_login"] = own_login.describe(graph, run.now())
    if options["check_permissions"]:
        values["automation"] = {
            "app_id": graph.client_id or None,
            "object_id": graph.caller_id or None,
            "permissions": sorted(graph.roles()),
            "operations": uses.report(graph.roles()),
        }
    return Result(False, values=values)


def _select(graph: Graph, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    if options.get("tag"):
        return graph.list("applications", {"$filter": f"tags/any(t:t eq {odata_quote(options['tag'])})"})
    if options.get("display_name_prefix"):
        prefix = options["display_name_prefix"]
        found = graph.list("applications", {"$filter": f"startswith(displayName,{odata_quote(prefix)})"})
        return [app for app in found if (app.get("displayName") or "").startswith(prefix)]
    try:
        app = apps.find(graph, options)
    except errors.AmbiguousError as exc:
        return [graph.get(f"applications/{candidate['object_id']}") for candidate in exc.details["candidates"]]
    return [app] if app else []


def _describe(
    graph: Graph,
    app: Mapping[str, Any],
    options: Mapping[str, Any],
    run: Run,
    warn: Callable[[str], None],
    apis: dict[str, catalogue.Api],
) -> dict[str, Any]:
    readable = True
    try:
        principal = principals.find_principal(graph, app["appId"])
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        readable, principal = False, None
        warn(f"service principals are not shown: {exc.message}")
    owners, foreign = _owners(graph, app, principal, options, warn) if options["include_owners"] else (None, None)
    shown = apps.describe(app, run.now(), principal, owners, readable)
    if options["include_owners"]:
        shown |= {"owners": shown.get("owners"), "foreign": foreign}
    if options["include_federated_credentials"]:
        shown["federated_credentials"] = _federated(graph, app, warn)
    if options["include_grants"]:
        shown["consent_url"] = consent_page.address(graph.login.endpoints.authority, graph.tenant_id, app)
        shown["granted_permissions"], shown["granted_permissions_complete"] = _granted(graph, principal, warn, apis)
    return shown


def _owners(
    graph: Graph,
    app: Mapping[str, Any],
    principal: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    warn: Callable[[str], None],
) -> tuple[list[str] | None, list[dict[str, Any]] | None]:
    """Who owns an app, and what somebody else could use it by; None where owners may not be read."""
    try:
        owners = principals.owner_ids(graph, app["id"])
        found = ownership.foreign(graph, app, principal, ownership.known(graph, options))
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        warn(f"owners are not shown: {exc.message}")
        return None, None
    return owners, [vars(entry) for entry in found]


def _federated(graph: Graph, app: Mapping[str, Any], warn: Callable[[str], None]) -> list[dict[str, Any]] | None:
    """Trusted tokens of other issuers; None where they may not be read."""
    try:
        return federation.describe_all(federation.read(graph, app["id"]))
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        warn(f"federated credentials are not shown: {exc.message}")
        return None


def _granted(
    graph: Graph, principal: Mapping[str, Any] | None, warn: Callable[[str], None], apis: dict[str, catalogue.Api]
) -> tuple[list[dict[str, Any]], bool]:
    """What has been consented to: C(type), C(resource_id), C(api), C(id) and C(value) where the API tells them.

    :returns: the list, and whether all of it could be read
    """
    if principal is None:
        return [], True
    granted = consent.read_grants(graph, principal["id"], warn=warn)
    complete = granted.roles is not None and granted.scopes is not None
    roles, scopes = granted.roles or [], granted.scopes or {}
    for resource in {entry["resourceId"] for entry in roles} | set(scopes):
        if resource not in apis:
            apis[resource] = _api(graph, resource)
    listed = []
    for entry in roles:
        api = apis[entry["resourceId"]]
        known = api.by_id(entry["appRoleId"], "application")
        listed.append(_grant(api, "application", entry["appRoleId"], known.value if known else None))
    for resource, grant in scopes.items():
        for value in (grant.get("scope") or "").split():
            known = apis[resource].by_value(value, "delegated")
            listed.append(_grant(apis[resource], "delegated", known.id if known else None, value))
    return sorted(listed, key=lambda entry: (entry["api"] or "", entry["type"], entry["value"] or "")), complete


def _api(graph: Graph, resource: str) -> catalogue.Api:
    """The API of a grant; one that may not be read, or is gone, is known by its object id alone."""
    try:
        principal = graph.find(f"servicePrincipals/{resource}", catalogue.SELECT)
    except errors.DeniedError as exc:
        if not exc.forbidden:
            raise
        # in nearly all cases it is Microsoft Graph, and ids of permissions are unique
        return catalogue.Api({**builtin.as_principal(), "id": resource, "appId": None}, exc)
    return catalogue.Api(principal or {"appId": None, "id": resource})


def _grant(api: catalogue.Api, kind: str, identifier: str | None, value: str | None) -> dict[str, Any]:
    return {"api": api.app_id, "resource_id": api.resource_id, "type": kind, "id": identifier, "value": value}
