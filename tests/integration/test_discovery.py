# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play of docs/connector.md that is run on a live host before anything else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "connector.md"


def test_the_play_of_the_page_tells_names_and_no_value(fleet: Any) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    play = next(block for block in blocks if "usersync_connector_info" in block)
    it = fleet(2, "--generations", "jira01=1.9", "--host-options", json.dumps({"*": {"connectors": [{}]}}))
    leaves = {"application_id": "0f5d1c7e-1111-4222-8333-444455556666", "client_secret": "a-secret-of-the-live-host"}
    it.simulation.tell("/host", name="jira01", leaves=leaves)
    (it.folder / "discover.yml").write_text(play, encoding="utf-8")
    played = it.play(playbook="discover.yml")
    assert played.code == 0 and played.writes == [], played.output
    rows = re.findall(r'"kind": "([^"]+)",\s+"path": "([^"]+)"', played.output)
    assert ("GUID", "azureSettings.applicationId") in rows and ("text", "azureSettings.applicationSecret") in rows
    for value in leaves.values():
        assert value not in played.output
