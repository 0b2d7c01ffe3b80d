# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login serves a whole run of ansible-playbook, and nothing of it is seen or left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.fleetops.usersync.tests.simulator import server

HOSTS = 6
COLLECTIONS = Path(server.__file__).parents[5]
PLAY = """
- hosts: all
  gather_facts: false
  strategy: {strategy}
  tasks:
    - name: Make the app of this host
      fleetops.usersync.azuread_app:
        unique_name: "app-of-{{{{ inventory_hostname }}}}"
        display_name: "App of {{{{ inventory_hostname }}}}"
    - name: Look at it
      fleetops.usersync.azuread_app_info:
        unique_name: "app-of-{{{{ inventory_hostname }}}}"
"""


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_one_login_for_all_hosts_and_tasks(tmp_path: Path, strategy: str) -> None:
    play, inventory, temporary = tmp_path / "play.yml", tmp_path / "inventory.json", tmp_path / "tmp"
    play.write_text(PLAY.format(strategy=strategy))
    hosts = {f"host{nth}": {"ansible_connection": "local"} for nth in range(HOSTS)}
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    temporary.mkdir()
    with server.Simulator(hosts=1) as sim:
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
            "ANSIBLE_LOCAL_TEMP": str(temporary),
            "TMPDIR": str(temporary),
            "USERSYNC_ENTRA_TENANT": sim.tenant_domain,
            "USERSYNC_ENTRA_CLIENT_ID": sim.automation["client_id"],
            "USERSYNC_ENTRA_CLIENT_SECRET": sim.automation["client_secret"],
            "USERSYNC_ENTRA_AUTHORITY_URL": sim.authority_url,
            "USERSYNC_ENTRA_GRAPH_URL": sim.graph_url,
            "USERSYNC_ENTRA_CA_PATH": sim.ca_file,
            # left blank, as a form does
            **dict.fromkeys(("USERSYNC_ENTRA_AUTH_METHOD", "USERSYNC_ENTRA_TIMEOUT", "AZURE_ACCESS_TOKEN"), ""),
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-vvvv", "-f", "6", "-i", str(inventory), str(play)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        asked = [entry for entry in sim.journal(service="token") if not entry["internal"]]
        assert [entry["method"] for entry in asked] == ["GET", "POST"]
        written = [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
        for secret in sim.secrets():
            assert secret not in done.stdout + done.stderr
            assert not any(secret in content for content in written)
