# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login for a whole run: the token store over real forks, and what decides whose token it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.auth._choose import login_method
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.clouds import endpoints
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import open_graph
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.login import Login
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import (
    REFUSAL_COUNTS,
    STORE,
    TokenStore,
    refused_for_good,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.tokens import Token
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import LoginError
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.stand_in import (
    SECRET,
    TENANT,
    TokenService,
)


class Logins:
    """Logins of any process, counted in a file; each takes some time."""

    def __init__(self, folder: Path, seconds: float = 0.1, lasting: float = 3600) -> None:
        self.file = folder / "logins"
        self.file.touch()
        self.seconds = seconds
        self.lasting = lasting

    def __call__(self) -> Token:
        begin = time.monotonic()
        time.sleep(self.seconds)
        with self.file.open("a") as stream:
            stream.write(f"{os.getpid()} {begin} {time.monotonic()}\n")
        return Token.lasting(f"token-{os.getpid()}-{begin}", self.lasting)

    @property
    def spans(self) -> list[tuple[float, float]]:
        return [(float(line.split()[1]), float(line.split()[2])) for line in self.file.read_text().splitlines()]


class Child:
    """A forked process that runs something and tells what it returned."""

    def __init__(self, work: Callable[[], Any]) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(writing)
            self.pipe = reading
            return
        try:
            os.write(writing, json.dumps(work()).encode())
        except BaseException:
            os.write(writing, json.dumps(traceback.format_exc()).encode())
        finally:
            os._exit(0)

    def result(self) -> Any:
        with os.fdopen(self.pipe) as stream:
            said = stream.read()
        os.waitpid(self.pid, 0)
        return json.loads(said) if said else None


@pytest.fixture
def store() -> TokenStore:
    store = TokenStore()
    assert store.shared, "this platform has no anonymous memory; the collection supports it, these tests need it"
    return store


def test_simultaneous_workers_make_one_login(store: TokenStore, tmp_path: Path) -> None:
    logins = Logins(tmp_path)
    workers = [Child(lambda: store.get("key", logins).value) for _nth in range(6)]
    values = {worker.result() for worker in workers}
    assert len(values) == 1
    assert len(logins.spans) == 1
    assert store.get("key", logins).value in values
    assert Child(lambda: store.get("key", logins).value).result() in values
    assert len(logins.spans) == 1


def test_different_logins_run_side_by_side(store: TokenStore, tmp_path: Path) -> None:
    logins = Logins(tmp_path, seconds=0.4)
    workers = [Child(lambda key=key: store.get(key, logins).value) for key in ("one", "two")]
    assert len({worker.result() for worker in workers}) == 2
    (begin_one, end_one), (begin_two, end_two) = logins.spans
    assert max(begin_one, begin_two) < min(end_one, end_two)


def test_a_worker_that_dies_does_not_block_the_others(store: TokenStore, tmp_path: Path) -> None:
    dying = Child(lambda: store.get("key", Logins(tmp_path, seconds=60)).value)
    time.sleep(0.3)
    waiting = Child(lambda: store.get("key", Logins(tmp_path)).value)
    time.sleep(0.2)
    os.kill(dying.pid, signal.SIGKILL)
    assert dying.result() is None
    assert waiting.result().startswith("token-")


def test_waiting_for_another_worker_is_bounded(store: TokenStore, tmp_path: Path) -> None:
    slow = Child(lambda: store.get("key", Logins(tmp_path, seconds=2)).value)
    time.sleep(0.3)
    store.longest_wait = 0.2
    begin = time.monotonic()
    mine = store.get("key", Logins(tmp_path)).value
    assert time.monotonic() - begin < 1
    assert slow.result() != mine


def test_a_refusal_is_not_repeated_by_each_worker(store: TokenStore, tmp_path: Path) -> None:
    tried = tmp_path / "tried"

    def refused() -> Token:
        with tried.open("a") as stream:
            stream.write("x")
        raise LoginError("wrong secret", code="AADSTS7000215", text="No.")

    def work() -> list[Any]:
        with pytest.raises(LoginError) as caught:
            store.get("key", refused)
        return [caught.value.message, caught.value.code, caught.value.details.get("repeated")]

    workers = [Child(work) for _nth in range(5)]
    results = [worker.result() for worker in workers]
    assert tried.read_text() == "x"
    assert sorted(results, key=str) == sorted(
        [["wrong secret", "AADSTS7000215", None], *[["wrong secret", "AADSTS7000215", False]] * 4], key=str
    )
    assert store.get("another key", Logins(tmp_path, seconds=0)).value.startswith("token-")


def test_a_refusal_is_forgotten_after_a_while(
    store: TokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> Token:
        raise LoginError("wrong secret", code="AADSTS7000215")

    with pytest.raises(LoginError):
        store.get("key", refused)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + REFUSAL_COUNTS + 1)
    assert store.get("key", Logins(tmp_path, seconds=0)).value.startswith("token-")


@pytest.mark.parametrize(
    ("code", "counts"),
    [("AADSTS7000215", True), ("AADSTS90033", False), ("temporarily_unavailable", False), ("invalid_client", True)],
)
def test_only_a_refusal_of_the_credential_counts(code: str, counts: bool) -> None:
    assert refused_for_good(LoginError("no", code=code)) is counts


def test_a_failed_login_is_not_kept(store: TokenStore, tmp_path: Path) -> None:
    def refused() -> Token:
        raise LoginError("no")

    with pytest.raises(LoginError):
        store.get("key", refused)
    logins = Logins(tmp_path, seconds=0)
    store.get("key", logins)
    assert len(logins.spans) == 1


def test_a_token_near_its_end_is_replaced(store: TokenStore, tmp_path: Path) -> None:
    logins = Logins(tmp_path, seconds=0, lasting=1000)
    first = store.get("key", logins)
    assert Token(first.value, time.time() + 250, time.time() - 3000).good() is False
    assert Token(first.value, time.time() + 350, time.time() - 3000).good() is True
    assert Token.lasting("short-lived", 20).good() is True
    with store.memory.content() as known:
        known["tokens"] = {"key": ["old", time.time() + 100, time.time() - 3000]}
    assert store.get("key", logins).value != "old"


def test_renewing_takes_what_another_worker_renewed(store: TokenStore, tmp_path: Path) -> None:
    logins = Logins(tmp_path, seconds=0)
    first = store.get("key", logins).value
    renewed = Child(lambda: store.get("key", logins, stale=first).value).result()
    assert renewed != first
    assert store.get("key", logins, stale=first).value == renewed
    assert len(logins.spans) == 2
    assert store.get("key", logins, force=True).value not in (first, renewed)


def test_subprocesses_do_not_inherit_it(store: TokenStore, tmp_path: Path) -> None:
    store.get("key", Logins(tmp_path, seconds=0))
    assert os.get_inheritable(store.memory._fd) is False
    listing = (
        "import os; print([os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if n.isdigit()"
        " and os.path.exists(f'/proc/self/fd/{n}')])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True, close_fds=False
    ).stdout
    assert "memfd" not in seen
    assert "memfd:usersync-tokens" in os.readlink(f"/proc/self/fd/{store.memory._fd}")


def test_without_anonymous_memory_each_process_logs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    store = TokenStore()
    assert store.shared is False
    logins = Logins(tmp_path, seconds=0)
    assert store.get("key", logins) == store.get("key", logins)
    store.get("key", logins, force=True)
    assert len(logins.spans) == 2
    store.clear()
    Child(lambda: store.get("key", logins).value).result()
    assert len(logins.spans) == 3


def test_a_fact_of_the_run_is_found_out_once_by_simultaneous_workers(store: TokenStore, tmp_path: Path) -> None:
    asked = tmp_path / "asked"

    def find_out() -> str:
        with asked.open("a") as stream:
            stream.write("asked\n")
        time.sleep(0.3)
        return "fact"

    workers = [Child(lambda: store.once("name", find_out)) for _nth in range(4)]
    assert {worker.result() for worker in workers} == {"fact"}
    assert asked.read_text().count("asked") == 1
    assert store.memory.once("name", find_out, longest_age=0) == "fact"
    assert asked.read_text().count("asked") == 2


def test_noise_in_the_memory_is_no_token(store: TokenStore, tmp_path: Path) -> None:
    for noise in (b'{"tokens": {"key": ["half', b'{"tokens": 7, "refusals": 7}', b'{"tokens": {"key": 7}}', b"[]"):
        store.clear()
        os.pwrite(store.memory._fd, noise, 0)
        if not noise.endswith(b"7}"):
            assert store.get("key", Logins(tmp_path, seconds=0)).value.startswith("token-")


def test_tasks_of_a_run_share_one_login(service: TokenService, run: Run) -> None:
    options = service.options(client_secret=SECRET)
    workers = [Child(lambda: open_graph(options, Run()).tenant_id) for _nth in range(4)]
    assert {worker.result() for worker in workers} == {TENANT}
    assert open_graph(options, run).stats["logins"] == 0
    assert len(service.posts) == 1


def test_the_token_goes_with_the_secret(service: TokenService, run: Run) -> None:
    open_graph(service.options(client_secret=SECRET), run)
    with pytest.raises(LoginError):
        open_graph(service.options(client_secret="another"), run)


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": TENANT},
        {"client_id": TENANT},
        {"client_secret": "x"},
        {"graph_url": "https://graph.example"},
        {"authority_url": "https://login.example"},
        {"auth_method": "managed_identity"},
    ],
)
def test_what_decides_the_login_decides_the_key(other: dict[str, Any], service: TokenService, run: Run) -> None:
    options = service.options(client_secret=SECRET)
    keys = [
        Login(login_method(given, endpoints(given)), run, STORE).key
        for given in (options, dict(options), {**options, **other})
    ]
    assert keys[0] == keys[1] != keys[2]
    assert SECRET not in keys[0]
