# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Whether an answer has the form of Graph's: what bears the name of a property has its type (FIDELITY.md).

A portal or a broken gateway may answer with JSON too; what reads on can then rely on the types.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import FormatError
from .._http import Answer


def _text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _switch(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _object(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and _fits(value))


def _objects(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, dict) and _fits(one) for one in value))


def _id(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


_NAMES: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("id", _id),
    (
        """
    appId displayName uniqueName signInAudience createdDateTime startDateTime endDateTime keyId hint secretText
    appOwnerOrganizationId servicePrincipalType description consentType scope principalId resourceId clientId
    appRoleId resourceDisplayName principalDisplayName adminConsentDisplayName deletedDateTime
    userConsentDisplayName resourceAppId createdByAppId disabledByMicrosoftStatus issuer subject customKeyIdentifier
    restrictionType state maxLifetime restrictForAppsCreatedAfterDateTime @odata.nextLink @odata.deltaLink
    homePageUrl loginUrl logoutUrl notes type usage
    """,
        _text,
    ),
    ("accountEnabled isEnabled isDisabled appRoleAssignmentRequired isFallbackPublicClient", _switch),
    ("tags redirectUris identifierUris allowedMemberTypes servicePrincipalNames audiences", _texts),
    ("web spa publicClient api info restrictions applicationRestrictions", _object),
    (
        """
    passwordCredentials keyCredentials requiredResourceAccess resourceAccess appRoles oauth2PermissionScopes owners
    appRoleAssignedTo federatedIdentityCredentials
    """,
        _objects,
    ),
)
_TYPES = {name: fits for names, fits in _NAMES for name in names.split()}


def checked(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """The body itself; :raises FormatError: a property has another type than Graph gives it, or something has no id"""
    listed = body.get("value")
    things = listed if isinstance(listed, list) else [body] if answer.method == "GET" else []
    if not _fits(body) or not all(isinstance(one, dict) and "id" in one and _fits(one) for one in things):
        raise FormatError(
            f"{answer.method} {answer.url} answered with JSON that does not look like Microsoft Graph's; check the "
            "option graph_url, HTTPS_PROXY, and what they let through",
            answer=answer,
        )
    return body


def _fits(body: dict[str, Any]) -> bool:
    return all(fits(value) for name, value in body.items() if (fits := _TYPES.get(name)) is not None)
