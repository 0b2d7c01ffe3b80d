# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The id of a tenant that was named by a domain, from its OpenID metadata."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from .. import _http
from .._errors import AnswerError, LoginError
from .._guid import GUID
from .._run import Run
from .clouds import Endpoints


def tenant_id(where: Endpoints, tenant: str, run: Run) -> str:
    """:param tenant: id or domain; :raises LoginError: the tenant is not known there."""
    if not tenant:
        raise LoginError("the access token does not say which tenant it is for; set the option tenant", code="tenant")
    if GUID.fullmatch(tenant):
        return tenant.lower()
    client = _http.Http(
        where.authority,
        verify=where.verify,
        cert=where.cert,
        bounds=where.bounds,
        sleep=run.sleep,
        monotonic=run.monotonic,
    )
    with client:
        try:
            metadata = client.request("GET", f"{quote(tenant, safe='')}/v2.0/.well-known/openid-configuration").json()
        except AnswerError as exc:
            raise LoginError(
                f"{where.authority} knows no tenant {tenant}; check the options tenant, cloud and authority_url",
                code="AADSTS90002",
                status=exc.details.get("status"),
            ) from None
    issuer = str(metadata.get("issuer") or "") if isinstance(metadata, dict) else ""
    found = next((part for part in urlsplit(issuer).path.split("/") if GUID.fullmatch(part)), None)
    if found is None:
        raise LoginError(
            f"{where.authority} does not return the ID of tenant {tenant}; give the ID itself", code="tenant"
        )
    return found
