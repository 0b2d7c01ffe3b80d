# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint: who is let in, with what, and which errors the others get (authentication.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jwt

from ..certs import signing_key
from .assertions import judge_assertion
from .call import GRAPH_APP_ID, MANAGEMENT, Caller
from .errors import TokenError
from .store import Record

if TYPE_CHECKING:
    from .tenant import Tenant

KEY_ID = "simulator-signing-key"
MANAGEMENT_NAMES = frozenset(
    {
        "https://management.core.windows.net",
        "https://management.azure.com",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    }
)
LIFETIME = timedelta(seconds=3599)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGN_IN_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


def issue(tenant: Tenant, form: dict[str, str], endpoint: str) -> dict[str, Any]:
    """The answer to a token request. Raises TokenError."""
    grant_type = _needed(form, "grant_type")
    client_id = _needed(form, "client_id")
    if grant_type == "client_credentials":
        audience, service = _resource(tenant, _needed(form, "scope"))
        application = authenticate(tenant, client_id, form, endpoint)
        principal = _principal(tenant, application)
        return _app_token(tenant, application, principal, audience, service)
    if grant_type == "authorization_code":
        code = _needed(form, "code")
        application = authenticate(tenant, client_id, form, endpoint)
        return _redeem(tenant, application, tenant.codes.pop(code, None), form, check_redirect=True)
    if grant_type == "refresh_token":
        application = authenticate(tenant, client_id, form, endpoint)
        return _redeem(tenant, application, tenant.refresh_tokens.get(_needed(form, "refresh_token")), form)
    raise TokenError(
        70003, 400, "unsupported_grant_type", f"The app requested an unsupported grant type '{grant_type}'."
    )


def _needed(form: dict[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise TokenError(
            900144, 400, "invalid_request", f"The request body must contain the following parameter: '{name}'."
        )
    return value


def _resource(tenant: Tenant, scope: str) -> tuple[str, str]:
    """The audience of ``<resource>/.default``, and the API that takes it: its ``appId``, or ``MANAGEMENT``."""
    if not scope.endswith("/.default") or " " in scope:
        raise TokenError(
            1002012,
            400,
            "invalid_scope",
            f"The provided value for scope {scope} is not valid. Client credential flows "
            "must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
        )
    audience = scope[: -len("/.default")]
    resource = audience.rstrip("/").lower()
    host = urlsplit(resource).hostname
    if resource in MANAGEMENT_NAMES or (host in tenant.world.names and host.startswith("management.")):
        return audience, MANAGEMENT
    if resource == "https://graph.microsoft.com" or host in tenant.world.names:
        return audience, GRAPH_APP_ID
    for record in tenant.store.records("servicePrincipal"):
        if resource in (name.rstrip("/").lower() for name in record.data["servicePrincipalNames"]):
            return audience, record.data["appId"]
    raise TokenError(
        500011,
        400,
        "invalid_resource",
        f"The resource principal named {audience} was not found in the tenant named "
        f"{tenant.organization()['displayName']}.",
    )


def authenticate(tenant: Tenant, client_id: str, form: dict[str, str], endpoint: str) -> Record:
    """The application that proved itself by a secret or an assertion."""
    application = tenant.find("application", "appId", client_id)
    if application is None or tenant.within_lag(application.created):
        raise TokenError(
            700016,
            400,
            "unauthorized_client",
            f"Application with identifier '{client_id}' was not found in the directory "
            f"'{tenant.organization()['displayName']}'. This can happen if the application has not been installed by "
            "the administrator of the tenant or consented to by any user in the tenant.",
        )
    if form.get("client_assertion"):
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenError(
                900144,
                400,
                "invalid_request",
                "The request body must contain the following parameter: 'client_assertion_type'.",
            )
        judge_assertion(tenant, application, form["client_assertion"], endpoint)
    elif form.get("client_secret"):
        judge_secret(tenant, application, form["client_secret"])
    elif form.get("grant_type") == "client_credentials":
        raise TokenError(
            7000216,
            401,
            "invalid_client",
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        )
    else:
        raise TokenError(
            7000218,
            401,
            "invalid_client",
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    return application


def judge_secret(tenant: Tenant, application: Record, text: str) -> None:
    """Raises TokenError unless the text is a live password of the application, now."""
    app_id = application.data["appId"]
    now = tenant.world.now()
    secret = tenant.secrets.get(app_id, {}).get(text)
    if secret is not None and secret.start <= now and not tenant.refuses_fresh(secret.added):
        if secret.end > now:
            return
        raise TokenError(
            7000222,
            401,
            "invalid_client",
            f"The provided client secret keys for app '{app_id}' are expired. Visit the "
            "Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using "
            "certificate credentials for added security: https://aka.ms/certCreds.",
        )
    raise TokenError(
        7000215,
        401,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the "
        f"client secret value, not the client secret ID, for a secret added to app '{app_id}'.",
    )


def _principal(tenant: Tenant, application: Record) -> Record:
    app_id = application.data["appId"]
    if application.data["isDisabled"] or application.data["disabledByMicrosoftStatus"] not in (None, "NotDisabled"):
        raise TokenError(7000112, 400, "unauthorized_client", f"Application '{app_id}' is disabled.")
    principal = tenant.find("servicePrincipal", "appId", app_id)
    if principal is None:
        raise TokenError(
            7000229,
            401,
            "invalid_client",
            f"The client application {app_id} is missing service principal in the tenant {tenant.id}.",
        )
    if principal.data["accountEnabled"] is False:
        raise TokenError(7000112, 400, "unauthorized_client", f"Application '{app_id}' is disabled.")
    return principal


def _claims(tenant: Tenant, application: Record, audience: str, now: datetime) -> dict[str, Any]:
    seconds = int(now.timestamp())
    return {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant.id}/",
        "iat": seconds,
        "nbf": seconds,
        "exp": seconds + int(LIFETIME.total_seconds()) + 1,
        "appid": application.data["appId"],
        "app_displayname": application.data["displayName"],
        "tid": tenant.id,
        "uti": tenant.world.ids.text(22),
        "ver": "1.0",
    }


def sign(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, signing_key(), algorithm="RS256", headers={"kid": KEY_ID})


def _app_token(tenant: Tenant, application: Record, principal: Record, audience: str, service: str) -> dict[str, Any]:
    now = tenant.world.now()
    roles = sorted(tenant.granted_roles(principal.id, service))
    claims = {**_claims(tenant, application, audience, now), "idtyp": "app", "oid": principal.id, "sub": principal.id}
    if roles:
        claims["roles"] = roles  # without consent the entry is missing; the token is issued all the same
    token = sign(claims)
    app_id, held = application.data["appId"], frozenset(roles)
    caller = Caller(app_id, principal.id, held, frozenset(), None, now + LIFETIME, service)
    tenant.remember_token(token, caller, "access token")
    seconds = int(LIFETIME.total_seconds())
    return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}


def _redeem(
    tenant: Tenant,
    application: Record,
    ticket: dict[str, Any] | None,
    form: dict[str, str],
    check_redirect: bool = False,
) -> dict[str, Any]:
    """Exchange a code or a refresh token for a token of the user."""
    app_id = application.data["appId"]
    now = tenant.world.now()
    if ticket is None or ticket["app_id"] != app_id:
        raise TokenError(
            9002313, 400, "invalid_grant", "The provided authorization code or refresh token is not valid."
        )
    if ticket["expires"] <= now:
        raise TokenError(70008, 400, "invalid_grant", "The provided authorization code or refresh token has expired.")
    if check_redirect and form.get("redirect_uri") != ticket["redirect_uri"]:
        raise TokenError(
            500112, 400, "invalid_client", "The reply address does not match the one of the authorization request."
        )
    principal = _principal(tenant, application)
    granted = tenant.granted_scopes(principal.id, ticket["user_id"]) & (set(ticket["scopes"]) | SIGN_IN_SCOPES)
    if not granted - SIGN_IN_SCOPES:
        raise TokenError(
            65001,
            400,
            "invalid_grant",
            f"The user or administrator has not consented to use the application with ID '{app_id}'.",
        )
    user = tenant.find("user", "id", ticket["user_id"])
    claims = {
        **_claims(tenant, application, tenant.world.graph_url, now),
        "idtyp": "user",
        "oid": ticket["user_id"],
        "scp": " ".join(sorted(granted)),
        "upn": user.data["userPrincipalName"] if user else None,
    }
    token = sign(claims)
    caller = Caller(app_id, principal.id, frozenset(), frozenset(granted), ticket["user_id"], now + LIFETIME)
    tenant.remember_token(token, caller, "access token")
    refresh = tenant.world.ids.text(64)
    tenant.refresh_tokens[refresh] = {**ticket, "expires": now + timedelta(days=90)}
    tenant.world.secrets.add(refresh, "refresh token")
    seconds = int(LIFETIME.total_seconds())
    return {
        "token_type": "Bearer",
        "scope": " ".join(sorted(granted)),
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": token,
        "refresh_token": refresh,
    }
