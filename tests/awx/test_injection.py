# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credential types against the options of our modules, and what a job gets from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _argspec
from data import credential_types
from fake import rules
from injected import inject

Spec = dict[str, dict[str, Any]]
# Options that no credential gives, each with its reason
NOT_INJECTED = {
    "USERSYNC_ENTRA_TIMEOUT": "no login",
    "USERSYNC_ENTRA_REQUEST_DEADLINE": "no login",
    "USERSYNC_ENTRA_ANSWER_LIMIT": "no login",
    "USERSYNC_ATLASSIAN_TIMEOUT": "no login",
    "USERSYNC_ATLASSIAN_REQUEST_DEADLINE": "no login",
    "USERSYNC_ATLASSIAN_ANSWER_LIMIT": "no login",
    "USERSYNC_ATLASSIAN_URL": "differs from host to host",
    "USERSYNC_ATLASSIAN_SITE": "differs from host to host",
    "USERSYNC_ATLASSIAN_ALLOW_PLAIN_HTTP": "differs from host to host",
}
# Fields whose text becomes a file, and the option that names the file
FILES = {"certificate": "certificate_path", "ca_certificate": "ca_path"}
KEYS = ("certificate", "client_key")
TYPES = [("entra_type", _argspec.entra_spec), ("atlassian_type", _argspec.atlassian_spec)]


def env_names(spec: Spec) -> dict[str, str]:
    """Our own environment variable of each option: variable -> option."""
    return {option["fallback"][1][0]: name for name, option in spec.items() if "fallback" in option}


@pytest.mark.parametrize(("key", "spec"), TYPES)
def test_every_field_is_an_option_and_every_option_a_field(key: str, spec: Callable[[], Spec]) -> None:
    options, known, entry = spec(), env_names(spec()), credential_types()[key]
    injected = set(entry["injectors"]["env"])
    assert injected <= set(known)
    assert set(known) - injected <= set(NOT_INJECTED)
    fields = {field["id"]: field for field in entry["inputs"]["fields"]}
    assert {FILES.get(name, name) for name in fields} == {known[name] for name in injected}
    for name, field in fields.items():
        option = options[FILES.get(name, name)]
        assert field["type"] == ("boolean" if option["type"] == "bool" else "string")
        assert field.get("secret", False) == (option.get("no_log", False) or name in KEYS), name
        if "choices" in option:
            # the Azure CLI has no login of its own inside an execution environment
            assert field["choices"] == [choice for choice in option["choices"] if choice != "azure_cli"]
            assert field["default"] == option["default"]


@pytest.mark.parametrize("key", ["entra_type", "atlassian_type"])
def test_awx_takes_the_types(key: str) -> None:
    entry = credential_types()[key]
    rules.credential_inputs(entry["inputs"])
    rules.injectors(entry["inputs"], entry["injectors"])
    fields = [field["id"] for field in entry["inputs"]["fields"]]
    assert set(entry["inputs"].get("required", [])) <= set(fields), "AWX does not see that such a field is missing"
    for text in [*entry["injectors"]["env"].values(), *entry["injectors"]["file"].values()]:
        assert type(text).__name__ == "Unsafe", f"Ansible would render {text} itself"


def test_an_empty_credential_sets_nothing_that_counts(tmp_path: Path) -> None:
    for key, spec in TYPES:
        entry, options = credential_types()[key], spec()
        for variable, value in inject(entry, {}, tmp_path).items():
            option = options[env_names(options)[variable]]
            default = option.get("default", "")
            assert value == str(default), variable


def test_files_are_private_and_named_only_when_filled(tmp_path: Path) -> None:
    values = {"tenant": "contoso.example", "certificate": "PEM\n", "certificate_subject_name_issuer": True}
    env = inject(credential_types()["entra_type"], values, tmp_path)
    path = Path(env["USERSYNC_ENTRA_CERTIFICATE_PATH"])
    assert path.read_text(encoding="utf-8") == "PEM\n" or path.read_text(encoding="utf-8") == "PEM"
    assert path.stat().st_mode & 0o777 == 0o600
    assert env["USERSYNC_ENTRA_CA_PATH"] == ""
    assert env["USERSYNC_ENTRA_CERTIFICATE_SUBJECT_NAME_ISSUER"] == "True"
