# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant without hosts that all tests of a file share, made anew for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import Graph


@pytest.fixture(scope="module")
def running_tenant() -> Iterator[Simulator]:
    with Simulator(hosts=0, names=("graph.example", "login.example", "management.example")) as sim:
        yield sim


@pytest.fixture
def tenant(running_tenant: Simulator) -> Iterator[Simulator]:
    running_tenant.reset()
    yield running_tenant
    assert running_tenant.world.internal_errors == []


@pytest.fixture
def directory(tenant: Simulator) -> Graph:
    """A session of the automation."""
    return Graph(tenant)
