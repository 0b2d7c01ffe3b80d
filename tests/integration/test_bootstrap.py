# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that makes the automation's own app, from an administrator's login and nothing else."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

BOOTSTRAP = "fleetops.usersync.bootstrap"
NAME = "usersync-automation"


@pytest.fixture
def it(fleet: Any) -> Any:
    """A fleet whose inventory holds no login of an automation yet."""
    made = fleet(2)
    for name in ("tenant", "client_id", "client_secret"):
        made.variables.pop(f"azure_connector_entra_{name}")
    for path in made.folder.glob(f"{NAME}*"):
        path.unlink()
    return made


def bootstrap(it: Any, *arguments: str, **settings: Any) -> Any:
    """The playbook with the login of the administrator, as ``az`` would hand it out."""
    about = it.simulation.about
    given = {
        "access_token": about["administrator"]["access_token"],
        "authority_url": about["authority_url"],
        "graph_url": about["graph_url"],
        "ca_path": about["ca_file"],
        **settings,
    }
    variables = {f"usersync_bootstrap_{name}": value for name, value in given.items()}
    (it.folder / "bootstrap-vars.json").write_text(json.dumps(variables), encoding="utf-8")
    played = it.play("-e", "@bootstrap-vars.json", *arguments, playbook=BOOTSTRAP)
    assert about["administrator"]["access_token"] not in played.output
    return played


def paste(output: str) -> dict[str, Any]:
    """What the run tells to put into the inventory, as it stands there."""
    [block] = re.findall(r"^usersync_hosts:\n(?:  .+\n)+", output, re.MULTILINE)
    return dict(yaml.safe_load(block)["usersync_hosts"]["vars"])


def test_from_an_administrators_login_to_a_fleet_at_work(it: Any) -> None:
    predicted = bootstrap(it, "--check")
    assert predicted.code == 0 and predicted.writes == [], predicted.output
    assert not (it.folder / f"{NAME}.pem").exists()
    first = bootstrap(it, profile="full", allow_full=True)
    assert first.code == 0 and first.changed["localhost"] == 3, first.output
    key = it.folder / f"{NAME}.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and key.read_text().splitlines()[3] not in first.output
    assert "It logs in by its certificate until 20" in first.output, first.output
    variables = paste(first.output)
    assert variables["azure_connector_entra_certificate_path"] == str(key)
    again = bootstrap(it, profile="full", allow_full=True)
    assert again.code == 0 and again.changed["localhost"] == 0 and again.writes == [], again.output
    assert paste(again.output) == variables
    it.variables.update(variables)
    played = it.play()
    assert played.code == 0 and it.unharmed(), played.output
    audited = it.play("-e", "azure_connector_audit_warn_days=400", playbook="fleetops.usersync.audit")
    assert audited.code == 0 and audited.writes == [], audited.output
    assert "login-expires-soon: the certificate that the automation itself logs in" in audited.output
    assert "expires in 364 days" in audited.output, audited.output


def test_the_default_is_the_smallest_profile(it: Any) -> None:
    played = bootstrap(it)
    assert played.code == 0, played.output
    variables = paste(played.output)
    assert variables["azure_connector_consent"] == "check"
    app = it.app(NAME)
    [access] = app["requiredResourceAccess"]
    assert len(access["resourceAccess"]) == 1
    assert app["passwordCredentials"] == [] and len(app["keyCredentials"]) == 1
    assert [line for line in played.writes if line.endswith("/appRoleAssignedTo")]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"profile": "full"}, "usersync_bootstrap_allow_full: the full profile can grant any permission"),
        ({"unique_name": " "}, "unique_name: is empty"),
    ],
)
def test_bad_input(it: Any, settings: dict[str, Any], words: str) -> None:
    played = bootstrap(it, **settings)
    assert played.code == 2 and words in re.sub(r"\s+", " ", played.output), played.output
    assert played.writes == [] and "Traceback" not in played.output


def test_a_pipeline_that_holds_no_secret(it: Any) -> None:
    trust = {"platform": "github", "repository": "example/fleet", "environment": "production"}
    played = bootstrap(it, login="federated", trust=trust, profile="full", allow_full="true")
    assert played.code == 0, played.output
    app = it.app(NAME)
    assert app["passwordCredentials"] == app["keyCredentials"] == []
    again = bootstrap(it, login="federated", trust=trust, profile="full", allow_full=True)
    assert again.code == 0 and again.writes == [], again.output
    token = it.simulation.tell(
        "/seed",
        federated_token={
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": "repo:example/fleet:environment:production",
        },
    )["federated_token"]["token"]
    file = Path(it.folder / "job.token")
    file.write_text(token, encoding="utf-8")
    it.variables.update(paste(again.output), azure_connector_entra_federated_token_file=str(file))
    played = it.play()
    assert played.code == 0 and it.unharmed(), played.output
    assert token not in played.output


def test_a_secret_as_the_last_choice(it: Any) -> None:
    played = bootstrap(it, "-vvv", login="secret", profile="full", allow_full=True)
    assert played.code == 0, played.output
    file = it.folder / f"{NAME}.secret"
    secret = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and secret not in played.output
    assert "It logs in by its secret until 20" in played.output, played.output
    again = bootstrap(it, login="secret", profile="full", allow_full=True)
    assert again.code == 0 and again.writes == [] and file.read_text() == secret, again.output
    file.unlink()
    anew = bootstrap(it, login="secret", profile="full", allow_full=True)
    assert anew.code == 0 and file.read_text() != secret and len(it.app(NAME)["passwordCredentials"]) == 1
    it.variables.update(paste(anew.output))
    played = it.play()
    assert played.code == 0 and it.unharmed() and file.read_text() not in played.output


def test_renewed_before_it_expires(it: Any) -> None:
    assert bootstrap(it).code == 0
    key = (it.folder / f"{NAME}.pem").read_text()
    renewed = bootstrap(it, valid_days=500, min_remaining_days=400)
    assert renewed.code == 0 and renewed.changed["localhost"] == 1, renewed.output
    assert (it.folder / f"{NAME}.pem").read_text() != key and len(it.app(NAME)["keyCredentials"]) == 1


def test_an_app_of_somebody_else_gets_nothing(it: Any) -> None:
    stranger = it.simulation.tell("/seed", application={"display_name": "hers", "unique_name": NAME})["application"]
    it.simulation.tell("/seed", credential={"app_id": stranger["app_id"], "display_name": "hers"})
    played = bootstrap(it)
    assert played.code == 2 and played.writes == [], played.output
    assert "usersync_bootstrap_adopt" in played.output or "adopt" in played.output
