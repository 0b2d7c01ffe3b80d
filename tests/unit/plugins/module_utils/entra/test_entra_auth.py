# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to log in, through the real msal and over TLS."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import own_login
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.auth import _msal, certificate
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import open_graph, validate_login
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import (
    LoginError,
    OptionError,
    TransportError,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.certificates import Pair
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.stand_in import (
    CLIENT_ID,
    GRAPH,
    SECRET,
    TENANT,
    Scripted,
    TokenService,
    token,
)


@pytest.fixture(scope="module")
def pair() -> Pair:
    return Pair()


def test_client_secret(service: TokenService, run: Run) -> None:
    graph = open_graph(service.options(client_secret=SECRET), run)
    assert graph.tenant_id == TENANT
    assert service.posts[0]["scope"] == f"{GRAPH}/.default"
    assert graph.stats["logins"] == 1
    assert graph.claims["appid"] == CLIENT_ID
    assert any(secret.startswith("ey") for secret in run.secrets)


def test_wrong_secret_is_asked_once(service: TokenService, run: Run) -> None:
    with pytest.raises(LoginError, match=r"option client_secret is wrong .* its ID") as caught:
        open_graph(service.options(client_secret="no"), run)
    assert caught.value.code == "AADSTS7000215"
    assert len(service.posts) == 1


LAYOUTS = ("pfx", "pfx-encrypted", "pfx-base64", "pem", "pem-encrypted", "pem-chain")


@pytest.mark.parametrize(
    ("layout", "chain"), [("key-only", False), *((layout, chain) for layout in LAYOUTS for chain in (False, True))]
)
def test_certificate(service: TokenService, run: Run, pair: Pair, tmp_path: Path, layout: str, chain: bool) -> None:
    service.public_key = pair.public_key
    options = service.options(certificate_path=str(pair.write(tmp_path, layout)), certificate_subject_name_issuer=chain)
    if "encrypted" in layout:
        options["certificate_password"] = "open"
    if layout == "key-only":
        options["certificate_thumbprint"] = pair.thumbprint
    graph = open_graph(options, run)
    header = service.headers[0]
    assert ("x5c" in header) or not chain
    told = own_login.describe(graph, run.now())
    assert (told["by"], told["certain"], bool(told["end"])) == ("certificate", *[layout != "key-only"] * 2)
    assert header.get("x5t#S256") or header["x5t"]


def test_certificate_with_an_older_msal(
    service: TokenService, run: Run, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "_msal_version", lambda: (1, 28))
    service.public_key = pair.public_key
    open_graph(service.options(certificate_path=str(pair.write(tmp_path, "pfx"))), run)
    assert service.headers[0]["alg"] == "RS256"
    assert "x5c" not in service.headers[0]


def test_certificate_of_another_application(service: TokenService, run: Run, pair: Pair, tmp_path: Path) -> None:
    service.public_key = Pair().public_key
    with pytest.raises(LoginError, match=r"option certificate_path does not fit the certificates"):
        open_graph(service.options(certificate_path=str(pair.write(tmp_path, "pem"))), run)


@pytest.mark.parametrize(
    ("layout", "more", "option", "words"),
    [
        ("missing", {}, "certificate_path", "does not exist"),
        ("empty", {}, "certificate_path", "is empty"),
        ("folder", {}, "certificate_path", "cannot be read"),
        ("noise", {}, "certificate_path", "neither PEM nor a PFX"),
        ("noise", {"certificate_password": "x"}, "certificate_password", "does not open"),
        ("pfx-encrypted", {}, "certificate_path", "opens without certificate_password"),
        ("pfx-encrypted", {"certificate_password": "no"}, "certificate_password", "does not open"),
        ("pfx-no-key", {}, "certificate_path", "both the certificate and its private key"),
        ("pem-encrypted", {}, "certificate_password", "is required, because the private key"),
        ("pem-encrypted", {"certificate_password": "no"}, "certificate_password", "does not open the private key"),
        ("pem-no-key", {}, "certificate_path", "contains no private key"),
        ("pem-broken-key", {}, "certificate_path", "private key that cannot be read"),
        ("pem-broken", {}, "certificate_path", "certificate that cannot be read"),
        ("pem-other", {}, "certificate_path", "does not belong to its private key"),
        ("pem-expired", {}, "certificate_path", "expired on 2020-"),
        ("pem-elliptic", {}, "certificate_path", "not RSA"),
        ("key-only", {}, "certificate_thumbprint", "is required, because"),
        ("key-only", {"certificate_thumbprint": "AB:CD"}, "certificate_thumbprint", "40 hexadecimal digits"),
        (
            "key-only",
            {"certificate_thumbprint": "a" * 40, "certificate_subject_name_issuer": True},
            "certificate_subject_name_issuer",
            "needs the certificate itself",
        ),
        ("pem", {"certificate_thumbprint": "a" * 40}, "certificate_thumbprint", "is not the thumbprint"),
        ("base64-noise", {}, "certificate_path", "neither PEM nor a PFX"),
    ],
)
def test_certificate_refused(
    pair: Pair, tmp_path: Path, layout: str, more: dict[str, Any], option: str, words: str
) -> None:
    options = {"tenant": TENANT, "client_id": CLIENT_ID, "certificate_path": str(pair.write(tmp_path, layout)), **more}
    with pytest.raises(OptionError, match=words) as caught:
        validate_login(options)
    assert caught.value.details["option"] == option


def test_federated_token_is_read_again(service: TokenService, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "token"
    service.federated = token(sub="a")
    file.write_text(service.federated + "\n")
    graph = open_graph(service.options(federated_token_file=str(file)), run)
    assert service.federated in run.secrets
    service.federated = token(sub="b")
    file.write_text(service.federated)
    graph.renew_login()
    assert len(service.posts) == 2
    service.federated = "another"
    with pytest.raises(LoginError, match=r"has the subject of the token in option federated_token_file"):
        graph.login.token(force=True)
    warned: list[str] = []
    run.warn = warned.append
    graph.renew_login()
    assert "takes effect with the next login" in warned[0]


def test_federated_token_from_the_environment(service: TokenService, run: Run) -> None:
    service.federated = token(sub="a")
    open_graph(service.options(federated_token=service.federated), run)
    assert service.posts[0]["client_assertion"] == service.federated


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "federated_token_file: .* does not exist"),
        ("", "federated_token_file: .* is empty"),
        ("not-a-token", "holds no JSON Web Token"),
        (token(exp=1), "has expired"),
    ],
)
def test_federated_token_refused(tmp_path: Path, content: str | None, words: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(OptionError, match=words):
        validate_login({"tenant": TENANT, "client_id": CLIENT_ID, "federated_token_file": str(file)})


IMDS = "http://127.0.0.1:9"


def test_managed_identity(script_login: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", IMDS)
    answer = (200, {"access_token": token(), "expires_in": "3600", "resource": GRAPH, "token_type": "Bearer"})
    adapter: Scripted = script_login(always=lambda request: answer)
    open_graph({"auth_method": "managed_identity"}, run)
    open_graph({"auth_method": "managed_identity", "client_id": CLIENT_ID}, run)
    open_graph({"auth_method": "managed_identity", "client_id": "/subscriptions/x/y"}, run)
    assert len(adapter.sent) == 3
    assert adapter.sent and all(f"resource={GRAPH}".replace("://", "%3A%2F%2F") in sent.url for sent in adapter.sent)
    assert adapter.sent[0].headers["Metadata"] == "true"
    assert "client_id" not in adapter.sent[0].url
    assert f"client_id={CLIENT_ID}" in adapter.sent[1].url
    assert "msi_res_id=" in adapter.sent[2].url


def test_managed_identity_of_a_platform(script_login: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{IMDS}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    adapter = script_login((200, {"access_token": token(), "expires_on": "1900000000", "token_type": "Bearer"}))
    open_graph({}, run)
    assert adapter.sent[0].headers["X-IDENTITY-HEADER"] == "header"


def test_managed_identity_that_is_not_assigned(script_login: Any, run: Run) -> None:
    script_login((400, {"error": "invalid_request", "error_description": "Identity not found"}))
    with pytest.raises(LoginError, match=r"gave no token .Identity not found.*user-assigned identity .* is assigned"):
        open_graph({"auth_method": "managed_identity", "client_id": CLIENT_ID}, run)


def test_managed_identity_that_is_busy(script_login: Any, run: Run, pauses: list[float]) -> None:
    good = (200, {"access_token": token(), "expires_in": "3600", "token_type": "Bearer"})
    busy = (410, {"error": "gone"})
    adapter = script_login(busy, (500, b"<html>"), good)
    open_graph({"auth_method": "managed_identity"}, run)
    assert len(adapter.sent) == 3
    assert len(pauses) == 2


def test_managed_identity_outside_of_azure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", IMDS)
    with pytest.raises(LoginError, match=r"cannot be reached .*127.0.0.1:9.*machines in Azure"):
        open_graph({"auth_method": "managed_identity"}, run)


def test_managed_identity_refused() -> None:
    with pytest.raises(OptionError, match=r"client_id: 'my identity' is neither"):
        validate_login({"auth_method": "managed_identity", "client_id": "my identity"})


def test_access_token(run: Run) -> None:
    graph = open_graph({"access_token": token(roles=["User.Read.All"], scp="openid")}, run)
    assert graph.roles() == {"User.Read.All", "openid"}
    assert graph.tenant_id == TENANT
    assert graph.stats == {"requests": 0, "retries": 0, "throttled": 0, "logins": 1}
    graph.renew_login()
    assert graph.stats["logins"] == 1


def test_opaque_access_token(service: TokenService, run: Run) -> None:
    graph = open_graph(service.options(access_token="opaque"), run)
    assert graph.roles() == set()
    assert graph.tenant_id == TENANT
    assert service.gets == ["/contoso.example/v2.0/.well-known/openid-configuration"]
    assert open_graph({"access_token": "opaque", "tenant": TENANT.upper()}, run).tenant_id == TENANT
    with pytest.raises(LoginError, match=r"does not say which tenant it is for; set the option tenant"):
        str(open_graph({"access_token": "opaque"}, run).tenant_id)
    with pytest.raises(LoginError, match=r"knows no tenant nobody.example"):
        str(open_graph(service.options(access_token="opaque", tenant="nobody.example"), run).tenant_id)


@pytest.mark.parametrize(
    ("value", "more", "words"),
    [
        ("Bearer abc", {}, "begins with the word Bearer"),
        ("a b", {}, "white space"),
        (token(exp=1), {}, "has expired"),
        (
            token(aud="https://graph.microsoft.us"),
            {},
            r"is for https://graph.microsoft.us, not for https://graph.microsoft.com",
        ),
        (token(aud="https://management.azure.com/"), {}, r"is for https://management.azure.com/, not for"),
        (token(), {"cloud": "china"}, r"not for https://microsoftgraph.chinacloudapi.cn"),
        (token(), {"tenant": CLIENT_ID}, f"belongs to tenant {TENANT}"),
    ],
)
def test_access_token_refused(value: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        validate_login({"access_token": value, **more})
    assert value not in caught.value.message or len(value) < 12


def test_graph_by_its_application_id_is_graph_too() -> None:
    validate_login({"access_token": token(aud="00000003-0000-0000-c000-000000000000")})


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command az that prints what it is told, and the file with the arguments it got."""

    def install(stdout: str = "", stderr: str = "", code: int = 0, wait: float = 0) -> Path:
        command, said = tmp_path / "az", tmp_path / "arguments"
        (tmp_path / "stdout").write_text(stdout)
        (tmp_path / "stderr").write_text(stderr)
        command.write_text(
            f'#!/bin/sh\necho "$@" >> "{said}"\n/bin/sleep {wait}\n'
            f'/bin/cat "{tmp_path}/stdout"\n/bin/cat "{tmp_path}/stderr" >&2\nexit {code}\n'
        )
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path))
        return said

    return install


def test_azure_cli(az: Any, run: Run) -> None:
    said = az(json.dumps({"accessToken": token(), "expires_on": 1900000000, "tenant": TENANT, "tokenType": "Bearer"}))
    open_graph({}, run)
    open_graph({"auth_method": "azure_cli"}, run)
    open_graph({"auth_method": "azure_cli", "tenant": TENANT}, run)
    lines = said.read_text().splitlines()
    assert lines[0] == f"account get-access-token --resource {GRAPH} --output json"
    assert lines[1].endswith(f"--tenant {TENANT}")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"stderr": "ERROR: Please run 'az login' to setup account.\n", "code": 1}, "is not logged in .* run az login"),
        ({"stderr": "ERROR: AADSTS700082: The refresh token has expired.\n", "code": 1}, "AADSTS700082"),
        ({"stderr": "WARNING: x\nERROR: Something else.\n", "code": 1}, "gave no token: Something else."),
        ({"stdout": "<html>"}, "did not print JSON"),
        ({"stdout": "{}"}, "gave no token; run az login"),
        ({"stdout": json.dumps({"accessToken": token(aud="https://graph.microsoft.us")})}, "az cloud set"),
        ({"wait": 2}, "gave no answer within 0.2 s"),
    ],
)
def test_azure_cli_refused(
    az: Any, run: Run, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], words: str
) -> None:
    az(**told)
    if "wait" in told:
        monkeypatch.setattr(_azure_cli(), "_LEAST_TIMEOUT", 0.2)
    with pytest.raises(LoginError, match=words):
        open_graph({"auth_method": "azure_cli", "timeout": 0.2}, run)


def _azure_cli() -> Any:
    from ansible_collections.fleetops.usersync.plugins.module_utils._entra.auth import azure_cli

    return azure_cli


def test_azure_cli_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(OptionError, match=r"auth_method: azure_cli needs the command az"):
        validate_login({"auth_method": "azure_cli"})


def test_tenant_that_does_not_exist(service: TokenService, run: Run) -> None:
    with pytest.raises(
        LoginError, match=r"knows no tenant nobody.example; check the option tenant.*authority_url"
    ) as caught:
        open_graph(service.options(client_secret=SECRET, tenant="nobody.example"), run)
    assert caught.value.code == "AADSTS90002"
    assert service.posts == []


def test_authority_that_is_none(script_login: Any, run: Run) -> None:
    script_login((404, b"<html>not here</html>"))
    with pytest.raises(LoginError, match=r"does not answer like the token service .* authority_url") as caught:
        open_graph({"tenant": TENANT, "client_id": CLIENT_ID, "client_secret": SECRET}, run)
    assert caught.value.details["status"] == 404


@pytest.mark.parametrize("body", [b"<html>log in here</html>", {"unexpected": 1}, []])
def test_authority_behind_a_login_page(script_login: Any, run: Run, body: Any) -> None:
    script_login((200, body))
    with pytest.raises(LoginError, match=r"no proxy or login page"):
        open_graph({"tenant": TENANT, "client_id": CLIENT_ID, "client_secret": SECRET}, run)


def test_authority_without_our_certificate(service: TokenService, run: Run) -> None:
    with pytest.raises(TransportError, match=r"TLS with https://localhost:.* failed .*ca_path") as caught:
        open_graph(service.options(client_secret=SECRET, ca_path=None), run)
    assert caught.value.code == "tls"
    assert SECRET not in caught.value.message


def test_temporary_failures_are_repeated(service: TokenService, run: Run, pauses: list[float]) -> None:
    service.script += [(503, b"<html>"), (400, {"error": "temporarily_unavailable", "error_codes": [90033]})]
    open_graph(service.options(client_secret=SECRET), run)
    assert len(service.posts) == 3
    assert 1 <= pauses[0] <= 1.25 and 2 <= pauses[1] <= 2.5


def test_temporary_failures_come_to_an_end(service: TokenService, run: Run) -> None:
    service.script += [(429, b"")] * 9
    with pytest.raises(LoginError, match=r"temporarily unavailable .HTTP 429."):
        open_graph(service.options(client_secret=SECRET), run)
    assert len(service.posts) == _msal.TRIES
