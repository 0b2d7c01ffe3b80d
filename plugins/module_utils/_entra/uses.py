# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What each option and operation of the azuread modules asks of Graph, so of the automation's own permissions.

docs/permissions.md is made from this table, and C(azuread_app_info) with C(check_permissions) reads it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .permissions_needed import Need, needed_for

# The three least-privilege profiles of the documentation
PROFILES: dict[str, frozenset[str]] = {
    "owner": frozenset(),
    "owned_by": frozenset({"Application.ReadWrite.OwnedBy"}),
    "full": frozenset(
        {
            "Application.ReadWrite.All",
            "Application.Read.All",
            "AppRoleAssignment.ReadWrite.All",
            "DelegatedPermissionGrant.ReadWrite.All",
            "Directory.Read.All",
            "Policy.Read.All",
        }
    ),
}


@dataclass(frozen=True)
class Use:
    """One row of the table.

    :ivar module: name
    :ivar what: options and operation, in words
    :ivar call: method and path of the call that decides
    :ivar without: what the module does when the permission lacks; "" when it fails with a sentence
    :ivar own: the app was made by the automation, or it is an owner of it, so that ownership is given
    """

    module: str
    what: str
    call: str
    without: str = ""
    own: bool = True

    @property
    def need(self) -> Need:
        method, path = self.call.split(" ")
        found = needed_for(method, path)
        if found is None:
            raise LookupError(f"no row of permissions_needed fits {self.call}")
        return found

    def allowed(self, held: Collection[str]) -> str:
        """C(yes), C(own) (only for apps that the automation owns) or C(no)."""
        need = self.need
        met = [each for each in need.alternatives if each <= set(held)]
        if any("Application.ReadWrite.OwnedBy" not in each for each in met) or (met and need.owned is None):
            return "yes"
        if self.own and (met or need.owner_suffices):
            return "own"
        return "no"


_BUILTIN = "takes values and IDs of Microsoft Graph from a built-in list"
_GRANTED = "warns and lists them under `unknown`"

USES: tuple[Use, ...] = (
    Use("azuread_app", "find by `object_id`, `app_id`, `unique_name`", "GET applications/{id}"),
    Use("azuread_app", "find by `display_name`", "GET applications", "searches only the apps that it owns"),
    Use("azuread_app", "make a new app", "POST applications"),
    Use("azuread_app", "change members (`redirect_uris`, `tags`, `notes` ...), adopt", "PATCH applications/{id}"),
    Use("azuread_app", "see the service principal", "GET servicePrincipals/{id}", "warns and assumes that it exists"),
    Use("azuread_app", "make the service principal", "POST servicePrincipals"),
    Use("azuread_app", "`service_principal_tags`", "PATCH servicePrincipals/{id}"),
    Use("azuread_app", "`owners`: see", "GET applications/{id}/owners"),
    Use("azuread_app", "`owners`: add, remove", "POST applications/{id}/owners/$ref"),
    Use(
        "azuread_app",
        "find deleted namesakes",
        "GET directory/deletedItems/microsoft.graph.application",
        "continues; the write shows whether one is in the way",
    ),
    Use("azuread_app", "`if_deleted`: restore, purge; `purge`", "POST directory/deletedItems/{id}/restore"),
    Use("azuread_app", "`state: absent`", "DELETE applications/{id}"),
    Use(
        "azuread_app_permission",
        "resolve `permissions` from the tenant's own list",
        "GET servicePrincipals/{id}",
        _BUILTIN,
        own=False,
    ),
    Use("azuread_app_permission", "change the requested list", "PATCH applications/{id}"),
    Use(
        "azuread_app_permission",
        "`consent: check`, application permissions",
        "GET servicePrincipals/{id}/appRoleAssignments",
        _GRANTED,
    ),
    Use("azuread_app_permission", "`consent: check`, delegated permissions", "GET oauth2PermissionGrants", _GRANTED),
    Use(
        "azuread_app_permission",
        "`consent: grant`, application permissions",
        "POST servicePrincipals/{id}/appRoleAssignedTo",
    ),
    Use("azuread_app_permission", "`consent: grant`, delegated permissions", "POST oauth2PermissionGrants"),
    Use(
        "azuread_app_permission",
        "`consent: revoke`, application permissions",
        "DELETE servicePrincipals/{id}/appRoleAssignedTo/{id}",
    ),
    Use("azuread_app_permission", "`consent: revoke`, delegated permissions", "PATCH oauth2PermissionGrants/{id}"),
    Use("azuread_app_certificate", "register, remove", "PATCH applications/{id}"),
    Use("azuread_app_secret", "mint, confirm, retire, remove", "POST applications/{id}/addPassword"),
    Use("azuread_app_secret", "mark a renewal as pending", "PATCH applications/{id}"),
    Use(
        "azuread_app_secret",
        "cap the lifetime to the tenant's policy",
        "GET policies/defaultAppManagementPolicy",
        "mints as requested; a refusal states the limit",
    ),
    Use(
        "azuread_app_federated_credential", "see those of the app", "GET applications/{id}/federatedIdentityCredentials"
    ),
    Use(
        "azuread_app_federated_credential",
        "make, change, remove",
        "PATCH applications/{id}/federatedIdentityCredentials/{id}",
    ),
    Use("azuread_app_info", "one app", "GET applications/{id}"),
    Use("azuread_app_info", "`tag`, `display_name_prefix`", "GET applications"),
    Use("azuread_app_info", "see the service principal", "GET servicePrincipals/{id}", "warns, shows none"),
    Use(
        "azuread_app_info",
        "`include_federated_credentials`",
        "GET applications/{id}/federatedIdentityCredentials",
        "warns, shows none",
    ),
    Use("azuread_app_info", "`include_owners`", "GET applications/{id}/owners"),
    Use(
        "azuread_app_info",
        "`include_grants`, application permissions",
        "GET servicePrincipals/{id}/appRoleAssignments",
        "warns, shows none",
    ),
    Use(
        "azuread_app_info",
        "`include_grants`, delegated permissions",
        "GET oauth2PermissionGrants",
        "warns, shows none",
    ),
    Use("azuread_app_info", "`check_permissions`", "GET applications/{id}", "needs none: the token says it"),
)


def report(held: Collection[str]) -> list[dict[str, Any]]:
    """For each row whether these permissions do: C(module), C(operation), C(allowed), C(needs), C(otherwise)."""
    return [
        {
            "module": use.module,
            "operation": use.what.replace("`", ""),
            "allowed": use.allowed(held),
            "needs": [sorted(each) for each in use.need.alternatives],
            "otherwise": use.without or None,
        }
        for use in USES
        if not use.without.startswith("needs none")
    ]
