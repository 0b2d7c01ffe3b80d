# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit for each test, so that one that hangs fails with its name and its stack instead of holding up the run.

Far above what the slowest test takes on a machine that is busy. A conftest takes the hook by importing it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

SECONDS = 900.0


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Raise in the test's own thread when its time is over."""
    limit = float(os.environ.get("USERSYNC_TESTS_LIMIT", SECONDS))

    def over(_number: int, _frame: Any) -> None:
        pytest.fail(f"{item.nodeid} took longer than {limit:g} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
