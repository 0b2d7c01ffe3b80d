# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name with several dead addresses takes no longer than one."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import urllib3
from ansible_collections.fleetops.usersync.plugins.module_utils import _errors as errors
from ansible_collections.fleetops.usersync.plugins.module_utils._exchange import send
from ansible_collections.fleetops.usersync.plugins.module_utils._wire import Bounds, Session

NAME = "several.example.com"


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_addresses_of_a_name_share_the_time_of_a_connection(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    waits: list[float] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *others: Any, **more: Any) -> Any:
        if host != NAME:
            return real(host, port, *others, **more)
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, (f"192.0.2.{last}", port)) for last in range(1, count + 1)]

    class Silent(socket.socket):
        """Connects to nobody, and waits for as long as it may."""

        def connect(self, _address: Any) -> None:
            waits.append(float(self.gettimeout() or 0))
            raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(urllib3.util.connection.socket, "socket", Silent)
    session = Session()
    session.trust_env = False
    with pytest.raises(errors.TransportError, match="could not be reached within 20 s") as refused:
        send(session, "GET", f"https://{NAME}/", Bounds(timeout=20.0, deadline=60.0))
    assert refused.value.code == "connect"
    assert len(waits) == count and sum(waits) <= 20.0 < sum(waits) + 1
