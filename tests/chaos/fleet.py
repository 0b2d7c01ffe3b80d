# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated fleet, the playbooks that run on it, and going back to a kept state."""

from __future__ import annotations

import copy
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from simulator import Simulator

from .search import Searched, search
from .verdict import Watch
from .warm import Child, Warm

SETUP = "fleetops.usersync.setup"
ROTATE = "fleetops.usersync.rotate_secrets"
REMOVE = "fleetops.usersync.remove"
FORCE = ("-e", "azure_connector_force=true")
MARK = "USERSYNC_CHAOS"
LONGEST_RUN = 300
RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
WINDOW_OVER = "the time in which the new secret may be sent to the host has passed"
# Every fleet of the tenant calls its hosts by these names
NAMES = ("jira", "wiki", "code", "build")


@dataclass(frozen=True)
class Times:
    """Seconds: for how long a secret may be sent to its host, and how long a host may take for the delivery."""

    window: float = 4
    delivery: float = 1

    def arguments(self) -> list[str]:
        return [
            *("-e", f"azure_connector_secret_delivery_window={self.window:g}"),
            *("-e", f"azure_connector_secret_delivery_timeout={self.delivery:g}"),
        ]


@dataclass
class Played:
    """A finished run: exit code (negative: the signal that killed it), changes per host, whole output."""

    code: int
    changed: dict[str, int]
    output: str

    @property
    def window_over(self) -> bool:
        """Whether some secret was minted too early to be delivered."""
        return WINDOW_OVER in " ".join(self.output.split())


@dataclass(frozen=True)
class Tools:
    """Where things are: the folder of the programs, that of ``ansible_collections``, scratch space."""

    bin: Path
    collections: Path
    scratch: Path
    env: dict[str, str]


class Fleet:
    """One simulator with everything that runs against it. Inventory and certificate stand outside ``place``.

    Whatever a run may leave goes below ``place``, where secrets are searched: its temporary folders and home, the log,
    the fact cache, retry files, its output at ``-vvvv``.
    """

    def __init__(self, tools: Tools, name: str, times: Times | None = None, **options: Any) -> None:
        self.tools = tools
        self.times = times or Times()
        self.private = tools.scratch / name / "private"
        self.place = tools.scratch / name / "place"
        self.private.mkdir(parents=True)
        self.sim = Simulator(state_dir=str(self.private), **options)
        self.watch: Watch
        self.variables: dict[str, Any] = {}
        self.more_env: dict[str, str] = {}
        self._runs = 0
        self._warm: Warm | None = None
        self._kept: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Fleet:
        self.sim.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.await_orphans(0)
        if self._warm is not None:
            self._warm.close()
        self.sim.__exit__(*error)

    # -- states ----------------------------------------------------------------------------------------------------

    def begin(self, make: Callable[[Fleet], None]) -> None:
        """Go to the state that ``make`` makes, once for each fleet; empties ``place`` and watches anew."""
        name = make.__name__
        if name not in self._kept:
            self._new_place()
            self.sim.reset()
            self.variables = {}
            make(self)
            self._until_quiet()
            self._kept[name] = {"world": self.sim.call(self._copy), "variables": self.variables}
        self.sim.call(self._restore, self._kept[name]["world"])
        self.variables = self._kept[name]["variables"]
        self._new_place()
        self.look_anew()

    def look_anew(self) -> None:
        """Judge from here on."""
        self.watch = self.sim.call(Watch, self.sim.world)

    def _copy(self) -> dict[str, Any]:
        world = self.sim.world
        outside = (world, world._session)  # these two stay the same ones in every copy
        kept: dict[str, Any] = copy.deepcopy(world.__dict__, {id(item): item for item in outside})
        return kept

    def _restore(self, kept: dict[str, Any]) -> None:
        world = self.sim.world
        for host in world.hosts.values():
            host.close()
        outside = (world, world._session)
        world.__dict__.update(copy.deepcopy(kept, {id(item): item for item in outside}))

    def _until_quiet(self) -> None:
        """No sync runs any more, and every secret is older than its window, as in a fleet that was left alone."""
        time.sleep(1)
        self.sim.advance(self.times.window + self.times.delivery)

    def _new_place(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self._folders(self.place)

    def _folders(self, place: Path) -> None:
        for folder in ("tmp", "home", "local", "cache", "retry"):
            (place / folder).mkdir(parents=True, exist_ok=True)

    # -- runs ------------------------------------------------------------------------------------------------------

    def names(self, part: int | None = None) -> dict[str, str]:
        """What an inventory calls its hosts: name there -> name in the simulator. ``part``: one of several fleets."""
        known = list(self.sim.world.hosts)
        if part is None:
            return {name: name for name in known}
        size = len(NAMES)
        return dict(zip(NAMES, known[part * size : (part + 1) * size], strict=True))

    def inventory(self, part: int | None = None) -> Path:
        """The inventory with the passwords, out of reach of the search."""
        path = self.private / f"chaos-{part}.yml"
        group = self.sim.inventory()["usersync_hosts"]
        hosts = {name: group["hosts"][real] for name, real in self.names(part).items()}
        content = yaml.safe_dump({"usersync_hosts": {"hosts": hosts, "vars": {**group["vars"], **self.variables}}})
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
        return path

    def environment(self, machine: str = "") -> dict[str, str]:
        """The clean one, with everything switched on that may write something somewhere.

        ``machine``: runs with different ones share no folder, as on different machines.
        """
        place = self.place / machine
        return {
            **self.tools.env,
            MARK: str(self.place),
            "HOME": str(place / "home"),
            "TMPDIR": str(place / "tmp"),
            "ANSIBLE_HOME": str(place / "home" / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.tools.collections),
            "ANSIBLE_LOCAL_TEMP": str(place / "local"),
            "ANSIBLE_LOG_PATH": str(place / "ansible.log"),
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(place / "cache"),
            "ANSIBLE_RETRY_FILES_ENABLED": "1",
            "ANSIBLE_RETRY_FILES_SAVE_PATH": str(place / "retry"),
            **self.more_env,
        }

    def arguments(self, playbook: str, *more: str, part: int | None = None, forks: int = 2) -> list[str]:
        """Those of ansible-playbook as an operator would give them, at its most talkative."""
        quick = ["-e", "azure_connector_sync_poll=0.2", *self.times.arguments(), "--forks", str(forks)]
        return ["-i", str(self.inventory(part)), "-vvvv", "--diff", playbook, *quick, *more]

    def start(
        self,
        playbook: str,
        *arguments: str,
        forks: int = 2,
        collections: Path | None = None,
        part: int | None = None,
        machine: str = "",
    ) -> subprocess.Popen[bytes] | Child:
        """Begin a run in a process group of its own, its output in a file of ``place``.

        Where nothing is particular about its environment, it is forked from a process that has imported everything.
        """
        self._runs += 1
        output = self.place / f"output-{self._runs}.txt"
        command = self.arguments(playbook, *arguments, part=part, forks=forks)
        if not (machine or collections or self.more_env):
            if self._warm is None:
                self._warm = Warm(str(self.tools.bin / "python"), self.environment(), self.private)
            return self._warm.start(command, output)
        if machine:
            self._folders(self.place / machine)
        env = self.environment(machine)
        if collections is not None:
            env["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
        with open(output, "wb") as stream:
            child = subprocess.Popen(
                [str(self.tools.bin / "python"), str(self.tools.bin / "ansible-playbook"), *command],
                cwd=self.place,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child.output = output  # type: ignore[attr-defined]
        return child

    def end(self, child: subprocess.Popen[bytes] | Child) -> Played:
        """Wait for it; a run that hangs is killed and counts as one that failed."""
        try:
            child.wait(LONGEST_RUN)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        output = child.output.read_text(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        if child.returncode is None:
            raise AssertionError("unreachable")
        changed = {host: int(count) for host, count, _unreachable, _failed in RECAP.findall(output)}
        return Played(child.returncode, changed, output)

    def play(self, playbook: str, *arguments: str, **how: Any) -> Played:
        """One run from start to end; ``how`` as :meth:`start` takes it."""
        return self.end(self.start(playbook, *arguments, **how))

    def await_orphans(self, seconds: float = 30) -> int:
        """Wait until nothing runs any more that a run of this fleet has started; returns how many had to be killed."""
        until = time.monotonic() + seconds
        mark = f"{MARK}={self.place}\0".encode()
        ours = {self._warm.pid} if self._warm else set[int]()
        while (left := _marked(mark) - ours) and time.monotonic() < until:
            time.sleep(0.1)
        for number in left:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        return len(left)

    def used(self, fault: int) -> bool:
        """Whether that fault has hit."""
        planned = self.sim.world.faults.planned
        return self.sim.call(lambda: any(one.id == fault and one.used for one in planned))  # type: ignore[no-any-return]

    def not_working(self) -> list[str]:
        """Hosts without a live secret."""
        world = self.sim.world
        return self.sim.call(lambda: [name for name in world.hosts if not world.host_works(name)])  # type: ignore[no-any-return]

    # -- leaks -----------------------------------------------------------------------------------------------------

    def secrets(self) -> dict[str, str]:
        """Every secret, password and token of this simulator: value -> kind."""
        listed = self.sim.call(self.sim.world.secrets.as_list)
        return {item["value"]: item["kind"] for item in listed}

    def leaks(self, *more: Path) -> Searched:
        """What stands where it must not, below ``place`` and in further places."""
        return search([self.place, *more], self.secrets())


def _marked(mark: bytes) -> set[int]:
    """Processes, zombies aside, whose environment holds the mark."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in path.read_bytes():
                found.add(int(path.parent.name))
    return found
