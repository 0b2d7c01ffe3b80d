# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The one place that calls msal. A fresh client for every try, because msal replays answers (FIDELITY.md)."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ... import _http, _libraries
from ..._errors import LoginError, LostAnswerError, TransportError, UsersyncError
from ..._guid import GUID
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

__all__ = ["TRIES", "LoginSession", "application_token", "msal", "repeated"]

TRIES = 4
_LONGEST_PAUSE = 30.0


class LoginSession(_http.Session):  # type: ignore[misc]
    """The http_client of msal: our TLS and time limits, our sentences; remembers the last answer."""

    def __init__(self, endpoints: Endpoints) -> None:
        super().__init__()
        self.cert = endpoints.cert
        self.endpoints = endpoints
        self.last: Any = None

    def request(self, method: str, url: str, **how: Any) -> Any:
        how = {name: value for name, value in how.items() if name in ("params", "data", "headers", "json")}
        self.last = None
        self.last = _http.send(self, method, url, self.endpoints.bounds, verify=self.endpoints.verify, **how)
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
        found = GUID.search(str(getattr(client.authority, "token_endpoint", "")))
        result: dict[str, Any] = client.acquire_token_for_client([endpoints.scope])
        return {**result, "asked": found.group(0).lower() if found else ""}

    def refused(result: Mapping[str, Any], status: int | None) -> LoginError:
        return _refused(attempt, secrets, result, status)

    return repeated(endpoints, ask, refused, run, tries)


def repeated(
    endpoints: Endpoints,
    ask: Callable[[LoginSession], Mapping[str, Any]],
    refused: Callable[[Mapping[str, Any], int | None], LoginError],
    run: Run,
    tries: int = TRIES,
) -> Token:
    """Ask until there is an answer that counts; temporary failures are repeated, refusals never.

    :param ask: through msal, with a client of its own
    :param refused: puts an answer without token into words; gets the last HTTP status too, None without any answer
    """
    for nth in range(1, tries + 1):
        with LoginSession(endpoints) as session:
            try:
                return _once(session, ask, refused)
            except (LoginError, TransportError) as exc:
                if nth == tries or not _temporary(exc):
                    raise
                pause = _pause(session, nth)
        run.sleep(pause)
    raise AssertionError("unreachable: tries is at least 1")


def _once(
    session: LoginSession,
    ask: Callable[[LoginSession], Mapping[str, Any]],
    refused: Callable[[Mapping[str, Any], int | None], LoginError],
) -> Token:
    try:
        result = ask(session)
    except UsersyncError:
        raise
    except Exception as exc:
        # msal raises, instead of returning an error, when metadata or an answer is not what it expects
        if session.last is None:
            raise LoginError(
                f"the login could not be prepared ({type(exc).__name__}); check the login options", code="client"
            ) from None
        raise refused(_body(session.last), session.last.status_code) from None
    if result.get("access_token"):
        lasts = float(result.get("expires_in", 3600))
        return Token.lasting(result["access_token"], lasts, str(result.get("asked") or ""))
    raise refused(result, getattr(session.last, "status_code", None))


def _body(answer: Any) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(attempt: Attempt, secrets: Collection[str], result: Mapping[str, Any], status: int | None) -> LoginError:
    failing = status == 429 or (status or 0) >= 500
    known = any(number in aadsts.MEANINGS for number in aadsts.codes(result))
    if isinstance(result.get("error"), str) and aadsts.codes(result) and (known or not failing):
        return aadsts.login_error(result, attempt, secrets)
    if "token_endpoint" in result:
        return LoginError(f"{attempt.credential} cannot be used to log in; check it", code="client")
    if failing:
        return LoginError(
            f"the token service {attempt.authority} is temporarily unavailable (HTTP {status}); try again later",
            code="temporarily_unavailable",
            status=status,
        )
    return LoginError(
        f"{attempt.authority} does not answer like the token service of tenant {attempt.tenant} (HTTP {status}); "
        "check the options tenant, cloud and authority_url, and that no proxy or login page is in front of it",
        code="metadata",
        status=status,
    )


def _temporary(exc: LoginError | TransportError) -> bool:
    if isinstance(exc, LoginError):
        return exc.code == "temporarily_unavailable" or aadsts.number(exc) in aadsts.TEMPORARY
    return not exc.final and (isinstance(exc, LostAnswerError) or exc.code == "connect")


def _pause(session: LoginSession, nth: int) -> float:
    answer = session.last
    asked = _http.retry_after(answer) if answer is not None else None
    pause = 2.0 ** (nth - 1) if asked is None else asked
    return min(pause, _LONGEST_PAUSE) * (1 + random.random() / 4)
