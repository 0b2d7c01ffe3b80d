# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Findings about single hosts and their connectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._usersync.values import AUTHORIZATION_CODE
from .codes import Finding
from .settings import Settings

SETUP, ROTATE = "fleetops.usersync.setup", "fleetops.usersync.rotate_secrets"


def host(entry: Mapping[str, Any], apps: Mapping[str, Mapping[str, Any]], settings: Settings) -> Iterator[Finding]:
    """:param apps: apps of the data set that were found, by application id, and failed reads by key"""
    name = entry["host"]
    if entry["failure"]:
        yield _unread(name, entry)
        return
    yield from _token(name, entry["login"], settings)
    if not entry["connectors"]:
        remedy = f"run {SETUP} for it, or take it out of the inventory when it was meant to go"
        if entry["listed"] is False:
            remedy = "its User Sync cannot list its connectors, so set azure_connector_connector_id"
        yield Finding("connector-missing", f"{name} has no visible Azure connector", remedy, [name])
    for one in entry["connectors"]:
        called = name if len(entry["connectors"]) == 1 else f"{name} (connector {one['name'] or one['id']})"
        yield from _flow(name, called, one, entry)
        yield from _app(name, called, one, entry, apps, settings)
        if _removed(one, apps.get(one["application_id"] or "")):
            yield Finding(
                "host-removed",
                f"{called} was taken out: its connector has no schedule, and its app no secret for it",
                f"take it out of the inventory, or run {SETUP} to bring it back",
                [name],
                one["application_id"],
            )
            continue
        yield from _secret(name, called, one, settings)
        yield from _sync(name, called, one)


def _token(name: str, login: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    if login["days_left"] is None or login["days_left"] >= settings.warn_days:
        return
    left = "in less than a day" if login["days_left"] < 1 else f"in {login['days_left']} days"
    which = "the token" if login["certain"] else "a token"
    what = f"{which} that the automation logs in with at {name} expires {left}, on {login['end'][:10]}"
    if not login["certain"]:
        what = f"{which} of the automation's user at {name} expires {left}, on {login['end'][:10]}"
        what += ", and the host does not show whether it is the one in use"
    yield Finding(
        "token-expires-soon",
        what,
        "create a new one on that user's profile page of the host and put it into azure_connector_token; without it "
        "the secret of that host cannot be rotated",
        [name],
    )


def _unread(name: str, entry: Mapping[str, Any]) -> Finding:
    failure = entry["failure"]
    reason = failure["message"].rstrip(".")
    if failure["sort"] == "refused":
        remedy = "check the login of the automation on that host before it is tried again, as failures lock accounts"
        return Finding("host-refused", f"{name} refuses the automation: {reason}", remedy, [name])
    if failure["sort"] == "missing":
        remedy = "install or enable User Sync, or check azure_connector_url"
        return Finding("usersync-missing", f"{name} has no User Sync: {reason}", remedy, [name])
    remedy = "check the host, the network between it and the machine where the task runs, and azure_connector_url"
    if failure["code"]:
        remedy += f"; docs/connector.md has a row for {failure['code']}"
    return Finding("host-unreachable", f"{name} could not be read: {reason}", remedy, [name])


def _flow(name: str, called: str, one: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[Finding]:
    if one["flow"] != AUTHORIZATION_CODE:
        return
    app = one["application_id"]
    # An id that is no number is one of User Sync 2.0 or later
    if entry["client_credentials_possible"] or (entry["usersync_version"] is None and not one["id"].isdecimal()):
        version = f"User Sync {entry['usersync_version']}" if entry["usersync_version"] else "its User Sync"
        yield Finding(
            "old-flow",
            f"{called} still logs in with the authorization-code flow, which {version} does not need",
            f"run {SETUP} with azure_connector_flow: client_credentials, or click the switch in the connector",
            [name],
            app,
        )
    if one["authorized"] is False:
        yield Finding(
            "not-authorized",
            f"{called} is waiting for the Authorize click of its authorization-code flow",
            f"open {one['edit_url']} and click Authorize",
            [name],
            app,
        )


def _app(
    name: str,
    called: str,
    one: Mapping[str, Any],
    entry: Mapping[str, Any],
    apps: Mapping[str, Mapping[str, Any]],
    settings: Settings,
) -> Iterator[Finding]:
    app_id = one["application_id"]
    meant = next((app for app in apps.values() if app["key"] == entry["app"]), None)
    named = apps.get(app_id or "")
    tenants = {app["tenant_id"] for app in apps.values() if app["tenant_id"]}
    elsewhere = one["tenant_id"] and tenants and str(one["tenant_id"]).lower() not in tenants
    if elsewhere and len(str(one["tenant_id"])) == 36:
        yield Finding(
            "other-tenant",
            f"{called} reads its users from tenant {one['tenant_id']}, which is not the tenant of the inventory",
            f"check which tenant is the right one, then set azure_connector_entra_tenant or run {SETUP}",
            [name],
            app_id,
        )
        return
    if not app_id:
        yield Finding("app-unknown", f"{called} names no app registration", f"run {SETUP} for it", [name])
    elif named is not None and named["failure"] is None and not named["found"]:
        yield Finding(
            "app-unknown",
            f"{called} names app {app_id}, which the tenant does not have",
            f"restore the app in Entra ID within 30 days of its removal, or run {SETUP}",
            [name],
            app_id,
        )
    if app_id and meant is not None and meant["found"] and meant["app_id"] != app_id:
        yield Finding(
            "other-app",
            f"{called} names app {app_id}, but the inventory names {meant['display_name']} ({meant['app_id']})",
            f"run {SETUP} to move it, or set azure_connector_app_id to the app that it names",
            [name],
            app_id,
        )


def _removed(one: Mapping[str, Any], app: Mapping[str, Any] | None) -> bool:
    """Whether that is what fleetops.usersync.remove leaves behind.

    Where the host does not show its secret, no live one may be there that it could hold.
    """
    if one["schedule"]["enabled"] is not False or one["secret"]["in_app"] or app is None or not app["found"]:
        return False
    live = [each for each in app["credentials"] if not each["expired"]]
    if one["holder"] in app["pending"] or any(each["holder"] == one["holder"] for each in live):
        return False
    return one["secret"]["in_app"] is False or all(each["own"] for each in live)


def _secret(name: str, called: str, one: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    secret, app = one["secret"], one["application_id"]
    adopted = f"run {SETUP} to give the host a secret that is renewed automatically"
    remedy = f"run {ROTATE}" if secret["own"] else adopted
    if secret["in_app"] is False:
        yield Finding(
            "secret-unknown",
            f"{called} has a secret that its app does not have, so it cannot log in",
            f"run {SETUP}",
            [name],
            app,
        )
    elif secret["expired"]:
        end = (secret["end"] or "")[:10]
        yield Finding("secret-expired", f"the secret of {called} expired on {end}", remedy, [name], app)
    elif secret["days_left"] is not None and secret["days_left"] < settings.warn_days:
        left = "in less than a day" if secret["days_left"] < 1 else f"in {secret['days_left']} days"
        end = secret["end"][:10]
        yield Finding("secret-expires-soon", f"the secret of {called} expires {left}, on {end}", remedy, [name], app)
    if secret["in_app"] and secret["own"] is False:
        yield Finding(
            "secret-foreign",
            f"{called} has a secret that was created by hand ({secret['display_name'] or 'without a name'}), which "
            "rotation does not renew",
            f"run {SETUP} to replace it",
            [name],
            app,
        )


def _sync(name: str, called: str, one: Mapping[str, Any]) -> Iterator[Finding]:
    sync, schedule, app = one["last_sync"], one["schedule"], one["application_id"]
    if schedule["enabled"] is False:
        yield Finding(
            "schedule-off",
            f"{called} does not synchronise by schedule",
            "set azure_connector_schedule_enabled: true, unless something else starts its syncs",
            [name],
            app,
        )
    elif schedule["enabled"] and schedule["max_age_hours"] is None:
        yield Finding(
            "schedule-unclear",
            f"the schedule of {called} ({schedule['cron'] or 'no cron expression'}) is not understood, so it cannot "
            "be said when its last sync is too old",
            "set azure_connector_audit_sync_max_age_hours",
            [name],
            app,
        )
    if sync is None:
        remedy = f"start one in the host, or run {SETUP}"
        yield Finding("sync-never", f"{called} has never synchronised", remedy, [name], app)
        return
    if not sync["running"] and not sync["success"]:
        yield _failed(name, called, one)
    elif None not in (sync["age_hours"], schedule["max_age_hours"]) and sync["age_hours"] > schedule["max_age_hours"]:
        allowed = _duration(schedule["max_age_hours"])
        whence = "its schedule allows" if schedule["known_by"] == "cron" else "you allow"
        yield Finding(
            "sync-stale",
            f"the last sync of {called} finished {_duration(sync['age_hours'])} ago, {whence} {allowed}",
            "check the scheduler of the host and the node that runs it",
            [name],
            app,
        )
    if one["restored"]:
        yield Finding(
            "host-restored",
            f"the last sync of {called} is older than its newest secret, as after a restore from a backup, so it may "
            "have a secret that was retired",
            f"run {SETUP}, which lets it synchronise, and gives it a new secret if the login fails",
            [name],
            app,
        )


def _failed(name: str, called: str, one: Mapping[str, Any]) -> Finding:
    sync, app = one["last_sync"], one["application_id"]
    users = sync["counters"].get("failed", 0)
    said = f" and said: {sync['messages'][-1].rstrip('.')}" if sync["messages"] else ""
    if sync["login_failed"]:
        what, remedy = "could not log in", f"run {SETUP}, which renews a secret that does not work"
    elif sync["permission_missing"]:
        what, remedy = "was refused by Microsoft Graph", "grant the missing admin consent, then synchronise"
    elif sync["state"] == "DONE" and users:
        what = f"left out {users} {'user' if users == 1 else 'users'}"
        remedy = "check the messages of that sync in the host"
        return Finding("sync-partial", f"the last sync of {called} {what}{said}", remedy, [name], app)
    else:
        what, remedy = f"ended with {sync['state']}", "check the messages of that sync in the host"
    return Finding("sync-failed", f"the last sync of {called} {what}{said}", remedy, [name], app)


def _duration(hours: float) -> str:
    if hours < 48:
        return f"{hours:.0f} hours" if hours >= 2 else f"{hours * 60:.0f} minutes"
    return f"{hours / 24:.0f} days"
