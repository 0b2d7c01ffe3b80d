# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play of docs/modules.md as it stands there: it connects a host, and a second time it changes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "modules.md"


def test_the_guide_module_by_module(fleet: Any) -> None:
    it = fleet(1)
    [play] = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (it.folder / "by-hand.yml").write_text(play, encoding="utf-8")
    host = it.hosts["jira01"]
    login = {
        name.removeprefix("azure_connector_"): value
        for name, value in host.items()
        if name.removeprefix("azure_connector_") in ("url", "username", "password", "token", "ca_path")
    }
    entra = {
        name.removeprefix("azure_connector_entra_"): value
        for name, value in it.variables.items()
        if name.startswith("azure_connector_entra_")
    }
    it.inventory["here"] = {
        "hosts": {"localhost": {"ansible_connection": "local"}},
        "vars": {
            "entra_login": entra,
            "atlassian_login": {**login, "site": it.variables["azure_connector_site"]},
        },
    }
    played = it.play(playbook="by-hand.yml")
    assert played.code == 0, played.output
    state = it.simulation.state()
    assert state["works"]["jira01"] and state["hosts"]["jira01"]["connectors"][0]["users"] > 0
    again = it.play(playbook="by-hand.yml")
    assert again.code == 0 and again.writes == [], again.output
