# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app_federated_credential through its real main() against the simulated tenant."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app_federated_credential
from ansible_collections.fleetops.usersync.tests.simulator.entra.tokens import ASSERTION_TYPE
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import token

APP = {"unique_name": "usersync-automation"}
ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:example/fleet:environment:production"
MINE = {**APP, "name": "github-production"}
FULL = {**MINE, "issuer": ISSUER, "subject": SUBJECT}


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP)
    return tenant


def held(tenant: Any) -> list[dict[str, Any]]:
    """From the simulator's own state."""
    app = tenant.app("usersync-automation")
    [record] = [r for r in tenant.sim.world.tenant.store.records("application") if r.id == app["id"]]
    return list(record.data["_federated"])


def fill(tenant: Any, count: int) -> None:
    for number in range(count):
        tenant.sim.seed(
            "federation", app_id=tenant.app("usersync-automation")["appId"], issuer=ISSUER, subject=f"repo:{number}"
        )


def test_twelve_steps(made: Any) -> None:
    assert azuread_app_federated_credential.main
    for options, changed in (
        (FULL, True),
        (FULL, False),
        ({**MINE, "subject": "repo:example/fleet:ref:refs/heads/main", "description": "Nightly"}, True),
        ({**MINE, "description": "Nightly"}, False),
        ({**MINE, "state": "absent"}, True),
        ({**MINE, "state": "absent"}, False),
    ):
        predicted = made.ok("federated", check=True, **options)
        assert made.writes() == []
        real = made.ok("federated", **options)
        assert predicted["changed"] is real["changed"] is changed, options
        assert bool(made.writes()) is changed and ("diff" in real) is changed
        if changed:
            foretold, told = predicted["federated_credential"] or {}, real["federated_credential"] or {}
            assert {**foretold, "id": None} == {**told, "id": None}
    assert held(made) == []


def test_only_what_is_named_changes(made: Any) -> None:
    made.ok("federated", **FULL, description="Nightly")
    result = made.ok("federated", **MINE, subject="repo:example/fleet:ref:refs/heads/main")
    assert made.writes() == [("PATCH", made.writes()[0][1])]
    [entry] = held(made)
    assert (entry["issuer"], entry["description"]) == (ISSUER, "Nightly")
    assert result["diff"]["before"]["subject"] == SUBJECT and result["diff"]["after"]["subject"].endswith("main")
    made.ok("federated", **MINE, description="")
    assert held(made)[0]["description"] is None


@pytest.mark.parametrize(
    ("cloud", "audience"),
    [
        ("public", "api://AzureADTokenExchange"),
        ("usgov", "api://AzureADTokenExchangeUSGov"),
        ("dod", "api://AzureADTokenExchangeUSGov"),
        ("china", "api://AzureADTokenExchangeChina"),
    ],
)
def test_the_audience_is_the_usual_one_of_the_cloud(made: Any, cloud: str, audience: str) -> None:
    assert made.ok("federated", **FULL, cloud=cloud)["federated_credential"]["audiences"] == [audience]
    assert not made.ok("federated", **MINE, cloud="public")["changed"]


def test_the_app_logs_in_with_it(made: Any) -> None:
    app_id = made.ok("federated", **FULL)["app_id"]
    foreign = made.sim.seed("federated_token", issuer=ISSUER, subject=SUBJECT)["token"]
    proof = {"client_assertion": foreign, "client_assertion_type": ASSERTION_TYPE}
    answer = token(made.sim, client_id=app_id, client_secret="", **proof)
    assert answer.status_code == 200, answer.text


def test_twenty_is_the_limit_and_seen_first(made: Any) -> None:
    fill(made, 20)
    for check in (True, False):
        result = made.run("federated", check=check, **FULL)
        assert result["failed"] and "20 federated credentials" in result["msg"] and "federation1" in result["msg"]
        assert result["failure"]["code"] == "federated_credential_limit" and made.writes() == []
    made.ok("federated", **{**MINE, "name": "federation1"}, description="changed")
    made.ok("federated", **{**MINE, "name": "federation1"}, state="absent")
    made.ok("federated", **FULL)


def test_issuer_and_subject_belong_to_one_credential(made: Any) -> None:
    made.ok("federated", **FULL)
    result = made.fails("federated", "'github-production'", "this issuer and subject", **{**FULL, "name": "again"})
    assert result["failure"]["code"] == "federated_credential_exists"
    made.ok("federated", **{**FULL, "name": "other", "subject": SUBJECT.upper()})
    made.fails("federated", "'other'", **MINE, subject=SUBJECT.upper())


def test_found_by_name_without_regard_to_case(made: Any) -> None:
    made.ok("federated", **FULL)
    assert not made.ok("federated", **{**FULL, "name": "GitHub-Production"})["changed"]
    assert made.ok("federated", **{**MINE, "name": "GitHub-Production"}, state="absent")["changed"]


@pytest.mark.parametrize("lost", ["lost_answer", "unavailable"])
def test_made_once_though_the_answer_was_lost(made: Any, lost: str) -> None:
    made.sim.fault(lost, count=1, method="PATCH", path="federatedIdentityCredentials", after=True)
    result = made.ok("federated", **FULL)
    assert len(held(made)) == 1 and result["federated_credential"]["id"] == held(made)[0]["id"]


def test_a_new_app_that_not_every_replica_knows(tenant: Any, slept: list[float]) -> None:
    tenant.sim.fault("lag", seconds=0.4)
    tenant.ok("app", **APP, check=True)
    tenant.ok("app", **APP)
    assert tenant.ok("federated", **FULL)["changed"]


def test_app_of_check_mode(tenant: Any) -> None:
    result = tenant.ok("federated", check=True, **FULL)
    assert result["changed"] and result["object_id"] is None and len(result["warnings"]) == 1
    tenant.fails("federated", "no app registration", **FULL)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": "ab"}, ["name", "3 to 120"]),
        ({"name": "-abc"}, ["name", "3 to 120"]),
        ({"name": "a" * 121}, ["name", "3 to 120"]),
        ({"name": "a b c"}, ["name", "3 to 120"]),
        ({"issuer": "http://ci.example.com"}, ["issuer", "https://"]),
        ({"issuer": "https://user:secret@ci.example.com"}, ["issuer", "without a user"]),
        ({"issuer": "https://ci.example.com/?a=b"}, ["issuer", "query"]),
        ({"issuer": "https://ci.example.com:x"}, ["issuer", "https://"]),
        ({"issuer": " "}, ["issuer", "is empty"]),
        ({"issuer": None}, ["issuer", "is required"]),
        ({"subject": None}, ["subject", "is required"]),
        ({"subject": ""}, ["subject", "is empty"]),
        ({"subject": "repo:example/*"}, ["subject", "wildcard"]),
        ({"subject": "repo:{{ name }}"}, ["subject", "template"]),
        ({"subject": "x" * 601}, ["subject", "600"]),
        ({"audiences": []}, ["audiences", "exactly one"]),
        ({"audiences": ["a", "b"]}, ["audiences", "exactly one"]),
        ({"audiences": [""]}, ["audiences", "empty"]),
        ({"description": "x" * 601}, ["description", "600"]),
        ({"settle_timeout": -1}, ["settle_timeout"]),
    ],
)
def test_bad_input_is_one_sentence(made: Any, options: dict[str, Any], words: list[str]) -> None:
    wanted = {name: value for name, value in {**FULL, **options}.items() if value is not None}
    result = made.fails("federated", *words, **wanted)
    assert "secret@" not in result["msg"]


def test_info_lists_them(made: Any) -> None:
    written = made.ok("federated", **FULL)["federated_credential"]
    fill(made, 1)
    [app] = made.ok("info", **APP, include_federated_credentials=True)["apps"]
    assert app["federated_credentials"][1] == written and len(app["federated_credentials"]) == 2
    assert "federated_credentials" not in made.ok("info", **APP)["apps"][0]


def test_owner_trusts_for_its_own_app_only(made: Any) -> None:
    made.ok("app", unique_name="foreign")
    made.as_identity("owner", owns=[made.app("usersync-automation")["appId"]])
    assert made.ok("federated", **FULL)["changed"]
    made.fails("federated", "is an owner of the app registration", **{**FULL, "unique_name": "foreign"})
