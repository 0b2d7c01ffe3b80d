# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make rulebook``: the rulebook under real ansible-rulebook, on the simulated fleet, with an alert at its webhook.

ansible-rulebook needs Java, which comes from Debian's packages where it is missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in ("tools", "demo"):
    sys.path.insert(0, str(HERE.parent / folder))

import bootstrap  # noqa: E402
import simulation  # noqa: E402
import tree  # noqa: E402

LOCK = HERE / "requirements.txt"
RULEBOOK = "fleetops.usersync.rotate_secrets"
# the secret of the set-up is good for less time than a rotation asks for
SHORT = ("azure_connector_secret_valid_days=20", "azure_connector_secret_min_remaining_days=10")


def environment() -> Path:
    """The programs of ansible-rulebook's own environment; made once, kept while the pins stay."""
    venv = tree.scratch() / "eda"
    stamp, python = venv / "usersync.json", venv / "bin" / "python"
    wanted = {"pins": hashlib.sha256(LOCK.read_bytes()).hexdigest(), "python": sys.version}
    if not (stamp.exists() and python.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted):
        print("installing ansible-rulebook into build/eda (once; needs the package index)", flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        log = str(tree.scratch() / "eda.log")
        bootstrap.logged([sys.executable, "-m", "venv", str(venv)], log)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-deps"]
        bootstrap.logged([*pip, "-r", str(LOCK)], log)
        stamp.write_text(json.dumps(wanted), encoding="utf-8")
    return venv / "bin"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def post(port: int, token: str, status: str, alert: str) -> int:
    """What the webhook answers to an Alertmanager's message: its status, 0 when nothing listens."""
    message = {"status": status, "alerts": [{"status": status, "labels": {"alertname": alert, "host": "jira01"}}]}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/alerts", json.dumps(message).encode(), headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)
    except OSError:
        return 0


def wait(what: str, seconds: float, done: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            said = log.read_text("utf-8", "replace")[-4000:]
            sys.exit(f"usersync: {what} did not come within {seconds:.0f} s:\n{said}")
        time.sleep(1)


def own_secrets(fleet: simulation.Simulation) -> set[str]:
    """Key ids of all secrets that bear our form of name."""
    apps = fleet.state()["tenant"]["applications"]
    found = [entry for app in apps for entry in app["passwordCredentials"]]
    return {entry["keyId"] for entry in found if str(entry["displayName"]).startswith("usersync:")}


@contextlib.contextmanager
def running(command: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    with open(log, "wb") as stream:
        child = subprocess.Popen(command, env=env, stdout=stream, stderr=subprocess.STDOUT, cwd=log.parent)
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()


def check(fleet: simulation.Simulation, folder: Path, programs: Path, copy: Path) -> int:
    """Runs the rulebook; :returns: how many things were seen to be right"""
    env = tree.clean_env(programs, copy.parents[2])
    inventory = fleet.about["inventory"]
    setup = [str(programs / "ansible-playbook"), "-i", inventory, "fleetops.usersync.setup"]
    for short in SHORT:
        setup += ["-e", short]
    bootstrap.logged(setup, str(folder / "setup.log"), env=env)
    before = own_secrets(fleet)
    assert len(before) == 1, before
    port, token = free_port(), secrets.token_hex(16)
    variables, log = folder / "eda.yml", folder / "rulebook.log"
    variables.write_text(json.dumps({"usersync_eda_token": token, "usersync_eda_port": port}), encoding="utf-8")
    command = [str(programs / "ansible-rulebook"), "--rulebook", RULEBOOK, "--inventory", inventory]
    with running([*command, "--vars", str(variables), "--print-events"], env, log):
        wait("the webhook", 120, lambda: post(port, "wrong", "firing", "UserSyncSecretExpiresSoon") == 401, log)
        assert post(port, token, "resolved", "UserSyncSecretExpiresSoon") == 200
        assert post(port, token, "firing", "UserSyncAuditOld") == 200
        time.sleep(10)
        assert own_secrets(fleet) == before, "an alert that is over, or about something else, started a rotation"
        assert post(port, token, "firing", "UserSyncSecretExpiresSoon") == 200
        wait("a new secret", 300, lambda: bool(own_secrets(fleet)) and not own_secrets(fleet) & before, log)
        wait("the end of the playbook", 120, lambda: "PLAY RECAP" in log.read_text("utf-8", "replace"), log)
    assert len(own_secrets(fleet)) == 1
    assert token not in log.read_text("utf-8", "replace").replace(f'"usersync_eda_token": "{token}"', "")
    return 5


def main() -> int:
    """Command line."""
    bootstrap.need_programs({"java": "default-jre-headless"})
    programs = environment()
    with tree.collection_tree() as copy, tempfile.TemporaryDirectory(prefix="usersync-eda-") as place:
        folder = Path(place)
        (folder / "simulator").mkdir()
        with simulation.running(1, folder / "simulator") as fleet:
            passed = check(fleet, folder, programs, copy)
    version = subprocess.run([programs / "ansible-rulebook", "--version"], capture_output=True, text=True, check=True)
    print(version.stdout.strip().splitlines()[0])
    print(f"{passed} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
