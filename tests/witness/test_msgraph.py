# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""msgraph-sdk with azure-identity: the whole life of an application, through its typed objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.simulator import spoilt
from ansible_collections.fleetops.usersync.tests.simulator.entra.assertions import make_certificate
from environments import MSGRAPH
from microsoft import Place, Refused
from recordings import Recording

PROGRAM = Path(__file__).with_name("msgraph_client.py")


def run(place: Place) -> dict[str, Any]:
    """What the program left behind."""
    sim = place.sim
    _der, certificate, private = make_certificate("sdk")
    pem = place.home / "sdk.pem"
    pem.write_text(private + certificate, encoding="utf-8")
    token = sim.seed("federated_token", issuer="https://issuer.example.com", subject="job:2")["token"]
    found: dict[str, Any] = json.loads(
        place.run(
            MSGRAPH,
            [str(MSGRAPH.python), str(PROGRAM)],
            WITNESS_TENANT=sim.tenant_id,
            WITNESS_CLIENT=sim.automation["client_id"],
            WITNESS_SECRET=sim.automation["client_secret"],
            WITNESS_CERTIFICATE=str(pem),
            WITNESS_TOKEN=token,
        )
    )
    return found


def test_the_whole_life_of_an_application(place: Place, recorded: Callable[[str], Recording]) -> None:
    recording = recorded("msgraph-sdk")
    left = run(place)
    recording.finish()
    [app] = [item for item in place.sim.state()["tenant"]["applications"] if item["id"] == left["id"]]
    assert [item["keyId"] for item in app["passwordCredentials"]] == [left["secret"]]
    assert [item["keyId"] for item in app["keyCredentials"]] == [left["certificate"]]


@pytest.mark.parametrize("error", spoilt.ERRORS)
def test_an_error_of_the_simulator_turns_it_red(place: Place, error: Callable[[], Any]) -> None:
    wanted = {
        spoilt.renamed_member: "'NoneType' object is not subscriptable",
        spoilt.dropped_restriction: "not refused with Request_MultipleObjectsWithSameKeyValue",
        spoilt.wrong_status: "AssertionError",
    }
    with error(), pytest.raises(Refused, match=wanted[error]):
        run(place)
