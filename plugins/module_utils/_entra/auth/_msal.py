# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The one place that calls msal. A fresh client for every try, because msal replays answers (entra-graph.md 1.12)."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from typing import Any

from ... import _http, _libraries
from ..._errors import LoginError, LostAnswerError, TransportError, UsersyncError
from ..._run import Run
from .. import aadsts
from ..aadsts import Attempt
from ..clouds import Endpoints
from ..tokens import Token

try:
    import msal
except ImportError as exc:
    msal = None
    _libraries.MISSING["msal"] = exc

TRIES = 4
_LONGEST_PAUSE = 30.0
_Session: Any = getattr(_http.requests, "Session", object)


class LoginSession(_Session):
    """The http_client of msal: our TLS and time limits, our sentences; remembers the last answer."""

    def __init__(self, endpoints: Endpoints) -> None:
        super().__init__()
        self.endpoints = endpoints
        self.last: Any = None

    def request(self, method: str, url: str, **how: Any) -> Any:
        how = {**how, "verify": self.endpoints.verify, "timeout": self.endpoints.timeout}
        how.pop("allow_redirects", None)
        how.pop("auth", None)
        self.last = None
        self.last = _http.send(super().request, method, url, **how)
        return self.last


def application_token(
    endpoints: Endpoints, attempt: Attempt, credential: Any, secrets: Collection[str], run: Run, tries: int = TRIES
) -> Token:
    """Log in as an application; :raises LoginError: refused, :raises TransportError: not reached."""
    authority = f"{endpoints.authority}/{attempt.tenant}"

    def ask(session: LoginSession) -> dict[str, Any]:
        client = msal.ConfidentialClientApplication(
            attempt.client_id,
            client_credential=credential,
            authority=authority,
            http_client=session,
            http_cache={},
            instance_discovery=False,
        )
        return client.acquire_token_for_client([endpoints.scope])

    return repeated(endpoints, attempt, ask, secrets, run, tries)


def repeated(
    endpoints: Endpoints,
    attempt: Attempt,
    ask: Callable[[LoginSession], dict[str, Any]],
    secrets: Collection[str],
    run: Run,
    tries: int = TRIES,
) -> Token:
    """Ask until there is an answer that counts; temporary failures are repeated, refusals never."""
    for nth in range(1, tries + 1):
        with LoginSession(endpoints) as session:
            try:
                return _once(session, attempt, ask, secrets)
            except (LoginError, TransportError) as exc:
                if nth == tries or not _temporary(exc):
                    raise
                pause = _pause(session, nth)
        run.sleep(pause)
    raise AssertionError("unreachable: tries is at least 1")


def _once(
    session: LoginSession, attempt: Attempt, ask: Callable[[LoginSession], dict[str, Any]], secrets: Collection[str]
) -> Token:
    try:
        result = ask(session)
    except UsersyncError:
        raise
    except Exception as exc:
        raise _unreadable(session, attempt, secrets, exc) from None
    if result.get("access_token"):
        return Token.lasting(result["access_token"], float(result.get("expires_in") or 3600))
    raise aadsts.login_error(result, attempt, secrets)


def _unreadable(session: LoginSession, attempt: Attempt, secrets: Collection[str], exc: Exception) -> LoginError:
    """msal raises, instead of returning an error, when the tenant's metadata or an answer is not what it expects."""
    answer = session.last
    if answer is None:
        return LoginError(
            f"the login could not be prepared ({type(exc).__name__}); check the login options", code="client"
        )
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict) and body.get("error") and isinstance(body["error"], str):
        return aadsts.login_error(body, attempt, secrets)
    status = answer.status_code
    if status == 429 or status >= 500:
        return LoginError(
            f"the token service {attempt.authority} is unavailable for the moment (HTTP {status}); try again later",
            code="temporarily_unavailable",
            status=status,
        )
    if isinstance(body, dict) and "token_endpoint" in body:
        return LoginError(f"{attempt.credential} cannot be used ({type(exc).__name__}); check it", code="client")
    return LoginError(
        f"{attempt.authority} does not answer like the token service of tenant {attempt.tenant} (HTTP {status}); check "
        "the options tenant, cloud and authority_url, and that no proxy or login page stands before it",
        code="metadata",
        status=status,
    )


def _temporary(exc: UsersyncError) -> bool:
    if isinstance(exc, LoginError):
        return exc.code == "temporarily_unavailable" or aadsts.number(exc) in aadsts.TEMPORARY
    return isinstance(exc, LostAnswerError) or exc.code == "connect"


def _pause(session: LoginSession, nth: int) -> float:
    answer = session.last
    asked = _http.retry_after(answer) if answer is not None else None
    pause = 2.0 ** (nth - 1) if asked is None else asked
    return min(pause, _LONGEST_PAUSE) * (1 + random.random() / 4)
