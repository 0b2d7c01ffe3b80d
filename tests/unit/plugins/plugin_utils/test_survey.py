# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts need no task of their own, as far as reading them tells."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _masking
from ansible_collections.fleetops.usersync.plugins.module_utils._masking import Secrets
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _survey

RESULTS: dict[str, dict[str, Any]] = {
    "converged": {"changed": False, "done": [], "credential": {"days_left": 100}, "steps": ["long"]},
    "warned": {"changed": False, "done": [], "warnings": ["a live secret under a former name"]},
    "new": {"changed": True, "warnings": ["its own task says it again"]},
    "dead": {"failed": True, "changed": False, "msg": "no answer", "failure": {"kind": "transport", "step": "read"}},
    "foretold": {"failed": True, "msg": "would fail", "failure": {"kind": "state", "step": "deliver"}},
    "misread": {"failed": True, "msg": "unsupported options", "failure": {"kind": "option", "code": None}},
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, str]]:
    """What was asked of each host: whether it was in check mode, and who it was."""
    asked: list[tuple[bool, str]] = []

    def carry_out(_definition: Any, options: dict[str, Any], run: Any) -> tuple[dict[str, Any], Secrets]:
        asked.append((run.check_mode, options["name"]))
        return RESULTS[options["name"]], run.secrets

    monkeypatch.setattr(_survey, "carry_out", carry_out)
    return asked


def test_only_hosts_that_lack_nothing_or_cannot_be_read_end_here(read: list[tuple[bool, str]]) -> None:
    said: list[str] = []
    kept, warnings = _survey.settled({name: {"name": name} for name in RESULTS}, 3, said.append)
    assert set(kept) == {"converged", "warned", "dead"}
    assert sorted(read) == [(True, name) for name in sorted(RESULTS)], "a host that is only looked at was written"
    assert kept["converged"]["credential"] == {"days_left": 100} and "steps" not in kept["converged"]
    assert kept["dead"]["failure"]["step"] == "read"
    assert said == ["dead: failed at read: no answer"]
    assert warnings == ["warned: a live secret under a former name"]


def test_nobody_is_asked_for_nobody(read: list[tuple[bool, str]]) -> None:
    assert _survey.settled({}, 3, print) == ({}, []) and read == []


@pytest.mark.parametrize(
    ("defaults", "own"),
    [
        ([], False),
        (None, False),
        ([{"ansible.builtin.uri": {}}], False),
        ([{"group/fleetops.usersync.azuread": {}}], True),
        ([{}, {"fleetops.usersync.usersync_connection": {}}], True),
    ],
)
def test_defaults_of_a_play_are_for_tasks(defaults: Any, own: bool) -> None:
    assert _survey.has_defaults(defaults) is own


def test_hosts_that_are_read_side_by_side_mask_their_own_secrets_only() -> None:
    """A text from one host is shown without its password, whatever another thread does meanwhile."""
    told: dict[str, str] = {}
    both = threading.Barrier(2, timeout=10)

    def host(name: str) -> None:
        with _masking.task(Secrets({f"password-of-{name}"})):
            both.wait()
            told[name] = _masking.outside("password-of-a password-of-b")
            both.wait()

    threads = [threading.Thread(target=host, args=[name]) for name in "ab"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert told == {"a": f"{_masking.PART} password-of-b", "b": f"password-of-a {_masking.PART}"}
