# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""App registrations: how one is found, and the shape in which it is shown (FIDELITY.md, Applications and secrets)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .._guid import GUID
from . import certificates, credentials
from .health import disabled_by_microsoft
from .paths import key_path, odata_quote

if TYPE_CHECKING:
    from .._run import Run
    from .graph import Graph

IDENTITY = ("object_id", "app_id", "unique_name", "display_name")
NAME_LIMIT = 120
PERSONAL_NAME_LIMIT = 90
MANAGED_TAG = "usersync-managed"
LISTS = {
    "redirect_uris": ("web", "redirectUris"),
    "spa_redirect_uris": ("spa", "redirectUris"),
    "public_client_redirect_uris": ("publicClient", "redirectUris"),
    "tags": ("tags",),
}
SCALARS = {
    "display_name": ("displayName",),
    "sign_in_audience": ("signInAudience",),
    "home_page_url": ("web", "homePageUrl"),
    "logout_url": ("web", "logoutUrl"),
    "notes": ("notes",),
    "service_management_reference": ("serviceManagementReference",),
}


def check_identity(options: Mapping[str, Any]) -> None:
    """:raises OptionError: when no identity is given, or one cannot be what it is called"""
    given = {name: options.get(name) for name in IDENTITY if options.get(name) is not None}
    if not given:
        raise errors.OptionError("unique_name", f"one of {', '.join(IDENTITY)} is required to say which app is meant")
    for name in ("object_id", "app_id"):
        if name in given and not GUID.fullmatch(str(given[name])):
            raise errors.OptionError(name, f"'{given[name]}' is not a GUID; the portal shows it on the app's overview")
    for name in ("unique_name", "display_name"):
        text = given.get(name)
        if text is None:
            continue
        check_text(name, text, "", "leave it out or give the name")
        if len(text) > NAME_LIMIT:
            raise errors.OptionError(name, f"has {len(text)} characters; Entra ID allows {NAME_LIMIT}")


def check_text(option: str, text: str, what: str, remedy: str) -> None:
    """:raises OptionError: empty, with signs that cannot be seen, or with a template that nobody filled in"""
    subject = f"{what} " if what else ""
    if not text.strip():
        raise errors.OptionError(option, f"{subject}is empty; {remedy}")
    if "{{" in text or "{%" in text:
        raise errors.OptionError(
            option, f"{subject}contains a template that was not rendered; check the variable's name"
        )
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text):
        raise errors.OptionError(option, f"{subject}contains a line break or another invisible character; {remedy}")


def find(graph: Graph, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """The app that the first given identity names, as Graph returns it; None when there is none.

    :raises AmbiguousError: two apps bear the display name; details["candidates"] lists them
    :raises OptionError: object_id and app_id name different apps
    """
    if options.get("object_id"):
        app = graph.find(f"applications/{options['object_id']}")
        app_id = options.get("app_id")
        if app is not None and app_id and app_id.lower() != app["appId"].lower():
            raise errors.OptionError("app_id", f"the app that object_id names has the app_id {app['appId']}")
        return app
    if options.get("app_id"):
        return graph.find(key_path("applications", app_id=options["app_id"]))
    if options.get("unique_name"):
        return graph.find(key_path("applications", unique_name=options["unique_name"]))
    return find_by_display_name(graph, options["display_name"])


def find_by_display_name(graph: Graph, name: str) -> dict[str, Any] | None:
    """The one app of exactly this display name. A caller that may not list apps looks among those it owns."""
    try:
        listed = graph.list("applications", {"$filter": f"displayName eq {odata_quote(name)}"})
    except errors.DeniedError:
        owned = graph.list(key_path("servicePrincipals", app_id=graph.client_id) + "/ownedObjects")
        # service principals are among them; only an app registration requests permissions
        listed = [item for item in owned if "requiredResourceAccess" in item]
    named = [app for app in listed if app.get("displayName") == name]
    if len(named) > 1:
        raise ambiguous(f"display_name: {len(named)} apps are called '{name}'; name one by app_id or object_id", named)
    return named[0] if named else None


def ambiguous(message: str, apps: Iterable[Mapping[str, Any]]) -> errors.AmbiguousError:
    """The error that lists the apps which fit."""
    candidates = [
        {"object_id": app["id"], "app_id": app["appId"], "created": app.get("createdDateTime")} for app in apps
    ]
    listed = "; ".join(f"object_id {c['object_id']}, app_id {c['app_id']}, made {c['created']}" for c in candidates)
    return errors.AmbiguousError(f"{message} ({listed})", candidates=candidates)


def require(graph: Graph, options: Mapping[str, Any], run: Run | None = None) -> dict[str, Any]:
    """Like :func:`find`; :raises MissingError: when there is none

    :param run: in its check mode an app that is not there yet counts as the one that azuread_app would make
    """
    app = find(graph, options)
    if app is None and run is not None and run.check_mode and not options.get("object_id"):
        run.warn("the app does not exist yet; check mode assumes that azuread_app creates it first")
        return {"id": None, "appId": options.get("app_id"), "uniqueName": options.get("unique_name")}
    if app is None:
        name = next(name for name in IDENTITY if options.get(name))
        raise errors.MissingError(
            f"{name}: no app registration '{options[name]}' in tenant {graph.tenant_id}; create it with azuread_app, "
            "or check the name and the tenant"
        )
    return app


def describe(
    app: Mapping[str, Any],
    now: datetime,
    principal: Mapping[str, Any] | None = None,
    owners: list[str] | None = None,
    principal_read: bool | None = None,
) -> dict[str, Any]:
    """An app in the shape of the info module and of every diff; never a secret.

    :param principal: its service principal, if read
    :param owners: object ids of its owners, if read
    :param principal_read: whether a principal that is None is missing; by default it was not looked for
    """
    shown: dict[str, Any] = {
        "object_id": app.get("id"),
        "app_id": app.get("appId"),
        "unique_name": app.get("uniqueName"),
        "created": app.get("createdDateTime"),
        "enabled": not app.get("isDisabled"),
        "disabled_by_microsoft": disabled_by_microsoft(app),
        **{name: member(app, path) for name, path in SCALARS.items()},
        **{name: sorted(member(app, path) or []) for name, path in LISTS.items()},
        "requested_permissions": requested(app),
        "credentials": credentials.describe_all(app, now),
        "certificates": certificates.describe_all(app),
        "pending": credentials.pending_holders(app),
        "service_principal": None,
        "service_principal_read": principal is not None if principal_read is None else principal_read,
    }
    if principal is not None:
        shown["service_principal"] = {
            "object_id": principal.get("id"),
            "enabled": principal.get("accountEnabled"),
            "tags": sorted(principal.get("tags") or []),
        }
    if owners is not None:
        shown["owners"] = sorted(owners)
    return shown


def requested(app: Mapping[str, Any]) -> list[dict[str, str]]:
    """The requested permissions, flat: C(api) (app id of the API), C(id), C(type) (application, delegated)."""
    # a type that Microsoft may add later is shown as it is
    types = {"Role": "application", "Scope": "delegated"}
    return sorted(
        (
            {"api": api["resourceAppId"], "id": access["id"], "type": types.get(access["type"], str(access["type"]))}
            for api in app.get("requiredResourceAccess") or []
            for access in api.get("resourceAccess") or []
        ),
        key=lambda entry: (entry["api"], entry["type"], entry["id"]),
    )


def member(source: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """A nested member, None where a step is missing."""
    value: Any = source
    for step in path:
        value = (value or {}).get(step)
    return value


def set_member(target: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a nested member, making the steps on the way."""
    for step in path[:-1]:
        target = target.setdefault(step, {})
    target[path[-1]] = value
