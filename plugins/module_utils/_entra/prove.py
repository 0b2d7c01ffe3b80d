# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Prove that a new secret works: log in with it, as its holder will (design, section 5, step 2)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from .._errors import LoginError, TransportError, WaitError
from .._run import Run
from . import aadsts
from .aadsts import Attempt
from .auth._msal import application_token
from .clouds import endpoints
from .tokens import token_claims

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
    begin = run.monotonic()
    pause = 0.5
    tries = 0
    while True:
        tries += 1
        try:
            token = application_token(where, attempt, secret, {secret}, run, tries=1)
        except (LoginError, TransportError) as exc:
            if not _may_pass(exc):
                raise
            spent = run.monotonic() - begin
            if spent + pause > wait:
                raise WaitError(
                    f"the new secret of application {app_id} was not accepted within {wait:g} s ({tries} logins): "
                    f"{exc.message}",
                    code=exc.code,
                    text=exc.details.get("text", ""),
                    waited=round(spent),
                    tries=tries,
                ) from None
            run.progress(
                f"the new secret of application {app_id} is not yet accepted ({exc.code}), {spent:.0f} s so far"
            )
        else:
            run.secrets.add(token.value)
            return token_claims(token.value)
        run.sleep(pause * (1 + random.random() / 4))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _may_pass(exc: LoginError | TransportError) -> bool:
    if isinstance(exc, TransportError):
        return exc.code not in ("tls", "url", "io")
    return exc.code == "temporarily_unavailable" or aadsts.number(exc) in aadsts.SETTLING | aadsts.TEMPORARY
