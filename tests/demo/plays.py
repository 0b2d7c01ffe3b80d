# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real playbooks against a simulated fleet, with the ansible-core of the Python that runs pytest; a pytest fixture."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import tree
from simulation import Simulation, running, writes

OWN = re.compile(r"usersync:(\S+):[0-9a-f-]+:[0-9T.]+Z(?::spare)?")
RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass
class Played:
    """A finished playbook: its exit code and output, recap per host, and the requests that it made."""

    code: int
    output: str
    changed: dict[str, int]
    failed: set[str]
    requests: list[dict[str, Any]]

    @property
    def writes(self) -> list[str]:
        """Requests that may change something at Graph or at a host."""
        return writes(self.requests)

    def count(self, service: str, method: str = "GET") -> int:
        """Requests of one kind."""
        return sum(1 for entry in self.requests if (entry["service"], entry["method"]) == (service, method))


@dataclass
class Fleet:
    """A simulated fleet and a way to run playbooks on it; ``inventory`` is the simulator's, free to be changed."""

    simulation: Simulation
    folder: Path
    inventory: dict[str, Any]

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """Variables of each host in the inventory."""
        return self.inventory["usersync_hosts"]["hosts"]

    @property
    def variables(self) -> dict[str, Any]:
        """Variables of the group."""
        return self.inventory["usersync_hosts"]["vars"]

    def app(self, unique_name: str = "usersync") -> dict[str, Any]:
        """The app registration as the tenant has it."""
        apps = self.simulation.state()["tenant"]["applications"]
        return next(app for app in apps if app["uniqueName"] == unique_name)

    def named(self, holder: str) -> str:
        """The host of the inventory whose holder that is, by its address; the holder itself when there is none."""
        site = self.variables.get("azure_connector_site")
        for name, variables in self.hosts.items():
            address = str(variables["azure_connector_url"]).partition("://")[2].rstrip("/")
            if holder.partition("#")[0] in (address, f"{variables.get('azure_connector_site', site)}:{address}"):
                return name
        return holder

    def holders(self, unique_name: str = "usersync") -> dict[str, list[str]]:
        """Key ids of the app's credentials by host; one that is not ours stands under its own name."""
        held: dict[str, list[str]] = {}
        for entry in self.app(unique_name)["passwordCredentials"]:
            ours = OWN.fullmatch(entry["displayName"])
            held.setdefault(self.named(ours[1]) if ours else entry["displayName"], []).append(entry["keyId"])
        return held

    def pending(self) -> list[str]:
        """Hosts whose new secret is under way, by the marks of the app."""
        marks = [tag.partition(":")[2] for tag in self.app()["tags"] if tag.startswith("usersync-pending:")]
        return sorted(self.named(holder) for holder in marks)

    def unharmed(self) -> bool:
        """Whether every host works now, and none that worked has stopped at any moment."""
        state = self.simulation.state()
        return all(state["works"].values()) and "host_broke" not in {event["event"] for event in state["timeline"]}

    def play(
        self,
        *arguments: str,
        playbook: str = "fleetops.usersync.setup",
        watch: Callable[[str], None] = lambda line: None,
    ) -> Played:
        """Run the playbook as a user would. ``watch`` gets each line at the moment when the user would see it."""
        inventory = self.folder / "inventory-of-test.yml"
        inventory.write_text(yaml.safe_dump(self.inventory), encoding="utf-8")
        bin_folder = Path(sys.executable).parent
        command = [sys.executable, str(bin_folder / "ansible-playbook"), "-i", str(inventory), playbook, *arguments]
        env = tree.clean_env(bin_folder, Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]), self.folder)
        since = self.simulation.last()
        lines = []
        with subprocess.Popen(
            command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as child:
            assert child.stdout is not None
            try:
                for line in child.stdout:
                    lines.append(line)
                    watch(line)
            except BaseException:
                child.kill()
                raise
        output = "".join(lines)
        recap = RECAP.findall(output)
        if len(recap) > 1:  # the play on localhost that looks whether there are hosts is no host of the fleet
            recap = [line for line in recap if line[0] != "localhost"]
        return Played(
            code=child.returncode,
            output=output,
            changed={host: int(changed) for host, changed, _unreachable, _failed in recap},
            failed={host for host, _changed, unreachable, failed in recap if unreachable != "0" or failed != "0"},
            requests=self.simulation.requests(since),
        )


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Fleet]]:
    """``fleet(3)`` gives a fleet of three hosts and an empty tenant; further words go to the simulator.

    The same call gives the same fleet again, made anew.
    """
    with contextlib.ExitStack() as stack:
        started: dict[tuple[Any, ...], tuple[Simulation, Path]] = {}

        def start(hosts: int, *options: str) -> Fleet:
            key = (hosts, *options)
            if key in started:
                started[key][0].tell("/reset")
            else:
                folder = tmp_path_factory.mktemp("fleet")
                started[key] = (stack.enter_context(running(hosts, folder, *options)), folder)
            simulation, folder = started[key]
            simulation.about = simulation.ask("/describe")
            inventory = yaml.safe_load(Path(simulation.about["inventory"]).read_text(encoding="utf-8"))
            return Fleet(simulation, folder, inventory)

        yield start
