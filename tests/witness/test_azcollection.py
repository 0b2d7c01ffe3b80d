# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""azure.azcollection out of the community package ``ansible``: the whole life of an application, by its own modules."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import known
import pytest
from ansible_collections.fleetops.usersync.tests.simulator import spoilt
from ansible_collections.fleetops.usersync.tests.simulator.entra.assertions import make_certificate
from environments import AZCOLLECTION
from microsoft import Place, Refused
from recordings import Recording

PLAYBOOK = Path(__file__).with_name("azcollection.yml")


def play(place: Place) -> dict[str, Any]:
    """What the playbook left behind."""
    sim = place.sim
    place.run(
        AZCOLLECTION,
        [str(AZCOLLECTION.venv / "bin" / "ansible-playbook"), "--inventory", "localhost,", str(PLAYBOOK)],
        AZURE_TENANT=sim.tenant_id,
        AZURE_CLIENT_ID=sim.automation["client_id"],
        AZURE_SECRET=sim.automation["client_secret"],
        AZURE_SUBSCRIPTION_ID=sim.world.tenant.management.subscription_id,
        ANSIBLE_HOME=str(place.home / ".ansible"),
        ANSIBLE_NOCOLOR="1",
        WITNESS_CERTIFICATE=base64.b64encode(make_certificate("azcollection")[0]).decode(),
    )
    left: dict[str, Any] = json.loads((place.home / "left.json").read_text(encoding="utf-8"))
    return left


def test_the_whole_life_of_an_application(place: Place, recorded: Callable[[str], Recording]) -> None:
    known.KEY_VALUE.still(AZCOLLECTION)
    recording = recorded("azcollection")
    left = play(place)
    recording.finish()
    [app] = [item for item in place.sim.state()["tenant"]["applications"] if item["id"] == left["id"]]
    assert [item["keyId"] for item in app["passwordCredentials"]] == [left["secret"]]


@pytest.mark.parametrize("error", [spoilt.renamed_member])
def test_an_error_of_the_simulator_turns_it_red(place: Place, error: Callable[[], Any]) -> None:
    with error(), pytest.raises(Refused, match="Hold the secrets against what was asked for"):
        play(place)
