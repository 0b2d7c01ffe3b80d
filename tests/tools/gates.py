# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the gates of ``make test`` and say in one table what ran and what it took.

``gates.py [name ...]`` runs the gates or groups named, or all but those on demand. They run in two lanes side by side:
those of ansible-test and the tools around it, which share a home folder, and those that play the collection. The table
marks a gate that took longer than its budget, since all of them together have one. The whole output of a gate is in
``build/test/<gate>.log``. A gate that ran nothing has failed, and so has one whose tool is missing. The last line is
``N passed, N failed``.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import ansibletest
import gatelist
import release
import tree
from outcome import GateFailed, NotHere, Outcome, pytest_counts

LOGS = tree.BUILD / "test"
PROGRAMS = tree.BUILD / "venv" / "bin"
TAIL = 40
REASONS = 12
WIDE = 80


def own_home() -> Path:
    """The home folder of all tools."""
    return tree.scratch() / "home"


@dataclass
class Session:
    """What the gates share: the environment's programs, one copy of the tracked files; and the log of one gate."""

    stack: contextlib.ExitStack
    tree: Path
    bin: Path = PROGRAMS
    log: Path = LOGS / "none.log"
    home: Path = field(default_factory=own_home)

    @property
    def collections(self) -> Path:
        """The folder that holds ``ansible_collections`` of the copy."""
        return self.tree.parents[2]

    def fresh_tree(self) -> Path:
        """A copy of its own, for tools that leave things behind."""
        return self.stack.enter_context(tree.collection_tree())

    def temp(self) -> Path:
        """An empty folder, removed at the end."""
        folder = Path(tempfile.mkdtemp(prefix="usersync-gate-", dir=tree.plain_temp()))
        self.stack.callback(shutil.rmtree, folder, True)
        return folder

    def env(self, **more: str) -> dict[str, str]:
        """The clean environment, with the collection's copy where Ansible finds it."""
        return {**tree.clean_env(self.bin, self.collections, self.home), **more}

    def run(
        self, command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None, check: bool = True
    ) -> str:
        """Run one command, keep its output in the gate's log and return it.

        Raises :exc:`GateFailed` when it ends with another code than 0 (unless told not to check) or does not exist.
        """
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"$ {shlex.join(command)}\n")
        try:
            done = subprocess.run(
                command,
                cwd=cwd or tree.ROOT,
                env=env or self.env(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
            )
        except FileNotFoundError as error:
            raise GateFailed(f"{error.filename} is missing") from error
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"{done.stdout}\n[exit code {done.returncode}]\n")
        if check and done.returncode:
            raise GateFailed(f"{spoken(command)} ended with exit code {done.returncode}", done.stdout)
        return done.stdout

    def ansible_test(self, arguments: list[str], where: Path, bin_folder: Path | None = None) -> str:
        """Run ansible-test in its own small environments. Returns the output."""
        bin_folder = bin_folder or self.bin
        python = bin_folder / "python"
        ansibletest.prepare(python, self.home)
        version = ansibletest.python_version(python)
        command = [str(python), str(bin_folder / "ansible-test"), arguments[0], "--venv", "--python", version]
        with tree.pip_settings(self.home):
            return self.run([*command, *arguments[1:]], where, tree.clean_env(bin_folder, home=self.home))


def spoken(command: list[str]) -> str:
    """The program's name as a person would say it, without the Python before it."""
    words = command[1:] if os.path.basename(command[0]) == "python" else command
    return os.path.basename(words[1] if words[0] == "-m" else words[0])


def run_gate(session: Session, gate: gatelist.Gate) -> tuple[str, Outcome, float]:
    """Run one gate; returns result word, outcome and seconds."""
    session = replace(session, log=LOGS / f"{gate.name}.log")
    session.log.write_text("", encoding="utf-8")
    print(f"{gate.name}: {gate.command}", flush=True)
    started = time.monotonic()
    try:
        outcome = gate.run(session)
        if outcome.passed + outcome.failed == 0:
            raise GateFailed("it ran nothing")
        result = "failed" if outcome.failed else "passed"
    except NotHere as reason:
        result, outcome = "not run", Outcome(0, 0, str(reason))
    except GateFailed as failure:
        passed, failed = pytest_counts(failure.output)
        result, outcome = "failed", Outcome(passed, max(failed, 1), str(failure))
    except Exception:  # a defect of the gate itself is a failed gate, not the end of the run
        with open(session.log, "a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
        result, outcome = "failed", Outcome(0, 1, "the gate itself broke")
    seconds = time.monotonic() - started
    lines = [f"{gate.name} {result}: {outcome.what}, {seconds:.1f} s"]
    if result == "failed":
        lines[:0] = [f"    | {line}" for line in session.log.read_text(encoding="utf-8").splitlines()[-TAIL:]]
    print("\n".join(lines), flush=True)
    return result, outcome, seconds


def run_lanes(session: Session, gates: list[gatelist.Gate]) -> dict[str, tuple[str, Outcome, float]]:
    """Run the gates of each lane one after the other, the lanes side by side; returns what came of each."""
    ended: dict[str, tuple[str, Outcome, float]] = {}

    def run(lane: str) -> None:
        for gate in gates:
            if gate.lane == lane:
                ended[gate.name] = run_gate(session, gate)
                print(f"[{len(ended)} of {len(gates)} gates have ended]", flush=True)

    with ThreadPoolExecutor() as pool:
        for lane in [pool.submit(run, lane) for lane in dict.fromkeys(gate.lane for gate in gates)]:
            lane.result()
    return ended


def told(name: str) -> list[str]:
    """The lines of a failed gate's log that say why: the tests that failed and the assertions, else its end."""
    lines = (LOGS / f"{name}.log").read_text(encoding="utf-8").splitlines()
    said = [line for line in lines if line.startswith(("FAILED ", "ERROR ", "E  "))] or lines
    return [f"{name}: {line[:240]}" for line in said[-REASONS:]]


def spent(seconds: float, budget: int) -> str:
    """The budget of a gate, and by how much it was exceeded."""
    return f"{budget}" if seconds <= budget else f"{budget}, {seconds - budget:.0f} over"


def table(rows: list[tuple[str, str, str, str, str]]) -> str:
    """Plain text columns."""
    rows = [("gate", "result", "what ran", "seconds", "budget"), *rows]
    rows = [
        (name, result, what if len(what) <= WIDE else what[: WIDE - 3] + "...", took, budget)
        for name, result, what, took, budget in rows
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([*(row[i].ljust(widths[i]) for i in range(3)), row[3].rjust(7), row[4]]) for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def chosen(gate: gatelist.Gate, names: list[str]) -> bool:
    """Whether a gate was asked for, by its own name or its group's; without names all but those on demand."""
    return any(name in names for name in (gate.name, *gate.groups)) if names else not gate.on_demand


def main() -> int:
    """Command line: names of gates or groups, none for all."""
    names = sys.argv[1:]
    unknown = set(names) - {name for gate in gatelist.GATES for name in (gate.name, *gate.groups)}
    if unknown:
        sys.exit(f"usersync: there is no gate {', '.join(sorted(unknown))}")
    gates = [gate for gate in gatelist.GATES if chosen(gate, names)]
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        ended = run_lanes(Session(stack, stack.enter_context(tree.collection_tree())), gates)
    rows, passed, failed = [], 0, 0
    over = [gate.name for gate in gates if ended[gate.name][2] > gatelist.budget(gate)]
    for gate in gates:
        result, outcome, seconds = ended[gate.name]
        rows.append((gate.name, result, outcome.what, f"{seconds:.1f}", spent(seconds, gatelist.budget(gate))))
        passed, failed = passed + outcome.passed, failed + outcome.failed
    reasons = [line for name, (result, _what, _took) in ended.items() if result == "failed" for line in told(name)]
    (LOGS / "failed.txt").write_text("".join(f"{line}\n" for line in reasons), encoding="utf-8")
    print("\n".join(["", table(rows), "", *reasons]))
    print(f"{time.monotonic() - started:.0f} s in all; logs in build/test\n")
    if over:
        print(f"over budget: {', '.join(over)}\n")
    if names == [*gatelist.RELEASE]:
        release.stamp([result for result, _what, _took in ended.values()])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
