# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two clients as a user meets them: a module of each, run against a peer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _http, _logins
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import STORE
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app_info, usersync_connector_info
from ansible_collections.fleetops.usersync.tests.hostile.peer import Peer, Play
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module
from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call

__all__ = ["pytest_runtest_call"]

PASSWORD = "pass/word+of&the~admin"
TOKEN = "opaque-token/of+the&automation~0123456789"
TENANT = "11111111-2222-4333-8444-555555555555"
CLIENTS = ("graph", "host")


def options(client: str, peer: Peer, **more: Any) -> dict[str, Any]:
    if client == "graph":
        base = {"auth_method": "access_token", "access_token": TOKEN, "graph_url": peer.url, "tenant": TENANT}
        base["app_id"] = TENANT
    else:
        base = {"url": peer.url, "username": "admin", "password": PASSWORD}
    return {**base, "ca_path": str(peer.ca_file), "request_deadline": 5, "timeout": 2, **more}


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Run the module of a client against a peer that plays this; C(took) and C(peer) of the last run are kept."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    quick = _http.Retry(attempts=2, first_pause=0, longest_pause=0, longest_retry_after=0.1)
    monkeypatch.setattr(_http.Http, "retry", quick)
    monkeypatch.setattr(_http.Http.__init__, "__defaults__", _with_retry(quick))
    mains = {"graph": azuread_app_info.main, "host": usersync_connector_info.main}

    def run(client: str, play: Play, tls: str | None = "server", **more: Any) -> dict[str, Any]:
        _logins.forget()
        STORE.clear()
        with Peer(tmp_path, play, tls) as peer:
            run.peer = peer  # type: ignore[attr-defined]
            begin = time.monotonic()
            result = run_module(mains[client], options(client, peer, **more))
            run.took = time.monotonic() - begin  # type: ignore[attr-defined]
        check(result)
        return result

    yield run


def _with_retry(quick: _http.Retry) -> tuple[Any, ...]:
    """The defaults of the client with short pauses, so that a repetition takes no time."""
    return tuple(quick if isinstance(value, _http.Retry) else value for value in _http.Http.__init__.__defaults__ or ())


def check(result: dict[str, Any]) -> None:
    """What holds for every answer: a sentence, no traceback, no defect, no secret; and it can be written."""
    text = json.dumps(result, ensure_ascii=False)
    text.encode()
    assert "Traceback" not in text and '"kind": "defect"' not in text, text[:2000]
    for secret in (PASSWORD, TOKEN):
        assert secret not in text
    assert "\x1b" not in text and "\u202e" not in text
    if result.get("failed"):
        assert 10 < len(result["msg"]) < 3000 and "\n" not in result["msg"]


def in_a_process(client: str, peer: Peer, **more: Any) -> tuple[dict[str, Any], float]:
    """The module in a process of its own: its result, and the most memory that it took, in MiB."""
    name = "azuread_app_info" if client == "graph" else "usersync_connector_info"
    program = f"""
import json, resource, sys
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = sys.stdin.buffer.read()
basic._ANSIBLE_PROFILE = "legacy"
from ansible_collections.fleetops.usersync.plugins.modules import {name} as module
try:
    module.main()
except SystemExit:
    pass
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": options(client, peer, **more)}).encode(),
        capture_output=True,
        check=True,
        timeout=120,
    )
    lines = done.stdout.decode().splitlines()
    result = json.loads(next(line for line in lines if line.startswith("{")))
    scale = 1 if sys.platform == "darwin" else 1024
    check(result)
    return result, int(lines[-1].split()[1]) * scale / (1 << 20)
