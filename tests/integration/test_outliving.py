# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was given to log in runs out while a sync is under way: the secret's last steps happen all the same."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

ROTATE = "fleetops.usersync.rotate_secrets"
LAST_TASK = "Confirm - wait for all syncs"


def log_in_with(it: Any, kind: str) -> Path:
    """Let the automation log in with a file, which is returned."""
    client_id = it.simulation.about["automation"]["client_id"]
    file = Path(it.folder / f"{kind}.txt")
    if kind == "certificate_path":
        made = it.simulation.tell("/seed", certificate={"app_id": client_id})["certificate"]
        file.write_text(made["private_key"] + made["certificate"], encoding="utf-8")
    else:
        claims = {"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:example/fleet:ref:main"}
        it.simulation.tell("/seed", federation={"app_id": client_id, **claims})
        made = it.simulation.tell("/seed", federated_token={**claims, "seconds": 30})["federated_token"]
        file.write_text(made["token"], encoding="utf-8")
    it.variables.pop("azure_connector_entra_client_secret", None)
    it.variables[f"azure_connector_entra_{kind}"] = str(file)
    return file


@pytest.mark.parametrize("kind", ["federated_token_file", "certificate_path"])
def test_the_last_steps_happen_without_the_file_that_bought_the_token(fleet: Any, kind: str) -> None:
    it = fleet(1)
    assert it.play().code == 0
    it.simulation.later(days=1)
    before = [entry["keyId"] for entry in it.app()["passwordCredentials"]]
    file = log_in_with(it, kind)
    it.variables["azure_connector_confirm_wait"] = 1
    it.simulation.tell("/faults", kind="sync_slow", seconds=6)
    seen: list[float] = []

    def watch(line: str) -> None:
        if LAST_TASK in line:
            seen.append(time.time())
            file.unlink()

    played = it.play("-e", "azure_connector_force=true", playbook=ROTATE, watch=watch)
    assert played.code == 0 and len(seen) == 1 and not file.exists(), played.output
    retired = [path for path in played.writes if path.endswith("/removePassword")]
    after = [entry["keyId"] for entry in it.app()["passwordCredentials"]]
    assert len(retired) == len(after) == 1 and after != before and it.pending() == [] and it.unharmed()

    # the next run needs a new token, and says what to renew
    again = it.play(playbook=ROTATE)
    assert again.code != 0 and again.writes == [] and f"azure_connector_entra_{kind}" in again.output, again.output
