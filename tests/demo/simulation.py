# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a child process, and what it says about itself at its control address."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
WRITES = ("POST", "PUT", "PATCH", "DELETE")
SERVICES = ("token", "graph", "atlassian")
START_SECONDS = 60


class NotStarted(Exception):
    """The simulator did not come up; the message says why."""


class Simulation:
    """A running simulator. ``about`` is the document it printed: addresses, logins, path of the inventory."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.about = about

    def ask(self, path: str, **query: Any) -> Any:
        """The JSON that the control address answers."""
        return self._open(urllib.request.Request(f"{self.about['control_url']}{path}?{urllib.parse.urlencode(query)}"))

    def _open(self, request: urllib.request.Request) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot reach the loopback
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def tell(self, path: str, /, **body: Any) -> Any:
        """POST to the control address; returns the JSON that it answers."""
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return self._open(urllib.request.Request(self.about["control_url"] + path, data, headers))

    def mend(self) -> None:
        """End every planned fault."""
        self._open(urllib.request.Request(f"{self.about['control_url']}/faults", method="DELETE"))

    def later(self, days: float) -> None:
        """Move the clock that the tenant and all hosts share."""
        self.tell("/clock", advance_seconds=days * 86400)

    def state(self) -> dict[str, Any]:
        """Tenant, hosts, and which of them hold a live secret."""
        return self.ask("/state")

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The journal after entry ``since``, without what the simulated hosts themselves asked the tenant."""
        return [entry for entry in self.ask("/journal", since=since) if not entry["internal"]]

    def last(self) -> int:
        """Number of the journal's last entry."""
        return max((entry["n"] for entry in self.ask("/journal")), default=0)


def counted(requests: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Requests by service and method."""
    counts = {service: Counter[str]() for service in SERVICES}
    for request in requests:
        counts[request["service"]][request["method"]] += 1
    return {service: dict(sorted(count.items())) for service, count in counts.items()}


def writes(requests: list[dict[str, Any]]) -> list[str]:
    """Requests that may change something at Graph or at a host, as ``PATCH /v1.0/applications/...``."""
    return [
        f"{request['method']} {request['path']}"
        for request in requests
        if request["method"] in WRITES and request["service"] != "token"
    ]


@contextlib.contextmanager
def running(hosts: int, folder: Path, *options: str) -> Iterator[Simulation]:
    """Start the simulator with its files in ``folder``; it is stopped at the end."""
    command = [sys.executable, "-m", "simulator", "--hosts", str(hosts), "--state-dir", str(folder), *options]
    log = folder / "simulator.log"
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with (
        open(log, "wb") as stderr,
        subprocess.Popen(command, cwd=TESTS, env=env, stdout=subprocess.PIPE, stderr=stderr) as child,
    ):
        try:
            yield Simulation(first_line(child, log))
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()


def first_line(child: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """The document that the simulator prints when it is ready."""
    assert child.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        ready = selector.select(START_SECONDS)
    line = child.stdout.readline() if ready else b""
    if not line:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        ended = child.poll() if ready else f"nothing in {START_SECONDS} s"
        raise NotStarted(f"the simulator did not start ({ended}): {said[-1] if said else 'it said nothing'}")
    return json.loads(line)
