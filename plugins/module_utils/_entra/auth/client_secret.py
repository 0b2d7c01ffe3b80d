# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Log in as an application with a client secret."""

from __future__ import annotations

from ..._errors import OptionError
from ..._run import Run
from ..tokens import Token
from ._base import LoginMethod, digest
from ._msal import application_token


class ClientSecret(LoginMethod):
    NAME = "client_secret"

    def validate(self) -> None:
        self.require_application()
        self.require("client_secret")
        secret = self.option("client_secret")
        if secret != secret.strip():
            raise OptionError("client_secret", "starts or ends with white space; give the secret without it")

    def fingerprint(self) -> list[str]:
        return [digest(self.option("client_secret"))]

    def authenticate(self, run: Run) -> Token:
        secret = self.option("client_secret")
        return application_token(self.endpoints, self.attempt("option client_secret"), secret, {secret}, run)
