# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The app registrations of the data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _address
from .. import _moments as moments
from .._entra import health
from .._entra.applications import MANAGED_TAG
from .._errors import OptionError
from . import permissions
from .settings import Settings, days_left, stamp

REDIRECT_PATH = "/plugins/servlet/de.resolution.usersync/oauth2/authorize"


def describe(read: Mapping[str, Any], hosts: Sequence[Mapping[str, Any]], settings: Settings) -> dict[str, Any]:
    """The entry of one app.

    :param read: C(key) (what the inventory or a connector calls it), C(app) as azuread_app_info returns it or None,
        C(tenant_id), C(failure) or None
    :param hosts: all hosts of the data set
    """
    app = read.get("app") or {}
    app_id = str(app.get("app_id") or "").lower() or None
    users = [(host, one) for host in hosts for one in host["connectors"] if app_id and one["application_id"] == app_id]
    meant = [host["host"] for host in hosts if host["app"] == read["key"]]
    names = sorted({host["host"] for host, _one in users} | set(meant))
    complete = all(host["reachable"] for host in hosts if host["host"] in names)
    return {
        "key": read["key"],
        "app_id": app_id,
        "object_id": app.get("object_id"),
        "display_name": app.get("display_name"),
        "unique_name": app.get("unique_name"),
        "found": bool(app),
        "failure": str(read["failure"]["message"]) if read.get("failure") else None,
        "tenant_id": read.get("tenant_id"),
        "managed": MANAGED_TAG in (app.get("tags") or []),
        "sign_in_audience": app.get("sign_in_audience"),
        "hosts": names,
        "meant_by": meant,
        "owners": sorted(app["owners"]) if app.get("owners") is not None else None,
        "foreign": [str(one["what"]) for one in app["foreign"]] if app.get("foreign") is not None else None,
        "remedies": [str(one["command"]) for one in app.get("foreign") or [] if one.get("command")],
        "pending": sorted(app.get("pending") or []),
        "enabled": app.get("enabled"),
        "principal_enabled": _principal_enabled(app),
        "consent_url": app.get("consent_url"),
        "obstacles": [
            {"code": one.code, "problem": one.problem, "remedy": one.remedy} for one in health.of_described(app)
        ],
        "permissions": _permissions(app, [one for _host, one in users], complete, settings) if app else None,
        "stray_redirect_uris": _strays(app, settings),
        "credentials": [_credential(one, users, settings) for one in app.get("credentials") or []],
    }


def _strays(app: Mapping[str, Any], settings: Settings) -> list[str]:
    """Redirect URIs of User Sync whose address is no host of the inventory; those of other kinds are none of ours."""
    if settings.known_places is None:
        return []
    found = []
    for uri in app.get("redirect_uris") or []:
        base = str(uri).removesuffix(REDIRECT_PATH)
        if base == str(uri):
            continue
        try:
            place = _address.parse("redirect_uris", base, allow_plain_http=True).place
        except OptionError:
            place = None
        if place not in settings.known_places:
            found.append(str(uri))
    return sorted(found)


def _permissions(
    app: Mapping[str, Any], connectors: Sequence[Mapping[str, Any]], complete: bool, settings: Settings
) -> dict[str, Any] | None:
    return permissions.judge(app, connectors, complete, settings.permission_profile, settings.permissions)


def _principal_enabled(app: Mapping[str, Any]) -> bool | None:
    """Whether sign-in is enabled; False without a service principal, None where that was not read."""
    principal = app.get("service_principal")
    if principal:
        return principal.get("enabled") is not False
    return False if app.get("service_principal_read") else None


def _credential(
    one: Mapping[str, Any], users: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], settings: Settings
) -> dict[str, Any]:
    """C(hosts): those that are known to hold it."""
    end = moments.parse(one.get("end"))
    holding = sorted({host["host"] for host, used in users if used["secret"]["key_id"] == one.get("key_id")})
    return {
        "key_id": one.get("key_id"),
        "display_name": one.get("display_name"),
        "holder": one.get("holder"),
        "own": bool(one.get("own")),
        "start": stamp(moments.parse(one.get("start"))),
        "end": stamp(end),
        "days_left": days_left(end, settings.now) if end else None,
        "expired": end is not None and end <= settings.now,
        "hosts": holding,
    }
