# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Use an access token that somebody else took."""

from __future__ import annotations

import time
from typing import Any

from ..._errors import OptionError
from ..._guid import GUID
from ..._run import Run
from ..tokens import GRAPH_APP_ID, Token, token_claims
from ._base import LoginMethod, check_tenant


class AccessToken(LoginMethod):
    NAME = "access_token"
    RENEWABLE = False
    KEPT = False

    def validate(self) -> None:
        self.require("access_token")
        token = self.option("access_token")
        if token.lower().startswith("bearer "):
            raise OptionError("access_token", "begins with the word Bearer; give the token alone")
        if any(sign.isspace() for sign in token) or not token.isascii():
            raise OptionError(
                "access_token", "contains white space or other characters that no token has; give the token alone"
            )
        claims = token_claims(token)
        other = other_audience(claims, self.endpoints.graph)
        if other:
            raise OptionError(
                "access_token",
                f"is for {other}, not for {self.endpoints.graph}; get one for the Graph of this cloud, or set the "
                "options cloud and graph_url to the cloud it belongs to",
            )
        ends = claims.get("exp")
        if isinstance(ends, (int, float)) and ends < time.time():
            raise OptionError("access_token", "has expired; get a new one")
        if self.option("tenant"):
            check_tenant(self.option("tenant"))
            self._check_home(claims)

    def authenticate(self, run: Run) -> Token:
        token = self.option("access_token")
        ends = token_claims(token).get("exp")
        now = time.time()
        return Token(token, float(ends) if isinstance(ends, (int, float)) else now + 3600, now)

    def _check_home(self, claims: dict[str, Any]) -> None:
        tenant, home = self.option("tenant").lower(), str(claims.get("tid") or "").lower()
        if home and GUID.fullmatch(tenant) and tenant != home:
            raise OptionError("access_token", f"belongs to tenant {home}, but the option tenant names {tenant}")


def other_audience(claims: dict[str, Any], graph: str) -> str | None:
    """Which other API, or Graph of which other cloud, a token is for; None when it fits or does not tell."""
    audience = claims.get("aud")
    if not isinstance(audience, str) or audience == GRAPH_APP_ID or audience.rstrip("/").lower() == graph.lower():
        return None
    return audience[:100]
