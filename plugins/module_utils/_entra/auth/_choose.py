# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which way to log in: the one that is named, or the first whose options are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import OptionError
from ..clouds import Endpoints
from ._base import LoginMethod
from .client_secret import ClientSecret

METHODS: dict[str, type[LoginMethod]] = {method.NAME: method for method in (ClientSecret,)}


def login_method(options: Mapping[str, Any], endpoints: Endpoints) -> LoginMethod:
    """:raises OptionError: C(auto) finds nothing to log in with."""
    name = options.get("auth_method") or "auto"
    if name == "auto":
        name = _first(options)
    return METHODS[name](options, endpoints)


def _first(options: Mapping[str, Any]) -> str:
    for option, name in (("client_secret", "client_secret"),):
        if options.get(option):
            return name
    raise OptionError(
        "auth_method",
        "there is nothing to log in to Entra ID with; give tenant, client_id and one of client_secret, "
        "certificate_path and federated_token_file, or an access_token, or set auth_method to managed_identity or azure_cli",
    )
