# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Access tokens: what they say, and for how long they are good. Never verified: Graph does that."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

# A token this close to its end is not begun with; a fifth of its life when it lives shorter
MARGIN = 300.0
# For a request that is under way
LAST_SECONDS = 10.0
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"


@dataclass(frozen=True)
class Token:
    """:ivar value: the bearer token
    :ivar expires_at: seconds since the epoch
    :ivar issued_at: when we got it, seconds since the epoch
    :ivar asked: id of the tenant that was asked, where the login has found it out; not kept
    """

    value: str
    expires_at: float
    issued_at: float
    asked: str = ""

    @classmethod
    def lasting(cls, value: str, seconds: float, asked: str = "") -> Token:
        now = time.time()
        return cls(value, now + seconds, now, asked)

    def good(self) -> bool:
        margin = min(MARGIN, (self.expires_at - self.issued_at) / 5)
        return time.time() < self.expires_at - margin

    def alive(self) -> bool:
        """Not yet over, though perhaps too near its end to begin with it."""
        return time.time() < self.expires_at - LAST_SECONDS

    def __repr__(self) -> str:
        return f"Token(expires_at={self.expires_at:.0f})"


def token_claims(token: str) -> dict[str, Any]:
    """The claims of a JWT (C(roles), C(scp), C(tid), C(appid), C(oid), C(aud), C(exp)); {} for an opaque token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def granted(claims: dict[str, Any]) -> set[str] | None:
    """The permissions that a token carries, app roles and delegated scopes; None when it does not tell."""
    if not claims:
        return None
    roles = claims.get("roles")
    scopes = claims.get("scp")
    found = {str(role) for role in roles} if isinstance(roles, list) else set()
    return found | set(scopes.split()) if isinstance(scopes, str) else found
