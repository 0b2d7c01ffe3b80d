# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plain requests client for the simulated tenant, independent of the collection's own."""

from __future__ import annotations

from typing import Any

import requests

CREATE = {"Prefer": "create-if-missing"}
EVENTUAL = {"ConsistencyLevel": "eventual"}
GRAPH = "00000003-0000-0000-c000-000000000000"


def token(sim: Any, identity: dict[str, str] | None = None, **form: str) -> requests.Response:
    """One token request; the automation's own unless another identity or other form members are given."""
    identity = identity or sim.automation
    body = {
        "grant_type": "client_credentials",
        "client_id": identity["client_id"],
        "client_secret": identity["client_secret"],
        "scope": f"{sim.graph_url}/.default",
        **form,
    }
    session = requests.Session()
    session.trust_env = False
    url = f"{sim.authority_url}/{sim.tenant_id}/oauth2/v2.0/token"
    wanted = {name: value for name, value in body.items() if value}
    return session.post(url, data=wanted, verify=sim.ca_file, timeout=20)


class Graph(requests.Session):
    """A session with a token of the automation or of another identity."""

    def __init__(self, sim: Any, identity: dict[str, str] | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = sim.ca_file
        self.sim = sim
        self.identity = identity
        self.log_in()

    def log_in(self) -> None:
        self.headers["Authorization"] = f"Bearer {token(self.sim, self.identity).json()['access_token']}"

    def call(self, method: str, path: str, wanted: int | None = None, **kwargs: Any) -> Any:
        """The answer; with ``wanted`` its status is asserted and its JSON returned."""
        url = path if path.startswith("https://") else f"{self.sim.graph_url}/v1.0{path}"
        answer = self.request(method, url, timeout=20, **kwargs)
        if wanted is None:
            return answer
        assert answer.status_code == wanted, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def error(self, method: str, path: str, status: int, code: str, text: str = "", **kwargs: Any) -> Any:
        """Assert a refusal and return its error object."""
        error = self.call(method, path, status, **kwargs)["error"]
        assert error["code"] == code, error
        assert text in error["message"], error
        return error

    def make_app(self, name: str = "User Sync", **members: Any) -> Any:
        return self.call("POST", "/applications", 201, json={"displayName": name, **members})

    def make_principal(self, app_id: str) -> Any:
        return self.call("POST", "/servicePrincipals", 201, json={"appId": app_id})

    def add_password(self, object_id: str, status: int = 200, **wish: Any) -> Any:
        return self.call("POST", f"/applications/{object_id}/addPassword", status, json={"passwordCredential": wish})

    def graph_principal(self) -> Any:
        return self.call("GET", f"/servicePrincipals(appId='{GRAPH}')", 200)
