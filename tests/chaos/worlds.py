# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tenant and the hosts look like before a run, foreign things included.

Two hosts of different kinds: jira01 with User Sync 2.x that shows its secret, jira02 with 1.9 that hides it.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from simulator.atlassian import settings

if TYPE_CHECKING:
    from simulator.world import World

APP = "usersync"
PENDING = ("usersync-pending:", "usersync-delivered:")
SITE = "simulator"
FLEET: dict[str, Any] = {
    "hosts": 2,
    "users": 4,
    "generations": {"jira02": "1.9"},
    "host_options": {"jira02": {"secret_visibility": "masked"}},
}
# Two fleets of four; one host of each hides its secret
SEVERAL: dict[str, Any] = {
    "hosts": 8,
    "users": 4,
    "host_options": {"jira02": {"secret_visibility": "masked"}, "jira03": {"secret_visibility": "masked"}},
}
# Settings that people made in a connector, among them some that no documentation knows
CUSTOM = {
    "cron_expression": "0 30 4 * * ?",
    "cleanup_behaviour": "KEEP_USERS",
    "extra": {"madeByHand": {"note": "keep, please", "numbers": [1, 2, {"three": None}]}, "fromTheFuture": True},
}
MANAGED_LEAVES = ("application_id", "tenant_id", "client_secret", "flow")


# A host that has no list of its connectors is named with the connector's id
FORM = re.compile(r"usersync:(?P<holder>[^\s#]+)(#\w+)?:(?P<host>-|[0-9a-f]{12}):\d{8}T\d{6}\.\d{6}Z(:spare)?")


def holder_of(name: str | None) -> str | None:
    """The holder of an own credential by its display name; None for a foreign one."""
    found = FORM.fullmatch(name or "")
    return found["holder"] if found else None


def holder(world: World, host: str) -> str:
    """What the host at that address is called in the directory; all are loopback addresses of one site."""
    return f"{SITE}:{world.url_of(world.specs_by_name[host]).partition('://')[2]}"


def empty(world: World) -> None:
    """No app yet. Somebody else's app stands in the tenant; jira02 has a connector, just clicked and then changed."""
    tenant = world.tenant
    other = tenant.seed_application("Payroll", unique_name="payroll", tags=["team:finance"], notes="not ours")
    tenant.seed_credential(other["app_id"], "usersync-like but foreign")
    _custom(world, "jira02")


def taken_over(world: World) -> str:
    """A portal-made app that both hosts use already, with a foreign secret, and all that people may add to one.

    :returns: its object id, by which it is to be adopted
    """
    tenant = world.tenant
    tenant.seed_application("Payroll", unique_name="payroll", tags=["team:finance"])
    made = tenant.seed_application(
        "User Sync",
        unique_name=APP,
        age_days=400,
        tags=["team:identity", "do-not-delete"],
        notes="call 4711 before you change anything",
        description="made in the portal",
        web={"redirectUris": ["https://other.example/callback"], "homePageUrl": "https://other.example/"},
    )
    app_id = made["app_id"]
    tenant.seed_legacy_permissions(app_id)
    tenant.seed_consent(app_id, roles=["Directory.Read.All", "User.Read.All", "Group.Read.All"])
    user = tenant.store.records("user")[0]
    tenant.seed_consent(app_id, scopes=["Calendars.Read"], user_id=user.id)
    tenant.seed_credential(app_id, "backup script", days=300)
    tenant.seed_credential(app_id, "forgotten", days=-20)
    used = tenant.seed_credential(app_id, "made by hand", days=90)
    for name in world.hosts:
        leaves = {
            "application_id": app_id,
            "tenant_id": tenant.id,
            "client_secret": used["secret"],
            "flow": "client_credentials",
        }
        _custom(world, name, **leaves)
    return str(made["id"])


def several(world: World) -> None:
    """No app yet; some hosts hide their secret. For several fleets that call their hosts by the same names."""
    other = world.tenant.seed_application("Payroll", unique_name="payroll", tags=["team:finance"], notes="not ours")
    world.tenant.seed_credential(other["app_id"], "usersync:jira by Maria")


def _custom(world: World, name: str, **leaves: Any) -> None:
    """Give the host one connector with settings of its own."""
    host = world.hosts[name]
    extra = dict(CUSTOM["extra"])  # type: ignore[call-overload]
    given = {key: value for key, value in CUSTOM.items() if key != "extra"} | leaves
    connector = next(iter(host.store.connectors.values()), None)
    if connector is None:
        host.click_create("Azure AD", extra=extra, **given)
        return
    for leaf, value in given.items():
        settings.set_leaf(connector.configuration, host.traits.key_style, leaf, value)
    connector.configuration.update(extra)
    host.credentials_changed(connector)


def foreign(world: World) -> dict[str, Any]:
    """All that is not ours: ``same`` must stay equal, of ``kept`` nothing may go. Never holds a secret's text."""
    tenant = world.tenant
    same: dict[str, Any] = {}
    kept: dict[str, set[str]] = {}
    for record in tenant.store.records("application"):
        data = {key: value for key, value in record.data.items() if not key.startswith("_")}
        place = f"app {data['displayName']}"
        credentials = [item for item in data.pop("passwordCredentials") if not _ours(data, item)]
        same[f"{place}: foreign credentials"] = credentials
        if data["uniqueName"] == APP:
            web = dict(data.pop("web"))
            web.pop("redirectUriSettings", None)
            kept[f"{place}: redirect URIs"] = set(web.pop("redirectUris"))
            same[f"{place}: web"] = web
            kept[f"{place}: tags"] = {tag for tag in data.pop("tags") if not tag.startswith(PENDING)}
            kept[f"{place}: permissions"] = {
                f"{api['resourceAppId']} {item['type']} {item['id']}"
                for api in data.pop("requiredResourceAccess")
                for item in api["resourceAccess"]
            }
        same[place] = data
    for kind in ("appRoleAssignment", "oAuth2PermissionGrant"):
        for record in tenant.store.records(kind):
            data = record.data
            who = data.get("principalId")
            if kind == "oAuth2PermissionGrant" and data["consentType"] == "Principal":
                same[f"grant of user {who}"] = data
            elif kind == "appRoleAssignment":
                kept.setdefault("assignments", set()).add(f"{who} {data['resourceId']} {data['appRoleId']}")
    for name, host in world.hosts.items():
        for connector in host.store.connectors.values():
            same[f"host {name}: connector {connector.id}"] = _unmanaged(host, connector.configuration)
    return {"same": same, "kept": kept}


def _ours(app: dict[str, Any], credential: dict[str, Any]) -> bool:
    return app["uniqueName"] == APP and holder_of(credential["displayName"]) is not None


def _unmanaged(host: Any, configuration: dict[str, Any]) -> dict[str, Any]:
    """The configuration without the leaves that the collection is asked to set."""
    tree = copy.deepcopy(configuration)
    for leaf in MANAGED_LEAVES:
        settings.drop_path(tree, settings.STYLES[host.traits.key_style][leaf])
    return tree
