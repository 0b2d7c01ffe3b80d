# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/bootstrap.md by hand: the commands of azure-cli as they stand there; what they make serves the collection."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import known
import pytest
from environments import AZURE_CLI
from microsoft import Az, Place, Refused
from product import Product

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bootstrap.md"
OWNED_BY = "Application.ReadWrite.OwnedBy"


def commands() -> tuple[list[str], str]:
    """Those that make the app, and the one that trusts a pipeline."""
    [section] = [
        one for one in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M) if one[:8] == "With az\n"
    ]
    made, trusted = re.findall(r"^```console\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return made.replace("\\\n", "").splitlines(), trusted


def typed(az: Az, place: Place, command: str, app_id: str) -> str:
    """What a line of the page prints in a shell."""
    line = command.replace("APP_ID", app_id)
    return place.run(AZURE_CLI, ["bash", "-euc", line], AZURE_CONFIG_DIR=str(place.home / "az")).strip()


@pytest.fixture
def made(az: Az, place: Place) -> tuple[str, dict[str, Any]]:
    """The id of the app, and what the last command printed."""
    (create, *middle, reset), _trusted = commands()
    app_id = typed(az, place, create, "")
    assert re.fullmatch(r"[0-9a-f-]{36}", app_id)
    for command in middle:
        if "admin-consent" not in command:
            typed(az, place, command, app_id)
            continue
        # the test is logged in as an application, and an administrator is a person
        known.ADMIN_CONSENT.still(AZURE_CLI)
        with pytest.raises(Refused):
            typed(az, place, command, app_id)
        place.sim.seed("consent", app_id=app_id, roles=[OWNED_BY])
    return app_id, json.loads(typed(az, place, reset, app_id))


def test_what_the_commands_make_logs_the_collection_in(
    made: tuple[str, dict[str, Any]], place: Place, product: Product
) -> None:
    app_id, printed = made
    product.login = {
        "tenant": place.sim.tenant_id,
        "client_id": app_id,
        "certificate_path": printed["fileWithCertAndPrivateKey"],
        "ca_path": place.sim.ca_file,
    }
    result = product("azuread_app_info", check_permissions=True, include_login=True)
    assert result["automation"]["permissions"] == [OWNED_BY]
    assert result["automation_login"]["by"] == "certificate" and result["automation_login"]["certain"]
    assert product("azuread_app", unique_name="usersync", display_name="User Sync")["changed"]


def test_the_pipeline_that_is_trusted_needs_no_secret(
    made: tuple[str, dict[str, Any]], az: Az, place: Place, product: Product
) -> None:
    app_id, _printed = made
    _made, trusted = commands()
    credential = json.loads(typed(az, place, trusted, app_id))
    token = place.sim.seed("federated_token", issuer=credential["issuer"], subject=credential["subject"])["token"]
    product.login = {
        "tenant": place.sim.tenant_id,
        "client_id": app_id,
        "auth_method": "workload_identity",
        "federated_token": token,
        "ca_path": place.sim.ca_file,
    }
    assert product("azuread_app_info", check_permissions=True)["automation"]["permissions"] == [OWNED_BY]
