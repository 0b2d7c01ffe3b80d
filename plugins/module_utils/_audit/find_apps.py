# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Findings about app registrations, and about hosts that share what they should not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._entra.credentials import APP_WIDE, former_name
from . import permissions
from .codes import ERROR, WARNING, Finding
from .find_hosts import ROTATE, SETUP
from .settings import Settings

REMOVE = (
    "name them in azure_connector_permissions_remove and run fleetops.usersync.remove_permissions, which first shows "
    "what it would do"
)
MOST_URIS = 5
PERSONAL = ("AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")


def app(entry: Mapping[str, Any], holders: Mapping[str, str], settings: Settings) -> Iterator[Finding]:
    """:param holders: the holders that were looked at, with the names of their hosts"""
    name, app_id, hosts = _name(entry), entry["app_id"], entry["hosts"]
    if entry["failure"]:
        remedy = "check the login of the automation to Entra ID and its permissions"
        reason = entry["failure"].rstrip(".")
        yield Finding("app-unreadable", f"app {entry['key']} could not be read: {reason}", remedy, hosts)
        return
    if not entry["found"]:
        if entry["meant_by"]:
            what = f"the tenant has no app {entry['key']}, which the inventory names"
            yield Finding("app-missing", what, f"run {SETUP}, or name the existing app", entry["meant_by"])
        return
    for one in entry["obstacles"]:
        yield Finding(one["code"].replace("_", "-"), f"{name}: {one['problem']}", one["remedy"], hosts, app_id)
    if entry["sign_in_audience"] in PERSONAL:
        yield Finding(
            "personal-accounts",
            f"{name} is open to personal Microsoft accounts, which limits it to two secrets",
            "set Supported account types to this organizational directory only",
            hosts,
            app_id,
        )
    yield from _permissions(entry, name)
    for holder in entry["pending"]:
        yield Finding(
            "pending-left",
            f"a new secret for {holder} at {name} was started but not confirmed",
            f"run {SETUP} for it, unless a run is working on it right now",
            [holders[holder]] if holder in holders else [],
            app_id,
        )
    yield from _foreign(entry, name)
    yield from _credentials(entry, name, holders, settings)
    strays = entry["stray_redirect_uris"]
    if strays:
        more = f" and {len(strays) - MOST_URIS} more" if len(strays) > MOST_URIS else ""
        yield Finding(
            "redirect-uri-stray",
            f"{name} has {_many(len(strays), 'redirect URI')} of User Sync for addresses of hosts that are not in "
            f"this inventory: {', '.join(strays[:MOST_URIS])}{more}; another fleet may use them",
            "remove them by name if nobody uses them (azuread_app, redirect_uris, list_modes redirect_uris: absent)",
            [],
            app_id,
        )


def _permissions(entry: Mapping[str, Any], name: str) -> Iterator[Finding]:
    judged, hosts, app_id = entry["permissions"], entry["hosts"], entry["app_id"]
    if judged is None:
        yield Finding(
            "grants-unreadable",
            f"the automation may not read what {name} has been granted, so its consent is unknown",
            "grant Directory.Read.All to the automation, or check the consent by hand",
            hosts,
            app_id,
        )
        return
    if judged["missing"]:
        yield Finding(
            "consent-missing",
            f"{name} lacks admin consent for {permissions.words(judged['missing'])}",
            f"have an administrator grant it{_at(entry['consent_url'])}, or run {SETUP} with azure_connector_consent: "
            "grant",
            hosts,
            app_id,
        )
    if judged["excess"]:
        held = [one for one in judged["excess"] if one in judged["granted"]]
        yield Finding(
            "permission-excess",
            f"{name} has more permissions than its profile requires: {permissions.words(judged['excess'])}",
            REMOVE,
            hosts,
            app_id,
            WARNING if permissions.does_more_than_read(held) else None,
        )


def _at(address: str | None) -> str:
    return f" at {address}" if address else " in Entra ID"


def savings(entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Said once, however many apps there are."""
    could = [entry for entry in entries if (entry["permissions"] or {}).get("savings")]
    if not could:
        return
    saved: list[dict[str, str]] = []
    for entry in could:
        saved += [one for one in entry["permissions"]["savings"] if one not in saved]
    hosts = sorted({host for entry in could for host in entry["hosts"]})
    yield Finding(
        "permission-savings",
        f"{_many(len(could), 'app')} could do without {permissions.words(saved)}, which the vendor's set-up guides "
        "list but these connectors do not need",
        f"set azure_connector_permission_profile: least, then {REMOVE}",
        hosts,
        could[0]["app_id"] if len(could) == 1 else None,
    )


def _foreign(entry: Mapping[str, Any], name: str) -> Iterator[Finding]:
    if not entry["foreign"] or not entry["managed"]:
        return
    cleaned = f": {' ; '.join(entry['remedies'])}" if entry["remedies"] else ""
    yield Finding(
        "app-foreign",
        f"others can use {name} and get what is granted to it: {'; '.join(entry['foreign'])}",
        "remove what is not needed, or list what is yours in azure_connector_known_owners and "
        f"azure_connector_known_credentials{cleaned}",
        entry["hosts"],
        entry["app_id"],
    )


def elsewhere(entry: Mapping[str, Any], users: Mapping[str, tuple[str, str | None]]) -> Iterator[Finding]:
    """Own credentials of holders whose connector names another app.

    :param users: by holder, its host and the application id that its connector names
    """
    for one in entry["credentials"]:
        host, app_id = users.get(str(one["holder"]), ("", None))
        if one["own"] and not one["expired"] and app_id is not None and app_id != entry["app_id"]:
            yield Finding(
                "credential-elsewhere",
                f"{_name(entry)} still has a live secret of {host}, though its connector names another app",
                f"remove it once the host works (azuread_app_secret, state: absent, key_id: {one['key_id']})",
                [host],
                entry["app_id"],
            )


def _credentials(
    entry: Mapping[str, Any], name: str, hosts: Mapping[str, str], settings: Settings
) -> Iterator[Finding]:
    app_id, dead, strangers = entry["app_id"], [], []
    holders = frozenset(hosts) | settings.known_holders
    for one in entry["credentials"]:
        if one["hosts"]:
            continue
        former = settings.former.get(former_name(one["display_name"]) or "")
        if one["expired"]:
            dead.append(one)
        elif former is not None:
            yield Finding(
                "credential-former",
                f"a live secret of {name} is for a former holder of {former}, {one['display_name']}",
                f"remove it once nothing uses it (azuread_app_secret, state: absent, key_id: {one['key_id']})",
                [former],
                app_id,
            )
        elif APP_WIDE.fullmatch(str(one["display_name"] or "")):
            yield Finding(
                "credential-shared",
                f"{name} has a live secret that was created for all its hosts, {one['display_name']}",
                f"run {SETUP}, which gives each host its own, then remove it (azuread_app_secret, state: absent, "
                f"key_id: {one['key_id']})",
                [],
                app_id,
            )
        elif one["own"] and one["holder"] not in holders and one["holder"].partition("#")[0] not in holders:
            yield Finding(
                "credential-without-holder",
                f"a live secret of {name} is for {one['holder']}, which is not a holder of this inventory",
                "run fleetops.usersync.remove for a host that has gone, or remove the secret once nothing uses it",
                [],
                app_id,
            )
        elif not one["own"]:
            strangers.append(one)
    if strangers:
        named = ", ".join(str(one["display_name"] or one["key_id"]) for one in strangers)
        yield Finding(
            "credential-foreign",
            f"{name} has {_many(len(strangers), 'live secret')} created by hand that no host is known to use: {named}",
            "find out who uses it, and remove it in Entra ID if nobody does",
            [],
            app_id,
        )
    if dead:
        yield Finding(
            "credential-expired",
            f"{name} still lists {_many(len(dead), 'expired secret')} that no host is known to use",
            "remove them in Entra ID, so that what matters stays visible",
            [],
            app_id,
        )


def fleet(hosts: Sequence[Mapping[str, Any]], fingerprints: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    """Clones and shared secrets.

    :param fingerprints: of secrets that a host shows, by (host, connector id)
    """
    seen = [(host, one) for host in hosts for one in host["connectors"]]
    cloned: list[set[str]] = []
    for (connector_id, _print), group in _groups(seen, lambda host, one: _clone_key(host, one, fingerprints)).items():
        names = sorted(host["host"] for host, _one in group)
        cloned.append(set(names))
        by_schedule = sorted(host["host"] for host, one in group if one["schedule"]["enabled"])
        what = f"{', '.join(names)} have the same connector ID {connector_id}, as copies of one host do"
        if len(by_schedule) > 1:
            what += ", and all of them synchronise by schedule" if by_schedule == names else ", several by schedule"
        yield Finding(
            "clone-connector",
            what,
            f"remove the connector of the copy and run {SETUP} for it, so that it has its own app or secret",
            names,
            group[0][1]["application_id"],
            ERROR if len(by_schedule) > 1 else WARNING,
        )
    for group in _groups(seen, lambda host, one: fingerprints.get((host["host"], one["id"]))).values():
        names = sorted({host["host"] for host, _one in group})
        if len({host["holder"] for host, _one in group}) < 2 or any(set(names) <= clones for clones in cloned):
            continue
        yield Finding(
            "shared-secret",
            f"{', '.join(names)} have the same secret, so it cannot be renewed or revoked for one of them alone",
            f"run {ROTATE} for them, which gives each its own secret",
            names,
            group[0][1]["application_id"],
        )


def _clone_key(
    host: Mapping[str, Any], one: Mapping[str, Any], fingerprints: Mapping[tuple[str, str], str]
) -> tuple[str, str] | None:
    # Older versions number their connectors, so that many hosts have a connector 1: there the secret tells
    if not one["id"].isdecimal():
        return one["id"], ""
    same = fingerprints.get((host["host"], one["id"]))
    return (one["id"], same) if same else None


def _groups(seen: Any, key_of: Any) -> dict[Any, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]:
    """Those of one key that are different hosts; an address that stands twice in the inventory is one host."""
    groups: dict[Any, list[Any]] = {}
    for host, one in seen:
        key = key_of(host, one)
        if key is not None:
            groups.setdefault(key, []).append((host, one))
    return {
        key: group
        for key, group in groups.items()
        if len({str(host["url"] or host["host"]).rstrip("/").lower() for host, _one in group}) > 1
    }


def _name(entry: Mapping[str, Any]) -> str:
    return f"{entry['display_name'] or entry['key']} ({entry['app_id']})" if entry["app_id"] else str(entry["key"])


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
