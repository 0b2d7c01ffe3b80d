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
from product import HOLDER, Product
from recordings import Recording

PLAYBOOK = Path(__file__).with_name("azcollection.yml")


def play(place: Place, playbook: Path = PLAYBOOK, result: str = "left.json", **more: str) -> dict[str, Any]:
    """What the playbook left behind."""
    sim = place.sim
    place.run(
        AZCOLLECTION,
        [str(AZCOLLECTION.venv / "bin" / "ansible-playbook"), "--inventory", "localhost,", str(playbook)],
        AZURE_TENANT=sim.tenant_id,
        AZURE_CLIENT_ID=sim.automation["client_id"],
        AZURE_SECRET=sim.automation["client_secret"],
        AZURE_SUBSCRIPTION_ID=sim.world.tenant.management.subscription_id,
        ANSIBLE_HOME=str(place.home / ".ansible"),
        ANSIBLE_NOCOLOR="1",
        **more,
        WITNESS_CERTIFICATE=base64.b64encode(make_certificate("azcollection")[0]).decode(),
    )
    left: dict[str, Any] = json.loads((place.home / result).read_text(encoding="utf-8"))
    return left


def test_the_whole_life_of_an_application(place: Place, product: Product, recorded: Callable[[str], Recording]) -> None:
    known.KEY_VALUE.still(AZCOLLECTION)
    recording = recorded("azcollection")
    left = play(place)
    recording.finish()
    take_over(product, left)


def take_over(product: Product, left: dict[str, Any]) -> None:
    """The product works on what the playbook left, and nothing of it is lost."""
    before = product.info(left["id"])
    assert (before["display_name"], before["notes"]) == ("Changed by azcollection", "by hand")
    assert [item["key_id"] for item in before["credentials"]] == [left["secret"]]
    assert product("azuread_app", object_id=left["id"], tags=["three"])["changed"]
    minted = product("azuread_app_secret", object_id=left["id"], holder=HOLDER)
    after = product.info(left["id"])
    assert {item["key_id"] for item in after["credentials"]} == {left["secret"], minted["credential"]["key_id"]}
    for name in set(before) - {"tags", "credentials", "pending"}:
        assert after[name] == before[name], name


def test_it_reads_what_the_product_made(place: Place, product: Product) -> None:
    shown, minted = product.make()
    read = play(place, PLAYBOOK.with_name("azcollection_read.yml"), "read.json", WITNESS_APP=shown["object_id"])
    [app], [principal], [secret] = read["app"], read["principal"], read["secrets"]
    for name, theirs in (
        ("object_id", "object_id"),
        ("app_id", "app_id"),
        ("display_name", "app_display_name"),
        ("notes", "notes"),
        ("sign_in_audience", "sign_in_audience"),
        ("redirect_uris", "web_reply_urls"),
    ):
        assert app[theirs] == shown[name], name
    assert (principal["object_id"], principal["account_enabled"]) == (
        shown["service_principal"]["object_id"],
        shown["service_principal"]["enabled"],
    )
    assert (secret["key_id"], secret["end_date"][:19]) == (
        minted["credential"]["key_id"],
        minted["credential"]["end"][:19],
    )


def test_an_error_of_the_simulator_turns_it_red(place: Place) -> None:
    """It holds the answers to its own requests; that a member of a secret is gone it would not notice."""
    with spoilt.renamed_name(), pytest.raises(Refused, match="Hold the answer against what was asked for"):
        play(place)
