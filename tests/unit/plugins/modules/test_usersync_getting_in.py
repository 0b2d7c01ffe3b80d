# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to a host: proxy and authorities of the environment, context paths, headers of the user's own."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _front
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connector import DEFINITION

PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


class Proxy(threading.Thread):
    """A CONNECT proxy on the loopback. ``answer``: what it says to a CONNECT; other than 200 it ends there."""

    def __init__(self, answer: str = "200 Connection established") -> None:
        super().__init__(daemon=True)
        self.answer = answer
        self.asked: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        method, target = head.decode().split()[:2]
        self.asked.append(f"{method} {target}")
        client.sendall(f"HTTP/1.1 {self.answer}\r\n\r\n".encode())
        if self.answer.startswith("200"):
            host, _colon, port = target.rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                pass_on(client, server)
        client.close()


def pass_on(one: socket.socket, other: socket.socket) -> None:
    """Until one of them has ended."""
    with selectors.DefaultSelector() as ready:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _events in ready.select():
                told = key.fileobj.recv(65536)
                if not told:
                    return
                key.data.sendall(told)


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """``through(answer)`` puts a proxy into the environment."""
    proxies: list[Proxy] = []
    for name in (*PROXY_VARIABLES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    def start(answer: str = "200 Connection established") -> Proxy:
        proxy = Proxy(answer)
        proxies.append(proxy)
        proxy.start()
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        return proxy

    yield start
    for proxy in proxies:
        proxy.listener.close()


def test_proxy_of_the_environment(live: Any, through: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live.world()
    proxy = through()
    assert live.connector(**live.wanted())["changed"]
    address = live.host["url"].split("/")[2]
    assert proxy.asked and set(proxy.asked) == {f"CONNECT {address}"}

    monkeypatch.setenv("NO_PROXY", "localhost")
    asked = len(proxy.asked)
    assert not live.connector(**live.wanted())["changed"]
    assert len(proxy.asked) == asked


@pytest.mark.parametrize("answer", ["403 Forbidden", "407 Proxy Authentication Required"])
def test_proxy_that_refuses(live: Any, through: Any, answer: str) -> None:
    live.world()
    through(answer)
    result = live.connector(**live.wanted())
    assert result["failed"] and result["failure"]["kind"] == "transport", result
    assert result["msg"].startswith("url: ") and answer.split()[0] in result["msg"]
    assert live.requests() == []


def test_proxy_that_is_not_there(live: Any, through: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live.world()
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-of-the-proxy@127.0.0.1:{port}")
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "connect" and f"the proxy 127.0.0.1:{port} cannot be used" in result["msg"]
    assert "pass-of-the-proxy" not in str(result)


def test_own_authority_counts_more_than_the_environments(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    live.world()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", live.sim.ca_file)
    assert live.connector(**live.wanted(ca_path=None))["changed"]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", __file__)
    assert not live.connector(**live.wanted())["changed"]


@pytest.mark.parametrize("name", ["jira01", "confluence01", "confluence02"])
@pytest.mark.parametrize("tail", ["", "/"])
def test_context_path_is_joined(live: Any, name: str, tail: str) -> None:
    live.world(name)
    url = live.host["url"]
    assert live.connector(**live.wanted(url=url + tail))["changed"]
    base = "/" + url.split("/", 3)[3]
    entries = live.sim.journal(since=live.mark, service="atlassian")
    assert entries and all(entry["path"].startswith(f"{base}/rest/") for entry in entries)


@pytest.mark.parametrize("check", [True, False])
def test_a_short_header_takes_no_letter_out_of_the_result(live: Any, check: bool) -> None:
    live.world()
    token = live.host["token"]
    headers = {"X-Tier": "1", "X-Region": "eu", "X-Gate": "gate-key-0123", "Authorization": f"Bearer {token}"}
    options = live.wanted(username=None, password=None, headers=headers)
    result = live.connector(check=check, **options)
    assert result["changed"] and result["connector"]["application_id"] == options["application_id"]
    text = str(result)
    assert token not in text and "gate-key-0123" not in text
    assert str(result["diff"]).count("*") == 0 and "VALUE_SPECIFIED" not in str(result["diff"])


def test_what_of_a_header_is_a_secret() -> None:
    headers = {"X-Tier": 1, "X-Flag": True, "X-Short": "abcde", "X-Key": "abcdef", "Authorization": "Basic dTpwYXNz"}
    found = _front.secret_values(DEFINITION, {"headers": headers, "password": "pw"})
    assert found == {"1", "abcde", "abcdef", "Basic dTpwYXNz", "dTpwYXNz", "pw"}
