# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of all clouds, and whatever can be said about the login options without a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fleetops.usersync.plugins.module_utils import _argspec
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.auth._choose import METHODS, login_method
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.clouds import CLOUDS, endpoints
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import validate_login
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.entra.stand_in import CLIENT_ID, TENANT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GOOD = {"tenant": TENANT, "client_id": CLIENT_ID, "client_secret": "s"}


@pytest.mark.parametrize("cloud", _argspec.CLOUDS)
def test_every_cloud(cloud: str) -> None:
    authority, graph = CLOUDS[cloud]
    if graph is None:
        with pytest.raises(OptionError, match=f"graph_url: is required for cloud={cloud}"):
            endpoints({"cloud": cloud})
        graph = "https://graph.sovereign.example"
    where = endpoints({"cloud": cloud, "graph_url": graph})
    assert (where.authority, where.graph) == (authority, graph)
    assert where.scope == f"{graph}/.default"


def test_the_tables_know_the_same_choices() -> None:
    assert set(CLOUDS) == set(_argspec.CLOUDS)
    assert set(METHODS) == set(_argspec.AUTH_METHODS) - {"auto"}


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("https://localhost:8443/", "https://localhost:8443"),
        ("login.microsoftonline.us", "https://login.microsoftonline.us"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_own_authority(value: str, becomes: str) -> None:
    assert endpoints({"authority_url": value}).authority == becomes


def test_graph_with_its_version_is_understood() -> None:
    assert endpoints({"graph_url": "https://graph.microsoft.com/v1.0/"}).graph == "https://graph.microsoft.com"


@pytest.mark.parametrize("option", ["authority_url", "graph_url"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("http://login.example", "must begin with https://, not http://"),
        ("ftp://login.example", "must begin with https://"),
        ("https://", "is not an address"),
        ("https://{{ host }}", "is not an address"),
        ("https://host:port", "is not an address"),
        ("https://host:99999", "is not an address"),
        ("not an address", "is not an address"),
        ("https://me:secret@login.example", "scheme, host and port only"),
        ("https://login.example/tenant", "scheme, host and port only"),
        ("https://login.example?x=1", "scheme, host and port only"),
    ],
)
def test_address_refused(option: str, value: str, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        endpoints({option: value})
    assert caught.value.details["option"] == option


def test_ca_path(tmp_path: Path) -> None:
    for name, content, words in (
        ("missing", None, "cannot be read"),
        ("noise", b"noise", "contains no CA certificate in PEM"),
    ):
        file = tmp_path / name
        if content:
            file.write_bytes(content)
        with pytest.raises(OptionError, match=rf"ca_path: .*{name}.* {words}"):
            validate_login({**GOOD, "ca_path": str(file)})
    assert endpoints({"ca_path": str(tmp_path)}).verify == str(tmp_path)
    assert endpoints({}).verify is True


@pytest.mark.parametrize("timeout", [0, -1, 3601, float("nan"), float("inf")])
def test_timeout_refused(timeout: float) -> None:
    with pytest.raises(OptionError, match=r"timeout: must be more than 0"):
        validate_login({**GOOD, "timeout": timeout})


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({"access_token": "x", "client_secret": "x"}, "access_token"),
        ({"client_secret": "x", "certificate_path": "x"}, "client_secret"),
        ({"certificate_path": "x", "federated_token_file": "x"}, "certificate"),
        ({"federated_token": "x"}, "workload_identity"),
        ({"federated_token_file": "x"}, "workload_identity"),
        ({"client_secret": "x", "auth_method": "azure_cli"}, "azure_cli"),
    ],
)
def test_which_way_to_log_in(options: dict[str, Any], chosen: str) -> None:
    assert chosen == login_method(options, endpoints(options)).NAME


def test_which_way_to_log_in_without_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "az"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert login_method({}, endpoints({})).NAME == "azure_cli"
    with pytest.raises(OptionError, match=r"auth_method: no login for Entra ID is given"):
        login_method({"client_id": CLIENT_ID}, endpoints({}))
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(OptionError, match=r"auth_method: no login for Entra ID is given"):
        login_method({}, endpoints({}))
    monkeypatch.setenv("MSI_ENDPOINT", "http://127.0.0.1:9")
    assert login_method({"client_id": CLIENT_ID}, endpoints({})).NAME == "managed_identity"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tenant": None}, "tenant: is required for auth_method=client_secret"),
        ({"tenant": "common"}, "tenant: common means any tenant"),
        ({"tenant": "contoso"}, "tenant: 'contoso' is neither a tenant id"),
        ({"tenant": "contoso.com/x"}, "is neither a tenant id"),
        ({"tenant": "{{ tenant }}"}, "is neither a tenant id"),
        ({"client_id": ""}, "client_id: is required"),
        ({"client_id": "my app"}, "client_id: 'my app' is not an application"),
        ({"client_secret": None, "auth_method": "client_secret"}, "client_secret: is required"),
        ({"client_secret": " x"}, "client_secret: starts or ends with white space"),
        ({"auth_method": "certificate"}, "certificate_path: is required"),
        ({"auth_method": "workload_identity"}, "federated_token_file: is required"),
        ({"auth_method": "access_token"}, "access_token: is required"),
        (
            {"client_secret": None, "federated_token": "x", "federated_token_file": "y"},
            "federated_token: cannot be combined with federated_token_file",
        ),
        ({"auth_method": "azure_cli", "tenant": "x"}, "tenant: 'x' is neither"),
        ({"auth_method": "managed_identity", "tenant": "x"}, "tenant: 'x' is neither"),
    ],
)
def test_options_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        validate_login({**GOOD, **options})


_SPEC = _argspec.entra_spec()
_TEXT = st.one_of(
    st.none(), st.text(max_size=40), st.sampled_from([TENANT, "contoso.com", "https://x.example", "{{ x }}", "a\0b"])
)
_SECRET = st.one_of(st.none(), _TEXT.map(lambda text: f"never-told~{text}"))
_CHOSEN = {name: st.sampled_from(entry["choices"]) for name, entry in _SPEC.items() if "choices" in entry}
_TYPED = {
    name: _SECRET if entry.get("no_log") else _TEXT for name, entry in _SPEC.items() if entry["type"] in ("str", "path")
}
_OPTIONS = st.fixed_dictionaries(
    {
        **_TYPED,
        **_CHOSEN,
        "timeout": st.one_of(st.none(), st.floats()),
        "certificate_subject_name_issuer": st.booleans(),
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_OPTIONS)
def test_no_options_make_a_traceback(options: dict[str, Any]) -> None:
    try:
        validate_login(options)
    except OptionError as exc:
        option = exc.details["option"]
        assert option in options
        assert "\n" not in exc.message
        assert "never-told" not in exc.message


@pytest.mark.parametrize("name", ["USERSYNC_ENTRA_CLOUD", "AZURE_CLOUD", "AZURE_CLOUD_ENVIRONMENT"])
@pytest.mark.parametrize(
    ("value", "cloud"),
    [
        ("AzureCloud", "public"),
        ("AzureUSGovernment", "usgov"),
        ("AzureUSGovernmentCloud", "usgov"),
        ("AZURECHINACLOUD", "china"),
        ("AzureGermanCloud", "germany"),
        ("dod", "dod"),
    ],
)
def test_the_environment_names_clouds_as_azures_tools_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, cloud: str
) -> None:
    for known in ("USERSYNC_ENTRA_CLOUD", "AZURE_CLOUD", "AZURE_CLOUD_ENVIRONMENT"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, value)
    validation = ArgumentSpecValidator(_argspec.entra_spec()).validate({})
    assert validation.error_messages == [] and validation.validated_parameters["cloud"] == cloud


def test_a_cloud_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USERSYNC_ENTRA_CLOUD", raising=False)
    monkeypatch.setenv("AZURE_CLOUD_ENVIRONMENT", "AzureStack")
    [message] = ArgumentSpecValidator(_argspec.entra_spec()).validate({}).error_messages
    assert "cloud" in message and "AzureStack" in message and "usgov" in message


@pytest.mark.parametrize(
    ("authority", "cloud", "graph"),
    [
        ("https://login.microsoftonline.com/", "public", "https://graph.microsoft.com"),
        ("login.microsoftonline.us", "public", "https://graph.microsoft.us"),
        ("https://login.microsoftonline.us", "usgov", "https://graph.microsoft.us"),
        ("https://login.microsoftonline.us", "dod", "https://dod-graph.microsoft.us"),
        ("https://login.partner.microsoftonline.cn", "public", "https://microsoftgraph.chinacloudapi.cn"),
        ("https://login.partner.microsoftonline.cn", "china", "https://microsoftgraph.chinacloudapi.cn"),
        ("https://login.example", "usgov", "https://graph.microsoft.us"),
        ("https://login.example", "public", "https://graph.microsoft.com"),
    ],
)
def test_the_token_service_says_where_graph_is(authority: str, cloud: str, graph: str) -> None:
    """AZURE_AUTHORITY_HOST, which clusters with workload identity set, names no Graph."""
    assert endpoints({"authority_url": authority, "cloud": cloud}).graph == graph
    own = endpoints({"authority_url": authority, "cloud": cloud, "graph_url": "https://graph.example"})
    assert own.graph == "https://graph.example"


def test_a_token_service_of_another_cloud_contradicts() -> None:
    with pytest.raises(OptionError, match=r"authority_url: .*of cloud public, but the option cloud is usgov"):
        endpoints({"authority_url": "https://login.microsoftonline.com", "cloud": "usgov"})
    with pytest.raises(OptionError, match=r"graph_url: is required for cloud=delos"):
        endpoints({"authority_url": "https://login.sovcloud-identity.de"})
