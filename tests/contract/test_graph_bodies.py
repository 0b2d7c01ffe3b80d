# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator holds every request and answer of Graph against Microsoft's schema, and a wrong member is caught."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fleetops.usersync.plugins.module_utils import _front
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import applications
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.store import STORE
from ansible_collections.fleetops.usersync.tests.simulator import Simulator
from ansible_collections.fleetops.usersync.tests.simulator.entra import schema
from ansible_collections.fleetops.usersync.tests.simulator.entra.graph import ROUTES


@pytest.fixture
def sim() -> Iterator[Simulator]:
    STORE.clear()
    with Simulator(hosts=0) as running:
        yield running


def make(sim: Simulator, **options: Any) -> dict[str, Any]:
    login = {
        "tenant": sim.tenant_id,
        **sim.automation,
        "authority_url": sim.authority_url,
        "graph_url": sim.graph_url,
        "ca_path": sim.ca_file,
    }
    wanted = {name: value for name, value in login.items() if name in DEFINITION.argument_spec}
    validated = ArgumentSpecValidator(DEFINITION.argument_spec).validate({**wanted, "unique_name": "x", **options})
    assert validated.error_messages == []
    return _front.execute(DEFINITION, validated.validated_parameters, _front.Run())


def test_every_body_has_a_type() -> None:
    """No route takes a body or answers with one that nobody checks, but for references and photos."""
    for (method, shape), route in ROUTES.items():
        if method == "GET" and not shape.endswith("$value"):
            assert route.answer, f"{method} {shape}"
        if method in ("POST", "PATCH") and not shape.endswith("/restore"):
            assert route.request, f"{method} {shape}"
        for name in (route.request, route.answer):
            kind = (name or "").strip("[]")
            if kind and kind != "reference" and not kind.startswith("action:"):
                assert kind in schema.tables()["types"], name


@pytest.mark.parametrize(
    ("member", "path", "wrong"),
    [
        ("display_name", ("displayNane",), "displayNane"),
        ("home_page_url", ("web", "homePageUri"), "homePageUri"),
        ("notes", ("tags",), "tags"),
    ],
)
def test_a_wrong_member_of_a_request_is_refused(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, member: str, path: tuple[str, ...], wrong: str
) -> None:
    assert not make(sim).get("failed")
    monkeypatch.setitem(applications.SCALARS, member, path)
    result = make(sim, **{member: "https://jira.example.com"})
    assert result["failed"] and "HTTP 400" in result["msg"] and f"'{wrong}'" in result["msg"].replace("web/", "")


@pytest.mark.parametrize("spoilt", [{"tags": "text"}, {"web": {"redirectUri": []}}, {"nickName": "x"}])
def test_a_wrong_member_of_an_answer_is_caught(sim: Simulator, spoilt: dict[str, Any]) -> None:
    """The tests of the modules look for it at their end."""
    made = make(sim)["app"]

    def spoil() -> None:
        record = sim.world.tenant.find("application", "id", made["object_id"])
        record.data = {**record.data, **spoilt}

    sim.call(spoil)
    assert make(sim)["failed"]
    assert "does not fit the schema" in sim.state()["internal_errors"][0]
