# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Prove that a new secret works: log in with it, as its holder will (rotation.md)."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from typing import Any

from .._errors import LoginError, TransportError, WaitError
from .._run import Run
from . import aadsts
from .aadsts import Attempt
from .auth._msal import application_token
from .auth.certificate import Certificate
from .clouds import endpoints
from .tokens import Token, token_claims

# Said of a certificate that the directory has and the token service has not yet
UNKNOWN_CERTIFICATE = 700027
_LONGEST_PAUSE = 3.0


def prove_secret(
    options: Mapping[str, Any], tenant: str, app_id: str, secret: str, wait: float, run: Run
) -> dict[str, Any]:
    """Log in as the app until its secret is accepted.

    :param options: those of the automation's login; the addresses and the CA file are taken from them
    :param wait: seconds to go on while the secret may not yet be known everywhere; 0 tries once
    :returns: the claims of the token (C(roles) among them); {} when the token is opaque
    :raises LoginError: refused for good (expired, forbidden, public client ...)
    :raises WaitError: not accepted within the time; C(code) and C(details["text"]) are the last answer's
    """
    run.secrets.add(secret)
    where = endpoints(options)
    attempt = Attempt(tenant, app_id, "the new secret", where.authority, where.scope)

    def log_in() -> Token:
        return application_token(where, attempt, secret, {secret}, run, tries=1)

    return _until_accepted(log_in, f"the new secret of application {app_id}", wait, run, aadsts.SETTLING)


def prove_certificate(
    options: Mapping[str, Any], tenant: str, app_id: str, path: str, wait: float, run: Run
) -> dict[str, Any]:
    """The same for a certificate that was registered a moment ago.

    :param path: of the PEM file with key and certificate
    """
    method = Certificate({"tenant": tenant, "client_id": app_id, "certificate_path": path}, endpoints(options))
    what = f"the new certificate of application {app_id}"
    return _until_accepted(lambda: method.authenticate(run), what, wait, run, aadsts.SETTLING | {UNKNOWN_CERTIFICATE})


def _until_accepted(
    log_in: Callable[[], Token], what: str, wait: float, run: Run, settling: Collection[int]
) -> dict[str, Any]:
    begin = run.monotonic()
    pause = 0.5
    tries = 0
    while True:
        tries += 1
        try:
            token = log_in()
        except (LoginError, TransportError) as exc:
            if not _may_pass(exc, settling):
                raise
            spent = run.monotonic() - begin
            if spent + pause > wait:
                raise WaitError(
                    f"{what} was not accepted within {wait:g} s ({tries} logins): {exc.message}",
                    code=exc.code,
                    text=exc.details.get("text", ""),
                    waited=round(spent),
                    tries=tries,
                ) from None
            run.progress(f"{what} is not accepted yet ({exc.code}), {spent:.0f} s so far")
        else:
            run.secrets.add(token.value)
            return token_claims(token.value)
        run.sleep(pause * (1 + random.random() / 4))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def refused_for_good(exc: Exception) -> bool:
    """Whether the token service looked at a new secret and will never accept it, however long one waits.

    Conditional Access, a disabled principal, a public client, a tenant that is blocked. A refusal that may pass, and
    no answer at all, say nothing: such a secret stays.
    """
    if not isinstance(exc, LoginError) or exc.code in ("client", "metadata"):
        return False
    return not _may_pass(exc, aadsts.SETTLING)


def _may_pass(exc: LoginError | TransportError, settling: Collection[int]) -> bool:
    if isinstance(exc, TransportError):
        return not exc.final and exc.code != "io"
    return exc.code == "temporarily_unavailable" or aadsts.number(exc) in {*settling, *aadsts.TEMPORARY}
