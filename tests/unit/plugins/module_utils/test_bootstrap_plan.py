# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the automation's own app is to have, from variables in any form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.uses import PROFILES
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import bootstrap_plan

GIVEN = {
    "profile": "owned_by",
    "allow_full": False,
    "login": "certificate",
    "path": "",
    "trust": None,
    "unique_name": "usersync-automation",
    "valid_days": 365,
    "min_remaining_days": 30,
}
TRUST = {"platform": "github", "repository": "example/fleet", "environment": "production"}
MADE: dict[str, Any] = {
    "tenant_id": "33333333-0000-4000-8000-000000000001",
    "app": {"app_id": "22222222-0000-4000-8000-000000000001", "service_principal": {"object_id": "principal"}},
}


def plan(tmp_path: Path, **changed: Any) -> dict[str, Any]:
    return bootstrap_plan.plan({**GIVEN, **changed}, str(tmp_path))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_permissions_of_each_profile(tmp_path: Path, profile: str) -> None:
    asked = plan(tmp_path, profile=profile, allow_full="yes")["permissions"]
    assert {entry["name"] for entry in asked} == PROFILES[profile]
    assert {entry["type"] for entry in asked} <= {"application"}


@pytest.mark.parametrize(("login", "suffix"), [("certificate", ".pem"), ("secret", ".secret")])
def test_paths_begin_where_the_person_stands(tmp_path: Path, login: str, suffix: str) -> None:
    assert plan(tmp_path, login=login)["path"] == f"{tmp_path}/usersync-automation{suffix}"
    assert plan(tmp_path, login=login, path="key")["path"] == f"{tmp_path}/key"
    assert plan(tmp_path, login=login, path=f"{tmp_path}/other")["path"] == f"{tmp_path}/other"
    assert plan(tmp_path, login="federated", trust=TRUST)["path"] is None


def test_a_trust_has_a_name_of_its_own_or_a_given_one(tmp_path: Path) -> None:
    assert plan(tmp_path, login="federated", trust=TRUST)["trust"]["name"] == "usersync-github"
    assert plan(tmp_path, login="federated", trust={**TRUST, "name": "prod"})["trust"]["name"] == "prod"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"profile": "full"}, "allow_full: the full profile can grant any permission"),
        ({"profile": "full", "allow_full": "no"}, "allow_full: "),
        ({"profile": "full", "allow_full": "soon"}, "allow_full: "),
        ({"profile": "everything"}, "profile: must be one of owner, owned_by, full, not 'everything'"),
        ({"login": "password"}, "login: must be one of certificate, federated, secret, not 'password'"),
        ({"login": "federated"}, "trust: must name the platform"),
        ({"login": "federated", "trust": "github"}, "trust: must name the platform"),
        ({"login": "federated", "trust": {**TRUST, "platform": "jenkins"}}, "trust: platform must be one of"),
        ({"path": "missing/key.pem"}, "path: the folder"),
        ({"path": "."}, "path: "),
        ({"valid_days": "30 days"}, "valid_days: must be a whole number of days, at least 1, not '30 days'"),
        ({"min_remaining_days": 0}, "min_remaining_days: must be a whole number"),
        ({"valid_days": "20"}, "min_remaining_days: must be less than usersync_bootstrap_valid_days (20)"),
    ],
)
def test_bad_input_is_named_by_its_variable(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as refused:
        plan(tmp_path, **changed)
    assert refused.value.message.startswith(f"usersync_bootstrap_{words}")


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, {"certificate_path"}),
        ({"login": "secret"}, {"client_secret"}),
        ({"login": "federated", "trust": TRUST}, {"auth_method"}),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_to_be_pasted_is_yaml(tmp_path: Path, changed: dict[str, Any], names: set[str], profile: str) -> None:
    lines = bootstrap_plan.report(plan(tmp_path, profile=profile, allow_full=True, **changed), profile, MADE, {})
    block = yaml.safe_load("\n".join(lines[lines.index("usersync_hosts:") :]))["usersync_hosts"]["vars"]
    assert {f"azure_connector_entra_{name}" for name in names | {"tenant", "client_id"}} <= set(block)
    assert block["azure_connector_consent"] == ("grant" if profile == "full" else "check")
    assert ("principal" in "\n".join(lines)) is (profile == "owner")


def test_missing_consent_comes_first_with_its_address(tmp_path: Path) -> None:
    missing = {
        "missing": [{"name": "Application.ReadWrite.OwnedBy"}],
        "consent_url": "https://login.example/adminconsent",
    }
    first, address, *_rest = bootstrap_plan.report(plan(tmp_path), "owned_by", MADE, missing)
    assert "Application.ReadWrite.OwnedBy" in first and address == "https://login.example/adminconsent"


def test_check_mode_knows_no_id_yet(tmp_path: Path) -> None:
    made = {**MADE, "app": {"app_id": None, "service_principal": None}}
    assert any("after the real run" in line for line in bootstrap_plan.report(plan(tmp_path), "owner", made, {}))


def test_the_fleet_is_told_which_cloud_it_is(tmp_path: Path) -> None:
    where = {"cloud": "AzureUSGovernment", "authority_url": "", "graph_url": None, "ca_path": "/etc/ssl/a b: c.pem"}
    lines = bootstrap_plan.report(plan(tmp_path, **where, path=f"{tmp_path}/a key: mine.pem"), "owned_by", MADE, {})
    block = yaml.safe_load("\n".join(lines[lines.index("usersync_hosts:") :]))["usersync_hosts"]["vars"]
    told = {name.removeprefix("azure_connector_entra_"): value for name, value in block.items()}
    assert (told["cloud"], told["ca_path"]) == ("AzureUSGovernment", "/etc/ssl/a b: c.pem")
    assert told["certificate_path"] == f"{tmp_path}/a key: mine.pem"
    assert not {"authority_url", "graph_url"} & set(told)
