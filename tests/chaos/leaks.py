# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in what runs leave. Every point of every part is searched; here are the proofs and the other ways to run."""

from __future__ import annotations

import functools
import json
import shlex
import shutil
import subprocess
import time
from pathlib import Path

from .fleet import FORCE, ROTATE, Fleet
from .kill import in_service
from .points import Point, Result
from .search import forms, search


def planted(name: str, fleet: Fleet) -> Result:
    """The search finds each secret in each form within other text, and one in the log of a real run."""
    started = time.monotonic()
    fleet.begin(in_service)
    result = Result(name)
    place = fleet.place / "planted"
    secrets = fleet.secrets()
    tried = 0
    for secret, kind in secrets.items():
        for form, needle in forms(secret).items():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            (place / "some.txt").write_bytes(b'before {"a": "' + needle + b'"} after\n')
            tried += 1
            if not search([place], {secret: kind}).found:
                result.wrong.append(f"a planted {kind} was not found as {form}")
    shutil.rmtree(place)
    clean = fleet.leaks()
    if clean.found:
        result.wrong += clean.sentences()
    one = next(secret for secret, kind in secrets.items() if kind == "client secret")
    with open(fleet.place / "ansible.log", "a", encoding="utf-8") as stream:
        stream.write(json.dumps({"msg": one}) + "\n")
    if not fleet.leaks().found:
        result.wrong.append("a secret planted in the log was not found")
    result.notes["planted"] = f"{tried} of {tried} found" if not result.wrong else "not all found"
    result.searched = {"files": clean.files, "bytes": clean.size, "secrets": len(clean.secrets)}
    result.seconds = round(time.monotonic() - started, 2)
    return result


def runner(name: str, fleet: Fleet) -> Result:
    """A forced rotation through ansible-runner, which keeps output, events and facts as artifacts."""
    started = time.monotonic()
    fleet.begin(in_service)
    result = Result(name)
    private = fleet.place / "runner"
    (private / "project").mkdir(parents=True)
    (private / "env").mkdir()
    command = [str(fleet.tools.bin / "python"), str(fleet.tools.bin / "ansible-runner"), "run", str(private)]
    command += ["-p", ROTATE, "-i", "chaos", "--inventory", str(fleet.inventory())]
    more = ["-vvvv", "--diff", "-e", "azure_connector_sync_poll=0.2", *fleet.times.arguments(), *FORCE]
    (private / "env" / "cmdline").write_text(shlex.join(more), encoding="utf-8")
    output = fleet.place / "runner.txt"
    path = {"PATH": f"{fleet.tools.bin}:{fleet.environment()['PATH']}"}
    with open(output, "wb") as stream:
        done = subprocess.run(
            command, env=fleet.environment() | path, stdout=stream, stderr=subprocess.STDOUT, check=False, timeout=300
        )
    events = list((private / "artifacts").glob("*/job_events/*.json"))
    if done.returncode:
        result.wrong.append(f"ansible-runner ended with exit code {done.returncode}")
    if len(events) < 20:
        result.wrong.append(f"ansible-runner left {len(events)} events where many were expected")
    result.wrong += fleet.sim.call(fleet.watch.course) + fleet.sim.call(fleet.watch.closing)
    searched = fleet.leaks()
    result.wrong += searched.sentences()
    result.searched = {"files": searched.files, "bytes": searched.size, "secrets": len(searched.secrets)}
    result.requests = len(fleet.sim.call(fleet.watch.entries))
    result.overlap = fleet.watch.overlap()
    result.notes["events"] = len(events)
    result.seconds = round(time.monotonic() - started, 2)
    return result


def built(name: str, folder: Path, fleet: Fleet) -> Result:
    """The figures and all else that this program and other tests wrote below build/, environments left out."""
    started = time.monotonic()
    fleet.begin(in_service)
    result = Result(name)
    environments = [path.parent for path in folder.glob("*/pyvenv.cfg")]
    collections = list(folder.glob("**/ansible_collections"))
    searched = search([folder], fleet.secrets(), [*environments, *collections])
    result.wrong += searched.sentences()
    result.searched = {"files": searched.files, "bytes": searched.size, "secrets": len(searched.secrets)}
    result.seconds = round(time.monotonic() - started, 2)
    return result


def points(build: Path) -> list[Point]:
    return [
        Point("leak/planted", functools.partial(planted, "leak/planted")),
        Point("leak/ansible-runner", functools.partial(runner, "leak/ansible-runner")),
        Point("leak/build", functools.partial(built, "leak/build", build)),
    ]
