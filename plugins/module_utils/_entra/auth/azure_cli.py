# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Use the login of the Azure CLI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from typing import Any

from ..._errors import LoginError, OptionError
from ..._run import Run
from .. import aadsts
from ..tokens import Token, token_claims
from ._base import LoginMethod, check_tenant
from .access_token import other_audience

# The CLI is slow to start, whatever time a single request may take
_LEAST_TIMEOUT = 30.0
# How the CLI tells what to do, such as 'To re-authenticate, please run: az login --scope ...'
_REMEDY = re.compile(r"\baz (?:login|account|cloud|logout|config)\b|\b[Pp]lease run\b|\b[Rr]un the command below\b")


class AzureCli(LoginMethod):
    NAME = "azure_cli"

    def validate(self) -> None:
        if self.option("tenant"):
            check_tenant(self.option("tenant"))
        if shutil.which("az") is None:
            raise OptionError("auth_method", "azure_cli needs the command az, which is not on the PATH of this machine")

    def fingerprint(self) -> list[str]:
        return [os.environ.get("AZURE_CONFIG_DIR", ""), os.environ.get("HOME", "")]

    def authenticate(self, run: Run) -> Token:
        told = self._ask()
        token = str(told.get("accessToken") or "")
        if not token:
            raise LoginError("az account get-access-token gave no token; run az login and try again", code="azure_cli")
        run.secrets.add(token)
        claims = token_claims(token)
        other = other_audience(claims, self.endpoints.graph)
        if other:
            raise LoginError(
                f"the Azure CLI gave a token for {other}, not for {self.endpoints.graph}; choose the cloud with az "
                "cloud set, or with the options cloud and graph_url",
                code="azure_cli",
            )
        ends = told.get("expires_on") or claims.get("exp")
        now = time.time()
        return Token(token, float(ends) if isinstance(ends, (int, float)) else now + 600, now)

    def _ask(self) -> dict[str, Any]:
        command = ["az", "account", "get-access-token", "--resource", self.endpoints.graph, "--output", "json"]
        if self.option("tenant"):
            command += ["--tenant", self.option("tenant")]
        limit = max(self.endpoints.bounds.timeout, _LEAST_TIMEOUT)
        try:
            # there is no AnsibleModule on the controller, and the run_command of one knows no time limit
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False, text=True
            )
        except subprocess.TimeoutExpired:
            raise LoginError(
                f"az account get-access-token gave no answer within {limit:g} s; try it by hand", code="azure_cli"
            ) from None
        except OSError as exc:
            raise LoginError(f"the command az cannot be run ({exc.strerror})", code="azure_cli") from None
        if done.returncode:
            raise self._refused(done.stderr)
        try:
            told = json.loads(done.stdout)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise LoginError("az account get-access-token did not print JSON; try it by hand", code="azure_cli")
        return told

    def _refused(self, stderr: str) -> LoginError:
        lines = [line.strip() for line in stderr.splitlines() if line.strip()]
        errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")]
        text = (errors or lines or ["no reason given"])[0][:300]
        remedy = _remedy(lines)
        if aadsts.codes({"error_description": stderr}):
            attempt = replace(
                self.attempt("the login of the Azure CLI"), tenant=self.option("tenant") or "of its login"
            )
            refused = aadsts.login_error(
                {"error": "azure_cli", "error_description": stderr[stderr.index("AADSTS") :]}, attempt
            )
            if not remedy or remedy in refused.message:
                return refused
            message = f"{refused.message} (the Azure CLI says: {remedy})"
            return LoginError(message, code=refused.code, **refused.details)
        if "az login" in stderr:
            said = f" (it says: {remedy})" if remedy else ""
            return LoginError(
                f"the Azure CLI of this machine and user is not logged in to that tenant; run az login{said}",
                code="azure_cli",
                text=text,
            )
        said = f" ({remedy})" if remedy and remedy not in text else ""
        return LoginError(f"the Azure CLI gave no token: {text}{said}", code="azure_cli", text=text)


def _remedy(lines: list[str]) -> str:
    """What the CLI tells to do; the command may stand on a line of its own."""
    for number, line in enumerate(lines):
        if _REMEDY.search(line) and "AADSTS" not in line:
            whole = " ".join(lines[number : number + 2]) if line.endswith(":") else line
            return whole.removeprefix("ERROR: ").rstrip(".")[:300]
    return ""
