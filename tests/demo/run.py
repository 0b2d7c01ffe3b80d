# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: the real playbook over a simulated fleet, twice, with the proof from the simulator's own books.

Builds the collection, installs it, starts the simulator, runs ``fleetops.usersync.setup`` two times. Ends with 0 only
if every host has users and a live secret, and the second run changed and wrote nothing. Then three hosts are spoilt,
and the audit has to find them; its page is ``build/demo/report.html``. ``build/demo/report.json`` tells the figures.
Nothing secret is written there: inventory and certificate live in a private folder that goes away.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import report as fleet_report
import tree
from simulation import NotStarted, Simulation, counted, running, writes
from whose import host_of_secret

PLAYBOOK = "fleetops.usersync.setup"
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")


class Wrong(Exception):
    """Something is not as it should be, in one sentence."""


def say(text: str = "") -> None:
    print(text, flush=True)


def install(bin_folder: Path, out: Path, private: Path, artifact: Path | None = None) -> Path:
    """Install the artifact as a user would, or build one from the tracked files; returns the collections folder."""
    collections = out / "collections"
    shutil.rmtree(collections, ignore_errors=True)
    env = tree.clean_env(bin_folder, collections, private)
    galaxy = [str(bin_folder / "python"), str(bin_folder / "ansible-galaxy"), "collection"]
    if artifact is None:
        with tree.collection_tree() as source:
            quiet([*galaxy, "build", "--force", "--output-path", str(private), str(source)], env)
    tarball = artifact or next(private.glob("fleetops-usersync-*.tar.gz"))
    quiet([*galaxy, "install", "--offline", "--force", "-p", str(collections), str(tarball)], env)
    return collections


def quiet(command: list[str], env: dict[str, str]) -> None:
    """Run a command; its output matters only when it fails."""
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        sys.stdout.write(done.stdout.decode(errors="replace"))
        raise Wrong(f"{' '.join(command[1:4])} ended with exit code {done.returncode}")


def play(command: list[str], env: dict[str, str], cwd: Path) -> tuple[int, dict[str, dict[str, int]]]:
    """Run ansible-playbook with live output; returns exit code and the recap per host."""
    recap: dict[str, dict[str, int]] = {}
    with subprocess.Popen(
        command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None
        try:
            for line in child.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                found = RECAP.match(line)
                if found:
                    _ok, changed, unreachable, failed = (int(number) for number in found.groups()[1:])
                    recap[found.group(1)] = {"changed": changed, "failed": failed + unreachable}
        except BaseException:
            child.terminate()
            raise
    return child.returncode, recap


def run_playbook(simulation: Simulation, command: list[str], env: dict[str, str], cwd: Path) -> dict[str, Any]:
    """One run: what changed, what failed, how long it took, what it asked of whom."""
    since, started = simulation.last(), time.monotonic()
    code, recap = play(command, env, cwd)
    asked = simulation.requests(since)
    hosts = [host["name"] for host in simulation.about["hosts"]]
    return {
        "exit_code": code,
        "changed": {host: recap[host]["changed"] for host in hosts if host in recap},
        "failed": sorted(host for host in recap if recap[host]["failed"]),
        "seconds": round(time.monotonic() - started, 1),
        "requests": counted(asked),
        "writes": writes(asked),
    }


def nested(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a JSON document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for element in value:
            yield from nested(element)


def secret_end(tenant: dict[str, Any], host: str) -> str | None:
    """End of the newest credential of this holder in the tenant, as a date."""
    ends = [
        entry["endDateTime"]
        for entry in nested(tenant)
        if host_of_secret(entry.get("displayName")) == host and "endDateTime" in entry
    ]
    return max(ends)[:10] if ends else None


def outcome(simulation: Simulation) -> list[dict[str, Any]]:
    """Per host what stands now, from the simulator's state."""
    state = simulation.state()
    rows = []
    for host in simulation.about["hosts"]:
        held = state["hosts"][host["name"]]
        connector = next(iter(held["connectors"]), {})
        rows.append(
            {
                "host": host["name"],
                "product": host["product"],
                "connector": connector.get("name") or connector.get("id"),
                "users": sum(directory["users"] for directory in held["directories"].values()),
                "secret_ends": secret_end(state["tenant"], host["name"]),
                "works": state["works"][host["name"]],
            }
        )
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """The compact table."""
    lines = [("host", "product", "connector", "users", "secret ends")]
    lines += [
        tuple(str(row[key] or "-") for key in ("host", "product", "connector", "users", "secret_ends")) for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    say()
    for line in lines:
        say("  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip())
    say()


def judge_run(number: int, run: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Raise :exc:`Wrong` when the run itself failed or left a host out."""
    if run["exit_code"] or run["failed"]:
        names = ", ".join(run["failed"]) or "the playbook itself"
        raise Wrong(f"run {number} ended with exit code {run['exit_code']}; failed: {names}")
    missing = {row["host"] for row in rows} - set(run["changed"])
    if missing:
        raise Wrong(f"run {number} left out {', '.join(sorted(missing))}")


def judge_end(rows: list[dict[str, Any]], again: dict[str, Any]) -> None:
    """Raise :exc:`Wrong` with the first thing that is not as it should be after the second run."""
    for row in rows:
        if not row["works"]:
            raise Wrong(f"{row['host']} holds no live secret")
        if not row["users"]:
            raise Wrong(f"{row['host']} has no users")
    changed = sorted(host for host, count in again["changed"].items() if count)
    if changed:
        raise Wrong(f"the second run changed {', '.join(changed)}")
    if again["writes"]:
        raise Wrong(f"the second run wrote: {again['writes'][0]}")


def report(path: Path, rows: list[dict[str, Any]], runs: list[dict[str, Any]]) -> None:
    """Write the figures."""
    document = {
        "hosts": [row["host"] for row in rows],
        "users": {row["host"]: row["users"] for row in rows},
        "fleet": rows,
        "runs": runs,
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def demo(hosts: int, out: Path, bin_folder: Path, artifact: Path | None = None) -> None:
    """Everything; raises :exc:`Wrong`, :exc:`NotStarted` or the report's :exc:`NotFound`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").unlink(missing_ok=True)
    private = Path(tempfile.mkdtemp(prefix="usersync-demo-", dir=tree.plain_temp()))
    try:
        say("installing the artifact" if artifact else "building and installing the collection")
        collections = install(bin_folder, out, private, artifact)
        # Jira 11 and its neighbours: Basic authentication is off in Jira, so tokens are the way
        with running(hosts, private, "--platform", "jira11") as simulation:
            about = simulation.about
            say(f"simulated tenant {about['tenant']['domain']} and {len(about['hosts'])} hosts at {about['graph_url']}")
            env = tree.clean_env(bin_folder, collections, private)
            python = str(bin_folder / "python")
            command = [python, str(bin_folder / "ansible-playbook"), "-i", about["inventory"], PLAYBOOK]
            runs = []
            for number in (1, 2):
                say(f"\nrun {number}: ansible-playbook -i inventory.yml {PLAYBOOK}")
                runs.append(run_playbook(simulation, command, env, private))
                rows = outcome(simulation)
                report(out / "report.json", rows, runs)
                if number == 1:
                    show(rows)
                judge_run(number, runs[-1], rows)
            judge_end(rows, runs[1])
            say(f"\n{len(rows)} hosts work, {sum(row['users'] for row in rows)} users synchronised")
            for number, run in enumerate(runs, 1):
                asked = sum(sum(methods.values()) for methods in run["requests"].values())
                say(f"run {number}: changed={sum(run['changed'].values())}, {asked} requests, {run['seconds']} s")
            say(f"\nnow hosts are spoilt on purpose: ansible-playbook -i inventory.yml {fleet_report.PLAYBOOK}")
            page, spoilt = fleet_report.audit(
                simulation, lambda arguments: play([*command[:-1], *arguments], env, private)[0], private, out
            )
    finally:
        shutil.rmtree(private, ignore_errors=True)
    say(f"\nthe audit found what was spoilt: {', '.join(f'{code} of {host}' for code, host in spoilt.items())}")
    say(f"its page: {page}")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=6)
    parser.add_argument("--out", type=Path, default=tree.BUILD / "demo")
    parser.add_argument("--bin", type=Path, default=Path(sys.executable).parent, help="folder of ansible-playbook")
    parser.add_argument("--artifact", type=Path, help="what to install (default: one is built)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))
    try:
        demo(options.hosts, options.out.absolute(), options.bin.absolute(), options.artifact)
    except (Wrong, NotStarted, fleet_report.NotFound) as wrong:
        say(f"demo failed: {wrong}")
        return 1
    except KeyboardInterrupt:
        return 130
    say(f"figures in {options.out / 'report.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
