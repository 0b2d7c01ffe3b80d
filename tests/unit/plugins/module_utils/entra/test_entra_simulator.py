# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login and Graph at the simulated tenant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import open_graph
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.graph import key_path
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.prove import prove_secret
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import DeniedError, LoginError, WaitError
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator


@pytest.fixture(scope="module")
def _sim() -> Iterator[Simulator]:
    with Simulator(hosts=1) as sim:
        yield sim


@pytest.fixture
def sim(_sim: Simulator) -> Simulator:
    _sim.reset()
    return _sim


def options(sim: Simulator, identity: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    identity = identity or sim.automation
    return {
        "tenant": sim.tenant_domain,
        "client_id": identity["client_id"],
        "authority_url": sim.authority_url,
        "graph_url": sim.graph_url,
        "ca_path": sim.ca_file,
        **more,
    }


def with_secret(sim: Simulator, identity: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {**options(sim, identity), "client_secret": (identity or sim.automation)["client_secret"], **more}


def logins(sim: Simulator) -> int:
    return len([entry for entry in sim.journal(service="token") if entry["method"] == "POST" and not entry["internal"]])


def test_a_tenant_by_its_id_and_by_each_domain(sim: Simulator, run: Run) -> None:
    tenant = sim.describe()["tenant"]
    for name in (tenant["id"], tenant["domain"], tenant["initial_domain"]):
        graph = open_graph(with_secret(sim, tenant=name), run)
        assert graph.tenant_id == tenant["id"]
        assert graph.get("organization")["value"][0]["id"] == tenant["id"]
    assert "Application.ReadWrite.All" in graph.roles()


@pytest.mark.parametrize("how", ["certificate", "chain", "thumbprint"])
def test_certificate(sim: Simulator, run: Run, tmp_path: Path, how: str) -> None:
    made = sim.seed("certificate", app_id=sim.automation["client_id"])
    file = tmp_path / "automation.pem"
    file.write_text(made["private_key"] + ("" if how == "thumbprint" else made["certificate"]))
    more: dict[str, Any] = {"certificate_subject_name_issuer": how == "chain"}
    if how == "thumbprint":
        more["certificate_thumbprint"] = made["thumbprint"]
    open_graph(options(sim, certificate_path=str(file), **more), run).get("organization")


def test_federation(sim: Simulator, run: Run, tmp_path: Path) -> None:
    issuer = "https://ci.example"
    made = sim.seed("federation", app_id=sim.automation["client_id"], issuer=issuer, subject="deploy")
    file = tmp_path / "token"
    file.write_text(made["token"])
    open_graph(options(sim, federated_token_file=str(file)), run).get("organization")
    for claims, code in (
        ({"issuer": issuer, "subject": "other"}, "AADSTS700213"),
        ({"issuer": "https://other.example", "subject": "deploy"}, "AADSTS700211"),
        ({"issuer": issuer, "subject": "deploy", "audience": "other"}, "AADSTS700212"),
    ):
        foreign = sim.seed("federated_token", **claims)["token"]
        with pytest.raises(LoginError, match="no federated credential") as caught:
            open_graph(options(sim, federated_token=foreign), run)
        assert caught.value.code == code


def test_access_token(sim: Simulator, run: Run) -> None:
    first = open_graph(with_secret(sim), run)
    value = next(secret for secret in run.secrets if secret.startswith("ey"))
    graph = open_graph(options(sim, access_token=value), run)
    assert graph.get("organization") == first.get("organization")
    sim.advance(4000)
    with pytest.raises(DeniedError, match="the access token was refused; it has expired"):
        graph.get("organization")


def test_a_token_that_the_service_calls_expired_is_renewed(sim: Simulator, run: Run) -> None:
    graph = open_graph(with_secret(sim), run)
    sim.advance(4000)
    graph.get("organization")
    assert logins(sim) == 2
    assert graph.stats == {"requests": 2, "retries": 1, "throttled": 0, "logins": 2}


def test_refusals(sim: Simulator, run: Run) -> None:
    nobody = "99999999-0000-4000-8000-000000000001"
    for more, code in (
        ({"client_secret": "wrong"}, "AADSTS7000215"),
        ({"client_id": nobody}, "AADSTS700016"),
        ({"tenant": "nobody.example"}, "AADSTS90002"),
        ({"tenant": nobody}, "AADSTS90002"),
    ):
        with pytest.raises(LoginError) as caught:
            open_graph(with_secret(sim, **more), run)
        assert caught.value.code == code
    old = sim.seed("identity", display_name="old", days=-1)
    with pytest.raises(LoginError, match="has expired; create a new secret"):
        open_graph(with_secret(sim, old), run)


def test_a_refusal_names_what_is_missing(sim: Simulator, run: Run) -> None:
    graph = open_graph(with_secret(sim, sim.seed("identity", display_name="weak", profile="none")), run)
    with pytest.raises(DeniedError, match=r"does not have Application.ReadWrite.OwnedBy;"):
        graph.post("applications", {"displayName": "x", "signInAudience": "AzureADMyOrg"})
    assert graph.roles() == set()


def test_pages_and_names_with_signs(sim: Simulator, run: Run) -> None:
    graph = open_graph(with_secret(sim), run)
    name = "O'Neil & Söhne + 100% #1/2 {{ x }}"
    for _nth in range(3):
        sim.seed("application", display_name=name)
    made = sim.seed("application", display_name="x", unique_name=name)
    quoted = name.replace("'", "''")
    found = graph.list("applications", {"$filter": f"displayName eq '{quoted}'", "$top": "1"})
    assert len(found) == 3
    assert graph.get(key_path("applications", unique_name=name))["id"] == made["id"]
    assert graph.find(key_path("applications", unique_name="nobody's")) is None


def test_repetitions(sim: Simulator, run: Run, pauses: list[float]) -> None:
    graph = open_graph(with_secret(sim), run)
    sim.fault("throttle", service="graph", times=1, retry_after="2.128")
    sim.fault("unavailable", service="graph", times=1, html=True)
    sim.fault("unavailable", service="graph", times=1, empty=True)
    graph.get("organization")
    assert graph.stats["retries"] == len(pauses) >= 1
    sim.clear_faults()
    pauses.clear()
    sim.fault("concurrency", service="graph", method="POST", times=1, status=503)
    graph.post("applications", {"displayName": "x", "signInAudience": "AzureADMyOrg"})
    assert pauses[0] >= 3


def test_a_new_secret_is_proved_as_soon_as_it_is_known(sim: Simulator) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        sim.advance(seconds)

    run = Run(sleep=sleep, monotonic=lambda: sum(waited))
    app = sim.seed("application", display_name="app")
    sim.seed("consent", app_id=app["app_id"], roles=["User.Read.All"])
    sim.fault("secret_refused", seconds=60)
    graph = open_graph(with_secret(sim), run)
    secret = graph.post(f"applications/{app['id']}/addPassword", {"passwordCredential": {"displayName": "x"}})
    assert secret is not None
    with pytest.raises(WaitError) as caught:
        prove_secret(options(sim), sim.tenant_id, app["app_id"], secret["secretText"], 3, run)
    assert caught.value.code == "AADSTS7000215"
    claims = prove_secret(options(sim), sim.tenant_id, app["app_id"], secret["secretText"], 200, run)
    assert claims["roles"] == ["User.Read.All"]
    assert claims["appid"] == app["app_id"]
    # less than a minute of pauses on a slow machine, whose own time counts too
    assert 30 <= sum(waited) <= 75
