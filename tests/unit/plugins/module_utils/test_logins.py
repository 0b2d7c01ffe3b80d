# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login that was refused is sent to nobody else, unless more took it than refused it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _logins
from ansible_collections.fleetops.usersync.plugins.module_utils._logins import SharedLogin


@pytest.fixture(autouse=True)
def nothing_is_known() -> Iterator[None]:
    _logins.forget()
    yield
    _logins.forget()


def test_one_refusal_holds_the_others_back() -> None:
    login = SharedLogin("host", "Basic one")
    assert login.refused("https://a") is None
    login.refuse("https://a", "a says no", "wrong_password")
    told = {"place": "https://a", "told": "a says no", "code": "wrong_password"}
    assert login.refused("https://a") == login.refused("https://b") == told
    assert SharedLogin("host", "Basic two").refused("https://b") is None
    assert SharedLogin("proxy", "Basic one").refused("https://b") is None


def test_a_host_of_its_own_mind_is_its_own_trouble() -> None:
    login = SharedLogin("host", "Basic one")
    login.accept("https://a")
    login.accept("https://a")
    login.refuse("https://b", "b says no")
    assert login.refused("https://c") is None and login.refused("https://b")
    login.refuse("https://c", "c says no")
    # more refused it than took it; who took it keeps it
    assert login.refused("https://d") and login.refused("https://a") is None


def work(number: int, tried: Any) -> None:
    login = SharedLogin("host", "Basic wrong")
    with login.first():
        if login.refused(f"https://{number}"):
            return
        with tried.get_lock():
            tried.value += 1
        time.sleep(0.2)
        login.refuse(f"https://{number}", "no")


def test_workers_of_a_run_wait_for_the_first_answer() -> None:
    fork = multiprocessing.get_context("fork")
    tried = fork.Value("i", 0)
    workers = [fork.Process(target=work, args=(number, tried)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert tried.value == 1
