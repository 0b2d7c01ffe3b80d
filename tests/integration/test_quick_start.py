# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger with the README and an administrator's login: its commands, what they tell to paste, and nothing else.

What the environment says here is where the simulated cloud is. In a real tenant nobody has to say it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import tree

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.split(r"^## ", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
# The Azure CLI after "az login", which prints tokens of whoever is logged in
AZ = """#!/usr/bin/env python3
import json, os, sys
mark = os.path.join(os.environ["HOME"], "logged-in")
if sys.argv[1:2] == ["login"]:
    open(mark, "w").close()
elif sys.argv[1:3] == ["account", "get-access-token"] and os.path.exists(mark):
    print(json.dumps({{"accessToken": {token!r}}}))
else:
    sys.exit("ERROR: Please run 'az login' to setup account.")
"""


def blocks(kind: str) -> list[str]:
    """The fenced blocks of the quick start."""
    [text] = [one for one in SECTION if one.startswith("Your own fleet\n")]
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Stranger:
    """A shell in an empty folder, with the programs and the collection installed, and the Azure CLI."""

    def __init__(self, it: Any, folder: Path) -> None:
        about, tools, self.here = it.simulation.about, folder / "tools", folder / "fleet"
        for path in (tools, self.here):
            path.mkdir()
        program = tools / "az"
        program.write_text(AZ.format(token=about["administrator"]["access_token"]))
        program.chmod(0o755)
        bin_folder = Path(sys.executable).parent
        self.env = {
            **tree.clean_env(bin_folder, Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]), folder),
            "USERSYNC_ENTRA_AUTHORITY_URL": about["authority_url"],
            "USERSYNC_ENTRA_GRAPH_URL": about["graph_url"],
            "USERSYNC_ENTRA_CA_PATH": about["ca_file"],
            "USERSYNC_ATLASSIAN_CA_PATH": about["ca_file"],
            "USERSYNC_ATLASSIAN_SITE": "simulator",
        }
        self.env["PATH"] = f"{tools}{os.pathsep}{self.env['PATH']}"
        self.exports: list[str] = []

    def type(self, text: str, answer: str = "", code: int = 0) -> str:
        """Types a block of the README; what it prints. ``answer``: to what it asks"""
        lines = [line for line in text.splitlines() if not line.startswith("export ")]
        self.exports += [line for line in text.splitlines() if line.startswith("export ")]
        done = subprocess.run(
            ["bash", "-ec", "\n".join([*self.exports, *lines])],
            cwd=self.here,
            env=self.env,
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            start_new_session=True,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def pasted(self, output: str, begins: str) -> str:
        """The lines from one that begins so down to the next empty one, as a mouse takes them."""
        lines = output.splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith(begins))
        rest = [*lines[first:], ""]
        return "\n".join(rest[: next(number for number, line in enumerate(rest) if not line.strip())])


def host(name: str, address: str, login: str) -> str:
    more = "      azure_connector_username: usersync-admin\n" if "password" in login else ""
    return f"    {name}:\n      azure_connector_url: {address}\n{more}      {login}\n"


def test_from_az_login_to_a_fleet_that_runs_by_itself(fleet: Any, tmp_path: Path) -> None:
    it = fleet(5, "--platform", "jira11")
    stranger = Stranger(it, tmp_path)
    bootstrap, vault, look, go_on = blocks("console")
    told = stranger.type(bootstrap)
    inventory = stranger.pasted(told, "usersync_hosts:") + "\n"

    # the README's own lines between what was pasted and the hosts
    [example] = blocks("yaml")[:1]
    inventory += "\n".join(line for line in example.splitlines() if "schedule" in line) + "\n  hosts:\n"
    where = {one["name"]: one for one in it.simulation.about["hosts"]}
    named = re.findall(r"^    (\w+):\n", example.split("  hosts:\n")[1], re.MULTILINE)
    assert len(named) == 3
    for number, name in enumerate(named):
        kind = "password" if name.startswith("bitbucket") else "token"
        command = vault if number == 0 else vault.splitlines()[-1]
        command = command.replace("azure_connector_token", f"azure_connector_{kind}")
        printed = stranger.type(command, f"{where[name][kind]}\n")
        assert where[name][kind] not in printed
        inventory += host(name, where[name]["url"], stranger.pasted(printed, f"azure_connector_{kind}: !vault |"))
    (stranger.here / "inventory.yml").write_text(inventory, encoding="utf-8")

    preflight, setup = look.splitlines()
    told = stranger.type(preflight)
    assert told.count("ready: set-up creates the app and shows where") == len(named), told
    told = stranger.type(setup, code=2)
    app = it.app()
    assert app["passwordCredentials"] == [] and re.search(rf"grants it at https://\S+{app['appId']}", told), told

    # an administrator opens that address, and clicks
    roles, scopes = ["Directory.Read.All", "User.Read.All"], ["User.Read", "User.ReadBasic.All"]
    it.simulation.tell("/seed", consent={"app_id": app["appId"], "roles": roles, "scopes": scopes})

    setup, audit = go_on.splitlines()
    told = stranger.type(setup)
    assert "connector made, secret created, synchronised" in told and "without a schedule" not in told, told
    works = it.simulation.state()["works"]
    assert named and all(works[name] for name in named)
    assert f"{len(named)} hosts: {len(named)} ok" in stranger.type(audit)

    # the same from a playbook of one's own
    before = it.simulation.last()
    (stranger.here / "own.yml").write_text(blocks("yaml")[1], encoding="utf-8")
    stranger.type("ansible-playbook -i inventory.yml own.yml")
    assert [one for one in it.simulation.requests(before) if one["method"] in ("PUT", "PATCH", "DELETE")] == []

    rotate, watch = (line.partition("&& ")[2] for line in blocks("text")[0].splitlines())
    since = it.simulation.last()
    stranger.type(rotate)
    stranger.type(watch)
    assert [one for one in it.simulation.requests(since) if one["method"] in ("PUT", "PATCH", "DELETE")] == []
    whole = "".join(path.read_text(errors="replace") for path in stranger.here.rglob("*") if path.is_file())
    assert not [one for one in it.simulation.ask("/secrets") if len(one["value"]) > 8 and one["value"] in whole]
