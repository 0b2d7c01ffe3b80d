# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs: the collection's playbooks, a playbook of ansible.builtin.uri tasks, a threaded program without Ansible."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tree
from simulation import Simulation, counted, writes

HERE = Path(__file__).resolve().parent
PHASES = ("setup", "converged", "renewal", "audit")
NOTHING = "nothing"
CONTENDERS = ("collection", "uri", "floor")
FORKS = 10
POLL = "/usersync/syncstatus/"
OURS = {
    "setup": ("fleetops.usersync.setup",),
    "converged": ("fleetops.usersync.setup",),
    "renewal": ("fleetops.usersync.rotate_secrets", "-e", "azure_connector_force=true"),
    "audit": ("fleetops.usersync.audit",),
}
URI = {
    "setup": ("setup.yml",),
    "converged": ("setup.yml",),
    "renewal": ("setup.yml", "-e", "force=true"),
    "audit": ("audit.yml",),
}


# The tasks of the uri playbooks, as they stand in their files: for the app, for a host, for a new secret, the report
URI_TASKS = {"app.yml": 7, "host.yml": 2, "secret.yml": 9, "setup.yml": 4, "audit.yml": 5}


class Failed(Exception):
    """A run that did not succeed, or without the effect that all must have; the message says what."""


@dataclass(frozen=True)
class Measured:
    """One run: CPU seconds of the controller with all its children, seconds on the wall, the largest process in MB."""

    cpu: float
    wall: float
    megabytes: float
    lines: int
    requests: dict[str, dict[str, int]]
    polls: int


def command(contender: str, phase: str, inventory: str, forks: int) -> list[str]:
    """What an operator would type."""
    if contender == "floor":
        return [sys.executable, str(HERE / "floor.py"), phase, inventory, str(forks)]
    program = [sys.executable, str(Path(sys.executable).parent / "ansible-playbook"), "-f", str(forks), "-i", inventory]
    if phase == NOTHING:
        return [*program, str(HERE / "uri" / "nothing.yml")]
    if contender == "uri":
        playbook, *more = URI[phase]
        return [*program, str(HERE / "uri" / playbook), *more]
    # with redirect URIs, which the new flow does not need, 500 hosts are too many for one app
    return [*program, *OURS[phase], "-e", "azure_connector_redirect_uris=false"]


def measure(
    contender: str, phase: str, simulation: Simulation, collections: Path, folder: Path, forks: int
) -> Measured:
    """Run it once. Pipelining is on, as it costs the uri tasks a third less; the collection starts no processes.

    :raises Failed: it ended with another code than 0
    """
    env = tree.clean_env(Path(sys.executable).parent, collections, folder) | {"ANSIBLE_PIPELINING": "1"}
    since, begun = simulation.last(), time.monotonic()
    output = folder / f"{contender}-{phase}.txt"
    with open(output, "wb") as stream:
        child = subprocess.Popen(
            command(contender, phase, simulation.about["inventory"], forks),
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    text = output.read_text(encoding="utf-8", errors="replace")
    if child.returncode:
        raise Failed(f"{contender} {phase}: exit code {child.returncode}\n{text[-3000:]}")
    requests = simulation.requests(since)
    if wrong := lacking(phase, simulation, requests):
        raise Failed(f"{contender} {phase}: {'; '.join(wrong)}")
    polls = [request for request in requests if POLL in request["path"]]
    asked: Any = counted([request for request in requests if request not in polls])
    return Measured(
        used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, len(text.splitlines()), asked, len(polls)
    )


def lacking(phase: str, simulation: Simulation, requests: list[dict[str, Any]]) -> list[str]:
    """What the run did not do that every contender must do, or did in excess; judged by the simulator's own state."""
    if phase == NOTHING:
        return []
    state = simulation.state()
    wrong = [f"{name} does not work" for name, works in state["works"].items() if not works]
    done = [f"{request['method']} {request['path'].rpartition('/')[2]}" for request in requests if request["done"]]
    expected = len(state["works"]) if phase in ("setup", "renewal") else 0
    for what in ("POST addPassword", "POST sync"):
        if done.count(what) != expected:
            wrong.append(f"{done.count(what)} times {what} where {expected} were expected")
    if phase == "renewal" and done.count("POST removePassword") != expected:
        wrong.append(f"{done.count('POST removePassword')} older secrets were retired, of {expected}")
    if not expected:
        wrong += [f"it wrote: {text}" for text in writes(requests)]
    return wrong
