# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a converged run costs: ratios of controller CPU and counts of requests, all of one machine and one sitting.

- against a playbook of ansible.builtin.uri tasks that makes the same two calls to each host (to reach: at most 0.2)
- each further host in a large fleet against each in a small one (to reach: at most 1.1)
- reads of the directory in both (to reach: the same)

Absolute times are noise on a shared machine and are only printed. Leaves build/bench.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "demo"), str(ROOT / "tests" / "tools")]

import tree
from simulation import Simulation, counted, running, writes

FORKS = "10"
SAME_CALLS = """
- hosts: usersync_hosts
  gather_facts: false
  tasks:
    - ansible.builtin.uri: &call
        url: "{{ base }}/"
        url_username: "{{ azure_connector_username }}"
        url_password: "{{ azure_connector_password }}"
        force_basic_auth: true
        ca_path: "{{ azure_connector_ca_path }}"
      register: listed
      delegate_to: localhost
    - ansible.builtin.uri:
        <<: *call
        url: "{{ base }}/{{ listed.json[0].uniqueId }}/syncstatus"
      delegate_to: localhost
  vars:
    base: "{{ azure_connector_url }}/rest/samlsso-admin/1.0/usersync/connector"
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""


def play(simulation: Simulation, folder: Path, collections: Path, playbook: str) -> tuple[float, list[dict[str, Any]]]:
    """Run a playbook; returns the CPU seconds of the controller with all its children, and the requests."""
    bin_folder = Path(sys.executable).parent
    command = [sys.executable, str(bin_folder / "ansible-playbook"), "-f", FORKS, "-i", simulation.about["inventory"]]
    command += ["-e", "azure_connector_redirect_uris=false"]  # with them, 500 hosts are too many for one app
    since, before = simulation.last(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, playbook],
        cwd=folder,
        env=tree.clean_env(bin_folder, collections, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{playbook} failed:\n{done.stdout[-3000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, simulation.requests(since)


def fleet(hosts: int, collections: Path, with_uri: bool) -> dict[str, Any]:
    """Set a fleet up, then measure its second run."""
    print(f"{hosts} hosts: set up, then measured", flush=True)
    with tempfile.TemporaryDirectory() as name, running(hosts, Path(name)) as simulation:
        folder = Path(name)
        play(simulation, folder, collections, "fleetops.usersync.setup")
        cpu, requests = play(simulation, folder, collections, "fleetops.usersync.setup")
        if writes(requests):
            sys.exit(f"the second run wrote: {writes(requests)[:3]}")
        measured: dict[str, Any] = {"hosts": hosts, "cpu_seconds": cpu, "requests": counted(requests)}
        if with_uri:
            (folder / "uri.yml").write_text(SAME_CALLS, encoding="utf-8")
            measured["uri_cpu_seconds"] = play(simulation, folder, collections, str(folder / "uri.yml"))[0]
        return measured


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=50)
    parser.add_argument("--large", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        collections = Path(name)
        tree.fill(collections / tree.COLLECTION)
        small = fleet(options.small, collections, with_uri=True)
        large = fleet(options.large, collections, with_uri=False)
    further_host = (large["cpu_seconds"] - small["cpu_seconds"]) / (large["hosts"] - small["hosts"])
    ratios = {
        "cpu_of_a_further_host_over_uri": further_host / (small["uri_cpu_seconds"] / small["hosts"]),
        "cpu_of_the_small_fleet_over_uri": small["cpu_seconds"] / small["uri_cpu_seconds"],
        "host_in_large_over_host_in_small": (large["cpu_seconds"] / large["hosts"])
        / (small["cpu_seconds"] / small["hosts"]),
        "same_directory_reads": small["requests"]["graph"] == large["requests"]["graph"],
    }
    report = {"small": small, "large": large, "ratios": ratios}
    tree.BUILD.mkdir(exist_ok=True)
    (tree.BUILD / "bench.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(ratios, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
