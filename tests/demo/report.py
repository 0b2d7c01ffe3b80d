# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of the demo: three hosts are spoilt behind the back of the playbooks, and the audit has to find them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulation import Simulation, writes

PLAYBOOK = "fleetops.usersync.audit"
EXPIRED, OLD_FLOW, CLONE = "secret-expired", "old-flow", "clone-connector"
PAGE = "report.html"
# What the audit writes, by the name that it keeps in the demo's folder
FILES = {"html": PAGE, "json": "fleet.json", "prometheus": "usersync.prom"}


class NotFound(Exception):
    """The audit did not report what was spoilt, in one sentence."""


def spoil(simulation: Simulation) -> dict[str, str]:
    """One host with an expired secret, one with the old flow, one that is a copy of the first; by code, the host.

    A fleet too small for all of them gets as many as it has hosts beside the first.
    """
    first, *others = [host["name"] for host in simulation.about["hosts"]]
    spoilt = dict(zip((EXPIRED, OLD_FLOW, CLONE), others, strict=False))
    if EXPIRED in spoilt:
        name = spoilt[EXPIRED]
        made = simulation.tell(
            "/seed", credential={"app_id": _app_id(simulation), "days": -2, "display_name": "by hand"}
        )
        text = made["credential"]["secret"]
        simulation.tell("/host", name=name, leaves={"client_secret": text})
    if OLD_FLOW in spoilt:
        simulation.tell("/host", name=spoilt[OLD_FLOW], leaves={"flow": "authorization_code"})
    if CLONE in spoilt:
        simulation.tell("/host", name=first, leaves={"schedule_enabled": True})
        simulation.tell("/host", name=spoilt[CLONE], clone_of=first)
    return spoilt


def _app_id(simulation: Simulation) -> str:
    hosts = simulation.state()["hosts"]
    return next(connector["application_id"] for host in hosts.values() for connector in host["connectors"])


def audit(
    simulation: Simulation, run: Callable[[list[str]], int], private: Path, out: Path
) -> tuple[Path, dict[str, str]]:
    """Spoil the fleet, run the audit by ``run(arguments)`` -> exit code, judge it, keep its files in ``out``.

    Returns the page, and by code the host that was spoilt. Raises :exc:`NotFound`.
    """
    spoilt = spoil(simulation)
    since = simulation.last()
    arguments = [f"-eazure_connector_audit_{kind}={private / name}" for kind, name in FILES.items()]
    code = run([PLAYBOOK, *arguments])
    if code:
        raise NotFound(f"the audit ended with exit code {code}")
    written = writes(simulation.requests(since))
    if written:
        raise NotFound(f"the audit wrote: {written[0]}")
    report: dict[str, Any] = json.loads((private / FILES["json"]).read_text(encoding="utf-8"))
    for finding, host in spoilt.items():
        if not any(one["code"] == finding and host in one["hosts"] for one in report["findings"]):
            raise NotFound(f"the audit did not report {finding} of {host}")
    for name in FILES.values():
        shutil.copyfile(private / name, out / name)
    return out / PAGE, spoilt
