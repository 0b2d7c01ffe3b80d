# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The hosts of the data set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from .. import _moments as moments
from .._usersync import probe
from .._usersync.cron import longest_pause_hours
from .._usersync.sentences import OF_THE_LOGIN, SENTENCES
from .held import held
from .settings import Settings, stamp

# How much of what a host says goes into the data set
MOST_MESSAGES, LONGEST_MESSAGE = 5, 300
LONGEST_REFUSAL = 1200
# Reasons of failures that are about the login or the rights, not about the way to the host
REFUSED_KINDS = ("login", "denied")


def describe(
    read: Mapping[str, Any], apps_by_id: Mapping[str, Mapping[str, Any]], settings: Settings
) -> dict[str, Any]:
    """The entry of one host.

    :param read: C(host), C(url), C(holder), C(app_key), C(result) of usersync_connector_info or None, C(failure) with
        C(message), C(kind), C(code) or None
    :param apps_by_id: apps as read, by lower-case application id
    """
    result, failure = read.get("result") or {}, read.get("failure")
    versions = result.get("versions") or {}
    app = probe.App(True, versions.get("app_key"), versions.get("app"), _shape(versions.get("app_key")))
    connectors = azure_only(result.get("connectors") or [])
    return {
        "host": read["host"],
        "url": read.get("url"),
        "holder": read["holder"],
        "app": read.get("app_key"),
        "reachable": failure is None,
        "failure": _failure(failure),
        "product": result.get("product"),
        "product_version": versions.get("product"),
        "usersync_version": versions.get("app"),
        "usersync_key": versions.get("app_key"),
        "login": _login(result.get("login") or {}, settings),
        "client_credentials_possible": app.has_client_credentials,
        "listed": result.get("listed"),
        "connectors": [
            _connector(one, str(one.get("holder") or read["holder"]), apps_by_id, settings) for one in connectors
        ],
        "state": None,
    }


def azure_only(connectors: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The Azure connectors; where no type is told, those that may be."""
    existing = [one for one in connectors if one.get("exists", True)]
    return [one for one in existing if one.get("azure")] or [one for one in existing if one.get("azure") is None]


def _failure(failure: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    kind, code = failure.get("kind"), failure.get("code")
    sort = "unreachable"
    if code in ("app_missing", "app_disabled"):
        sort = "missing"
    elif code in OF_THE_LOGIN or (kind in REFUSED_KINDS and code not in SENTENCES):
        sort = "refused"
    # the words of who refused stand at its end
    message = str(failure.get("message") or "see its error above")[:LONGEST_REFUSAL]
    return {"sort": sort, "code": code, "message": message}


def _login(login: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """How the automation logs in at the host; C(days_left) until its token ends, where that is known."""
    end = moments.parse(login.get("ends"))
    return {
        "by": login.get("by"),
        "end": stamp(end) if end else None,
        "certain": bool(login.get("certain")),
        "days_left": (end - settings.now).days if end else None,
    }


def _shape(key: str | None) -> str | None:
    if not key:
        return None
    return "samlsso" if "samlsso" in key.lower() else "usersync"


def _connector(
    one: Mapping[str, Any], holder: str, apps_by_id: Mapping[str, Mapping[str, Any]], settings: Settings
) -> dict[str, Any]:
    application_id = str(one.get("application_id") or "").lower()
    sync = _sync(one.get("last_sync"), settings)
    app = apps_by_id.get(application_id)
    return {
        "id": str(one.get("id")),
        "holder": holder,
        "name": one.get("name"),
        "application_id": application_id or None,
        "tenant_id": one.get("tenant_id"),
        "directory_id": one.get("directory_id"),
        "flow": one.get("flow"),
        "authorized": one.get("authorized"),
        "profile_pictures": one.get("profile_pictures"),
        "schedule": _schedule(one, settings),
        "last_sync": sync,
        "secret": held(one, app, holder, settings.now),
        "restored": _restored(one.get("last_sync"), app, holder),
        "edit_url": one.get("edit_url"),
    }


# Clocks of a host and of the directory differ
_MARGIN = timedelta(minutes=5)


def _restored(last: Mapping[str, Any] | None, app: Mapping[str, Any] | None, holder: str) -> bool:
    """Whether the last sync is older than the newest live own secret, with which the host had logged in."""
    if not last or last.get("running") or app is None or holder in (app.get("pending") or []):
        return False
    created = str(last.get("created") or "")
    if not re.search(r"(Z|[+-]\d\d:?\d\d)$", created):
        return False
    begun = moments.parse(created)
    mine = [one for one in app.get("credentials") or [] if one.get("holder") == holder and not one.get("expired")]
    made = [start for one in mine if (start := moments.parse(one.get("start")))]
    return bool(begun and made and begun + _MARGIN < max(made))


def _schedule(one: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """C(max_age_hours): how old the last sync may be; C(known_by) says whence: C(option), C(cron) or null."""
    enabled, cron = one.get("schedule_enabled"), one.get("schedule_cron")
    pause = longest_pause_hours(cron if isinstance(cron, str) else None)
    allowed: float | None = None
    known_by: str | None = None
    if settings.sync_max_age_hours is not None:
        allowed, known_by = settings.sync_max_age_hours, "option"
    elif enabled and pause is not None:
        # A sync of a large tenant lasts hours, and clocks are put forward and back
        allowed, known_by = pause + max(2.0, pause * 0.1), "cron"
    return {
        "enabled": enabled,
        "cron": cron if isinstance(cron, str) else None,
        "longest_pause_hours": pause,
        "max_age_hours": round(allowed, 2) if allowed is not None else None,
        "known_by": known_by,
    }


def _sync(last: Mapping[str, Any] | None, settings: Settings) -> dict[str, Any] | None:
    if not last:
        return None
    ended = (
        None if last.get("running") else moments.parse(last.get("last_modified")) or moments.parse(last.get("created"))
    )
    age = (settings.now - ended).total_seconds() / 3600 if ended else None
    messages: Sequence[Any] = last.get("messages") or []
    # The first message only says that a job was scheduled
    told = [str(text)[:LONGEST_MESSAGE] for text in messages if not str(text).startswith("Scheduled with jobid")]
    return {
        "state": last.get("state"),
        "running": bool(last.get("running")),
        "success": bool(last.get("success")),
        "login_failed": bool(last.get("login_failed")),
        "permission_missing": bool(last.get("permission_missing")),
        "counters": dict(last.get("counters") or {}),
        "messages": told[-MOST_MESSAGES:],
        "started": stamp(moments.parse(last.get("created"))),
        "ended": stamp(ended),
        "age_hours": round(age, 2) if age is not None else None,
    }
