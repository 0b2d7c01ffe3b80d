# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients of Microsoft's sent in ``make witness``, sent again: the simulator still answers the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.fleetops.usersync.tests.simulator import recorder, spoilt
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import token

FOLDER = Path(__file__).resolve().parents[2] / "witness" / "recordings"
RECORDINGS = sorted(path.stem for path in FOLDER.glob("*.json"))
NAMES = ("graph.microsoft.com", "login.microsoftonline.com", "management.azure.com")


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(hosts=0, names=NAMES) as sim:
        yield sim


def replayed(sim: Simulator, name: str) -> list[str]:
    """What differs from the recording in a tenant made anew, at the time of the recording."""
    exchanges = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    sim.reset()
    sim.advance((recorder.started(exchanges) - datetime.now(timezone.utc)).total_seconds())
    session = requests.Session()
    session.trust_env, session.verify = False, sim.ca_file
    tokens: dict[str, str] = {}

    def send(method: str, url: str, headers: dict[str, str], body: bytes | None) -> tuple[int, Any]:
        host = urlsplit(url).hostname or ""
        if host not in tokens:
            tokens[host] = token(sim, scope=f"https://{host}/.default").json()["access_token"]
        mine = {**headers, "Host": host, "Authorization": f"Bearer {tokens[host]}"}
        address = url.replace(f"https://{host}", sim.graph_url)
        answer = session.request(method, address, headers=mine, data=body, timeout=20, allow_redirects=False)
        return answer.status_code, recorder.parsed(answer.content)

    return recorder.replay(exchanges, send)


def test_every_witness_is_recorded() -> None:
    assert RECORDINGS == ["azcollection", "azure-cli", "msgraph-sdk"]


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_answers_are_those_that_the_client_got(running: Simulator, name: str) -> None:
    assert replayed(running, name) == []
    assert running.world.internal_errors == []


@pytest.mark.parametrize("error", spoilt.ERRORS)
def test_an_error_of_the_simulator_shows(running: Simulator, error: Callable[[], Any]) -> None:
    wanted = {
        spoilt.renamed_member: "lacks 'secretText'",
        spoilt.dropped_restriction: "status 201 instead of 409",
        spoilt.wrong_status: "status 400 instead of 404",
    }
    with error():
        assert any(wanted[error] in line for line in replayed(running, "azure-cli"))
    assert replayed(running, "azure-cli") == []
