# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two thousand answers that nobody would write, made from a seed: no traceback, no defect, no wait, nothing written."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _http, _logins
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import STORE
from ansible_collections.fleetops.usersync.plugins.modules import (
    azuread_app_info,
    usersync_connector,
    usersync_connector_info,
)
from ansible_collections.fleetops.usersync.tests.hostile.conftest import CLIENTS, check, options
from ansible_collections.fleetops.usersync.tests.hostile.peer import Peer, answer
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module

EACH = 1000
NAMES = {
    "graph": "value id appId displayName uniqueName passwordCredentials keyCredentials keyId endDateTime tags web "
    "redirectUris requiredResourceAccess resourceAccess error code message @odata.nextLink createdDateTime hint "
    "spa publicClient owners accountEnabled signInAudience details innerError",
    "host": "uniqueId id configuration name type azureSettings applicationId tenantId applicationSecret directoryId "
    "cronExpression requiredGroups groupTypes cleanupBehaviour status messages addedCount plugins key version typeId "
    "message errors scheduledSynchronization authenticationFlow",
}
TEXTS = [
    "", " ", "0", "x" * 3000, "\x1b[2J", "\u202ecba", "\ud800", "\U0001f600", "../..", "%2e%2e", "{{ 7 * 7 }}", "-1",
    "11111111-2222-4333-8444-555555555555", "2026-13-45T99:99:99Z", "9999999-01-01T00:00:00Z", "AZURE", "DONE",
    "https://localhost\\@evil", "0 0 2 * * ?", "null", "\x00",
]  # fmt: skip
STATUSES = [200] * 6 + [201, 204, 206, 301, 400, 401, 403, 404, 409, 413, 418, 429, 451, 500, 503, 599, 999]
KINDS = ["application/json"] * 4 + [
    "text/html",
    "text/plain; charset=utf-16",
    "",
    "\xff",
    "application/json; charset=idna",
]
HEADERS = [
    "", "", "Retry-After: 0\r\n", "Retry-After: -1\r\n", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n",
    "Retry-After: nan\r\n", "Retry-After: soon\r\n", "Date: yesterday\r\n", "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
    "Location: //evil.example/\r\n", "Location: \r\n", "X-Seraph-LoginReason: AUTHENTICATED_FAILED\r\n",
    "Content-Encoding: gzip\r\n", "Set-Cookie: =;;=\r\n", "WWW-Authenticate: Bearer\r\n", "Server: \x1b[1m\r\n",
]  # fmt: skip


class Maker:
    """Answers of one seed."""

    def __init__(self, client: str, seed: int) -> None:
        self.dice = random.Random(f"{client} {seed}")
        self.names = NAMES[client].split()

    def tree(self, depth: int = 0) -> Any:
        kind = self.dice.random()
        if depth > 4 or kind < 0.4:
            return self.dice.choice([None, True, False, 0, -1, 10**30, 1.5, -1e308, *self.dice.sample(TEXTS, 6)])
        if kind < 0.6:
            return [self.tree(depth + 1) for _nth in range(self.dice.randrange(4))]
        return {
            self.dice.choice([*self.names, *TEXTS[:6]]): self.tree(depth + 1) for _n in range(self.dice.randrange(7))
        }

    def honest(self) -> Any:
        """The form of an honest answer, filled with anything."""
        inner = {name: self.tree(2) for name in self.dice.sample(self.names, 8)}
        if "configuration" in self.names:
            settings = {"name": self.tree(3), "type": "AZURE", "azureSettings": inner}
            one = {"uniqueId": self.dice.choice([1, "1", "a-b"]), "configuration": settings}
            return self.dice.choice([[one], one, [one, one]])
        one = {"id": "a", "appId": "11111111-2222-4333-8444-555555555555", **inner}
        return self.dice.choice([one, {"value": [one]}, {"error": inner}])

    def body(self) -> bytes:
        made = self.dice.random()
        if made < 0.1:
            return self.dice.randbytes(self.dice.randrange(400))
        text = json.dumps(self.honest() if made < 0.6 else self.tree(), ensure_ascii=self.dice.random() < 0.5)
        body = text.encode("utf-8", "surrogatepass")
        if self.dice.random() < 0.2:
            cut = self.dice.randrange(len(body) + 1)
            body = body[:cut] + self.dice.randbytes(self.dice.randrange(3)) + body[cut + self.dice.randrange(3) :]
        return body

    def __call__(self) -> bytes:
        body = self.body()
        length = None if self.dice.random() < 0.9 else max(0, len(body) + self.dice.randrange(-3, 3))
        return answer(
            self.dice.choice(STATUSES), body, self.dice.choice(KINDS), self.dice.choice(HEADERS), length=length
        )


MODULES: dict[str, list[tuple[Callable[[], None], dict[str, Any]]]] = {
    "graph": [
        (azuread_app_info.main, {}),
        (azuread_app_info.main, {"app_id": None, "display_name_prefix": "Any"}),
    ],
    "host": [
        (usersync_connector_info.main, {"configuration": True, "keys": True}),
        (usersync_connector_info.main, {"connector_id": "1", "versions": True}),
        (usersync_connector.main, {"name": "Any", "settings": {"azureSettings.pin": "1234567"}}),
    ],
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("part", range(4))
def test_answers_that_nobody_would_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: str, part: int
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    quick = _http.Retry(attempts=2, first_pause=0, longest_pause=0, longest_retry_after=0)
    defaults = _http.Http.__init__.__defaults__ or ()
    swapped = tuple(quick if isinstance(value, _http.Retry) else value for value in defaults)
    monkeypatch.setattr(_http.Http.__init__, "__defaults__", swapped)
    current: list[Maker] = []

    def play(connection: Any, head: bytes) -> None:
        connection.sendall(current[0]())

    with Peer(tmp_path, play, tls=None if client == "host" else "server") as peer:
        for seed in range(part * EACH // 4, (part + 1) * EACH // 4):
            current[:] = [Maker(client, seed)]
            _logins.forget()
            STORE.clear()
            main, more = MODULES[client][seed % len(MODULES[client])]
            begin = time.monotonic()
            result = run_module(main, options(client, peer, request_deadline=3, timeout=0.5, **more), check=True)
            took = time.monotonic() - begin
            try:
                check(result)
            except AssertionError as wrong:
                raise AssertionError(f"seed {seed}: {wrong}") from None
            assert took < 15, f"seed {seed} took {took:.1f} s"
        assert not [head for head in peer.heads if not head.startswith(b"GET ")]
