# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The witnesses' own environments in ``build/witness``, from pins that carry their date; kept while the pins stay."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import bootstrap  # noqa: E402
import tree  # noqa: E402


def home() -> Path:
    """The folder of all environments; the tests run from a copy of the files, which is told where it is."""
    return Path(os.environ.get("WITNESS_HOME") or tree.scratch() / "witness")


@dataclass(frozen=True)
class Client:
    """One witness. ``shown``: the projects whose versions a run tells."""

    name: str
    shown: tuple[str, ...]

    @property
    def lock(self) -> Path:
        return HERE / "requirements" / f"{self.name}.txt"

    @property
    def venv(self) -> Path:
        return home() / self.name

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    def pins(self) -> dict[str, str]:
        """Versions by project."""
        lines = re.findall(r"^([\w.-]+)==(\S+)$", self.lock.read_text(encoding="utf-8"), re.MULTILINE)
        return dict(lines)

    def told(self) -> str:
        return ", ".join(f"{name} {self.pins()[name]}" for name in self.shown)


AZURE_CLI = Client("azure-cli", ("azure-cli",))
MSGRAPH = Client("msgraph-sdk", ("msgraph-sdk", "azure-identity"))
AZCOLLECTION = Client("azcollection", ("ansible", "ansible-core", "msgraph-sdk"))
CLIENTS = (AZURE_CLI, MSGRAPH, AZCOLLECTION)


def ensure(client: Client) -> None:
    """Make the environment unless it was made from these pins by this Python."""
    stamp = client.venv / "usersync.json"
    wanted = {"pins": hashlib.sha256(client.lock.read_bytes()).hexdigest(), "python": sys.version}
    if stamp.exists() and client.python.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
        return
    started = time.monotonic()
    print(f"installing {client.told()} into build/witness/{client.name} (once; needs the package index)", flush=True)
    shutil.rmtree(client.venv, ignore_errors=True)
    client.venv.parent.mkdir(parents=True, exist_ok=True)
    log = str(home() / f"{client.name}.log")
    Path(log).unlink(missing_ok=True)
    bootstrap.logged([sys.executable, "-m", "venv", str(client.venv)], log)
    pip = [str(client.python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-deps"]
    bootstrap.logged([*pip, "-r", str(client.lock)], log)
    stamp.write_text(json.dumps(wanted), encoding="utf-8")
    print(f"build/witness/{client.name} is ready after {time.monotonic() - started:.0f} s", flush=True)


def relock(client: Client) -> None:
    """Write the lock anew from what the environment holds now."""
    freeze = [str(client.python), "-m", "pip", "freeze", "--all"]
    listed = subprocess.run(freeze, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    pins = [line for line in listed if not re.match(r"(pip|setuptools|wheel)==", line)]
    today = datetime.datetime.now(datetime.timezone.utc).date()
    head = [
        "# Copyright (c) 2026, the fleetops.usersync contributors",
        # REUSE-IgnoreStart
        "# SPDX-License-Identifier: GPL-3.0-or-later",
        # REUSE-IgnoreEnd
        f"# Everything that the witness {client.name} is made of; locked on {today}.",
    ]
    client.lock.write_text("\n".join([*head, *pins]) + "\n", encoding="utf-8")
