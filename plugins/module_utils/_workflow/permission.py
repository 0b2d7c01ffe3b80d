# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The requested permissions of an app, and the admin consent to them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import builtin, consent_page, ownership, principals
from .._entra import grants as consent
from .._entra import permissions as catalogue
from .._entra.graph import Graph
from .._entra.paths import key_path
from .._entra.permissions_needed import hint, needed_for
from .._run import Result, Run
from . import permission_guard
from .numbers import check_number

# The calls that consent to one permission, for the question what the automation lacks
CALLS = {"application": "servicePrincipals/{id}/appRoleAssignedTo", "delegated": "oauth2PermissionGrants"}
API_LIMIT = 50
REQUEST_LIMIT = 400


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    ownership.check_options(options)
    for entry in [*options["permissions"], *options["keep_at_least"]]:
        apps.check_text("permissions", entry["name"], "a name", "give a value such as Directory.Read.All")
        apps.check_text("permissions", entry["api"], "an api", "give its application id or display name")
    check_number("settle_timeout", options["settle_timeout"])
    if options["state"] == "absent" and options["consent"] == "grant":
        raise errors.OptionError("consent", "cannot be grant with state: absent; use revoke, check or ignore")
    if options["state"] == "absent" and options["mode"] == "exact":
        raise errors.OptionError(
            "mode", "cannot be exact with state: absent; name what to remove, or use state: present"
        )
    if not options["permissions"] and (options["mode"] != "exact" or options["state"] == "absent"):
        raise errors.OptionError("permissions", "is empty; name at least one, or use mode: exact to clear the list")


@dataclass
class _Consent:
    """What is to be done about the consent, known before anything is written.

    :ivar change: the permissions to grant or to revoke
    """

    granted: consent.Grants
    change: list[catalogue.Permission] = field(default_factory=list)
    missing: list[catalogue.Permission] = field(default_factory=list)
    unknown: list[catalogue.Permission] = field(default_factory=list)


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(permissions), C(missing), C(unknown), C(granted), C(revoked), C(consent_url)"""
    app = apps.require(graph, options, run)
    before = apps.describe(app, run.now())
    apis: dict[str, catalogue.Api] = {}
    named = list(dict.fromkeys(_resolve(graph, apis, app, entry, options, run) for entry in options["permissions"]))
    _guard(graph, app, apis, named, options, run)
    access = _requested(app, named, options, [api.app_id for api in apis.values()])
    plan = _plan(graph, app, apis, named, options, run)
    granting = plan is not None and options["consent"] == "grant" and bool(plan.change)
    if app.get("id") and (granting or access is not None):
        ownership.check(graph, app, options, granting=granting)
    if access is not None:
        app["requiredResourceAccess"] = access
        if not run.check_mode:
            graph.patch(f"applications/{app['id']}", {"requiredResourceAccess": access})
    after = apps.describe(app, run.now())
    action = options["consent"]
    values: dict[str, Any] = {
        "app": after,
        "tenant_id": graph.tenant_id,
        "permissions": _shown(named),
        "missing": _shown(plan.missing) if plan else [],
        "unknown": _shown(plan.unknown) if plan else [],
        "granted": _shown(plan.change) if plan and action == "grant" else [],
        "revoked": _shown(plan.change) if plan and action == "revoke" else [],
        "consent_url": consent_page.address(graph.login.endpoints.authority, graph.tenant_id, app),
    }
    before, after = (_readable(shown, apis) for shown in (before, after))
    if plan is None:
        return Result(access is not None, before, after, values)
    if plan.change and not run.check_mode:
        _write(graph, app, plan, options, run)
    there = [p for p in named if plan.granted.tells(p) and plan.granted.has(p)]
    later = {"grant": [*there, *plan.change], "revoke": [p for p in there if p not in plan.change]}.get(action, there)
    before["consent"], after["consent"] = _names(there), _names(later)
    return Result(access is not None or bool(plan.change), before, after, values)


def _guard(
    graph: Graph,
    app: Mapping[str, Any],
    apis: dict[str, catalogue.Api],
    named: list[catalogue.Permission],
    options: Mapping[str, Any],
    run: Run,
) -> None:
    if options["state"] != "absent" and options["consent"] != "revoke":
        return
    looking = {**options, "state": "absent", "consent": "check"}
    kept = [_resolve(graph, apis, app, entry, looking, run) for entry in options["keep_at_least"]]
    permission_guard.check(graph, app, named, kept, options)


def _names(permissions: list[catalogue.Permission]) -> list[str]:
    return sorted(f"{permission.value or permission.id} ({permission.kind})" for permission in permissions)


def _readable(shown: Mapping[str, Any], apis: Mapping[str, catalogue.Api]) -> dict[str, Any]:
    """An app for the diff, with the names of its permissions in place of their ids where these are known."""
    return {**shown, "requested_permissions": [_name(entry, apis) for entry in shown["requested_permissions"]]}


def _name(entry: Mapping[str, str], apis: Mapping[str, catalogue.Api]) -> str:
    read = next((api for api in apis.values() if api.app_id == entry["api"]), None)
    known = read.by_id(entry["id"], entry["type"]) if read else None
    name = (known and known.value) or builtin.name_of(entry["id"], entry["type"])
    where = "" if entry["api"] == builtin.MICROSOFT_GRAPH else f" of {entry['api']}"
    return f"{name or entry['id']} ({entry['type']}){where}"


def _shown(permissions: list[catalogue.Permission]) -> list[dict[str, str]]:
    return [permission.describe() for permission in permissions]


def _resolve(
    graph: Graph,
    apis: dict[str, catalogue.Api],
    app: Mapping[str, Any],
    entry: Mapping[str, Any],
    options: Mapping[str, Any],
    run: Run,
) -> catalogue.Permission:
    """What asks for nothing new may also be disabled, retired, or of an API that has left the tenant."""
    name, kind = entry["api"], entry["type"]
    asks = options["consent"] == "grant"
    adds = options["state"] == "present" and options["mode"] != "keep"
    try:
        if name not in apis:
            need = needed_for("POST", CALLS[kind])
            may = need is not None and need.met_by(graph.roles()) is not None
            consents = may and options["consent"] in ("grant", "revoke")
            apis[name] = catalogue.load_api(graph, name, going=not asks, consents=consents)
        return apis[name].resolve(entry["name"], kind, run.warn, going=False)
    except errors.OptionError:
        if asks or name not in apis:
            raise
        found = apis[name].resolve(entry["name"], kind, run.warn, going=True)
        held = {(one["api"], one["id"], one["type"]) for one in apps.requested(app)}
        if adds and (found.api_id, found.id, kind) not in held:
            raise
    if not found.id:
        nameless = _nameless(app, apis[name], kind)
        ids = f"; the app requests {', '.join(nameless)}, which it does not know by name" if nameless else ""
        run.warn(
            f"permissions: {apis[name].name} has no {kind} permission '{found.value}' (any more), so it is looked up "
            f"by that name alone; name it by its ID to be sure{ids}"
        )
    return found


def _nameless(app: Mapping[str, Any], api: catalogue.Api, kind: str) -> list[str]:
    """Ids that the app requests of the API, and that the API does not know."""
    mine = [one["id"] for one in apps.requested(app) if (one["api"], one["type"]) == (api.app_id, kind)]
    return [identifier for identifier in mine if api.by_id(identifier, kind) is None]


def _requested(
    app: Mapping[str, Any], named: list[catalogue.Permission], options: Mapping[str, Any], api_ids: list[str]
) -> list[dict[str, Any]] | None:
    """The new C(requiredResourceAccess), or None when it is right; APIs that were not named are carried along."""
    if options["mode"] == "keep":
        return None
    current = copy.deepcopy(app.get("requiredResourceAccess") or [])
    access = {entry["resourceAppId"].lower(): entry for entry in current}
    wanted: dict[str, list[tuple[str, str]]] = {api_id: [] for api_id in api_ids}
    for permission in named:
        wanted[permission.api_id].append((permission.id, catalogue.ODATA_TYPE[permission.kind]))
    for api_id, pairs in wanted.items():
        entry = access.setdefault(api_id, {"resourceAppId": api_id, "resourceAccess": []})
        present = [(item["id"].lower(), item["type"]) for item in entry["resourceAccess"]]
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
    count = len(_flat(result))
    if len(result) > API_LIMIT or count > REQUEST_LIMIT:
        raise errors.OptionError(
            "permissions",
            f"the app would request {count} permissions of {len(result)} APIs, but Entra ID allows {REQUEST_LIMIT} of "
            f"{API_LIMIT}",
        )
    return None if _flat(result) == _flat(app.get("requiredResourceAccess") or []) else result


def _flat(access: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    items = ((api["resourceAppId"].lower(), item) for api in access for item in api["resourceAccess"])
    return {(api_id, item["id"].lower(), item["type"]) for api_id, item in items}


def _plan(
    graph: Graph,
    app: Mapping[str, Any],
    apis: Mapping[str, catalogue.Api],
    named: list[catalogue.Permission],
    options: Mapping[str, Any],
    run: Run,
) -> _Consent | None:
    """Read what was granted and decide; None when nobody asked. :raises DeniedError: that may not be read"""
    action = options["consent"]
    if action == "ignore" or not named:
        return None
    granted = _granted(graph, app, {permission.kind for permission in named}, options, run)
    plan = _Consent(granted, unknown=[permission for permission in named if not granted.tells(permission)])
    known = [permission for permission in named if permission not in plan.unknown]
    if action == "check":
        plan.missing = [permission for permission in known if not granted.has(permission)]
        return plan
    plan.change = [permission for permission in known if granted.has(permission) is (action == "revoke")]
    _refuse_unread(graph, apis, [*plan.unknown, *(plan.change if action == "grant" else [])], action)
    if action == "grant":
        for resource_id, values in _by_resource(plan.change).items():
            consent.scope_text(granted.scope_grant(resource_id), values)
    return plan


def _refuse_unread(
    graph: Graph, apis: Mapping[str, catalogue.Api], permissions: list[catalogue.Permission], action: str
) -> None:
    """Consent needs the object id of the API, so that an API that may not be read counts here after all."""
    for permission in permissions:
        if permission.resource_id:
            continue
        needed = CALLS[permission.kind]
        denied = next((api.denied for api in apis.values() if api.app_id == permission.api_id), None)
        roles = graph.roles() if graph.claims else None
        need = needed_for("POST", needed)
        lacks_id = roles is not None and need is not None and need.met_by(roles) is not None
        why = hint("GET", "servicePrincipals", set()) if lacks_id else hint("POST", needed, roles)
        about = "the object id of its API must be read, and " if lacks_id else ""
        raise errors.DeniedError(
            f"consent: to {action} the {permission.kind} permission {permission.value or permission.id}, {about}{why}",
            answer=denied.answer if denied else None,
            code=denied.code if denied else None,
            method="POST",
            path=needed,
        )


def _granted(
    graph: Graph, app: Mapping[str, Any], kinds: set[str], options: Mapping[str, Any], run: Run
) -> consent.Grants:
    checking = options["consent"] == "check"
    try:
        principal = principals.find_principal(graph, app["appId"]) if app["appId"] else None
    except errors.DeniedError as exc:
        if not checking or not exc.forbidden:
            raise
        run.warn(f"consent could not be looked up: {exc.message}")
        return consent.Grants("", None, None)
    if principal is None and options["consent"] == "grant" and not run.check_mode:
        if not principals.is_fresh(app, run.now()):
            raise errors.MissingError(
                f"app {app['appId']} has no service principal, so nothing can be granted to it; create it with "
                "azuread_app (service_principal: true)"
            )
        path = key_path("servicePrincipals", app_id=app["appId"])
        principal = graph.settle(lambda: graph.get(path), principals.is_replication, options["settle_timeout"])
    if principal is None:
        return consent.Grants("")
    return consent.read_grants(graph, principal["id"], sorted(kinds), run.warn if checking else None)


def _by_resource(permissions: list[catalogue.Permission]) -> dict[str, list[str]]:
    """The delegated ones, as values by the object id of their API."""
    scopes: dict[str, list[str]] = {}
    for permission in permissions:
        if permission.kind == "delegated":
            scopes.setdefault(permission.resource_id, []).append(permission.value)
    return scopes


def _write(graph: Graph, app: Mapping[str, Any], plan: _Consent, options: Mapping[str, Any], run: Run) -> None:
    granting = options["consent"] == "grant"
    timeout = options["settle_timeout"] if principals.is_fresh(app, run.now()) else 0
    for permission in plan.change:
        if permission.kind != "application":
            continue
        assignment = plan.granted.assignment(permission)
        if granting:
            consent.grant_role(graph, plan.granted, permission, timeout)
        elif assignment:
            consent.revoke_role(graph, assignment)
    for resource_id, values in _by_resource(plan.change).items():
        grant = plan.granted.scope_grant(resource_id)
        if granting:
            consent.grant_scopes(graph, plan.granted, resource_id, values, timeout)
        elif grant:
            consent.revoke_scopes(graph, grant, values)
    if granting and str(app["appId"]).lower() == graph.client_id.lower():
        graph.renew_login()
