# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""From the login options to a Graph client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._run import Run
from .auth._base import LoginMethod, digest
from .auth._choose import login_method
from .clouds import Endpoints, endpoints
from .graph import Graph
from .store import STORE, TokenStore
from .tokens import Token


class Login:
    """One identity of the automation, logged in or not.

    :ivar logins: how often this task asked the token service
    """

    def __init__(self, method: LoginMethod, run: Run, store: TokenStore = STORE) -> None:
        self.method = method
        self.run = run
        self.store = store
        self.logins = 0
        self.key = _key(method)

    @property
    def endpoints(self) -> Endpoints:
        return self.method.endpoints

    @property
    def tenant(self) -> str:
        return self.method.option("tenant")

    def token(self, stale: str | None = None, force: bool = False) -> Token:
        """:param stale: a token that was refused; :param force: a new one in any case."""
        token = self.store.get(self.key, self._now, stale, force) if self.method.KEPT else self._now()
        self.run.secrets.add(token.value)
        return token

    def _now(self) -> Token:
        self.logins += 1
        return self.method.authenticate(self.run)


def _key(method: LoginMethod) -> str:
    parts = [
        method.NAME,
        method.endpoints.authority,
        method.endpoints.graph,
        str(method.endpoints.verify),
        method.option("tenant"),
        method.option("client_id"),
        *method.fingerprint(),
    ]
    return digest(json.dumps(parts))


def validate_login(options: Mapping[str, Any]) -> None:
    """Everything about the login that can be said without the network; :raises OptionError: naming the option."""
    login_method(options, endpoints(options)).validate()


def open_graph(options: Mapping[str, Any], run: Run) -> Graph:
    """Log in, or take the token of an earlier task; a context manager.

    :raises OptionError: before anything is sent
    :raises LoginError: the token service refused
    """
    method = login_method(options, endpoints(options))
    method.validate()
    return Graph(Login(method, run), run)
