# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Log in as an application with the token of another identity provider (workload identity federation)."""

from __future__ import annotations

import time

from ..._errors import OptionError
from ..._run import Run
from ..tokens import Token, token_claims
from ._base import LoginMethod, digest, read_file
from ._msal import application_token


class WorkloadIdentity(LoginMethod):
    NAME = "workload_identity"

    def validate(self) -> None:
        self.require_application()
        if self.option("federated_token") and self.option("federated_token_file"):
            raise OptionError("federated_token", "cannot be combined with federated_token_file; give one of them")
        if not self.option("federated_token"):
            self.require("federated_token_file")

    def check_proof(self) -> None:
        self._assertion()

    def fingerprint(self) -> list[str]:
        # the content of the file changes with each renewal, whose identity it is does not
        return [digest(self.option("federated_token")), self.option("federated_token_file")]

    def authenticate(self, run: Run) -> Token:
        secrets: set[str] = set()

        def assertion() -> str:
            token = self._assertion()
            secrets.add(token)
            run.secrets.add(token)
            return token

        attempt = self.attempt(f"option {self._source()}")
        return application_token(self.endpoints, attempt, {"client_assertion": assertion}, secrets, run)

    def _source(self) -> str:
        return "federated_token" if self.option("federated_token") else "federated_token_file"

    def _assertion(self) -> str:
        """The token, read again each time, because whoever made the file renews it."""
        source = self._source()
        if source == "federated_token":
            token = self.option(source).strip()
            held, remedy = "holds", "give a new one, or let federated_token_file name a file that is renewed"
        else:
            token = read_file(source, self.option(source)).decode("utf-8", "replace").strip()
            held, remedy = f"{self.option(source)} holds", "check that its issuer renews the file"
        claims = token_claims(token)
        if not claims:
            raise OptionError(source, f"{held} no JSON Web Token (three parts with dots between them)")
        ends = claims.get("exp")
        if isinstance(ends, (int, float)) and ends < time.time():
            raise OptionError(source, f"{held} a token that has expired; {remedy}, and check this machine's clock")
        return token
