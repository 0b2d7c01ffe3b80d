# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second Azure connector of a host, and what a renewal says of other people's credentials on the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.test_usersync_connection import One, prepared

__all__ = ["prepared"]
SECOND = {"connector_name": "Second", "schedule_enabled": True}


@pytest.fixture
def one(prepared: Callable[..., One]) -> One:
    return prepared()


def holders(one: One) -> list[str]:
    return [str(entry["displayName"]) for entry in one.tenant.app("usersync")["passwordCredentials"]]


def test_a_second_connector_is_made_before_its_secret_which_bears_its_id(one: One) -> None:
    alone = one.ok(connector={"name": "First"})["holder"]
    foretold = one.ok(check=True, connector=SECOND)
    assert foretold["holder"] is None and foretold["changed"] and one.writes() == []
    made = one.ok(connector=SECOND)
    assert made["done"] == foretold["done"] == ["connector made", "secret created", "synchronised"]
    assert [step["step"] for step in made["steps"]] == [
        "read",
        "deliver",
        "mint",
        "prove",
        "deliver",
        "confirm",
        "retire",
    ]
    assert made["holder"] == f"{alone}#{made['connector']['id']}"
    assert made["connector"]["schedule_enabled"] is True and one.works() and one.tags() == []
    assert sorted(name.split(":")[1:-2] for name in holders(one)) == sorted(
        who.split(":") for who in (alone, made["holder"])
    ), "the first connector lost its secret"
    assert one.ok(connector=SECOND)["changed"] is False and one.writes() == []


def test_a_second_connector_without_its_secret_is_gone_on_with(one: One) -> None:
    one.ok(connector={"name": "First"})
    one.sim.fault(
        "error", service="graph", method="POST", path=r"addPassword", status=403, code="Authorization_RequestDenied"
    )
    failed = one.run(connector=SECOND)
    assert failed["failed"] and failed["failure"]["step"] == "mint", failed
    one.sim.clear_faults()
    made = one.ok(connector=SECOND)
    assert "secret renewed" in made["done"] and "connector made" not in made["done"], made["done"]
    assert len(one.sim.state()["hosts"][one.live.name]["connectors"]) == 2 and one.works()


def test_a_name_that_two_connectors_bear_is_an_error_with_a_remedy(one: One) -> None:
    one.ok(connector={"name": "First"})
    one.sim.seed("connector", host=one.live.name, name="First")
    told = one.run(connector={"connector_name": "First"})
    assert told["failed"] and one.writes() == [] and "connector_id" in told["msg"], told


def test_a_renewal_warns_of_what_others_hold_and_goes_on(one: One) -> None:
    one.ok()
    app_id = one.tenant.app("usersync")["appId"]
    one.sim.seed("credential", app_id=app_id, display_name="backup script")
    one.sim.advance(86400)
    assert not one.ok().get("warnings"), "nothing is minted"
    told = one.ok(secret={"force": True})
    [text] = told["warnings"]
    key_id = next(
        entry["keyId"]
        for entry in one.tenant.app("usersync")["passwordCredentials"]
        if entry["displayName"] == "backup script"
    )
    assert "backup script" in text and f"az ad app credential delete --id {app_id} --key-id {key_id}" in text, text
    one.sim.advance(86400)
    assert not one.ok(secret={"force": True, "known_credentials": [key_id]}).get("warnings")


def test_the_module_for_connectors_tells_the_holder_of_a_second_one_once_it_is_made(live: Any) -> None:
    live.world()
    alone = live.connector(**live.wanted(site="berlin"))["holder"]
    more = live.wanted(site="berlin", connector_name="Second", name="Second")
    foretold = live.connector(check=True, **more)
    assert foretold["holder"] is None and "does not exist yet" in foretold["holder_lacks"]
    made = live.connector(**more)
    assert made["created"] and made["holder"] == f"{alone}#{made['connector']['id']}" and made["holder_lacks"] is None
