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
from product import HOLDER, TRUST, Product
from recordings import Recording

PROGRAM = Path(__file__).with_name("msgraph_client.py")


READER = PROGRAM.with_name("msgraph_read.py")


def login(place: Place, automation: dict[str, str] | None = None) -> dict[str, str]:
    automation = automation or place.sim.automation
    return {
        "WITNESS_TENANT": place.sim.tenant_id,
        "WITNESS_CLIENT": automation["client_id"],
        "WITNESS_SECRET": automation["client_secret"],
    }


def run(place: Place, automation: dict[str, str] | None = None) -> dict[str, Any]:
    """What the program left behind, logged in as this automation or as the product's own."""
    sim = place.sim
    _der, certificate, private = make_certificate("sdk")
    pem = place.home / "sdk.pem"
    pem.write_text(private + certificate, encoding="utf-8")
    token = sim.seed("federated_token", issuer="https://issuer.example.com", subject="job:2")["token"]
    found: dict[str, Any] = json.loads(
        place.run(
            MSGRAPH,
            [str(MSGRAPH.python), str(PROGRAM)],
            **login(place, automation),
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


def read(place: Place, object_id: str) -> dict[str, Any]:
    """What the SDK sees of an app."""
    text = place.run(MSGRAPH, [str(MSGRAPH.python), str(READER), object_id], **login(place))
    found: dict[str, Any] = json.loads(text)
    return found


def as_read(shown: dict[str, Any]) -> dict[str, Any]:
    """What the product shows, in the reader's form."""

    def credentials(name: str) -> list[Any]:
        return sorted([item["key_id"], item["display_name"], item["end"][:19]] for item in shown[name])

    plain = ("object_id", "app_id", "unique_name", "display_name", "notes", "sign_in_audience", "home_page_url")
    return {
        **{name: shown[name] for name in (*plain, "redirect_uris", "tags", "owners")},
        "service_principal": [shown["service_principal"]["object_id"], shown["service_principal"]["enabled"]],
        "requested_permissions": sorted(
            [item["api"], item["id"], item["type"]] for item in shown["requested_permissions"]
        ),
        "granted_permissions": sorted([item["type"], item["value"]] for item in shown["granted_permissions"]),
        "credentials": credentials("credentials"),
        "certificates": credentials("certificates"),
        "federated_credentials": [
            [item[name] for name in ("name", "issuer", "subject", "audiences", "description")]
            for item in shown["federated_credentials"]
        ],
    }


def test_it_reads_what_the_product_made(place: Place, product: Product) -> None:
    shown, _minted = product.make()
    assert read(place, shown["object_id"]) == as_read(shown)


def test_the_product_takes_over_what_it_made(place: Place, product: Product) -> None:
    left = run(place)
    object_id = left["id"]
    before = read(place, object_id)
    assert as_read(product.info(object_id)) == before
    change = {"object_id": object_id, "redirect_uris": ["https://bamboo.example.com/c"], "tags": ["three"]}
    assert product("azuread_app", **change)["changed"]
    assert not product("azuread_app", **change)["changed"]
    product("azuread_app_federated_credential", object_id=object_id, name="ours", **TRUST)
    minted = product("azuread_app_secret", object_id=object_id, holder=HOLDER)
    after = read(place, object_id)
    assert as_read(product.info(object_id)) == after
    for name in ("redirect_uris", "tags", "credentials", "certificates", "federated_credentials", "owners"):
        assert [item for item in before[name] if item not in after[name]] == [], name
    for name in ("notes", "unique_name", "requested_permissions", "granted_permissions", "home_page_url"):
        assert after[name] == before[name], name
    assert {item[0] for item in after["credentials"]} == {left["secret"], minted["credential"]["key_id"]}


def test_an_app_of_another_automation_is_taken_over_only_when_it_is_named(place: Place, product: Product) -> None:
    left = run(place, place.sim.seed("identity", display_name="another automation", profile="full"))
    before = read(place, left["id"])
    said = product.refused("azuread_app", unique_name="made-by-the-sdk", tags=["three"])
    assert "adopt" in said and left["id"] in said
    assert read(place, left["id"]) == before
    product("azuread_app", unique_name="made-by-the-sdk", adopt=left["id"], tags=["three"])
    after = read(place, left["id"])
    assert {*before["tags"], "three"} <= set(after["tags"])
    for name in ("credentials", "certificates", "federated_credentials", "granted_permissions", "redirect_uris"):
        assert after[name] == before[name], name


@pytest.mark.parametrize("error", spoilt.ERRORS)
def test_an_error_of_the_simulator_turns_it_red(place: Place, error: Callable[[], Any]) -> None:
    wanted = {
        spoilt.renamed_member: "'NoneType' object is not subscriptable",
        spoilt.dropped_restriction: "not refused with Request_MultipleObjectsWithSameKeyValue",
        spoilt.wrong_status: "AssertionError",
    }
    with error(), pytest.raises(Refused, match=wanted[error]):
        run(place)
