# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What every way to log in has in common."""

from __future__ import annotations

import hashlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ..._errors import OptionError
from ..._guid import GUID
from ..._run import Run
from ..aadsts import Attempt
from ..clouds import Endpoints
from ..tokens import Token

_DOMAIN = re.compile(r"(?=.{4,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")


class LoginMethod(ABC):
    """One way to log in.

    :cvar NAME: its value of the option C(auth_method)
    :cvar RENEWABLE: asking again can bring a better token
    :cvar KEPT: worth keeping for the other tasks of the run
    """

    NAME: ClassVar[str]
    RENEWABLE: ClassVar[bool] = True
    KEPT: ClassVar[bool] = True

    def __init__(self, options: Mapping[str, Any], endpoints: Endpoints) -> None:
        self.options = options
        self.endpoints = endpoints

    @abstractmethod
    def validate(self) -> None:
        """Check the options as such, without network and files; :raises OptionError: in words."""

    def check_proof(self) -> None:  # noqa: B027
        """Check, without any network, what buys a new token; not asked while an older token is good.

        :raises OptionError: it is missing, cannot be read or has expired; says which file or option to renew
        """

    @abstractmethod
    def authenticate(self, run: Run) -> Token:
        """Log in now; :raises LoginError, TransportError: in words."""

    def fingerprint(self) -> list[str]:
        """What beside method, endpoints, tenant and client_id decides whose token it is; secrets as digests only."""
        return []

    def option(self, name: str) -> str:
        """A text option, empty when it is not given."""
        return str(self.options.get(name) or "")

    def require(self, *names: str) -> None:
        for name in names:
            if not self.option(name):
                raise OptionError(name, f"is required for auth_method={self.NAME}")

    def require_application(self) -> None:
        """Tenant and client_id are there and can be right."""
        self.require("tenant", "client_id")
        check_tenant(self.option("tenant"))
        check_client_id(self.option("client_id"))

    def attempt(self, credential: str) -> Attempt:
        return Attempt(
            self.option("tenant"),
            self.option("client_id"),
            credential,
            self.endpoints.authority,
            self.endpoints.scope,
        )


def check_tenant(tenant: str) -> None:
    if tenant.lower() in ("common", "organizations", "consumers"):
        raise OptionError("tenant", f"{tenant} means any tenant; give the ID or a domain of one")
    if not GUID.fullmatch(tenant) and not _DOMAIN.fullmatch(tenant):
        raise OptionError(
            "tenant", f"{tenant!r} is neither a tenant id (a GUID) nor a domain such as contoso.onmicrosoft.com"
        )


def check_client_id(client_id: str) -> None:
    if not GUID.fullmatch(client_id):
        raise OptionError("client_id", f"{client_id!r} is not an application (client) ID, which is a GUID")


def read_file(option: str, path: str) -> bytes:
    """The content of a file that an option names; :raises OptionError: it is missing, unreadable or empty."""
    if not os.path.exists(path):
        raise OptionError(option, f"{path} does not exist on the machine where the task runs")
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as exc:
        raise OptionError(option, f"{path} cannot be read ({exc.strerror})") from None
    if not content.strip():
        raise OptionError(option, f"{path} is empty")
    return content


def digest(value: str | bytes) -> str:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()
