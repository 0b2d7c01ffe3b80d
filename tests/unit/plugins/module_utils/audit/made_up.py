# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Made-up reads of a fleet of any size, for tests that need no simulator."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._audit import dataset
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.settings import Settings

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=timezone.utc)
APP_ID = "aaaaaaaa-1111-4222-8333-444444444444"
AUTOMATION = "eeeeeeee-1111-4222-8333-444444444444"
TENANT = "bbbbbbbb-1111-4222-8333-444444444444"
GRAPH = "00000003-0000-0000-c000-000000000000"
READS_ID = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
PRODUCTS = (("jira", "9.12.15"), ("confluence", "8.5.19"), ("bitbucket", "8.19.12"), ("bamboo", "9.6.10"))


def time(days: float = 0, hours: float = 0) -> str:
    return (NOW + timedelta(days=days, hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def connector(number: int, **changes: Any) -> dict[str, Any]:
    """As usersync_connector_info returns it."""
    made = {
        "id": f"cccccccc-1111-4222-8333-{number:012d}",
        "exists": True,
        "azure": True,
        "name": "Azure AD",
        "directory_id": "10201",
        "application_id": APP_ID,
        "tenant_id": TENANT,
        "flow": "client_credentials",
        "authorized": None,
        "profile_pictures": False,
        "schedule_enabled": True,
        "schedule_cron": "0 0 2 * * ?",
        "edit_url": "https://host.example/edit",
        "secret": {"visibility": "masked", "known_by": "proven by sync", "hint": None},
        "last_sync": sync(),
    }
    return {**made, **changes}


def sync(**changes: Any) -> dict[str, Any]:
    made = {
        "state": "DONE",
        "running": False,
        "success": True,
        "login_failed": False,
        "permission_missing": False,
        "counters": {"added": 2, "updated": 1, "not_modified": 1200, "failed": 0, "result": 1203},
        "messages": ["Scheduled with jobid 1"],
        "created": time(hours=-6.5),
        "last_modified": time(hours=-6.4),
    }
    return {**made, **changes}


def read(number: int, name: str | None = None, **changes: Any) -> dict[str, Any]:
    """One host, as the role reads it; ``connector`` changes its connector."""
    product, version = PRODUCTS[number % 4]
    name = name or f"{product}{number // 4 + 1:02d}"
    one = connector(number, **changes.pop("connector", {}))
    result = {
        "connectors": [one],
        "listed": True,
        "product": product,
        "versions": {"product": version, "app": "2.14.1", "app_key": "de.resolution.usersync"},
    }
    made = {"host": name, "url": f"https://{product}{number}.example", "holder": name, "app_key": "usersync"}
    return {**made, "result": result, "failure": None, **changes}


def credential(holder: str | None, days: float, age: float = 30, name: str | None = None) -> dict[str, Any]:
    shown = name or f"usersync:{holder}:20261025T080000.000000Z"
    return {
        "key_id": f"key-{shown}-{days}",
        "display_name": shown,
        "holder": holder,
        "own": holder is not None,
        "hint": "abc",
        "start": time(-age),
        "end": time(days),
        "days_left": int(days // 1),
        "expired": days <= 0,
    }


def app(credentials: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """One app, as azuread_app_info returns it."""
    made = {
        "object_id": "dddddddd-1111-4222-8333-444444444444",
        "app_id": APP_ID,
        "unique_name": "usersync",
        "display_name": "User Sync",
        "sign_in_audience": "AzureADMyOrg",
        "tags": ["usersync-managed"],
        "requested_permissions": [{"api": GRAPH, "id": READS_ID, "type": "application"}],
        "granted_permissions": [
            {"api": GRAPH, "resource_id": "r", "id": READS_ID, "type": "application", "value": "Directory.Read.All"}
        ],
        "credentials": credentials,
        "pending": [],
        "enabled": True,
        "disabled_by_microsoft": None,
        "service_principal": {"object_id": "p", "enabled": True, "tags": []},
        "service_principal_read": True,
        "owners": ["o"],
    }
    return {**made, **changes}


def app_read(app: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    login = {"app_id": AUTOMATION, "by": "certificate", "end": time(200), "certain": True}
    return {"key": "usersync", "app": app, "tenant_id": TENANT, "failure": None, "login": login, **changes}


def build(reads: list[dict[str, Any]], apps: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    return dataset.build(reads, apps, Settings(now=NOW, **settings))


def healthy(count: int = 3, **settings: Any) -> dict[str, Any]:
    """A fleet without findings."""
    reads = [read(number) for number in range(count)]
    return build(reads, [app_read(app([credential(one["host"], 170) for one in reads]))], **settings)


def varied(count: int = 24, names: dict[int, str] | None = None, message: str = "") -> dict[str, Any]:
    """A fleet with every state in it; names and a message of hosts may be given."""
    reads, credentials = [], []
    for number in range(count):
        one = read(number, (names or {}).get(number))
        held, place = one["result"]["connectors"][0], number % 12
        days, age = 20 + (number * 37) % 160, 60.0
        if place == 4:
            days, age = -3, 183
            texts = ["Scheduled with jobid 1", message or "Token request failed: AADSTS7000222: the secret is expired."]
            held["last_sync"] = sync(state="FAILED", success=False, login_failed=True, messages=texts)
        elif place == 6:
            days = 9
        elif place == 7:
            one.update(result=None, failure={"message": message or "the host refuses connections", "kind": "transport"})
        elif place == 8:
            held["flow"], held["authorized"] = "authorization_code", True
        elif place == 9:
            held["last_sync"] = sync(created=time(-4), last_modified=time(-4))
        elif place == 10:
            held["id"] = reads[number - 10]["result"]["connectors"][0]["id"]
        elif place == 11:
            held["schedule_enabled"] = False
        reads.append(one)
        credentials.append(credential(one["holder"], days, age))
    credentials.append(credential(None, 300, 400, name="made by hand"))
    credentials.append(credential("jira99", 90))
    return build(reads, [app_read(app(credentials))], warn_days=30)
