# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that talk to an API run on another machine when told so: as modules, and no secret touches its disk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest


def test_setup_on_another_machine(fleet: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    it = fleet(2)
    files = tmp_path / "put"
    files.mkdir()
    monkeypatch.setenv("ELSEWHERE_FILES", str(files))
    settings = f"[defaults]\nconnection_plugins = {Path(__file__).parent / 'connection'}\n"
    (it.folder / "ansible.cfg").write_text(settings, encoding="utf-8")
    it.inventory["bastions"] = {
        "hosts": {"bastion": {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}}
    }
    it.variables["azure_connector_delegate_to"] = "bastion"
    first = it.play("-vvvv")
    assert first.code == 0, first.output[-3000:]
    assert "<bastion>" in first.output and set(first.changed.values()) == {1, 3}
    second = it.play()
    assert second.code == 0 and set(second.changed.values()) == {0} and second.writes == []
    told = first.output + second.output + "".join(path.read_text("utf-8", "replace") for path in files.iterdir())
    for secret in it.simulation.ask("/secrets"):
        assert secret["value"] not in told, secret["kind"]
