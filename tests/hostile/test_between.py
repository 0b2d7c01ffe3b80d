# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies that refuse, logins that hosts share, and the moment after which nothing may be sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _errors as errors
from ansible_collections.fleetops.usersync.plugins.module_utils import _http, _logins
from ansible_collections.fleetops.usersync.plugins.modules import (
    azuread_app_info,
    usersync_connector_info,
    usersync_sync,
)
from ansible_collections.fleetops.usersync.tests.hostile.conftest import PASSWORD, check, options
from ansible_collections.fleetops.usersync.tests.hostile.peer import Peer, answer, says
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module

REFUSES = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    _logins.forget()
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def through(address: str) -> None:
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.setenv("HTTP_PROXY", address)

    return through


@pytest.mark.parametrize("tls", ["server", None])
def test_a_refused_proxy_login_is_sent_once_in_a_run(tmp_path: Path, proxied: Callable[[str], None], tls: Any) -> None:
    with Peer(tmp_path, says(REFUSES), tls=None) as proxy, Peer(tmp_path / "host", says(), tls=tls) as host:
        proxied(f"http://operator:proxy-pass-0001@localhost:{proxy.port}")
        for _nth in range(3):
            result = run_module(usersync_connector_info.main, options("host", host))
            check(result)
            assert result["failure"]["code"] == "proxy_login" and "proxy-pass-0001" not in str(result)
            assert f"the proxy localhost:{proxy.port} does not accept the login" in result["msg"]
        if tls:
            result = run_module(azuread_app_info.main, options("graph", host))
            assert result["failed"] and "does not accept the login" in result["msg"]
        assert len(proxy.heads) == 1 and host.connections == 0


@pytest.mark.parametrize(("status", "code"), [(403, "proxy"), (404, "proxy"), (502, "connect")])
def test_what_a_proxy_says_is_told_as_the_proxys(
    tmp_path: Path, proxied: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with Peer(tmp_path, says(answer(status, b"<html>no</html>", "text/html")), tls=None) as proxy:
        proxied(f"http://localhost:{proxy.port}")
        with Peer(tmp_path / "host", says()) as host:
            for client, main in (("host", usersync_connector_info.main), ("graph", azuread_app_info.main)):
                result = run_module(main, options(client, host))
                assert result["failure"]["code"] == code, result
                assert f"the proxy localhost:{proxy.port} answers {status}" in result["msg"]


@pytest.mark.parametrize("sign", ["#", "/", "?", "@", "\\", "%", " ", ":"])
def test_no_password_of_a_proxy_gets_out(tmp_path: Path, proxied: Callable[[str], None], sign: str) -> None:
    secret = f"first-part{sign}second-part"
    proxied(f"http://operator:{secret}@127.0.0.1:9")
    with Peer(tmp_path, says()) as host:
        for client, main in (("host", usersync_connector_info.main), ("graph", azuread_app_info.main)):
            result = run_module(main, options(client, host, request_deadline=1))
            assert result["failed"]
            assert "first-part" not in str(result) and "second-part" not in str(result)


def test_a_refused_login_is_not_tried_at_other_hosts(tmp_path: Path) -> None:
    _logins.forget()
    refuses = says(answer(401, b"{}", headers="X-Seraph-LoginReason: AUTHENTICATED_FAILED\r\n"))
    with Peer(tmp_path, refuses) as first, Peer(tmp_path / "second", says(answer(200, b"[]"))) as second:
        result = run_module(usersync_connector_info.main, options("host", first))
        assert result["failure"]["code"] == "wrong_password" and len(first.heads) == 1
        held = run_module(usersync_connector_info.main, options("host", second))
        assert held["failure"]["code"] == "login_held_back" and second.connections == 0
        assert held["failure"]["refused_by"] == first.url and first.url in held["msg"] and PASSWORD not in str(held)
        again = run_module(usersync_connector_info.main, options("host", first))
        assert again["failure"]["code"] == "wrong_password" and len(first.heads) == 1
        other = run_module(usersync_connector_info.main, options("host", second, password="another-password"))
        assert not other.get("failed")


@pytest.mark.parametrize("user", [".", "..", "%2e%2e", "%2E."])
def test_a_user_name_is_no_path(tmp_path: Path, user: str) -> None:
    _logins.forget()
    one = b'{"uniqueId": "1", "configuration": {"name": "A", "type": "AZURE"}}'
    with Peer(tmp_path, says(answer(200, one))) as host:
        result = run_module(usersync_sync.main, options("host", host, connector_id="1", user=user))
        assert not [head for head in host.heads if head.startswith(b"POST") and b"syncsingle" not in head.split()[1]]
        if user in (".", ".."):
            assert result["failed"] and result["msg"].startswith("user: "), result["msg"]


def client(peer: Peer, slept: list[float], now: Callable[[], float]) -> _http.Http:
    bounds = _http.Bounds(2, 5)
    return _http.Http(peer.url, verify=str(peer.ca_file), bounds=bounds, sleep=slept.append, monotonic=now)


@pytest.mark.parametrize("wait", ["30", "date", None])
def test_no_pause_crosses_the_moment_after_which_nothing_may_be_sent(tmp_path: Path, wait: str | None) -> None:
    then = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=30), usegmt=True)
    header = f"Retry-After: {then if wait == 'date' else wait}\r\n" if wait else ""
    slept: list[float] = []
    with Peer(tmp_path, says(answer(429, b"{}", headers=header))) as peer:
        with client(peer, slept, lambda: 100.0) as http:
            end = 100.2 if wait is None else 125.0
            with pytest.raises(errors.ThrottledError):
                http.request("PUT", "x", json={}, not_after=end)
        assert slept == [] and len(peer.heads) == 1
        with client(peer, slept, lambda: 100.0) as http, pytest.raises(errors.ThrottledError):
            http.request("PUT", "x", json={}, not_after=1000.0)
        assert len(slept) == 5 and (wait is None or all(20 < pause < 40 for pause in slept))


def test_nothing_is_sent_after_that_moment(tmp_path: Path) -> None:
    slept: list[float] = []
    with Peer(tmp_path, says(answer(200, b"{}"))) as peer, client(peer, slept, time.monotonic) as http:
        with pytest.raises(errors.TransportError) as told:
            http.request("PUT", "x", json={}, not_after=time.monotonic() - 0.01)
        assert told.value.code == "too_late" and not peer.heads


def test_a_slow_handshake_does_not_carry_a_write_over_that_moment(tmp_path: Path) -> None:
    slept: list[float] = []
    with Peer(tmp_path, says(answer(200, b"{}"))) as peer:
        peer.hesitates = 0.5
        with client(peer, slept, time.monotonic) as http, pytest.raises(errors.TransportError) as told:
            http.request("PUT", "x", json={}, not_after=time.monotonic() + 0.2)
        assert told.value.code == "too_late" and not peer.heads


def test_a_lost_answer_is_not_asked_for_again_after_the_deadline(tmp_path: Path) -> None:
    clock = [0.0]
    slept: list[float] = []

    def play(connection: Any, head: bytes) -> None:
        clock[0] += 3

    with Peer(tmp_path, play) as peer, client(peer, slept, lambda: clock[0]) as http:
        with pytest.raises(errors.LostAnswerError):
            http.request("GET", "x")
        assert len(peer.heads) == 2


@pytest.mark.parametrize(
    ("body", "sane"),
    [
        (b"[" * 100 + b"]" * 100, True),
        (b"[" * 101 + b"]" * 101, False),
        (b'{"a":' * 101 + b"1" + b"}" * 101, False),
        (b"[[],[]," + b"[" * 101 + b"]" * 101 + b"]", False),
        (b"[" + b"1," * 499_000 + b"1]", True),
        (b"[" + b"1," * 500_000 + b"1]", False),
        (b"[1e400]", False),
        (b"[-Infinity]", False),
        (b"1", True),
    ],
    ids=lambda value: str(value)[:12],
)
def test_json_is_sane_or_none(body: bytes, sane: bool) -> None:
    if sane:
        _http.parsed(body)
    else:
        with pytest.raises(ValueError):
            _http.parsed(body)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://graph.microsoft.com:443/v1.0/x", True),
        ("HTTPS://Graph.Microsoft.COM/v1.0/x", True),
        ("https://graph.microsoft.com:8443/v1.0/x", False),
        ("http://graph.microsoft.com/v1.0/x", False),
        ("https://graph.microsoft.com.evil.example/v1.0/x", False),
    ],
)
def test_default_ports_equal_none(url: str, same: bool) -> None:
    for base in ("https://graph.microsoft.com", "https://graph.microsoft.com:443"):
        with _http.Http(base) as http:
            if same:
                assert http.url(url) == url
            else:
                with pytest.raises(errors.FormatError):
                    http.url(url)
