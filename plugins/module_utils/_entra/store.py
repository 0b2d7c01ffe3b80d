# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One login for all tasks of a run, and no token on any disk.

Ansible forks a worker for each task of each host, and has imported the action plugin, so this module, before. The
anonymous memory made here at import is therefore shared by all workers of one run and by nobody else; it goes with the
last of them. Subprocesses do not inherit it (close-on-exec), and a lock ends with the worker that holds it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .tokens import Token

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

# Byte 0 guards the content; a byte of its own for each login lets different logins run side by side
_CONTENT = 0
_LOGINS = 1 << 20
_POLL = 0.05


class TokenStore:
    """Tokens by key, shared by a process and all that it forks.

    :ivar longest_wait: seconds to wait for another worker's login before making an own one
    """

    def __init__(self, longest_wait: float = 90.0) -> None:
        self.longest_wait = longest_wait
        self._fd = self._anonymous_memory()
        self._own: dict[str, Token] = {}
        self._threads = threading.RLock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    @staticmethod
    def _anonymous_memory() -> int | None:
        if fcntl is None or not hasattr(os, "memfd_create"):
            return None
        try:
            return os.memfd_create("usersync-tokens", os.MFD_CLOEXEC)
        except OSError:
            return None

    def _after_fork(self) -> None:
        self._threads = threading.RLock()

    @property
    def shared(self) -> bool:
        """False where the platform has no anonymous memory: each process then logs in for itself."""
        return self._fd is not None

    def get(self, key: str, login: Callable[[], Token], stale: str | None = None, force: bool = False) -> Token:
        """A good token, from the store or by one login that others wait for.

        :param stale: a token that Graph has refused; whatever else is in the store is newer
        :param force: log in whatever is there (permissions were granted meanwhile)
        :raises UsersyncError: whatever login raises; nothing is stored then
        """
        if not force:
            token = self._usable(key, stale)
            if token:
                return token
        with self._alone(key) as alone:
            token = None if force else self._usable(key, stale)
            if token:
                return token
            token = login()
            if alone or not self.shared:
                self._write(key, token)
            return token

    def clear(self) -> None:
        """Forget everything, in all processes."""
        self._own.clear()
        if self._fd is not None:
            with self._locked(_CONTENT):
                os.ftruncate(self._fd, 0)

    def _usable(self, key: str, stale: str | None) -> Token | None:
        token = self._read().get(key)
        return token if token and token.good() and token.value != stale else None

    def _read(self) -> dict[str, Token]:
        if self._fd is None:
            return self._own
        with self._locked(_CONTENT):
            return self._content()

    def _content(self) -> dict[str, Token]:
        raw = os.pread(self._fd, os.fstat(self._fd).st_size, 0)  # type: ignore[arg-type]
        try:
            return {key: Token(*fields) for key, fields in json.loads(raw or b"{}").items()}
        except (ValueError, TypeError, AttributeError):
            # a worker died while it wrote
            return {}

    def _write(self, key: str, token: Token) -> None:
        if self._fd is None:
            self._own[key] = token
            return
        with self._locked(_CONTENT):
            kept = {name: held for name, held in self._content().items() if held.good()}
            kept[key] = token
            raw = json.dumps({name: [t.value, t.expires_at, t.issued_at] for name, t in kept.items()}).encode()
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, raw, 0)

    @contextmanager
    def _locked(self, byte: int) -> Iterator[None]:
        with self._threads:
            fcntl.lockf(self._fd, fcntl.LOCK_EX, 1, byte)  # type: ignore[arg-type]
            try:
                yield
            finally:
                fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, byte)  # type: ignore[arg-type]

    @contextmanager
    def _alone(self, key: str) -> Iterator[bool]:
        """Hold the login of this key; yields False when the others took too long, so that nobody hangs."""
        if self._fd is None:
            with self._threads:
                yield True
            return
        byte = _LOGINS + int(hashlib.sha256(key.encode()).hexdigest()[:7], 16)
        until = time.monotonic() + self.longest_wait
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

    def _try_lock(self, byte: int) -> bool:
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)  # type: ignore[arg-type]
        except (BlockingIOError, PermissionError):
            return False
        return True


STORE = TokenStore()
