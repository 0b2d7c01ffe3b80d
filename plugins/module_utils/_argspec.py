# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Options that several modules share, with their environment fallbacks.

The product's own names come first, the names of the Azure tools after them. None begins with C(ANSIBLE_), because AWX
refuses such names in a credential type.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.module_utils.common.parameters import env_fallback

from ._errors import OptionError

CLOUDS = ("public", "usgov", "dod", "china", "germany", "bleu", "delos", "govsg")
# As azure-cli, azure.azcollection, Terraform and the Azure SDKs call them
AZURE_CLOUDS = {
    "azurecloud": "public",
    "azurepublic": "public",
    "azurepubliccloud": "public",
    "azureusgovernment": "usgov",
    "azureusgovernmentcloud": "usgov",
    "usgovernment": "usgov",
    "azurechinacloud": "china",
    "azurechina": "china",
    "azuregermancloud": "germany",
    "azuregermany": "germany",
    "bleucloud": "bleu",
    "deloscloud": "delos",
    "govsgcloud": "govsg",
}
AUTH_METHODS = (
    "auto",
    "client_secret",
    "certificate",
    "managed_identity",
    "workload_identity",
    "access_token",
    "azure_cli",
)


def _given_env(*names: str) -> Any:
    """What the environment gives; a variable set to nothing gives nothing, as fields of AWX that are left blank do."""
    return env_fallback(*(name for name in names if os.environ.get(name)))


def _cloud_env(*names: str) -> Any:
    """The same for a cloud, by the names that the tools of Azure have for them."""
    value = _given_env(*names)
    return AZURE_CLOUDS.get(str(value).lower(), value)


def _env(*names: str) -> dict[str, Any]:
    return {"fallback": (_given_env, list(names))}


def entra_spec() -> dict[str, Any]:
    """How to log in to Entra ID (doc fragment C(entra))."""
    return {
        "tenant": {"type": "str", **_env("USERSYNC_ENTRA_TENANT", "AZURE_TENANT", "AZURE_TENANT_ID")},
        "auth_method": {
            "type": "str",
            "choices": list(AUTH_METHODS),
            "default": "auto",
            **_env("USERSYNC_ENTRA_AUTH_METHOD"),
        },
        "client_id": {"type": "str", **_env("USERSYNC_ENTRA_CLIENT_ID", "AZURE_CLIENT_ID")},
        "client_secret": {
            "type": "str",
            "no_log": True,
            **_env("USERSYNC_ENTRA_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "AZURE_SECRET"),
        },
        "certificate_path": {
            "type": "path",
            **_env("USERSYNC_ENTRA_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"),
        },
        "certificate_password": {
            "type": "str",
            "no_log": True,
            **_env("USERSYNC_ENTRA_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        },
        "certificate_thumbprint": {"type": "str", **_env("USERSYNC_ENTRA_CERTIFICATE_THUMBPRINT")},
        "certificate_subject_name_issuer": {
            "type": "bool",
            "default": False,
            **_env("USERSYNC_ENTRA_CERTIFICATE_SUBJECT_NAME_ISSUER", "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"),
        },
        "federated_token_file": {
            "type": "path",
            "no_log": False,
            **_env("USERSYNC_ENTRA_FEDERATED_TOKEN_FILE", "AZURE_FEDERATED_TOKEN_FILE"),
        },
        "federated_token": {
            "type": "str",
            "no_log": True,
            **_env("USERSYNC_ENTRA_FEDERATED_TOKEN", "AZURE_FEDERATED_TOKEN"),
        },
        "access_token": {"type": "str", "no_log": True, **_env("USERSYNC_ENTRA_ACCESS_TOKEN", "AZURE_ACCESS_TOKEN")},
        "cloud": {
            "type": "str",
            "choices": list(CLOUDS),
            "default": "public",
            "fallback": (_cloud_env, ["USERSYNC_ENTRA_CLOUD", "AZURE_CLOUD", "AZURE_CLOUD_ENVIRONMENT"]),
        },
        "authority_url": {"type": "str", **_env("USERSYNC_ENTRA_AUTHORITY_URL", "AZURE_AUTHORITY_HOST")},
        "graph_url": {"type": "str", **_env("USERSYNC_ENTRA_GRAPH_URL")},
        "ca_path": {"type": "path", **_env("USERSYNC_ENTRA_CA_PATH")},
        **_wire_spec("ENTRA"),
    }


def _wire_spec(service: str) -> dict[str, Any]:
    """How long and how large an answer may be, and the certificate of the client for a front end."""
    return {
        "timeout": {"type": "float", "default": 30.0, **_env(f"USERSYNC_{service}_TIMEOUT")},
        "request_deadline": {"type": "float", "default": 300.0, **_env(f"USERSYNC_{service}_REQUEST_DEADLINE")},
        "answer_limit": {"type": "int", "default": 8, **_env(f"USERSYNC_{service}_ANSWER_LIMIT")},
        "client_cert": {"type": "path", **_env(f"USERSYNC_{service}_CLIENT_CERT")},
        "client_key": {"type": "path", "no_log": False, **_env(f"USERSYNC_{service}_CLIENT_KEY")},
    }


def app_identity_spec() -> dict[str, Any]:
    """Which app registration is meant; the order is the order of precedence (ownership.md)."""
    return {
        "object_id": {"type": "str"},
        "app_id": {"type": "str"},
        "unique_name": {"type": "str"},
        "display_name": {"type": "str"},
    }


def ownership_spec() -> dict[str, Any]:
    """What of an app is ours or known (doc fragment C(ownership))."""
    return {
        "automation_ids": {"type": "list", "elements": "str", "default": []},
        "known_owners": {"type": "list", "elements": "str", "default": []},
        "known_credentials": {"type": "list", "elements": "str", "default": [], "no_log": False},
        "adopt": {"type": "str"},
    }


def atlassian_spec() -> dict[str, Any]:
    """How to reach and log in to one Atlassian host (doc fragment C(atlassian))."""
    return {
        "url": {"type": "str", "required": True, **_env("USERSYNC_ATLASSIAN_URL")},
        "allow_plain_http": {"type": "bool", "default": False, **_env("USERSYNC_ATLASSIAN_ALLOW_PLAIN_HTTP")},
        "site": {"type": "str", **_env("USERSYNC_ATLASSIAN_SITE")},
        "username": {"type": "str", **_env("USERSYNC_ATLASSIAN_USERNAME")},
        "password": {"type": "str", "no_log": True, **_env("USERSYNC_ATLASSIAN_PASSWORD")},
        "token": {"type": "str", "no_log": True, **_env("USERSYNC_ATLASSIAN_TOKEN")},
        "headers": {"type": "dict", "no_log": True},
        "websudo": {"type": "bool", "default": False, **_env("USERSYNC_ATLASSIAN_WEBSUDO")},
        "websudo_when_asked": {"type": "bool", "default": False, **_env("USERSYNC_ATLASSIAN_WEBSUDO_WHEN_ASKED")},
        "product": {
            "type": "str",
            "choices": ["auto", "jira", "confluence", "bitbucket", "bamboo"],
            "default": "auto",
        },
        "rest_path": {"type": "str", "default": "/rest/samlsso-admin/1.0"},
        "ca_path": {"type": "path", **_env("USERSYNC_ATLASSIAN_CA_PATH")},
        **_wire_spec("ATLASSIAN"),
    }


def connector_identity_spec() -> dict[str, Any]:
    """Which connector of the host is meant; without any of these, the only Azure connector there is."""
    return {"connector_id": {"type": "str"}, "connector_name": {"type": "str"}}


def check_logins(spec: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """No login and no secret holds a line break, which comes with it out of many a vault.

    :raises OptionError: naming the option, with the dictionary that it stands in before it
    """
    for option, name, entry, value in _given(spec, options):
        login = name in _LOGIN_OPTIONS or entry.get("no_log") is True
        if login and isinstance(value, str) and any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            at_end = value.rstrip("\r\n") != value
            where = "ends with a line break" if at_end else "contains a line break or another control character"
            raise OptionError(
                option, f"{where}, which is not part of it; check the file or the vault that it comes from"
            )


def check_blanks(spec: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """No name is blank, as it comes out of a survey whose field was left alone.

    An empty text and an empty list stay what they are: they clear.

    :raises OptionError: naming the option, with the dictionary that it stands in before it
    """
    for option, _name, _entry, value in _given(spec, options):
        if isinstance(value, str) and value and not value.strip():
            raise OptionError(option, "is empty except for white space; leave the option out, or give a value")
        if isinstance(value, list) and any(isinstance(one, str) and not one.strip() for one in value):
            raise OptionError(
                option,
                "contains an empty entry; leave the option out to change nothing, or give an empty list, [], to "
                "clear it",
            )


def _given(
    spec: Mapping[str, Any], options: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, str, Mapping[str, Any], Any]]:
    """Path, name, entry and value of every option, those within dictionaries too."""
    for name, entry in spec.items():
        value, inner = options.get(name), entry.get("options")
        if inner and isinstance(value, (Mapping, list)):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, Mapping):
                    yield from _given(inner, one, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", name, entry, value


_LOGIN_OPTIONS = frozenset(
    name for name, entry in {**entra_spec(), **atlassian_spec()}.items() if entry["type"] in ("str", "path")
)
