# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m simulator`` as a person types it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from ansible_collections.fleetops.usersync.tests.simulator.commandline import arguments

TESTS = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--names", "https://graph.example"], "--names: 'https://graph.example' is neither a host name nor"),
        (["--names", "graph.example:8443"], "--names: 'graph.example:8443' is neither"),
        (["--names", "good.example,bad name"], "--names: 'bad name' is neither"),
        (["--names", "300.1.1.1"], "--names: '300.1.1.1' is neither"),
        (["--address", "-x.example"], "--address"),
        (["--address", ""], "--address: '' is neither"),
        (["--port", "99999"], "--port: '99999' is not a whole number from 0 to 65535"),
        (["--hosts", "many"], "--hosts: 'many' is not a whole number from 0 to 2000"),
        (["--hosts", "-1"], "--hosts: '-1' is not a whole number"),
        (["--generations", "jira02"], "--generations: 'jira02' is not a host name, ="),
        (["--platforms", "jira02=jira99"], "--platforms: 'jira02=jira99' is not"),
        (["--host-options", "[]"], "--host-options: is not a JSON object"),
        (["--host-options", '{"jira01": 1}'], "--host-options: is not a JSON object"),
        (["--bogus"], "unrecognized arguments: --bogus"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence(words: list[str], told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(words)
    assert isinstance(ended.value.code, str)
    assert ended.value.code.startswith(f"simulator: {told}")
    assert "\n" not in ended.value.code


def test_names_and_addresses_may_be_given_together() -> None:
    found = arguments(["--names", " Graph.example, 10.0.0.5,,::1", "--address", "vm.example"])
    assert (found.names, found.address) == (("graph.example", "10.0.0.5", "::1"), "vm.example")


@contextmanager
def started(*words: str) -> Iterator[tuple[dict[str, object], list[str]]]:
    """What it printed: the JSON, and the lines of advice."""
    command = [sys.executable, "-m", "simulator", *words]
    process = subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stderr is not None
        document = json.loads(process.stdout.readline())
        yield document, [process.stderr.readline().strip() for _line in range(4)]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def test_it_tells_itself_under_the_address_that_it_was_given(tmp_path: Path) -> None:
    words = ("--hosts", "1", "--address", "vm.example", "--names", "graph.example", "--state-dir", str(tmp_path))
    with started(*words) as (document, _advice):
        port = str(document["graph_url"]).rsplit(":", 1)[1]
        assert document["graph_url"] == document["authority_url"] == f"https://vm.example:{port}"
        assert [host["url"].split("/")[2] for host in document["hosts"]] == [f"vm.example:{port}"]  # type: ignore[attr-defined]
        assert f"https://vm.example:{port}/" in (tmp_path / "inventory.yml").read_text(encoding="utf-8")
        session = requests.Session()
        session.trust_env, session.verify = False, str(document["ca_file"])
        session.headers["Host"] = f"graph.example:{port}"
        found = session.get(f"https://localhost:{port}/organizations/v2.0/.well-known/openid-configuration").json()
        assert found["token_endpoint"].startswith(f"https://graph.example:{port}/")


def test_three_commands_to_try_next(tmp_path: Path) -> None:
    with started("--hosts", "1", "--state-dir", str(tmp_path)) as (document, advice):
        setup, audit, journal = advice[1:]
        for line, playbook in ((setup, "setup"), (audit, "audit")):
            assert line.endswith(f"ansible-playbook -i {document['inventory']} fleetops.usersync.{playbook}")
            assert line.startswith(f"ANSIBLE_COLLECTIONS_PATH={tmp_path}/collections ")
        there = tmp_path / "collections" / "ansible_collections" / "fleetops" / "usersync"
        assert (there / "playbooks" / "setup.yml").exists() and (there / "playbooks" / "audit.yml").exists()
        assert requests.get(journal.split()[-1], timeout=10).json() == []


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "simulator", "--hosts", "0", "--port", str(taken.getsockname()[1])]
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=TESTS, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("simulator: the address cannot be listened at: ")
    assert done.stderr.count("\n") == 1
