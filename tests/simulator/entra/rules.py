# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the directory demands of an application's members (FIDELITY.md, Applications and secrets; texts assumed)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .errors import GraphError, bad_request, name_taken
from .store import Data, Record

if TYPE_CHECKING:
    from .call import Caller
    from .tenant import Tenant

AUDIENCES = (
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
)
READ_ONLY = frozenset(
    {
        "id",
        "appId",
        "createdDateTime",
        "createdByAppId",
        "deletedDateTime",
        "publisherDomain",
        "disabledByMicrosoftStatus",
        "certification",
        "verifiedPublisher",
        "applicationTemplateId",
    }
)
MAX_ENTRIES = 1000
MAX_CREDENTIALS = 600
_COUNTED = ("identifierUris", "tags", "passwordCredentials", "keyCredentials", "appRoles")


def allows_personal(data: Data) -> bool:
    return "Personal" in (data.get("signInAudience") or "")


def validate_application(tenant: Tenant, data: Data, changed: Data, own_id: str | None) -> None:
    """Check the changed members of an application whose members are then ``data``. Raises GraphError."""
    if data.get("signInAudience") not in AUDIENCES:
        raise bad_request(f"Invalid value '{data.get('signInAudience')}' for property signInAudience.")
    if "displayName" in changed or "signInAudience" in changed:
        longest = 90 if allows_personal(data) else 120
        name = data.get("displayName")
        if not name or not name.strip():
            raise bad_request("A value is required for property 'displayName' of resource 'Application'.")
        if len(name) > longest:
            raise bad_request(f"Invalid value specified for property 'displayName': longer than {longest} characters.")
    if "tags" in changed:
        check_tags(data["tags"])
    if "requiredResourceAccess" in changed:
        stored = tenant.find("application", "id", own_id) if own_id else None
        _required_access(data["requiredResourceAccess"], stored.data["requiredResourceAccess"] if stored else [])
    for platform in ("web", "spa", "publicClient"):
        if platform in changed:
            _redirect_uris(data[platform]["redirectUris"], platform)
    if "identifierUris" in changed:
        _identifier_uris(tenant, data, own_id)
    if data.get("uniqueName") is not None and "uniqueName" in changed:
        _unique_name(tenant, data["uniqueName"], own_id)
    entries = sum(len(data.get(name) or ()) for name in _COUNTED)
    entries += sum(len(data[platform]["redirectUris"]) for platform in ("web", "spa", "publicClient"))
    entries += sum(len(item["resourceAccess"]) for item in data["requiredResourceAccess"])
    if entries > MAX_ENTRIES:
        raise size_exceeded()


def refuse_enabled(old: Data, new: Data) -> None:
    """Roles and scopes that an app itself offers must be disabled before they are changed or removed."""
    for before, after in (
        (old["appRoles"], new["appRoles"]),
        (old["api"]["oauth2PermissionScopes"], new["api"]["oauth2PermissionScopes"]),
    ):
        kept = {item["id"]: item for item in after}
        for item in before:
            changed = kept.get(item["id"])
            only_disabled = changed is not None and {**changed, "isEnabled": True} == item
            if item["isEnabled"] and changed != item and not only_disabled:
                raise GraphError(
                    400,
                    "CannotDeleteOrUpdateEnabledEntitlement",
                    "Permission (scope or role) cannot be deleted or updated unless disabled first.",
                )


def refuse_beyond_quota(tenant: Tenant, caller: Caller) -> None:
    """Who is no administrator makes 250 objects at most, soft-deleted ones counted (assumed: by who created them)."""
    if "Application.ReadWrite.All" in caller.held:
        return
    made = sum(
        data["createdByAppId"] == caller.app_id
        for kind in ("application", "servicePrincipal")
        for data in tenant.everything(kind)
    )
    if made >= tenant.quota:
        raise GraphError(
            403,
            "Directory_QuotaExceeded",
            "The directory object quota limit for the Principal has been exceeded. "
            "Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.",
        )


def refuse_fresh_personal(tenant: Tenant, record: Record) -> None:
    """A write right after the creation of an app that personal accounts may use, while a replica lags."""
    if allows_personal(record.data) and tenant.within_lag(record.created):
        raise GraphError(409, "Error_MsaAppDoesNotExist", "The application does not exist for personal accounts yet.")


def size_exceeded() -> GraphError:
    return GraphError(
        403,
        "Directory_ResourceSizeExceeded",
        "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.",
    )


def check_tags(tags: list[str]) -> None:
    for tag in tags:
        if not 1 <= len(tag) <= 256 or any(sign.isspace() for sign in tag):
            raise bad_request("Invalid value specified for property 'tags' of resource 'Application'.")
    if len(set(tags)) != len(tags):
        raise bad_request("Property 'tags' of resource 'Application' must not contain duplicate values.")


def _required_access(items: list[Data], stored: list[Data]) -> None:
    kinds = {"Scope", "Role", *(access["type"] for item in stored for access in item["resourceAccess"])}
    if len(items) > 50 or sum(len(item["resourceAccess"]) for item in items) > 400:
        raise bad_request("Property 'requiredResourceAccess' has too many entries.")
    seen: set[Any] = set()
    for item in items:
        if "resourceAppId" not in item or "resourceAccess" not in item:
            raise bad_request("Property 'requiredResourceAccess' needs 'resourceAppId' and 'resourceAccess'.")
        if item["resourceAppId"] in seen:
            raise bad_request("Property 'requiredResourceAccess' names an API more than once.")
        seen.add(item["resourceAppId"])
        for access in item["resourceAccess"]:
            if access.get("type") not in kinds or "id" not in access:
                raise bad_request("Invalid value specified for property 'type' of resource 'ResourceAccess'.")


def _redirect_uris(uris: list[str], platform: str) -> None:
    if len(set(uris)) != len(uris):
        raise bad_request("Property 'redirectUris' must not contain duplicate values.")
    for uri in uris:
        parts = urlsplit(uri)
        local = parts.hostname in ("localhost", "127.0.0.1")
        web_like = platform in ("web", "spa")
        if (
            not parts.scheme
            or len(uri) > 256
            or parts.fragment
            or (web_like and (not parts.netloc or parts.scheme not in ("https", "http")))
            or (web_like and parts.scheme == "http" and not local)
        ):
            raise bad_request(f"Invalid value specified for property 'redirectUris' of resource '{platform}'.")


def _identifier_uris(tenant: Tenant, data: Data, own_id: str | None) -> None:
    for uri in data["identifierUris"]:
        parts = urlsplit(uri)
        if parts.scheme == "api" and parts.netloc in (data["appId"], tenant.id):
            pass
        elif parts.scheme not in ("https", "api") or not any(
            parts.netloc == domain or parts.netloc.endswith("." + domain) for domain in tenant.domains
        ):
            raise GraphError(
                400,
                "HostNameNotOnVerifiedDomain",
                "Values of identifierUris property must use a verified domain of the organization or its subdomain.",
            )
        for other in tenant.everything("application"):
            if other["id"] != own_id and uri in other["identifierUris"]:
                raise name_taken("identifierUris")


def _unique_name(tenant: Tenant, name: str, own_id: str | None) -> None:
    if not name or len(name) > 256:
        raise bad_request("Invalid value specified for property 'uniqueName' of resource 'Application'.")
    for other in tenant.everything("application"):
        if other["id"] != own_id and (other["uniqueName"] or "").casefold() == name.casefold():
            raise name_taken("uniqueName")
