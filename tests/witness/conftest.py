# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator at Microsoft's names for all tests; a tenant anew for each test; the recordings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import microsoft  # noqa: E402
import namespace  # noqa: E402
import recordings  # noqa: E402
from ansible_collections.fleetops.usersync.tests.simulator import Simulator  # noqa: E402
from ansible_collections.fleetops.usersync.tests.unit.timelimit import pytest_runtest_call  # noqa: E402
from product import Product  # noqa: E402

__all__ = ["pytest_runtest_call"]


def pytest_configure(config: pytest.Config) -> None:
    if not namespace.inside():
        pytest.exit("the witnesses run in a namespace of their own: make witness", returncode=2)


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    graph, *others = namespace.NAMES
    with Simulator(hosts=0, port=443, address=graph, names=tuple(others)) as sim:
        yield sim


@pytest.fixture
def place(running: Simulator, tmp_path: Path) -> Iterator[microsoft.Place]:
    running.reset()
    yield microsoft.Place(running, tmp_path)
    running.record(None)
    assert running.world.internal_errors == []


@pytest.fixture
def sim(place: microsoft.Place) -> Simulator:
    return place.sim


@pytest.fixture
def az(place: microsoft.Place) -> microsoft.Az:
    """azure-cli, logged in as the automation."""
    client = microsoft.Az(place)
    client.log_in()
    return client


@pytest.fixture
def product(sim: Simulator) -> Product:
    return Product(sim)


@pytest.fixture
def recorded(sim: Simulator) -> Callable[[str], recordings.Recording]:
    """Begin the recording of that name; ``finish`` it compares it with the one kept, or keeps it."""
    return lambda name: recordings.Recording(name, sim, keep=bool(os.environ.get("WITNESS_RECORD")))
