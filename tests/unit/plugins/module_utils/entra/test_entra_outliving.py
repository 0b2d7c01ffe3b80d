# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of another tenant are refused, and a token serves longer than what it was bought with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import tokens
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.auth import managed_identity
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import open_graph, validate_login
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import LoginError, OptionError
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.certificates import (
    Pair,
    certificate_chain,
)
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.stand_in import (
    CLIENT_ID,
    DOMAIN,
    SECRET,
    TENANT,
    TokenService,
    token,
)

OTHER = "66666666-0000-4000-8000-000000000002"


@pytest.fixture(scope="module")
def pair() -> Pair:
    return Pair()


@pytest.fixture
def ways(
    service: TokenService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pair: Pair, script_login: Any
) -> Callable[[str], dict[str, Any]]:
    """The options of each way to log in that brings a token of another tenant."""
    stray = token(tid=OTHER)

    def options(way: str) -> dict[str, Any]:
        if way in ("client_secret", "certificate", "workload_identity"):
            service.public_key = pair.public_key
            service.script = [(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": stray})]
        if way == "certificate":
            return {"certificate_path": str(pair.write(tmp_path, "pem"))}
        if way == "workload_identity":
            return {"federated_token": token(sub="a")}
        if way == "managed_identity":
            script_login((200, {"access_token": stray, "expires_in": "3600", "token_type": "Bearer"}))
            return {"auth_method": "managed_identity", "client_id": None}
        if way == "azure_cli":
            command = tmp_path / "az"
            command.write_text(f"#!/bin/sh\necho '{json.dumps({'accessToken': stray, 'expires_on': 1900000000})}'\n")
            command.chmod(0o755)
            monkeypatch.setenv("PATH", str(tmp_path))
            return {"auth_method": "azure_cli", "client_id": None}
        return {"access_token": stray} if way == "access_token" else {"client_secret": SECRET}

    return options


@pytest.mark.parametrize("named", [DOMAIN, TENANT, TENANT.upper()])
@pytest.mark.parametrize(
    "way", ["client_secret", "certificate", "workload_identity", "managed_identity", "azure_cli", "access_token"]
)
def test_a_token_of_another_tenant_is_refused_before_anything_else(
    service: TokenService, run: Run, ways: Any, way: str, named: str
) -> None:
    with pytest.raises((LoginError, OptionError)) as caught:
        open_graph(service.options(tenant=named, **{"client_id": CLIENT_ID, **ways(way)}), run)
    message = caught.value.message
    assert way == "access_token" or caught.value.code == "other_tenant"
    assert OTHER in message and "tenant" in message and (named.lower() in message.lower())
    if named == DOMAIN:
        assert TENANT in message
    assert "eyJ" not in message


def test_a_domain_is_resolved_once_for_all_tasks(service: TokenService, run: Run) -> None:
    for _task in range(3):
        open_graph(service.options(access_token=token()), run)
    assert len(service.gets) == 1


def test_the_right_tenant_costs_no_request_more(service: TokenService, run: Run) -> None:
    open_graph(service.options(client_secret=SECRET), run)
    assert len(service.gets) == len(service.posts) == 1


PROOFS = ("federated_token_file", "federated_token", "certificate_path")


def proof(service: TokenService, tmp_path: Path, pair: Pair, kind: str) -> tuple[dict[str, Any], Callable[[], None]]:
    """Options, and what lets their proof run out."""
    file = tmp_path / "proof"
    if kind == "certificate_path":
        service.public_key = pair.public_key
        file = pair.write(tmp_path, "pem")
        return {kind: str(file)}, file.unlink
    lasting = time.time() + 2
    given = service.federated = token(sub="a", exp=lasting)
    if kind == "federated_token":
        return {kind: given}, lambda: time.sleep(max(0.0, lasting - time.time() + 0.1))
    file.write_text(given)
    return {kind: str(file)}, lambda: time.sleep(max(0.0, lasting - time.time() + 0.1))


@pytest.mark.parametrize("kind", PROOFS)
def test_no_task_fails_for_a_proof_that_ran_out_while_the_token_is_good(
    service: TokenService, run: Run, pair: Pair, tmp_path: Path, kind: str
) -> None:
    options, run_out = proof(service, tmp_path, pair, kind)
    options = service.options(**options)
    validate_login(options)
    first = open_graph(options, run)
    run_out()
    for _task in range(2):
        validate_login(options)
        graph = open_graph(options, run)
        assert graph._authorize() == first._authorize() and len(service.posts) == 1
    with pytest.raises(OptionError) as caught:
        graph.login.token(force=True)
    assert caught.value.details["option"] == kind
    assert str(options[kind]) in caught.value.message or "give a new one" in caught.value.message
    assert "eyJ" not in caught.value.message


@pytest.mark.parametrize("kind", PROOFS)
def test_a_token_near_its_end_serves_to_its_end(
    service: TokenService, run: Run, pair: Pair, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "LAST_SECONDS", 0.0)
    service.lifetime = 4
    options, run_out = proof(service, tmp_path, pair, kind)
    options = service.options(**options)
    graph = open_graph(options, run)
    run_out()
    bought = time.time()
    while time.time() < bought + 1.4:
        # a fifth of its life before its end a new one is tried for, in vain
        open_graph(options, run)._authorize()
        graph._authorize()
        time.sleep(0.2)
    time.sleep(3)
    with pytest.raises(OptionError, match=kind):
        open_graph(options, run)


def test_a_refused_renewal_is_not_repeated_by_each_request(
    service: TokenService, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.lifetime = 30
    graph = open_graph(service.options(client_secret=SECRET), run)
    monkeypatch.setattr(tokens.Token, "good", lambda self: False)
    service.script = [(401, {"error": "invalid_client", "error_codes": [7000222]})] * 9
    for _request in range(4):
        assert graph._authorize()["Authorization"]
    assert len(service.posts) == 2


def test_the_challenge_file_of_arc(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only members of one group may read it; the remedy names the group."""

    class Client:
        def __init__(self, *words: Any, **how: Any) -> None:
            """As msal does it: the agent names a file."""

        def acquire_token_for_client(self, resource: str) -> dict[str, Any]:
            raise PermissionError(13, "Permission denied", "/var/opt/azcmagent/tokens/secret.key")

    monkeypatch.setattr(managed_identity._msal.msal, "ManagedIdentityClient", Client)
    with pytest.raises(LoginError, match=r"tokens/secret.key.*Permission denied.*group himds") as caught:
        open_graph({"auth_method": "managed_identity"}, run)
    assert caught.value.details["path"] == "/var/opt/azcmagent/tokens/secret.key"


def test_the_chain_is_sent_where_subject_and_issuer_count(service: TokenService, run: Run, tmp_path: Path) -> None:
    """Leaf first, each after what it has issued, whatever order the file has; foreign ones stay behind."""
    made = certificate_chain(tmp_path)
    service.public_key = made.public_key
    options = service.options(certificate_path=str(made.file), certificate_subject_name_issuer=True)
    open_graph(options, run)
    # msal keeps the line breaks of PEM
    assert ["".join(one.split()) for one in service.headers[-1]["x5c"]] == made.expected
    without = service.options(certificate_path=str(made.file))
    open_graph(without, run)
    assert len(service.headers[-1].get("x5c", [])) <= 1


AZ = {
    "ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks.\n"
    "To re-authenticate, please run:\naz login --scope https://graph.microsoft.com//.default\n": [
        "AADSTS70043",
        "run az login",
        "please run: az login --scope https://graph.microsoft.com//.default",
    ],
    "ERROR: AADSTS50173: The provided grant has expired. A fresh auth token is needed. Trace ID: x\n"
    "Interactive authentication is needed. Please run:\naz login --tenant t\n": [
        "AADSTS50173",
        "The provided grant has expired",
        "Please run: az login --tenant t",
    ],
    "ERROR: AADSTS53003: Access has been blocked by Conditional Access policies. More.\n": [
        "AADSTS53003",
        "Access has been blocked",
    ],
    "ERROR: No subscription found. Run 'az account set' to select a subscription.\n": ["az account set"],
}


@pytest.mark.parametrize("stderr", AZ)
def test_what_az_says_is_passed_on(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str) -> None:
    (tmp_path / "stderr").write_text(stderr)
    command = tmp_path / "az"
    command.write_text(f'#!/bin/sh\n/bin/cat "{tmp_path}/stderr" >&2\nexit 1\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LoginError) as caught:
        open_graph({"auth_method": "azure_cli"}, run)
    for word in AZ[stderr]:
        assert word in caught.value.message
    assert "application  " not in caught.value.message and "client_id" not in caught.value.message
