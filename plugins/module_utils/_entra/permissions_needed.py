# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which application permission of the automation a call to Graph needs (permissions.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

APP_READ = "Application.Read.All"
APP_WRITE = "Application.ReadWrite.All"
APP_OWNED = "Application.ReadWrite.OwnedBy"
DIRECTORY_READ = "Directory.Read.All"
DIRECTORY_WRITE = "Directory.ReadWrite.All"
ROLE_GRANT = "AppRoleAssignment.ReadWrite.All"
SCOPE_GRANT = "DelegatedPermissionGrant.ReadWrite.All"


@dataclass(frozen=True)
class Need:
    """:ivar alternatives: each is a set of permissions that suffices together; the least privileged first
    :ivar owned: the object on which C(Application.ReadWrite.OwnedBy) asks for ownership
    :ivar owner_suffices: whether an owner of that object needs no permission at all
    """

    alternatives: tuple[frozenset[str], ...]
    owned: str | None = None
    owner_suffices: bool = False

    @property
    def least(self) -> frozenset[str]:
        return self.alternatives[0]

    def met_by(self, roles: Iterable[str]) -> frozenset[str] | None:
        """The alternative that these permissions fulfil."""
        held = set(roles)
        return next((needed for needed in self.alternatives if needed <= held), None)


def _need(*alternatives: str, owned: str | None = None, owner_suffices: bool = False) -> Need:
    return Need(tuple(frozenset(each.split("+")) for each in alternatives), owned, owner_suffices)


_APP = "the app registration"
_PRINCIPAL = "the app registration of the service principal"
_READ_LIST = _need(APP_READ, APP_OWNED, APP_WRITE, DIRECTORY_READ)
_READ_APP = _need(APP_READ, APP_OWNED, APP_WRITE, DIRECTORY_READ, owned=_APP, owner_suffices=True)
_READ_PRINCIPAL = _need(APP_READ, APP_OWNED, APP_WRITE, DIRECTORY_READ, owned=_PRINCIPAL)
_CREATE = _need(APP_OWNED, APP_WRITE)
_WRITE_APP = _need(APP_OWNED, APP_WRITE, owned=_APP, owner_suffices=True)
_WRITE_PRINCIPAL = _need(APP_OWNED, APP_WRITE, owned=_PRINCIPAL)
_DELETED = _need(APP_OWNED, APP_WRITE, owned="the deleted app registration")
_OWNERS = _need(
    f"{APP_OWNED}+{DIRECTORY_READ}",
    f"{APP_WRITE}+{DIRECTORY_READ}",
    APP_WRITE,
    owned="the app registration (and some tenants require Application.ReadWrite.All to add another owner)",
)
_READ_GRANTS = _need(DIRECTORY_READ, SCOPE_GRANT, DIRECTORY_WRITE)
_KEY = r"(/[^/]+|\([^)]*\))"

# methods, pattern of the path under the version, need; the first that fits counts
_TABLE: tuple[tuple[str, str, Need], ...] = (
    (
        "GET",
        rf"applications{_KEY}/appManagementPolicies.*",
        _need(
            f"{APP_READ}+Policy.Read.All",
            f"{APP_READ}+Policy.ReadWrite.ApplicationConfiguration",
            f"{APP_WRITE}+Policy.Read.All",
        ),
    ),
    ("POST DELETE", rf"(applications|servicePrincipals){_KEY}/owners.*", _OWNERS),
    (
        "POST",
        rf"servicePrincipals{_KEY}/(appRoleAssignedTo|appRoleAssignments)",
        _need(f"{ROLE_GRANT}+{APP_READ}", f"{ROLE_GRANT}+{DIRECTORY_READ}"),
    ),
    ("DELETE", rf"servicePrincipals{_KEY}/(appRoleAssignedTo|appRoleAssignments)/.+", _need(ROLE_GRANT)),
    ("GET", rf"servicePrincipals{_KEY}/oauth2PermissionGrants", _READ_GRANTS),
    ("GET", r"oauth2PermissionGrants.*", _READ_GRANTS),
    ("POST PATCH DELETE", r"oauth2PermissionGrants.*", _need(SCOPE_GRANT, DIRECTORY_WRITE)),
    ("GET", rf"applications{_KEY}/owners", _need(APP_READ, APP_OWNED, APP_WRITE, DIRECTORY_READ, owned=_APP)),
    (
        "GET",
        rf"applications{_KEY}/federatedIdentityCredentials",
        _need(APP_READ, APP_OWNED, APP_WRITE, owned=_APP, owner_suffices=True),
    ),
    ("GET", rf"applications{_KEY}", _READ_APP),
    ("GET", rf"servicePrincipals{_KEY}.*", _READ_PRINCIPAL),
    ("GET", r"(applications|servicePrincipals).*", _READ_LIST),
    ("POST", r"applications", _CREATE),
    ("POST PATCH DELETE", rf"applications{_KEY}.*", _WRITE_APP),
    ("POST PATCH DELETE", r"servicePrincipals.*", _WRITE_PRINCIPAL),
    ("GET", r"directory/deletedItems.*", _READ_LIST),
    ("POST DELETE", r"directory/deletedItems/.+", _DELETED),
    ("GET", r"policies/.*", _need("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration")),
    ("GET", r"organization.*", _need("Organization.Read.All", "User.Read.All", DIRECTORY_READ)),
    ("GET", r"(users|groups|directoryObjects).*", _need(DIRECTORY_READ)),
)


def needed_for(method: str, path: str) -> Need | None:
    """What a call needs; None for a call that the table does not know.

    :param path: relative to the version, with or without query
    """
    path = path.partition("?")[0].strip("/")
    for methods, pattern, need in _TABLE:
        if method in methods.split() and re.fullmatch(pattern, path, re.IGNORECASE):
            return need
    return None


def hint(method: str, path: str, roles: set[str] | None) -> str | None:
    """The half sentence about permissions for a refused call.

    :param roles: what the automation's token carries; None when it does not tell
    """
    need = needed_for(method, path)
    if need is None:
        return None
    wanted = _words(need)
    if need.owner_suffices:
        wanted += f", or that the automation's service principal is an owner of {need.owned}"
    if roles is None:
        return f"it needs {wanted}; grant it to the automation's application, with admin consent, and log in again"
    met = need.met_by(roles)
    if met is None:
        nearest = min(need.alternatives, key=lambda needed: len(needed - roles))
        lacking = " and ".join(sorted(nearest - roles))
        return (
            f"it needs {wanted}, and the automation's token does not have {lacking}; grant that as an application "
            "permission to the automation's application, with admin consent, and log in again"
        )
    if APP_OWNED in met and need.owned:
        instead = next(" and ".join(sorted(each)) for each in need.alternatives if APP_OWNED not in each)
        return (
            f"the automation's token has {APP_OWNED}, which is enough only for an owner of {need.owned}; make the "
            f"automation's service principal an owner of it, or grant {instead}"
        )
    return (
        f"the automation's token does have {' and '.join(sorted(met))}; perhaps a policy or a role of the directory "
        "forbids the call, or this object belongs to somebody with a higher role"
    )


def _words(need: Need) -> str:
    return " or ".join(" together with ".join(sorted(each)) for each in need.alternatives[:3])
