# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: ansible-runner over a private folder, here without a container around it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import injected

ROOT = Path(__file__).resolve().parents[2]
RUN = (
    "import sys, ansible_runner; "
    "done = ansible_runner.run(private_data_dir=sys.argv[1], playbook=sys.argv[2], verbosity=int(sys.argv[3]), "
    "quiet=True, ident='job'); sys.exit(done.rc)"
)


@dataclass
class Job:
    """A job, running or done; ``folder`` is its private one."""

    folder: Path
    process: subprocess.Popen[str]

    def wait(self) -> int:
        """Its exit code."""
        with self.process:
            try:
                return self.process.wait(300)
            finally:
                self.process.kill()

    def events(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Each event that AWX would keep, with its text."""
        for path in sorted((self.folder / "artifacts" / "job" / "job_events").glob("*.json")):
            text = path.read_text(encoding="utf-8")
            yield json.loads(text), text

    def artifacts(self) -> Iterator[tuple[str, str]]:
        """Name and text of every file that the job left behind.

        But for the one in which ansible-runner repeats the environment that it was given; AWX keeps none of it.
        """
        for path in sorted((self.folder / "artifacts").rglob("*")):
            if path.is_file() and path.name != "command":
                yield str(path.relative_to(self.folder)), path.read_text(encoding="utf-8", errors="replace")

    def output(self) -> str:
        """What the job printed."""
        return (self.folder / "artifacts" / "job" / "stdout").read_text(encoding="utf-8")

    def recap(self) -> dict[str, dict[str, int]]:
        """By host, from the event of the end: changed and failures."""
        stats: dict[str, Any] = {}
        for event, _text in self.events():
            if event["event"] == "playbook_on_stats":
                stats = event["event_data"]
        hosts = stats.get("processed", {})
        return {
            host: {key: stats.get(key, {}).get(host, 0) for key in ("changed", "failures", "dark")} for host in hosts
        }


def start(
    folder: Path,
    playbook: str,
    inventory: Mapping[str, Any],
    credentials: list[tuple[Mapping[str, Any], Mapping[str, Any]]],
    answers: Mapping[str, Any],
    env: Mapping[str, str],
    *,
    part: tuple[int, int] = (1, 1),
    check: bool = False,
    verbosity: int = 4,
    extra_playbook: tuple[str, str] | None = None,
    vault_password: str | None = None,
) -> Job:
    """Start a job.

    :param credentials: pairs of credential type and filled in fields
    :param answers: what the survey gives
    :param env: what the execution environment has: path, home, where the collections are
    :param part: number of the slice and how many there are
    :param vault_password: what a Vault credential gives
    """
    for name in ("env", "inventory"):
        (folder / name).mkdir(parents=True, mode=0o700)
    shutil.copytree(ROOT / "playbooks", folder / "project" / "playbooks")
    if extra_playbook:
        (folder / "project" / "playbooks" / extra_playbook[0]).write_text(extra_playbook[1], encoding="utf-8")
    environment = {**env, "JOB_ID": "1", "ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_RETRY_FILES_ENABLED": "False"}
    for credential_type, values in credentials:
        environment.update(injected.inject(credential_type, values, folder / "env"))
    injected.write_inventory(folder / "inventory", injected.sliced(inventory, *part))
    vault = ""
    if vault_password is not None:
        (folder / "env" / "vault").write_text(vault_password, encoding="utf-8")
        vault = f" --vault-password-file {folder / 'env' / 'vault'}"
    private = {
        "envvars": environment,
        "extravars": {"awx_job_id": 1, "tower_job_id": 1, "awx_user_name": "admin", **answers},
        "settings": {"job_timeout": 600},
        "cmdline": ("-u root --diff --check" if check else "-u root") + vault,
    }
    for name, value in private.items():
        path = folder / "env" / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        path.chmod(0o600)
    command = [sys.executable, "-c", RUN, str(folder), playbook, str(verbosity)]
    return Job(folder, subprocess.Popen(command, cwd=folder, env=dict(env), text=True))
