# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plain requests client for the simulated hosts, independent of the collection's own."""

from __future__ import annotations

import time
from typing import Any

import requests

API = "rest/samlsso-admin/1.0"
CONNECTORS = f"{API}/usersync/connector/"
SAFE = {"X-Atlassian-Token": "no-check", "Accept": "application/json", "User-Agent": "simulator-test"}


class Client(requests.Session):
    """A session at one host. login: basic (default), pat, api_token, none; anything else is taken as a password."""

    def __init__(self, sim: Any, name: str, login: str = "basic", **headers: str) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = sim.ca_file
        self.host = next(host for host in sim.hosts if host["name"] == name)
        self.base = self.host["url"]
        self.headers.update(SAFE | headers)
        if login == "pat":
            self.headers["Authorization"] = f"Bearer {self.host['token']}"
        elif login != "none":
            self.auth = (self.host["username"], self.host["password"] if login == "basic" else login)

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("allow_redirects", False)
        return self.request(method, f"{self.base}/{path}", timeout=20, **kwargs)

    def connector(self, connector_id: Any, tail: str = "") -> str:
        return f"{CONNECTORS}{connector_id}{tail}"

    def configuration(self, connector_id: Any) -> dict[str, Any]:
        answer = self.call("GET", self.connector(connector_id))
        assert answer.status_code == 200, answer.text
        return answer.json()["configuration"]

    def sync(self, connector_id: Any, tail: str = "/sync") -> dict[str, Any]:
        """Start a sync, wait for its end and return the status object."""
        started = self.call("POST", self.connector(connector_id, tail), json={})
        assert started.status_code == 200, started.text
        number = started.json()["id"]
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            status = self.call("GET", self.connector(connector_id, "/syncstatus")).json()
            if status["id"] == number and status["status"] != "RUNNING":
                return status
            time.sleep(0.02)
        raise AssertionError(f"sync {number} did not end: {status}")
