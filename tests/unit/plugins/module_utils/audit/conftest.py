# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _http
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import store
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import connect


@pytest.fixture(scope="module")
def simulator() -> Iterator[Any]:
    from ansible_collections.fleetops.usersync.tests.simulator import Simulator

    with Simulator(hosts=3) as sim:
        yield sim


@pytest.fixture
def fleet(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The fleet of :mod:`fleet`, with short pauses between repetitions."""
    from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.audit.fleet import Fleet

    quick = _http.Retry(attempts=2, first_pause=0.01, longest_pause=0.05)
    monkeypatch.setattr(connect, "Http", lambda *args, **kwargs: _http.Http(*args, retry=quick, **kwargs))
    store.STORE.clear()
    yield Fleet(simulator)
    store.STORE.clear()
