# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer that means no good, or is broken: it writes whatever bytes it likes, as fast or as slowly as it likes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from ansible_collections.fleetops.usersync.tests.simulator import certs

Play = Callable[[Any, bytes], None]


class Peer:
    """A server on a port of its own.

    :param plays: (connection, head of the request) -> None; writes the answer
    :param tls: C("server"), None for none, C("client") to ask for a certificate that nobody has, or the file with the
        certificate of the one client that is let in
    :ivar heads: of every request so far
    :ivar connections: how many were made
    :ivar hesitates: seconds before a handshake
    """

    def __init__(self, folder: Path, plays: Play | None = None, tls: str | None = "server") -> None:
        self.plays: Play = plays or (lambda connection, head: None)
        self.heads: list[bytes] = []
        self.connections = 0
        self.hesitates = 0.0
        folder.mkdir(exist_ok=True)
        self._context, self.ca_file = certs.issue((), folder)
        if tls not in (None, "server"):
            self._context.verify_mode = ssl.CERT_REQUIRED
            # a self-made chain of one: the certificate itself is trusted
            self._context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            self._context.load_verify_locations(self.ca_file if tls == "client" else tls)
        self._tls = tls
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def __enter__(self) -> Peer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _address = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        if self.hesitates:
            threading.Event().wait(self.hesitates)
        with contextlib.suppress(OSError, ValueError), contextlib.closing(connection):
            spoken: Any = self._context.wrap_socket(connection, server_side=True) if self._tls else connection
            with contextlib.closing(spoken):
                while head := _request(spoken):
                    self.heads.append(head)
                    self.plays(spoken, head)
                    if not getattr(self.plays, "keeps", False):
                        return


def _request(connection: Any) -> bytes:
    """Head and body of the next request, b"" when there is none."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        if not piece:
            return b""
        read += piece
    head, _end, body = read.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def answer(
    status: int = 200, body: bytes = b"", kind: str = "application/json", headers: str = "", length: int | None = None
) -> bytes:
    """An answer in one piece. :param headers: more lines, each with its line end"""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status} Any\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{headers}\r\n"
    return head.encode("utf-8", "surrogateescape") + body


def says(*pieces: bytes) -> Play:
    """Writes these pieces and closes."""

    def play(connection: Any, head: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return play


def drips(begin: bytes, piece: bytes = b" ", pause: float = 0.05) -> Play:
    """Writes the beginning, and then a little for as long as anybody listens."""

    def play(connection: Any, head: bytes) -> None:
        connection.sendall(begin)
        wait = threading.Event()
        while True:
            connection.sendall(piece)
            wait.wait(pause)

    return play


def pours(begin: bytes, piece: bytes, most: int) -> Play:
    """Writes the beginning, and then as much and as fast as it can."""

    def play(connection: Any, head: bytes) -> None:
        connection.sendall(begin)
        for _nth in range(most // len(piece)):
            connection.sendall(piece)

    return play


@contextlib.contextmanager
def peer(folder: Path, plays: Play, tls: str | None = "server") -> Iterator[Peer]:
    with Peer(folder, plays, tls) as one:
        yield one
