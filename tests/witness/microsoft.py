# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated tenant as Microsoft, and the clients as programs that trust its certificate and know nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environments
from ansible_collections.fleetops.usersync.tests.simulator import Simulator


class Refused(Exception):
    """A client's command failed; its text is what it said, ``code`` its exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Place:
    """One simulator, and a folder for what a client leaves behind."""

    sim: Simulator
    home: Path

    def env(self, client: environments.Client, **more: str) -> dict[str, str]:
        """Nothing of this machine's, and the two variables by which Python clients are told whom to trust."""
        return {
            "PATH": f"{client.venv / 'bin'}{os.pathsep}{os.defpath}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "REQUESTS_CA_BUNDLE": self.sim.ca_file,
            "SSL_CERT_FILE": self.sim.ca_file,
            **more,
        }

    def run(self, client: environments.Client, command: list[str], given: str = "", **more: str) -> str:
        """The standard output of a command. Raises Refused with its standard error."""
        done = subprocess.run(
            command,
            check=False,
            env=self.env(client, **more),
            cwd=self.home,
            input=given,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            raise Refused(f"{done.stdout}\n{done.stderr}".strip(), done.returncode)
        return done.stdout


class Az:
    """azure-cli in a profile of its own."""

    def __init__(self, place: Place, profile: str = "az") -> None:
        self.place = place
        self.sim = place.sim
        self._profile = str(place.home / profile)

    def __call__(self, words: str, *values: str) -> Any:
        """``az("ad app show --id", app_id)``: the JSON that it prints, or None. Raises Refused."""
        command = [str(environments.AZURE_CLI.venv / "bin" / "az"), *words.split(), *values]
        more = {"AZURE_CONFIG_DIR": self._profile, "AZURE_CORE_COLLECT_TELEMETRY": "no"}
        text = self.place.run(environments.AZURE_CLI, [*command, "--output", "json"], **more)
        return json.loads(text) if text.strip() else None

    def refused(self, words: str, *values: str, code: int = 1) -> str:
        """What it says when it is refused with this exit code. Raises AssertionError when it is not."""
        try:
            self(words, *values)
        except Refused as refusal:
            assert refusal.code == code, refusal
            return str(refusal)
        raise AssertionError(f"az {words} {' '.join(values)} was not refused")

    def log_in(self) -> None:
        """As the automation, by its secret."""
        automation = self.sim.automation
        words = ("-u", automation["client_id"], "-p", automation["client_secret"], "--tenant", self.sim.tenant_id)
        self("login --service-principal", *words)

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """``az rest`` to Graph."""
        more = [] if body is None else ["--body", json.dumps(body)]
        return self("rest --method", method, "--url", f"https://graph.microsoft.com/v1.0{path}", *more)
