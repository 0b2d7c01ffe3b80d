# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One login for all tasks of a run, and no token on any disk; a refused login is not tried again by each task.

Several wrong logins in a row make Entra ID lock an account out for a while (smart lockout), so that one mistyped secret
in a play of hundreds of hosts would keep the right one out as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._errors import LoginError, UsersyncError
from .._shared import SharedMemory
from . import aadsts
from .tokens import Token

# How long a refusal counts, in seconds; long enough for all hosts of a task, short enough for a play that retries
REFUSAL_COUNTS = 30.0
_TOKENS = "tokens"
_REFUSALS = "refusals"


class TokenStore:
    """Tokens and refusals by key, shared by a process and all that it forks.

    :ivar longest_wait: seconds to wait for another worker's login before making an own one
    """

    def __init__(self, longest_wait: float = 90.0) -> None:
        self.longest_wait = longest_wait
        self.memory = SharedMemory("usersync-tokens")

    @property
    def shared(self) -> bool:
        """False where the platform has no anonymous memory: each process then logs in for itself."""
        return self.memory.shared

    def get(self, key: str, login: Callable[[], Token], stale: str | None = None, force: bool = False) -> Token:
        """A good token, from the store or by one login that others wait for.

        :param stale: a token that Graph has refused; whatever else is in the store is newer
        :param force: log in whatever is there (permissions were granted meanwhile)
        :raises LoginError: the service refused, now or a moment ago (C(details["repeated"]) is False then)
        :raises UsersyncError: whatever else login raises
        """
        if not force:
            token = self._usable(key, stale)
            if token:
                return token
        with self.memory.alone(key, self.longest_wait) as alone:
            token = None if force else self._usable(key, stale)
            if token:
                return token
            last = None if force else self._alive(key, stale)
            try:
                self._raise_refusal(key)
                token = login()
            except UsersyncError as exc:
                known = exc.details.get("repeated") is False
                if isinstance(exc, LoginError) and refused_for_good(exc) and not known:
                    self._keep(_REFUSALS, key, [time.time(), exc.message, exc.code, exc.details])
                if last is None:
                    raise
                # near its end, and what bought it may be over: it serves until it really is
                return last
            if alone or not self.shared:
                self._keep(_TOKENS, key, [token.value, token.expires_at, token.issued_at])
            return token

    def holds(self, key: str) -> bool:
        """Whether there is a token that has not ended."""
        return self._alive(key, None) is not None

    def once(self, name: str, find_out: Callable[[], str]) -> str:
        """A fact that is the same for all tasks of a run."""
        return str(self.memory.once(name, find_out))

    def clear(self) -> None:
        """Forget everything, in all processes."""
        with self.memory.content() as known:
            known.clear()

    def _usable(self, key: str, stale: str | None) -> Token | None:
        token = _token(self._known(_TOKENS).get(key))
        return token if token and token.good() and token.value != stale else None

    def _alive(self, key: str, stale: str | None) -> Token | None:
        token = _token(self._known(_TOKENS).get(key))
        return token if token and token.alive() and token.value != stale else None

    def _raise_refusal(self, key: str) -> None:
        refusal = self._known(_REFUSALS).get(key)
        if not isinstance(refusal, list) or len(refusal) != 4:
            return
        moment, message, code, details = refusal
        age = time.time() - moment
        if 0 <= age < REFUSAL_COUNTS:
            raise LoginError(message, code=code, **{**details, "repeated": False})

    def _known(self, section: str) -> dict[str, Any]:
        found = self.memory.peek().get(section)
        return found if isinstance(found, dict) else {}

    def _keep(self, section: str, key: str, entry: list[Any]) -> None:
        with self.memory.content() as known:
            tokens = known.get(_TOKENS)
            if isinstance(tokens, dict):
                # the memory of a long run does not grow with every token that was renewed
                good = {name: held for name, held in tokens.items() if (found := _token(held)) and found.alive()}
                known[_TOKENS] = good
            known.setdefault(section, {})[key] = entry


def _token(fields: Any) -> Token | None:
    return Token(*fields) if isinstance(fields, list) and len(fields) == 3 else None


def refused_for_good(error: LoginError) -> bool:
    """Whether the token service looked at the credential and said no, so that asking again can only harm."""
    if aadsts.number(error) in aadsts.TEMPORARY:
        return False
    code = error.code or ""
    return code.startswith("AADSTS") or code in ("invalid_client", "unauthorized_client", "invalid_grant")


STORE = TokenStore()
