# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet on the simulator without a single finding, the means to spoil it, and the audit over it without plays."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._audit import dataset
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.settings import Settings
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_info import (
    DEFINITION as APP_INFO,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connector_info import (
    DEFINITION as HOST_INFO,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._front import execute
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.simulator.atlassian import tamper
from ansible_collections.fleetops.usersync.tests.simulator.entra import catalogue, passwords
from ansible_collections.fleetops.usersync.tests.simulator.entra.store import Record
from ansible_collections.fleetops.usersync.tests.simulator.entra.tokens import GRAPH_APP_ID

NAMES = ("jira01", "jira02", "confluence01")
KEY = "0123456789abcdef0123456789abcdef"
# What a host shows is taken for clear text up to this length
SHORT = 39


def permission(value: str, kind: str) -> dict[str, str]:
    return {"id": catalogue.permission_id(value, kind, "graph"), "type": kind}


def request_for(*permissions: dict[str, str]) -> list[dict[str, Any]]:
    return [{"resourceAppId": GRAPH_APP_ID, "resourceAccess": list(permissions)}]


READS = permission("Directory.Read.All", "Role")


class Fleet:
    """Three hosts with secrets of their own, one app, every secret in clear."""

    def __init__(self, sim: Any) -> None:
        self.sim = sim
        sim.clear_faults()
        sim.reset(hosts=len(NAMES), host_options={})
        self.world = sim.world
        self.app_key = "usersync"
        self.settings: dict[str, Any] = {}
        self.tagged: list[str] = []
        login = ("url", "username", "password")
        self.logins = {host["name"]: {key: host[key] for key in login} for host in sim.hosts}
        made = sim.seed(
            "application",
            display_name="User Sync",
            unique_name="usersync",
            tags=["usersync-managed"],
            requiredResourceAccess=request_for(READS),
        )
        self.app_id, self.object_id = made["app_id"], made["id"]
        sim.seed("consent", app_id=self.app_id, roles=["Directory.Read.All"])
        self.secrets = {
            name: self.credential(f"usersync:{self.holder(name)}:-:20260101T000000.000000Z", 170) for name in NAMES
        }
        for name in NAMES:
            self.create(name)

    def credential(self, display_name: str, days: float) -> dict[str, Any]:
        """A credential whose text a host shows in clear; C(secret) and C(key_id)."""
        for _attempt in range(20):
            made = self.sim.seed("credential", app_id=self.app_id, display_name=display_name, days=days)
            if len(made["secret"]) <= SHORT:
                return made
            self.remove(made)
        raise AssertionError("the simulator makes long secrets only")

    def holder(self, name: str) -> str:
        return "lab:" + str(self.logins[name]["url"]).partition("://")[2]

    def remove(self, credential: dict[str, Any]) -> None:
        now = self.world.now()
        self.sim.call(passwords.remove_password, self.world.tenant, self.app, credential["key_id"], now)

    def create(self, name: str) -> None:
        """The connector of a host, and a first sync."""
        host = self.world.hosts[name]
        leaves = {
            "application_id": self.app_id,
            "tenant_id": self.sim.tenant_id,
            "client_secret": self.secrets[name]["secret"],
            "schedule_enabled": True,
        }
        self.sim.call(lambda: host.click_create("Azure AD", **leaves))
        self.sync(name)

    def sync(self, name: str) -> None:
        host = self.world.hosts[name]
        run = self.sim.call(lambda: host.syncs.start(next(iter(host.store.connectors.values())), "NOT_CLUSTERED", None))
        until = time.monotonic() + 20
        while run.running and time.monotonic() < until:
            time.sleep(0.02)
        assert not run.running

    @property
    def app(self) -> Any:
        return self.world.tenant.find("application", "appId", self.app_id)

    def change_app(self, **members: Any) -> None:
        self.sim.call(lambda: self.app.put(self.world.now(), **members))

    def end_of_the_login(self, days: float) -> None:
        """When the secret ends by which the automation logs in."""
        record = self.world.tenant.find("application", "appId", self.sim.automation["client_id"])
        [held] = record.data["passwordCredentials"]
        end = (self.world.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        changed = [{**held, "endDateTime": end}]
        self.sim.call(lambda: record.put(self.world.now(), passwordCredentials=changed))

    def change_principal(self, **members: Any) -> None:
        principal = self.world.tenant.find("servicePrincipal", "appId", self.app_id)
        self.sim.call(lambda: principal.put(self.world.now(), **members))

    def lose_principal(self) -> None:
        tenant = self.world.tenant
        self.lost = tenant.find("servicePrincipal", "appId", self.app_id)
        self.sim.call(lambda: tenant.store.remove(self.lost, self.world.now()))

    def find_principal(self) -> None:
        again = Record("servicePrincipal", self.lost.data, self.world.now())
        self.sim.call(lambda: self.world.tenant.store.add(again))

    def change(self, name: str = "jira02", **how: Any) -> None:
        """See the simulator's control address, POST /host."""
        self.sim.call(tamper.change, self.world, name, **how)

    def leaf(self, name: str = "jira02", **leaves: Any) -> None:
        self.change(name, leaves=leaves)

    def hold(self, credential: dict[str, Any], name: str = "jira02") -> None:
        self.leaf(name, client_secret=credential["secret"])

    def delete(self, name: str = "jira02") -> None:
        host = self.world.hosts[name]
        self.sim.call(lambda: host.click_delete(next(iter(host.store.connectors))))

    def inside(self, change: Callable[[], Any]) -> None:
        self.sim.call(change)

    # -- the audit ---------------------------------------------------------------------------------------------------

    def reads(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What the role reads, by the same definitions of the same modules."""
        reads = [self._host(name) for name in NAMES]
        apps = [self._app(self.app_key, unique_name=self.app_key)]
        for app_ids in dataset.strays(reads, apps).values():
            apps += [self._app(app_id, app_id=app_id) for app_id in app_ids]
        return reads, apps

    def audit(self) -> dict[str, Any]:
        tagged = [self._app(app_id, app_id=app_id) for app_id in self.tagged]
        return dataset.build(*self.reads(), Settings(now=datetime.now(timezone.utc), **self.settings), tagged)

    def codes(self) -> list[str]:
        return sorted({one["code"] for one in self.audit()["findings"]})

    def _host(self, name: str) -> dict[str, Any]:
        options = _filled(HOST_INFO, **self.logins[name], site="lab", ca_path=self.sim.ca_file, fingerprint_key=KEY)
        result = execute(HOST_INFO, options, Run())
        return {
            "host": name,
            "url": self.logins[name]["url"],
            "holder": self.holder(name),
            "app_key": self.app_key,
            "result": None if result.get("failed") else result,
            "failure": {"message": result["msg"], **result["failure"]} if result.get("failed") else None,
        }

    def _app(self, key: str, **identity: str) -> dict[str, Any]:
        login = {
            "tenant": self.sim.tenant_id,
            **self.sim.automation,
            "authority_url": self.sim.authority_url,
            "graph_url": self.sim.graph_url,
            "ca_path": self.sim.ca_file,
        }
        options = _filled(APP_INFO, **login, **identity, include_owners=True, include_grants=True, include_login=True)
        result = execute(APP_INFO, options, Run())
        if (result.get("failure") or {}).get("kind") == "denied":
            result = execute(APP_INFO, {**options, "include_owners": False, "include_grants": False}, Run())
        failure = {"message": result["msg"], **result["failure"]} if result.get("failed") else None
        app = (result.get("apps") or [None])[0]
        told = {"tenant_id": result.get("tenant_id"), "login": result.get("automation_login")}
        return {"key": key, "app": app, "failure": failure, **told}


def _filled(definition: Any, **given: Any) -> dict[str, Any]:
    return {**{name: entry.get("default") for name, entry in definition.argument_spec.items()}, **given}
