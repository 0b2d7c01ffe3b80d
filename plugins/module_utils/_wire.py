# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One request and its answer, within a time and a size, whatever the other side does.

The time goes over the whole: connection, request, head and body, so that nobody keeps a task by a byte now and then.
The size counts after unpacking, and nothing is unpacked beyond it.
"""

from __future__ import annotations

import http.client
import io
import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from . import _errors as errors
from . import _libraries

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError as exc:  # told by _front before any of this is used
    requests = None  # type: ignore[assignment]
    HTTPAdapter = HTTPConnection = HTTPSConnection = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]
    _libraries.MISSING["requests"] = exc

_PIECE = 1 << 16
MIB = 1 << 20


@dataclass(frozen=True)
class Bounds:
    """What one request may take.

    :ivar timeout: seconds for a connection, and for each pause within an answer
    :ivar deadline: seconds for the whole of it
    :ivar size: of the answer, unpacked, in bytes
    """

    timeout: float = 30.0
    deadline: float = 300.0
    size: int = 8 * MIB


class Overdue(Exception):
    """The deadline has passed."""


class TooLate(Exception):
    """The moment after which nothing may be sent any more has come before anything was sent."""


class TooLarge(Exception):
    """The answer exceeds its size."""


class Broken(Exception):
    """The body is not what its head says; C(args) tell how."""


class _Clock(threading.local):
    """The bounds of the request that this thread is making."""

    end = float("inf")
    last_start = float("inf")
    timeout: float | None = None

    def patience(self) -> float | None:
        """How long the next read or write may take; :raises Overdue: no longer at all"""
        if self.timeout is None:
            return None
        left = self.end - time.monotonic()
        if left <= 0:
            raise Overdue
        return min(left, self.timeout)


_CLOCK = _Clock()


@contextmanager
def bounded(bounds: Bounds, last_start: float = float("inf")) -> Iterator[None]:
    """While the block runs, connections of this thread keep these bounds.

    :param last_start: of C(time.monotonic); no request leaves after it
    """
    _CLOCK.end, _CLOCK.timeout, _CLOCK.last_start = time.monotonic() + bounds.deadline, bounds.timeout, last_start
    try:
        yield
    finally:
        _CLOCK.end, _CLOCK.timeout, _CLOCK.last_start = float("inf"), None, float("inf")


class _Timed(io.RawIOBase):
    """Reads of a connection, none of which lasts beyond the deadline."""

    def __init__(self, raw: Any, sock: Any) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        patience = _CLOCK.patience()
        if patience is not None:
            self._sock.settimeout(patience)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: Any, *others: Any, **more: Any) -> None:
        super().__init__(sock, *others, **more)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock))  # type: ignore[attr-defined]


def _addresses(host: str, port: int) -> int:
    """How many addresses a name has, at least one; what is wrong with the name is told by who connects."""
    try:
        return max(len(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)), 1)
    except (OSError, UnicodeError):
        return 1


class _Sending:
    """Of a connection: the request leaves in pieces, none of which lasts beyond the deadline."""

    response_class = _TimedResponse
    sock: Any
    timeout: Any

    def _new_conn(self) -> Any:
        """All addresses of a name share the time of one connection; the library gives it to each of them anew."""
        patience = _CLOCK.patience()
        if patience is None:
            return super()._new_conn()  # type: ignore[misc]
        self.timeout = patience / _addresses(self._dns_host, self.port)  # type: ignore[attr-defined]
        sock = super()._new_conn()  # type: ignore[misc]
        sock.settimeout(_CLOCK.patience())
        return sock

    def send(self, data: Any) -> None:
        if time.monotonic() > _CLOCK.last_start:
            raise TooLate
        if self.sock is None or not isinstance(data, (bytes, bytearray, memoryview)):
            super().send(data)  # type: ignore[misc]
            return
        for begin in range(0, max(len(data), 1), _PIECE):
            patience = _CLOCK.patience()
            if patience is not None:
                self.sock.settimeout(patience)
            super().send(data[begin : begin + _PIECE])  # type: ignore[misc]


class _Connection(_Sending, HTTPConnection):  # type: ignore[misc]
    pass


class _SecureConnection(_Sending, HTTPSConnection):  # type: ignore[misc]
    pass


class _Pool(HTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


class Adapter(HTTPAdapter):  # type: ignore[misc]
    """Of requests, with connections that know the deadline, through proxies too."""

    def init_poolmanager(self, *args: Any, **how: Any) -> None:
        super().init_poolmanager(*args, **how)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **how)
        manager.pool_classes_by_scheme = _POOLS
        return manager


# An empty class where the library is missing, which _front tells
_Requests: Any = getattr(requests, "Session", object)


class Session(_Requests):  # type: ignore[misc]
    """A requests.Session whose answers are read within bounds, and which follows no redirect anywhere."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter())
        self._known_proxies: dict[str, dict[str, str]] = {}

    def environment_proxies(self, url: str) -> dict[str, str]:
        """What the environment says of proxies for this place, read once: it costs more than all else of a request."""
        if not self.trust_env:
            return {}
        place = "//".join(urlsplit(url)[:2])
        if place not in self._known_proxies:
            self._known_proxies[place] = requests.utils.get_environ_proxies(url)
        return self._known_proxies[place]

    def merge_environment_settings(self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """As requests does it, with the proxies as they were read."""
        if not self.trust_env:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        if verify in (True, None):
            verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or verify
        merged = {**self.environment_proxies(url), **(proxies or {})}
        self.trust_env = False
        try:
            return super().merge_environment_settings(url, merged, stream, verify, cert)
        finally:
            self.trust_env = True

    def get_redirect_target(self, resp: Any) -> None:
        """None, so that requests does not read the body of a redirect, without any bound, to prepare the next."""
        return


def read(response: Any, limit: int) -> bytes:
    """The body, unpacked; it is also what the response shows from then on.

    :raises TooLarge, Broken: and whatever the library raises while it reads
    """
    unpacker = _Unpacker(response.headers.get("Content-Encoding", "").strip().lower())
    announced = response.headers.get("Content-Length", "")
    body = bytearray()
    taken = 0
    while piece := response.raw.read(_PIECE, decode_content=False):
        taken += len(piece)
        body += unpacker.unpack(piece, limit + 1 - len(body))
        if len(body) > limit or taken > limit:
            raise TooLarge
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    if announced.isdecimal() and not chunked and taken < int(announced[:18]) and response.request.method != "HEAD":
        raise Broken(f"it has {taken} of {announced[:18]} bytes")
    if not unpacker.complete:
        raise Broken("it ends before all of it is unpacked")
    content = bytes(body)
    response._content, response._content_consumed, response.encoding = content, True, "utf-8"
    return content


class _Unpacker:
    """Unpacks a body piece by piece, never more than there is room for."""

    def __init__(self, packed: str) -> None:
        if packed not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Broken("it is packed in a way that was not asked for")
        self._machine: Any = None if packed in ("", "identity") else zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._headless = packed == "deflate"
        self._begun = False

    @property
    def complete(self) -> bool:
        return self._machine is None or not self._begun or bool(self._machine.eof)

    def unpack(self, piece: bytes, room: int) -> bytes:
        if self._machine is None:
            return piece
        try:
            return bytes(self._machine.decompress(piece, room))
        except zlib.error:
            if self._begun or not self._headless:
                raise Broken("it cannot be unpacked") from None
        finally:
            self._begun = True
        # some servers call deflate what has no head
        self._machine = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            return bytes(self._machine.decompress(piece, room))
        except zlib.error:
            raise Broken("it cannot be unpacked") from None


def address(url: str) -> Any:
    """The address as the library parses it that connects; C(port) is None for the scheme's own.

    :raises FormatError: two parsers may read it differently, or it holds a login, which no service sends
    """
    try:
        read_by_library = urllib3.util.parse_url(url)
        prepared = urllib3.util.parse_url(requests.Request("GET", url).prepare().url)
    except (ValueError, urllib3.exceptions.HTTPError, requests.exceptions.RequestException):
        raise _unreadable() from None
    if "\\" in url or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        raise _unreadable()
    if read_by_library.auth or prepared.auth or read_by_library.host is None or prepared.host != read_by_library.host:
        raise _unreadable()
    return prepared


def origin(url: str) -> str:
    """Scheme, host and port of an address; a scheme's own port is none. :raises FormatError: see :func:`address`"""
    parts = address(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in (None, usual) else ""
    return f"{parts.scheme}://{parts.host}{port}".lower()


def _unreadable() -> errors.FormatError:
    return errors.FormatError(
        "a service pointed to an address of another origin, or to one whose host is read in more than one way; nothing "
        "was sent there"
    )
