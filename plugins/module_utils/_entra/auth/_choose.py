# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which way to log in: the one that is named, or the first whose options are there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any

from ..._errors import OptionError
from ..clouds import Endpoints
from ._base import LoginMethod
from .access_token import AccessToken
from .azure_cli import AzureCli
from .certificate import Certificate
from .client_secret import ClientSecret
from .managed_identity import PLATFORM_SIGNS, ManagedIdentity
from .workload_identity import WorkloadIdentity

METHODS: dict[str, type[LoginMethod]] = {
    method.NAME: method
    for method in (AccessToken, ClientSecret, Certificate, WorkloadIdentity, ManagedIdentity, AzureCli)
}
# What C(auto) looks for, in this order
_BY_OPTION = (
    ("access_token", AccessToken),
    ("client_secret", ClientSecret),
    ("certificate_path", Certificate),
    ("federated_token", WorkloadIdentity),
    ("federated_token_file", WorkloadIdentity),
)


def login_method(options: Mapping[str, Any], endpoints: Endpoints) -> LoginMethod:
    """:raises OptionError: C(auto) finds nothing to log in with."""
    name = options.get("auth_method") or "auto"
    chosen = _first(options) if name == "auto" else METHODS[name]
    return chosen(options, endpoints)


def _first(options: Mapping[str, Any]) -> type[LoginMethod]:
    for option, method in _BY_OPTION:
        if options.get(option):
            return method
    if any(os.environ.get(sign) for sign in PLATFORM_SIGNS):
        return ManagedIdentity
    # Who names an application did not mean the user of the Azure CLI
    if not options.get("client_id") and shutil.which("az"):
        return AzureCli
    raise OptionError(
        "auth_method",
        "no login for Entra ID is given; set tenant, client_id and one of client_secret, certificate_path and "
        "federated_token_file, or set access_token, or set auth_method to managed_identity or azure_cli",
    )
