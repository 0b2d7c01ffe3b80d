# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated fleet as an AWX sees it: an inventory with addresses only, and two credentials."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jobs
from data import credential_types
from simulator.server import Simulator
from whose import host_of_secret

ADMIN = {
    "name": "fleet-admin",
    "password": "Shared%of:the+fleet!9",
    "token": "TokenOfTheFleet0123456789abcdefghijklmnop",
}
# As the job templates have it among their extra variables
SLICED = {"usersync_sliced": "{{ awx_workflow_job_id is defined }}"}
ANSWERS = {
    "setup.yml": {"usersync_hosts": "usersync_hosts", "usersync_serial": "20", "azure_connector_sync": "auto"},
    "rotate_secrets.yml": {
        "usersync_hosts": "usersync_hosts",
        "usersync_serial": "20",
        "azure_connector_secret_min_remaining_days": 45,
        "azure_connector_force": "false",
        "azure_connector_compromised": "false",
    },
}


@dataclass
class Fleet:
    """:ivar entra, atlassian: the fields of the two credentials; :ivar extra_playbook: name and text of one more

    :ivar vault_password: of the Vault credential on the template, if there is one"""

    simulator: Simulator
    folder: Path
    env: dict[str, str]
    entra: dict[str, Any]
    atlassian: dict[str, Any]
    inventory: dict[str, Any]
    extra_playbook: tuple[str, str] | None = None
    vault_password: str | None = None
    _number: int = field(default=0)

    @classmethod
    @contextlib.contextmanager
    def simulated(cls, folder: Path, env: dict[str, str], hosts: int) -> Iterator[Fleet]:
        with Simulator(hosts=hosts, host_options={"*": {"extra_users": [ADMIN]}}) as simulator:
            ca = Path(simulator.ca_file).read_text(encoding="utf-8")
            # an address of the loopback says nothing of who answers there
            names = {
                host["name"]: {"azure_connector_url": host["url"], "azure_connector_site": "simulator"}
                for host in simulator.hosts
            }
            yield cls(
                simulator,
                folder,
                env,
                {
                    "tenant": simulator.tenant_id,
                    **simulator.automation,
                    "authority_url": simulator.authority_url,
                    "graph_url": simulator.graph_url,
                    "ca_certificate": ca,
                },
                {"username": ADMIN["name"], "password": ADMIN["password"], "ca_certificate": ca},
                {"usersync_hosts": {"hosts": names}},
            )

    def launch(self, playbook: str, slices: int = 1, *, check: bool = False, **answers: Any) -> list[jobs.Job]:
        """Run a job in slices side by side; returns them when all have ended well."""
        started = []
        # slices are jobs of a workflow
        workflow = {"awx_workflow_job_id": 1} if slices > 1 else {}
        types = credential_types()
        for number in range(1, slices + 1):
            self._number += 1
            started.append(
                jobs.start(
                    self.folder / f"job{self._number}",
                    f"playbooks/{playbook}",
                    self.inventory,
                    [(types["entra_type"], self.entra), (types["atlassian_type"], self.atlassian)],
                    {**ANSWERS.get(playbook, {}), **SLICED, **workflow, **answers},
                    self.env,
                    part=(number, slices),
                    check=check,
                    extra_playbook=self.extra_playbook,
                    vault_password=self.vault_password,
                )
            )
        codes = [job.wait() for job in started]
        for code, job in zip(codes, started, strict=True):
            assert code == 0, job.output()
        return started

    def login(self, folder: Path) -> dict[str, str]:
        """The environment that logs a playbook of somebody's own in to the tenant."""
        path = folder / "ca.pem"
        path.write_text(self.entra["ca_certificate"], encoding="utf-8")
        names = {"tenant", "client_id", "client_secret", "authority_url", "graph_url"}
        env = {f"USERSYNC_ENTRA_{name.upper()}": str(self.entra[name]) for name in names}
        return {**env, "USERSYNC_ENTRA_CA_PATH": str(path)}

    @property
    def app(self) -> Mapping[str, Any]:
        """The app of the fleet in the tenant."""
        apps = self.simulator.state()["tenant"]["applications"]
        found = [app for app in (apps.values() if isinstance(apps, dict) else apps) if app["uniqueName"] == "usersync"]
        assert len(found) == 1
        return found[0]

    def holders(self) -> list[str]:
        """Who holds an own credential, once for each."""
        return sorted(str(host_of_secret(entry["displayName"])) for entry in self.app["passwordCredentials"])


def changed(launched: list[jobs.Job]) -> dict[str, int]:
    """Changes by host over all slices; no host may be in two of them."""
    counts: dict[str, int] = {}
    for job in launched:
        for host, recap in job.recap().items():
            if host == "localhost":  # where each slice looks whether there are hosts at all
                continue
            assert host not in counts
            counts[host] = recap["changed"]
    return counts
