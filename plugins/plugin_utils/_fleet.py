# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""What is decided of all hosts of a play together. Pure: sees variables, asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils import _address
from ansible_collections.fleetops.usersync.plugins.module_utils import _errors as errors
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import holders, permission_profiles
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import leave_out
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import PREFIX, BadVariable, HostVariables

DEFAULT_APP = "usersync"
AUTHORIZE = "/plugins/servlet/de.resolution.usersync/oauth2/authorize"
APP_NAMES = ("app_object_id", "app_id", "app_unique_name")
GONE = {
    "azure_connector_secret_scope": "one secret for a whole app is no longer supported: remove the variable, and "
    "set-up gives each host its own secret; it does not remove the shared ones (azuread_app_secret does, state: "
    "absent, key_id)",
    "azure_connector_holder": "no longer exists: secrets belong to the address of their host; list the old name in "
    "azure_connector_former_holders",
    "azure_connector_secret_lease_seconds": "is called azure_connector_secret_delivery_window now",
    "azure_connector_secret_delivery_seconds": "is called azure_connector_secret_delivery_timeout now",
}


@dataclass
class Plan:
    """:ivar leaders: by host that speaks for it, the app
    :ivar redirect_uris: by app, those of its hosts in the play whose flow needs one
    :ivar apps: how each is named to a module
    :ivar permissions: by app, what it asks for
    :ivar least: by app, what none of its hosts may lose
    :ivar left_out: by host of the batch that takes no part now, why
    :ivar stopped: by host of the batch, why it is not begun
    :ivar separate: hosts whose steps are separate tasks
    :ivar first_leads: no host but the first of the batch speaks for an app, so that only that one need be asked
    :ivar failures: how many hosts of the batch may fail before no further one is begun, as usersync_connection takes it
    :ivar unproven: by host of the batch to which secrets are sent without a login here, why
    """

    leaders: dict[str, str] = field(default_factory=dict)
    redirect_uris: dict[str, list[str]] = field(default_factory=dict)
    apps: list[dict[str, str]] = field(default_factory=list)
    permissions: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    least: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    separate: list[str] = field(default_factory=list)
    unproven: dict[str, str] = field(default_factory=dict)
    failures: dict[str, Any] | None = None
    first_leads: bool = False


def identity_of(known: HostVariables) -> dict[str, str]:
    """The option of the modules that names the app of a host, and its value."""
    for name in APP_NAMES:
        if known.get(name):
            return {"app_id" if name == "app_id" else name.removeprefix("app_"): str(known.get(name))}
    return {"unique_name": DEFAULT_APP}


def app_of(known: HostVariables) -> str:
    """What names the app of a host most surely."""
    return next((str(known.get(name)) for name in APP_NAMES if known.get(name)), DEFAULT_APP)


def needs_redirect(known: HostVariables) -> bool:
    """Whether the host's connector may log in with the authorization-code flow, which redirects to the host.

    No host is asked: before User Sync 2.0 connectors are named by a number, and newer ones are made with the other
    flow.
    """
    try:
        flow, number = known.get("flow", "auto"), str(known.get("connector_id") or "")
    except BadVariable:
        return False
    return flow == "authorization_code" or (flow == "auto" and number.isdecimal())


def _left_out(known: HostVariables, made: Plan, host: str) -> str:
    """Why the host takes no part now, or nothing; a window that cannot be read stops it."""
    name = f"{PREFIX}leave_out"
    try:
        found = leave_out.left_out(name, known.get("leave_out"), datetime.now(timezone.utc))
    except errors.OptionError as exc:
        made.stopped[host] = exc.message
        return ""
    return found.sentence if found else ""


def plan(batch: Sequence[str], hosts: Mapping[str, HostVariables], halted: str = "", everywhere: bool = False) -> Plan:
    """:param everywhere: hosts are taken out, which a maintenance window does not keep from it
    :param batch: the hosts to be worked on now
    :param hosts: all hosts of the play, with their variables
    :param halted: why none of the batch may be begun
    """
    made = Plan()
    apps: dict[str, str] = {}
    named: dict[str, Any] = {}
    urls: dict[str, list[str]] = {}
    asking: dict[str, list[_Asked]] = {}
    for host, known in hosts.items():
        try:
            app, address = _look(known, check_all=host in batch)
            asked = _Asked.of(known)
        except BadVariable as exc:
            if host in batch:
                made.stopped[host] = str(exc)
            continue
        apps[host] = app
        if needs_redirect(known) and address.scheme == "https":
            urls.setdefault(app, []).append(address.url + AUTHORIZE)
        asking.setdefault(app, []).append(asked)
        # two connectors of one host are two consumers
        site = None if address.says_who else str(known.get("site") or "").strip().lower()
        named[host] = (address.place, site, known.get("connector_id"), known.get("connector_name"))
    _stop_living_formers(made, batch, hosts, named, everywhere)
    for app, all_asked in asking.items():
        made.permissions[app], made.least[app] = _permissions(all_asked)
    for host, twins in holders.twins(named).items():
        if host in batch:
            made.stopped.setdefault(
                host,
                f"{PREFIX}url: {' and '.join(twins)} are the same connector of one host, so they would overwrite each "
                "other's secret; remove one of them, or name their connectors (azure_connector_connector_id)",
            )
    for host in batch:
        if halted:
            made.stopped.setdefault(host, halted)
        if host in made.stopped or host not in apps:
            continue
        if not everywhere and (left := _left_out(hosts[host], made, host)):
            made.left_out[host] = left
            continue
        if host in made.stopped:
            continue
        if apps[host] not in made.leaders.values():
            made.leaders[host] = apps[host]
            made.apps.append(identity_of(hosts[host]))
            if apps[host] in urls and hosts[host].get("redirect_uris", True):
                made.redirect_uris[apps[host]] = urls[apps[host]]
        if hosts[host].get("separate_steps") or hosts[host].get("secret_hook"):
            made.separate.append(host)
        if hosts[host].get("secret_prove") is False:
            made.unproven[host] = str(hosts[host].get("secret_prove_reason"))
    made.first_leads = set(made.leaders) <= set(batch[:1])
    return made


def _stop_living_formers(
    made: Plan, batch: Sequence[str], hosts: Mapping[str, HostVariables], named: Mapping[str, Any], everywhere: bool
) -> None:
    """A former holder that a host of the play still is would lose that host its secret.

    Nor are secrets of a host removed that another host of the inventory may hold, since it was that one before. Its own
    name in the inventory is a former holder like any other: early versions kept its secret under it.
    """
    alive: dict[str, str] = {}
    for host, (place, site, *_connector) in named.items():
        alive[f"{site}:{place}" if site else place] = host
        alive.setdefault(host, host)
    for host in named:
        for former in hosts[host].get("former_holders", []) or []:
            living = alive.get(former.partition("#")[0]) or alive.get(former)
            if not living or (living == host and former == host and named[host][0] != host):
                continue
            if host in batch:
                made.stopped.setdefault(
                    host,
                    f"{PREFIX}former_holders: '{former}' is {living} of this play, which is in use and keeps its "
                    "secrets; list only what this host was called before",
                )
            elif everywhere and living in batch:
                made.stopped.setdefault(
                    living,
                    f"{PREFIX}former_holders: {host} says that it was '{former}' before, so it may have the secrets "
                    f"of {living}; run fleetops.usersync.setup for {host} and remove the variable, then remove "
                    f"{living}",
                )


@dataclass(frozen=True)
class _Asked:
    """What one host has to do with the permissions of its app; its flow may not be known before it is read.

    :ivar listed: what it asks for by name, in the place of a profile
    """

    profile: str
    listed: list[dict[str, str]] | None
    old_flow: bool
    pictures: bool

    @classmethod
    def of(cls, known: HostVariables) -> _Asked:
        return cls(
            known.get("permission_profile", permission_profiles.GUIDE),
            known.get("permissions"),
            needs_redirect(known),
            bool(known.get("profile_pictures")),
        )


def _permissions(asking: Sequence[_Asked]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What an app asks for, and the least; one host that stays with the guide speaks for all that share the app."""
    connectors = [(one.old_flow, one.pictures) for one in asking]
    listed = [entry for one in asking for entry in one.listed or []]
    by_profile = [one.profile for one in asking if one.listed is None]
    wanted: list[dict[str, str]] = []
    if by_profile:
        profile = permission_profiles.GUIDE if permission_profiles.GUIDE in by_profile else permission_profiles.LEAST
        wanted = permission_profiles.wanted(profile, connectors)
    wanted += [entry for entry in listed if entry not in wanted]
    return list({str(sorted(entry.items())): entry for entry in wanted}.values()), permission_profiles.wanted(
        permission_profiles.LEAST, connectors
    )


def _look(known: HostVariables, check_all: bool) -> tuple[str, _address.Address]:
    """App and address of one host; :raises BadVariable: something that is needed, or with check_all anything, is bad"""
    for name, told in GONE.items():
        if check_all and known.raw.get(name) is not None:
            raise BadVariable(name, told)
    url = known.get("url")
    if not url:
        raise BadVariable(f"{PREFIX}url", "is missing: it must be the base URL of the Atlassian host")
    try:
        address = _address.parse(f"{PREFIX}url", str(url), allow_plain_http=bool(known.get("allow_plain_http")))
    except errors.OptionError as exc:
        raise BadVariable(f"{PREFIX}url", exc.message.removeprefix(f"{PREFIX}url: ")) from None
    if check_all:
        known.check()
        if known.get("secret_prove") is False and not known.get("secret_prove_reason"):
            raise BadVariable(
                f"{PREFIX}secret_prove_reason", "must say why new secrets are not tried by a login before they are sent"
            )
        if not address.says_who:
            site = known.get("site")
            if not site:
                raise BadVariable(
                    f"{PREFIX}site",
                    f"must be given, since {address.place} does not say which host answers there; give the site a "
                    "name, as in berlin, or the host an address that means the same everywhere",
                )
            try:
                holders.check_site(f"{PREFIX}site", str(site))
            except errors.OptionError as exc:
                raise BadVariable(f"{PREFIX}site", exc.message.removeprefix(f"{PREFIX}site: ")) from None
    return app_of(known), address


def halted(failed: int, begun: int, most: float) -> str:
    """Why no further batch is begun, or nothing. :param most: percentage"""
    if not begun or 100.0 * failed / begun <= most:
        return ""
    return (
        f"{PREFIX}max_fail_percentage: this batch was not started, because {failed} of the {begun} hosts before it "
        f"failed, which is more than {most:g} percent"
    )


def failures(hosts: int, failed: int, most: float, counted_as: str) -> dict[str, Any] | None:
    """The limit within a batch, None where any number may fail.

    :param hosts: of this batch and those before; :param failed: of those before; :param most: percentage
    """
    if most >= 100:
        return None
    return {"most": max(int(hosts * most / 100) - failed, 0), "counted_as": counted_as}
