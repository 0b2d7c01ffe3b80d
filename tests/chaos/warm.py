# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of ansible-playbook that need not import everything anew: a process that has done so forks one for each.

Most of what a short run computes is its imports. A forked run has its own session, process group, temporary folder and
output like one that was started by hand, and dies alone.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any

# What a run imports only after its command line was read
LATE = (
    "ansible.plugins.strategy.linear",
    "ansible.plugins.callback.default",
    "ansible.plugins.cache.jsonfile",
    "ansible.plugins.connection.local",
    "ansible_collections.fleetops.usersync.plugins.action.azure_connector_fleet",
    "ansible_collections.fleetops.usersync.plugins.action.azuread_app",
    "ansible_collections.fleetops.usersync.plugins.action.azuread_app_permission",
    "ansible_collections.fleetops.usersync.plugins.action.azuread_app_secret",
    "ansible_collections.fleetops.usersync.plugins.action.usersync_connection",
    "ansible_collections.fleetops.usersync.plugins.action.usersync_connection_confirm",
)
LONGEST_START = 120


class Child:
    """A forked run, with what the harness needs of ``subprocess.Popen``."""

    def __init__(self, pid: int, output: Path) -> None:
        self.pid = pid
        self.output = output
        self.returncode: int | None = None
        self._ended = threading.Event()

    def finish(self, code: int) -> None:
        self.returncode = code
        self._ended.set()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("ansible-playbook", timeout or 0)
        return self.returncode


class Warm:
    """The process that forks, and a thread that hears from it."""

    def __init__(self, python: str, env: dict[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            [python, str(Path(__file__).resolve())],
            env=env,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._begun: dict[int, Child] = {}
        self._forked = threading.Event()
        self._child: Child | None = None
        self._output = folder
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self, arguments: list[str], output: Path) -> Child:
        """Fork a run with this command line. Called by one thread at a time, as a fleet is."""
        self._forked.clear()
        self._output = output
        if self._process.stdin is None:
            raise AssertionError("unreachable")
        told = json.dumps({"arguments": arguments, "output": str(output), "folder": str(output.parent)})
        self._process.stdin.write(told.encode() + b"\n")
        self._process.stdin.flush()
        if not self._forked.wait(LONGEST_START) or self._child is None:
            raise RuntimeError("the process that forks the runs has died")
        return self._child

    def _hear(self) -> None:
        for line in self._process.stdout or ():
            told = json.loads(line)
            if "code" in told:
                self._begun.pop(told["pid"]).finish(told["code"])
            else:
                self._child = self._begun[told["pid"]] = Child(told["pid"], self._output)
                self._forked.set()
        self._child = None
        for child in self._begun.values():
            child.finish(-signal.SIGKILL)
        self._forked.set()

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _imports() -> None:
    """All that a run imports, as far as none of it looks at a command line."""
    importlib.import_module("ansible.cli.playbook")
    importlib.import_module("ansible.executor.playbook_executor")
    importlib.import_module("ansible.plugins.loader").init_plugin_loader()
    warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")
    for name in LATE:
        importlib.import_module(name)


def _forget() -> None:
    """What all workers of one run know together is no other run's."""
    shared = importlib.import_module("ansible_collections.fleetops.usersync.plugins.module_utils._shared").SharedMemory
    for one in gc.get_objects():
        if issubclass(type(one), shared):
            one.__init__("of-one-run")


def _become_a_run(told: dict[str, Any], answers: int) -> None:
    """In the forked process: everything of its own that a process of its own would have; never returns."""
    os.setsid()
    os.write(answers, json.dumps({"pid": os.getpid()}).encode() + b"\n")
    os.close(answers)
    os.chdir(told["folder"])
    output = os.open(told["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(here, there)
    for handler in logging.root.handlers:
        handler.close()  # it opens its file, which was another one in the meantime, again
    _forget()
    constants: Any = importlib.import_module("ansible.constants")
    base = os.environ["ANSIBLE_LOCAL_TEMP"]
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=base)
    atexit.register(shutil.rmtree, constants.DEFAULT_LOCAL_TMP, ignore_errors=True)
    code = 250
    try:
        sys.argv = ["ansible-playbook", *told["arguments"]]
        importlib.import_module("ansible.cli.playbook").main(sys.argv)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def serve() -> None:
    """Read command lines, fork, and tell how the runs ended, until nobody asks any more."""
    answers = os.dup(1)
    _imports()
    asked, running = b"", set[int]()
    while True:
        if select.select([0], [], [], 0.05)[0]:
            read = os.read(0, 65536)
            if not read:
                return
            asked += read
        *lines, asked = asked.split(b"\n")
        for line in lines:
            pid = os.fork()
            if pid == 0:
                _become_a_run(json.loads(line), answers)
            running.add(pid)
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                running.discard(pid)
                code = os.waitstatus_to_exitcode(status)
                os.write(answers, json.dumps({"pid": pid, "code": code}).encode() + b"\n")


if __name__ == "__main__":
    serve()
