# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import connect, store
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.auth import _msal
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.graph import Graph
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.stand_in import (
    Scripted,
    TokenService,
    token,
)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No token, and no identity of the surroundings, gets from one test to the next."""
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST"):
        monkeypatch.delenv(name, raising=False)
    store.STORE.clear()
    yield
    store.STORE.clear()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def run(pauses: list[float]) -> Run:
    """Surroundings whose clock moves only by pausing."""
    clock = [1000.0]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds

    return Run(sleep=sleep, monotonic=lambda: clock[0])


@pytest.fixture(scope="module")
def _service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenService]:
    service = TokenService(tmp_path_factory.mktemp("token-service"))
    yield service
    service.close()


@pytest.fixture
def service(_service: TokenService) -> TokenService:
    _service.posts.clear()
    _service.gets.clear()
    _service.headers.clear()
    _service.script.clear()
    _service.public_key = _service.federated = None
    _service.lifetime = 3600
    return _service


@pytest.fixture
def script_login(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Answers for everything that msal sends."""

    def scripted(*answers: Any, **how: Any) -> Scripted:
        adapter = Scripted(*answers, **how)
        monkeypatch.setattr(_msal.LoginSession, "get_adapter", lambda self, url: adapter)
        return adapter

    return scripted


@pytest.fixture
def graph_of(run: Run) -> Any:
    """A Graph client, logged in by a token that was handed over, and its scripted answers."""

    def scripted(*answers: Any, claims: dict[str, Any] | None = None, **how: Any) -> tuple[Graph, Scripted]:
        adapter = Scripted(*answers, **how)
        graph = connect.open_graph({"access_token": token(**(claims or {}))}, run)
        graph.http.session.mount("https://", adapter)
        return graph, adapter

    return scripted
