# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One identity of the automation and its tokens."""

from __future__ import annotations

import json

from .._errors import LoginError
from .._guid import GUID
from .._run import Run
from . import discovery
from .auth._base import LoginMethod, digest
from .clouds import Endpoints
from .store import STORE, TokenStore
from .tokens import Token, token_claims


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

    @property
    def has_token(self) -> bool:
        """Whether an earlier task of the run has left a token that is good, so that nothing has to be proved anew."""
        return self.method.KEPT and self.store.holds(self.key)

    def token(self, stale: str | None = None, force: bool = False) -> Token:
        """:param stale: a token that was refused; :param force: a new one in any case."""
        token = self.store.get(self.key, self._now, stale, force) if self.method.KEPT else self._now()
        self.run.secrets.add(token.value)
        return token

    def _now(self) -> Token:
        self.logins += 1
        token = self.method.authenticate(self.run)
        self.run.secrets.add(token.value)
        self._refuse_other_tenant(token)
        return token

    def _refuse_other_tenant(self, token: Token) -> None:
        """The tenant asked for is the tenant used; a token that does not tell its tenant is left to Graph."""
        home = str(token_claims(token.value).get("tid") or "").lower()
        if not self.tenant or not home:
            return
        asked = self._asked(token)
        if asked != home:
            named = self.tenant if self.tenant.lower() == asked else f"{self.tenant} ({asked})"
            raise LoginError(
                f"the token that auth_method={self.method.NAME} returned belongs to tenant {home}, but the option "
                f"tenant names {named}; check the option tenant, and whose login this is",
                code="other_tenant",
                tenant=home,
                asked=asked,
            )

    def _asked(self, token: Token) -> str:
        """The id of the tenant that the option names; a domain is resolved once in a run."""
        if GUID.fullmatch(self.tenant):
            return self.tenant.lower()
        where, tenant = self.endpoints, self.tenant
        name = f"{where.authority} {tenant}"
        return token.asked or self.store.once(name, lambda: discovery.tenant_id(where, tenant, self.run))


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
