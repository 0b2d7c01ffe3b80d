# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What all workers of one run know together, and nobody else; nothing of it is on a disk.

Ansible forks a worker for each task of each host, and has imported the action plugin, so this module, before. The
anonymous memory made at import is therefore shared by all workers of one run; it goes with the last of them.
Subprocesses do not inherit it (close-on-exec), and the kernel ends a lock with the worker that holds it. Where a
platform has no anonymous memory, each process knows for itself.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

# Byte 0 guards the content; a byte of its own for each name lets different names run side by side
_CONTENT = 0
_NAMES = 1 << 20
_POLL = 0.05
_LONGEST_WAIT = 90.0
_FACTS = "facts"


class SharedMemory:
    """A small JSON object, and locks by name. :param label: shown by the operating system"""

    def __init__(self, label: str) -> None:
        self._fd = _anonymous(label)
        self._own: dict[str, Any] = {}
        self._threads = threading.RLock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def _after_fork(self) -> None:
        self._threads = threading.RLock()

    @property
    def shared(self) -> bool:
        """False where each process knows for itself."""
        return self._fd is not None

    @contextmanager
    def content(self) -> Iterator[dict[str, Any]]:
        """The object, locked; what the block changes is kept."""
        with self._locked(_CONTENT):
            known = self._read()
            yield known
            self._write(known)

    def peek(self) -> dict[str, Any]:
        """The object as it is."""
        with self._locked(_CONTENT):
            return self._read()

    @contextmanager
    def alone(self, name: str, longest_wait: float) -> Iterator[bool]:
        """Hold the lock of this name.

        :param longest_wait: seconds; then the block runs all the same, told by False, so that nobody hangs
        """
        if self._fd is None:
            with self._threads:
                yield True
            return
        byte = _NAMES + int(hashlib.sha256(name.encode()).hexdigest()[:7], 16)
        until = time.monotonic() + longest_wait
        with self._threads:
            while not self._try_lock(byte):
                if time.monotonic() >= until:
                    yield False
                    return
                time.sleep(_POLL)
            try:
                yield True
            finally:
                fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, byte)

    def once(self, name: str, find_out: Callable[[], Any], longest_age: float = math.inf) -> Any:
        """A fact that is the same for all workers, found out by the first that asks while the others wait for it.

        :param find_out: returns a JSON value
        :param longest_age: seconds; an older fact is found out again
        """
        known = self._fact(name, longest_age)
        if known is None:
            with self.alone(name, _LONGEST_WAIT):
                known = self._fact(name, longest_age)
                if known is None:
                    known = [time.time(), find_out()]
                    with self.content() as content:
                        content.setdefault(_FACTS, {})[name] = known
        return known[1]

    def _fact(self, name: str, longest_age: float) -> list[Any] | None:
        entry = (self.peek().get(_FACTS) or {}).get(name)
        return entry if entry and 0 <= time.time() - entry[0] < longest_age else None

    def _read(self) -> dict[str, Any]:
        if self._fd is None:
            return self._own
        raw = os.pread(self._fd, os.fstat(self._fd).st_size, 0)
        try:
            known = json.loads(raw or b"{}")
        except ValueError:
            # a worker died while it wrote
            return {}
        return known if isinstance(known, dict) else {}

    def _write(self, known: dict[str, Any]) -> None:
        if self._fd is None:
            self._own = known
            return
        raw = json.dumps(known).encode()
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, raw, 0)

    @contextmanager
    def _locked(self, byte: int) -> Iterator[None]:
        with self._threads:
            if self._fd is not None:
                fcntl.lockf(self._fd, fcntl.LOCK_EX, 1, byte)
            try:
                yield
            finally:
                if self._fd is not None:
                    fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, byte)

    def _try_lock(self, byte: int) -> bool:
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)  # type: ignore[arg-type]
        except (BlockingIOError, PermissionError):
            return False
        return True


def _anonymous(label: str) -> int | None:
    if fcntl is None or not hasattr(os, "memfd_create"):
        return None
    try:
        return os.memfd_create(label, os.MFD_CLOEXEC)
    except OSError:
        return None
