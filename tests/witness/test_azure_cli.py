# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""azure-cli: the whole life of an application, by its own commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import azure_cli
import pytest
from ansible_collections.fleetops.usersync.tests.simulator import spoilt
from environments import AZURE_CLI
from microsoft import Az, Refused
from recordings import Recording


def test_the_whole_life_of_an_application(az: Az, recorded: Callable[[str], Recording]) -> None:
    assert az("version")["azure-cli"] == AZURE_CLI.pins()["azure-cli"]
    recording = recorded("azure-cli")
    made = azure_cli.applications(az)
    app_id = made["appId"]
    principal = azure_cli.principals(az, app_id)
    kept = azure_cli.secrets(az, app_id)
    certificate = azure_cli.certificates(az, app_id)
    azure_cli.federation(az, app_id)
    azure_cli.permissions(az, app_id, principal["id"])
    azure_cli.owners(az, app_id)
    shown = az("ad app show --id", app_id)
    assert [item["keyId"] for item in shown["passwordCredentials"]] == kept
    assert [item["keyId"] for item in shown["keyCredentials"]] == [certificate]
    azure_cli.deleted_items(az, app_id, made["id"])
    recording.finish()


def test_a_policy_of_the_tenant_binds_it(az: Az) -> None:
    azure_cli.lifetimes(az)


def test_an_app_and_its_principal_in_one_command(az: Az) -> None:
    made = az("ad sp create-for-rbac --name", "For a pipeline")
    assert made["tenant"] == az.sim.tenant_id
    azure_cli.log_in(az, made["appId"], made["password"])
    again = az("ad sp create-for-rbac --name", "For a pipeline")
    assert again["appId"] == made["appId"] and again["password"] != made["password"]
    assert len(az("ad app credential list --id", made["appId"])) == 1


@pytest.mark.parametrize("error", spoilt.ERRORS)
def test_an_error_of_the_simulator_turns_it_red(az: Az, error: Callable[[], Any]) -> None:
    def life() -> None:
        made = az("ad app create --display-name", "Spoilt", "--app-roles", f"[{json.dumps(azure_cli.ROLE)}]")
        azure_cli.principals(az, made["appId"], "Spoilt")
        azure_cli.secrets(az, made["appId"])
        azure_cli.deleted_items(az, made["appId"], made["id"])

    wanted = {
        spoilt.renamed_member: "secretText",
        spoilt.dropped_restriction: "was not refused",
        spoilt.wrong_status: "does not exist",
    }
    with error(), pytest.raises((AssertionError, Refused), match=wanted[error]):
        life()
