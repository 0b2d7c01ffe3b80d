# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the User Sync modules against simulated hosts."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.fleetops.usersync.plugins.modules import (
    usersync_connector,
    usersync_connector_info,
    usersync_sync,
)
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module

SECRET = "k3a8Q~first.secret_of-this~test0123456789ab"
NEW_SECRET = "w9z8Q~other.secret_of-this~test0123456789ab"
APP_ID = "0f5d1c7e-1111-4222-8333-444455556666"
OTHER_APP_ID = "0f5d1c7e-9999-4222-8333-444455556666"
ROLES = ["Directory.Read.All", "User.Read.All"]
PRODUCTS = ("jira01", "confluence01", "bitbucket01", "bamboo01")


class Live:
    """One host at a time of a running simulator."""

    def __init__(self, sim: Any) -> None:
        self.sim = sim
        self.name = "jira01"
        self.mark = 0
        self.more: dict[str, Any] = {}

    def world(self, name: str = "jira01", generation: str = "2.x", platform: str = "jira10", **traits: Any) -> Live:
        """A fresh world whose hosts have these traits."""
        self.sim.clear_faults()
        self.sim.reset(generation=generation, platform=platform, host_options={"*": traits} if traits else {})
        self.name = name
        self.begin()
        return self

    def begin(self) -> None:
        """What is asked of the journal counts from here."""
        self.mark = self.sim.last_entry()

    @property
    def host(self) -> dict[str, Any]:
        return next(host for host in self.sim.hosts if host["name"] == self.name)

    @property
    def inside(self) -> Any:
        return self.sim.world.hosts[self.name]

    def login(self, **more: Any) -> dict[str, Any]:
        """Options of every module."""
        host = self.host
        options = {
            "url": host["url"],
            "username": host["username"],
            "password": host["password"],
            "ca_path": self.sim.ca_file,
        }
        if host["generation"].startswith("1.") and host["connector_id"] is not None:
            options["connector_id"] = str(host["connector_id"])
        return {name: value for name, value in {**options, **self.more, **more}.items() if value is not None}

    def wanted(self, **more: Any) -> dict[str, Any]:
        """Options of a connector as the guide sets it up."""
        base = {"application_id": APP_ID, "tenant_id": self.sim.tenant_id, "application_secret": SECRET}
        return self.login(**{**base, **more})

    def connector(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_module(usersync_connector.main, options, check=check)

    def info(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_module(usersync_connector_info.main, self.login(**options), check=check)

    def sync(self, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_module(usersync_sync.main, self.login(**options), check=check)

    def requests(self) -> list[tuple[str, str]]:
        """Method and path below the host's REST resources, of every request since begin()."""
        entries = self.sim.journal(since=self.mark, service="atlassian")
        base = "/samlsso-admin/1.0"
        return [(entry["method"], entry["path"].partition(base)[2] or entry["path"]) for entry in entries]

    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.requests() if method != "GET"]

    def held(self, leaf: str) -> Any:
        """A setting that the host really holds, by the simulator's canonical name."""
        return self.sim.call(lambda: self.inside.store.leaf(self._first(), leaf))

    def tree(self) -> dict[str, Any]:
        """The configuration that the host really holds."""
        tree: dict[str, Any] = self.sim.call(lambda: json.loads(json.dumps(self._first().configuration)))
        return tree

    def click_create(self, **leaves: Any) -> str:
        """What a person does in the host's own interface."""
        number: str = self.sim.call(self.inside.click_create, **leaves)
        return number

    def app(self) -> dict[str, str]:
        """An application in the tenant with permissions and a secret that works."""
        app = self.sim.seed("application", display_name="User Sync")
        self.sim.seed("consent", app_id=app["app_id"], roles=ROLES)
        secret = self.sim.seed("credential", app_id=app["app_id"])
        return {"application_id": app["app_id"], "application_secret": secret["secret"]}

    def _first(self) -> Any:
        return next(iter(self.inside.store.connectors.values()))


def settings_of(tree: dict[str, Any], *changed: str) -> dict[str, Any]:
    """All leaves of a configuration but the named dotted ones, to show that nothing else changed."""
    rows: dict[str, Any] = {}

    def walk(value: Any, prefix: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, f"{prefix}.{name}" if prefix else name)
        else:
            rows[prefix] = value

    walk(tree, "")
    return {path: value for path, value in rows.items() if path not in changed}
