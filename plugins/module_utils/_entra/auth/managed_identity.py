# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Log in as the identity that Azure gives to this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._errors import LoginError, OptionError, TransportError
from ..._guid import GUID
from ..._run import Run
from ..tokens import Token
from . import _msal
from ._base import LoginMethod, check_tenant

# The service is on this machine or next to it; outside of Azure nobody answers
_LONGEST_TIMEOUT = 5.0
# How a platform of Azure tells its programs that it has an identity for them
PLATFORM_SIGNS = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")
_TEMPORARY = frozenset({404, 410, 429})


class ManagedIdentity(LoginMethod):
    NAME = "managed_identity"

    def validate(self) -> None:
        if self.option("tenant"):
            check_tenant(self.option("tenant"))
        client_id = self.option("client_id")
        if client_id and not GUID.fullmatch(client_id) and not client_id.startswith("/subscriptions/"):
            raise OptionError(
                "client_id",
                f"{client_id!r} is neither the client id (a GUID) nor the resource id (/subscriptions/...) of a "
                "user-assigned identity; leave it out for the system-assigned one",
            )

    def fingerprint(self) -> list[str]:
        return [os.environ.get(name, "") for name in (*PLATFORM_SIGNS, "AZURE_POD_IDENTITY_AUTHORITY_HOST")]

    def authenticate(self, run: Run) -> Token:
        bounds = self.endpoints.bounds
        bounds = replace(bounds, timeout=min(bounds.timeout, _LONGEST_TIMEOUT))
        # the certificate is for front ends on the way to Graph, which are not between this service and us
        where = replace(self.endpoints, bounds=bounds, cert=None)

        def ask(session: _msal.LoginSession) -> Mapping[str, Any]:
            # a proxy cannot reach this service, and must not see its answers
            session.trust_env = False
            client = _msal.msal.ManagedIdentityClient(self._identity(), http_client=session, http_cache={})
            try:
                result: dict[str, Any] = client.acquire_token_for_client(resource=where.graph)
            except OSError as exc:
                # the libraries raise their own kinds for the network; this is the challenge file of Azure Arc
                if not exc.filename:
                    raise
                raise _unreadable(exc) from None
            status = getattr(session.last, "status_code", 200)
            if "access_token" not in result and (status in _TEMPORARY or status >= 500):
                return {**result, "temporary": True}
            return result

        try:
            return _msal.repeated(where, ask, self._refused, run)
        except TransportError as exc:
            raise LoginError(
                f"the managed identity service cannot be reached ({exc.message}); auth_method=managed_identity works "
                "only on machines in Azure or connected to Azure Arc",
                code="managed_identity",
            ) from None

    def _identity(self) -> Any:
        client_id = self.option("client_id")
        if not client_id:
            return _msal.msal.SystemAssignedManagedIdentity()
        if client_id.startswith("/"):
            return _msal.msal.UserAssignedManagedIdentity(resource_id=client_id)
        return _msal.msal.UserAssignedManagedIdentity(client_id=client_id)

    def _refused(self, result: Mapping[str, Any], status: int | None) -> LoginError:
        text = " ".join(str(result.get("error_description") or result.get("error") or "").split())[:300]
        named = self.option("client_id")
        which = f"the user-assigned identity {named}" if named else "an identity"
        code = "temporarily_unavailable" if result.get("temporary") or (status or 0) >= 500 else "managed_identity"
        return LoginError(
            f"the managed identity service gave no token ({text or f'HTTP {status}'}); check that {which} is assigned "
            "to this machine, and the option client_id",
            code=code,
            text=text,
        )


def _unreadable(exc: OSError) -> LoginError:
    """Azure Arc proves that the caller is of this machine by a file that members of one group may read."""
    return LoginError(
        f"the agent of Azure Arc asks for the content of {exc.filename}, which cannot be read ({exc.strerror}); add "
        "the user that runs this task to the group himds (usermod -a -G himds <user>) and log in to the machine "
        "again, or run the task as root",
        code="managed_identity",
        path=str(exc.filename),
    )
