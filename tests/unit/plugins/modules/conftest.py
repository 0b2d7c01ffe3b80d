# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's real main(): arguments in as Ansible hands them over, the printed JSON out."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings as ansible_warnings

OUR_ENVIRONMENT = ("USERSYNC_", "AZURE_")


def run_module(
    main: Callable[[], None], args: dict[str, Any], check: bool = False, diff: bool = True
) -> dict[str, Any]:
    """The JSON that the module prints, warnings as texts; C(failed) is in it when its exit code was not 0."""
    handed_over = {"ANSIBLE_MODULE_ARGS": {**args, "_ansible_check_mode": check, "_ansible_diff": diff}}
    patch = pytest.MonkeyPatch()
    patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(handed_over).encode())
    if hasattr(basic, "_ANSIBLE_PROFILE"):  # since core 2.19
        patch.setattr(basic, "_ANSIBLE_PROFILE", "legacy")
        # another test of this process may have imported what makes it a controller, whose warnings go to the terminal
        patch.setattr(ansible_warnings._internal, "is_controller", False)
    for kept in ("_global_warnings", "_global_deprecations"):
        if hasattr(ansible_warnings, kept):
            getattr(ansible_warnings, kept).clear()
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as left:
            main()
    finally:
        patch.undo()
    lines = [line for line in printed.getvalue().splitlines() if line.startswith("{")]
    result = json.loads(lines[-1])
    if left.value.code:
        assert result.get("failed"), result
    if "warnings" in result:
        # core 2.19 and newer print an object for each
        result["warnings"] = [text if isinstance(text, str) else text["event"]["msg"] for text in result["warnings"]]
    return result


@pytest.fixture(name="run_module")
def run_module_fixture() -> Callable[..., dict[str, Any]]:
    """:func:`run_module`, so that a test module need not know where this file lies."""
    return run_module


@pytest.fixture(autouse=True)
def no_ambient_options(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of whoever runs the tests gives no option a value."""
    for name in list(os.environ):
        if name.startswith(OUR_ENVIRONMENT):
            monkeypatch.delenv(name)
    yield


@pytest.fixture(autouse=True)
def no_login_is_known() -> None:
    """Each test is a run of its own, in which no login has been refused yet."""
    from ansible_collections.fleetops.usersync.plugins.module_utils import _logins

    _logins.forget()


@pytest.fixture(autouse=True)
def every_planned_fault_is_met(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test whose fault never struck has seen nothing of what it speaks about."""
    from ansible_collections.fleetops.usersync.tests.simulator.faults import Fault, Faults

    planned: list[Fault] = []
    add = Faults.add

    def kept(self: Faults, kind: str, **params: Any) -> int:
        number = add(self, kind, **params)
        planned.append(self.planned[-1])
        return number

    monkeypatch.setattr(Faults, "add", kept)
    yield
    # two writes at once are what the code avoids
    unmet = [fault.as_dict() for fault in planned if not fault.met]
    assert [fault for fault in unmet if fault["kind"] != "concurrency"] == []


@pytest.fixture(scope="session")
def simulator() -> Iterator[Any]:
    """One simulator for all module tests; a test that needs another world calls its reset()."""
    from ansible_collections.fleetops.usersync.tests.simulator import Simulator

    with Simulator(hosts=6) as sim:
        yield sim
        assert sim.state()["internal_errors"] == []


@pytest.fixture
def live(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The simulated hosts with short pauses between repetitions."""
    from ansible_collections.fleetops.usersync.plugins.module_utils._http import Http, Retry
    from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import connect
    from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import Live

    quick = Retry(attempts=4, first_pause=0.01, longest_pause=0.05)
    monkeypatch.setattr(connect, "Http", lambda *args, **kwargs: Http(*args, retry=quick, **kwargs))
    return Live(simulator)


@pytest.fixture
def tenant(simulator: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A fresh simulated tenant, and short pauses between repetitions."""
    import functools
    import time

    from ansible_collections.fleetops.usersync.plugins.module_utils import _front
    from ansible_collections.fleetops.usersync.plugins.module_utils._entra import snapshot
    from ansible_collections.fleetops.usersync.plugins.module_utils._entra.marks import DECIDED
    from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import STORE
    from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.azuread_tenant import Tenant

    simulator.reset(tenant={})
    STORE.clear()
    snapshot.forget()
    with DECIDED.content() as known:
        known.clear()
    quick = functools.partial(_front.Run, sleep=lambda seconds: time.sleep(min(seconds, 0.01)))
    monkeypatch.setattr(_front, "Run", quick)
    yield Tenant(simulator)
    # the simulator checks every body against Microsoft's schema, answers too; those that do not fit are kept here
    assert simulator.state()["internal_errors"] == []


@pytest.fixture
def slept(tenant: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that a module asked for, in seconds; they are not made."""
    from ansible_collections.fleetops.usersync.plugins.module_utils import _front

    asked: list[float] = []
    real = _front.Run
    monkeypatch.setattr(_front, "Run", lambda **kwargs: real(**{**kwargs, "sleep": asked.append}))
    return asked
