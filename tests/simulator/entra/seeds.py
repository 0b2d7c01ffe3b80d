# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests put into the tenant beforehand, as people or older portals left it."""

from __future__ import annotations

import base64
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from . import catalogue
from .administrator import access_token
from .applications import merge, new_application
from .assertions import key_credential, make_certificate
from .call import GRAPH_APP_ID
from .grants import store_assignment, store_grant
from .moments import parse_moment, stamp
from .passwords import store_password
from .policies import restrictions, store_policy
from .principals import new_principal
from .store import Data, Record

if TYPE_CHECKING:
    from ..world import World
    from .tenant import Tenant

FULL = (
    "Application.ReadWrite.All",
    "Application.Read.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Policy.Read.All",
)
# Of the automation that every tenant has: it may read the organization too, as some clients do
OF_THE_AUTOMATION = (*FULL, "Organization.Read.All")
PROFILES: dict[str, tuple[str, ...]] = {
    "full": FULL,
    "owned_by": ("Application.ReadWrite.OwnedBy",),
    "owner": (),
    "none": (),
}
ENTERPRISE = "WindowsAzureActiveDirectoryIntegratedApp"
NEVER = datetime(2299, 12, 31, tzinfo=timezone.utc)
REDIRECT = "/plugins/servlet/de.resolution.usersync/oauth2/authorize"


class Seeds:
    """The operations behind ``/seed`` and ``Simulator.seed``; each returns JSON with the ids it made."""

    world: World

    def seed_application(
        self: Any,
        display_name: str,
        unique_name: str | None = None,
        owners: list[str] | None = None,
        service_principal: bool = True,
        age_days: float = 30,
        principal_tags: list[str] | None = None,
        **members: Any,
    ) -> dict[str, Any]:
        """An application with any further members of its type, older than any lag."""
        tenant: Tenant = self
        created = tenant.world.now() - timedelta(days=age_days)
        data = new_application(tenant, created, None)
        data = merge(data, {"displayName": display_name, "uniqueName": unique_name, **members})
        data["web"]["redirectUriSettings"] = [{"uri": uri, "index": None} for uri in data["web"]["redirectUris"]]
        data["_owners"] = tuple(owners or ())
        record = tenant.store.add(Record("application", data, created))
        made = {"id": record.id, "app_id": data["appId"], "display_name": display_name, "principal_id": None}
        if service_principal:
            principal = new_principal(tenant, data, created)
            principal["tags"] = list(principal_tags if principal_tags is not None else [])
            made["principal_id"] = tenant.store.add(Record("servicePrincipal", principal, created)).id
        return made

    def seed_old_app(self: Any, style: str, display_name: str, url: str, consent: bool = True) -> dict[str, Any]:
        """An app as made by hand in one of the vendor guide's three portals, with its secret.

        ``style``: ``registration_portal`` (open to personal accounts), ``app_registrations`` ('Web app / API' with a
        key that never expires) or ``new_portal``. ``url``: the host's base URL.
        """
        tenant: Tenant = self
        members: Data = {"web": {"redirectUris": [url + REDIRECT]}}
        api, key = GRAPH_APP_ID, "graph"
        if style == "registration_portal":
            members["signInAudience"] = "AzureADandPersonalMicrosoftAccount"
            members["api"] = {"requestedAccessTokenVersion": 2}
        elif style == "app_registrations":
            members["web"].update(
                homePageUrl=url + REDIRECT,
                implicitGrantSettings={"enableAccessTokenIssuance": False, "enableIdTokenIssuance": True},
            )
        elif style != "new_portal":
            raise ValueError(f"unknown style {style!r}")
        scopes, roles = ("User.Read", "User.ReadBasic.All"), ("Directory.Read.All", "User.Read.All")
        members["requiredResourceAccess"] = [_required(api, key, scopes, roles)]
        if style == "app_registrations":  # the old portal added its own API by default
            members["requiredResourceAccess"].append(_required(catalogue.LEGACY_APP_ID, "legacy", ("User.Read",), ()))
        made: dict[str, Any] = self.seed_application(display_name, age_days=900, principal_tags=[ENTERPRISE], **members)
        if style == "app_registrations":
            application = tenant.find("application", "id", made["id"])
            assert application is not None
            uri = f"https://{tenant.initial_domain}/{made['app_id']}"
            application.put(application.created, identifierUris=[uri])
        if consent:
            self.seed_consent(made["app_id"], roles=list(roles), scopes=list(scopes))
        if style == "new_portal":
            made.update(self.seed_credential(made["app_id"], "usersync", days=700, age_days=30))
        else:
            label = base64.b64encode("usersync".encode("utf-16-le")).decode()
            made.update(
                self.seed_credential(made["app_id"], None, end=NEVER, age_days=900, custom_key_identifier=label)
            )
        return made

    def seed_credential(
        self: Any,
        app_id: str,
        display_name: str | None = "made by hand",
        days: float = 365,
        age_days: float = 10,
        end: datetime | str | None = None,
        custom_key_identifier: str | None = None,
    ) -> dict[str, Any]:
        """A password credential that ends in ``days`` (negative: expired already). Asks no policy."""
        tenant: Tenant = self
        record = tenant.find("application", "appId", app_id)
        if record is None:
            raise ValueError(f"no application has the appId {app_id!r}")
        now = tenant.world.now()
        end = parse_moment(end) if isinstance(end, str) else end
        start = now - timedelta(days=max(age_days, 1 - days))
        shown = store_password(
            tenant, record, display_name, start, end or now + timedelta(days=days), now, custom_key_identifier
        )
        secret = tenant.secrets[app_id][shown["secretText"]]
        secret.added = start
        record.written = start
        return {"key_id": shown["keyId"], "secret": shown["secretText"], "end": shown["endDateTime"]}

    def seed_consent(
        self: Any,
        app_id: str,
        roles: list[str] | None = None,
        scopes: list[str] | None = None,
        user_id: str | None = None,
    ) -> dict[str, Any]:
        """Grant Microsoft Graph's permissions by value; scopes for everybody unless a user is named."""
        tenant: Tenant = self
        principal = tenant.find("servicePrincipal", "appId", app_id)
        resource = tenant.find("servicePrincipal", "appId", GRAPH_APP_ID)
        if principal is None or resource is None:
            raise ValueError(f"no service principal has the appId {app_id!r}")
        now = principal.created
        for value in roles or ():
            store_assignment(tenant, principal, resource, catalogue.permission_id(value, "Role"), now)
        if scopes:
            store_grant(tenant, principal.id, resource.id, " ".join(scopes), now, user_id)
        return {"principal_id": principal.id, "resource_id": resource.id}

    def seed_identity(
        self: Any,
        display_name: str = "automation",
        profile: str = "full",
        permissions: list[str] | None = None,
        owns: list[str] | None = None,
        days: float = 365,
        attributes: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """An identity for automation: ``full``, ``owned_by``, ``owner`` (no permission) or with chosen permissions.

        ``owns``: appIds of the applications that it becomes an owner of. ``attributes``: custom security attributes of
        its service principal, ``Set_Name`` and value.
        """
        tenant: Tenant = self
        made = self.seed_application(display_name, principal_tags=[ENTERPRISE])
        principal = tenant.find("servicePrincipal", "id", made["principal_id"])
        if principal is not None and attributes:
            principal.data = {**principal.data, "_attributes": dict(attributes)}
        wanted = list(permissions if permissions is not None else PROFILES[profile])
        self.seed_consent(made["app_id"], roles=wanted)
        secret = self.seed_credential(made["app_id"], "automation", days=days)
        for app_id in owns or ():
            self.seed_owner(app_id, made["principal_id"])
        tenant.world.secrets.add(secret["secret"], "automation secret")
        return {
            "client_id": made["app_id"],
            "client_secret": secret["secret"],
            "principal_id": made["principal_id"],
            "id": made["id"],
        }

    def seed_owner(self: Any, app_id: str, owner_id: str) -> dict[str, Any]:
        """Add an owner to an application and its service principal."""
        tenant: Tenant = self
        for kind in ("application", "servicePrincipal"):
            record = tenant.find(kind, "appId", app_id)
            if record is not None:
                record.data = {**record.data, "_owners": (*record.data["_owners"], owner_id)}
        return {"owner_id": owner_id}

    def seed_deleted(
        self: Any, display_name: str, unique_name: str | None = None, days_ago: float = 3
    ) -> dict[str, Any]:
        """A soft-deleted application with its service principal, which still holds its names."""
        tenant: Tenant = self
        made: dict[str, Any] = self.seed_application(display_name, unique_name)
        record = tenant.find("application", "id", made["id"])
        assert record is not None
        tenant.delete_application(record, tenant.world.now() - timedelta(days=days_ago))
        return made

    def seed_twins(self: Any, display_name: str) -> list[dict[str, Any]]:
        """Two applications of one display name."""
        return [self.seed_application(display_name), self.seed_application(display_name, age_days=20)]

    def seed_legacy_permissions(self: Any, app_id: str) -> dict[str, Any]:
        """Let an application request permissions of the old Azure AD Graph beside its others."""
        tenant: Tenant = self
        record = tenant.find("application", "appId", app_id)
        if record is None:
            raise ValueError(f"no application has the appId {app_id!r}")
        entry = _required(catalogue.LEGACY_APP_ID, "legacy", ("User.Read",), ("Directory.Read.All",))
        record.data = {**record.data, "requiredResourceAccess": [*record.data["requiredResourceAccess"], entry]}
        return entry

    def seed_redirect_uris(self: Any, app_id: str, uris: list[str]) -> dict[str, Any]:
        """Redirect URIs of an app, in place of those that stand."""
        tenant: Tenant = self
        record = tenant.find("application", "appId", app_id)
        if record is None:
            raise ValueError(f"there is no application {app_id!r}")
        record.put(tenant.world.now(), web={**record.data["web"], "redirectUris": list(uris)})
        return {"app_id": app_id}

    def seed_switches(
        self: Any,
        app_id: str,
        deactivated: bool | None = None,
        by_microsoft: str | None = None,
        sign_in: bool | None = None,
        principal: bool = True,
    ) -> dict[str, Any]:
        """The switches that end an app's logins: ``isDisabled``, ``disabledByMicrosoftStatus``, ``accountEnabled``.

        ``principal``: false takes its service principal away.
        """
        tenant: Tenant = self
        record, own = tenant.find("application", "appId", app_id), tenant.find("servicePrincipal", "appId", app_id)
        if record is None:
            raise ValueError(f"no application has the appId {app_id!r}")
        if deactivated is not None:
            record.data = {**record.data, "isDisabled": deactivated}
        if by_microsoft is not None:
            record.data = {**record.data, "disabledByMicrosoftStatus": by_microsoft}
        if own is not None and sign_in is not None:
            own.data = {**own.data, "accountEnabled": sign_in}
        if own is not None and not principal:
            tenant.store.remove(own, tenant.world.now() - timedelta(days=1))
        return {"app_id": app_id}

    def seed_policy(
        self: Any,
        max_lifetime: str | None = None,
        forbid: bool = False,
        app_id: str | None = None,
        items: list[Data] | None = None,
        enabled: bool = True,
    ) -> dict[str, Any]:
        """A lasting restriction of passwords: of the whole tenant, or a policy of one application.

        ``items``: the restrictions themselves, as Graph has them.
        """
        tenant: Tenant = self
        items = restrictions(max_lifetime, forbid) if items is None else items
        if app_id is None:
            applied = {**tenant.policy["applicationRestrictions"], "passwordCredentials": items}
            tenant.policy = {**tenant.policy, "isEnabled": enabled, "applicationRestrictions": applied}
            return {"id": tenant.policy["id"]}
        record = tenant.find("application", "appId", app_id)
        if record is None:
            raise ValueError(f"no application has the appId {app_id!r}")
        body = {"displayName": "simulated", "isEnabled": enabled, "restrictions": {"passwordCredentials": items}}
        policy = store_policy(tenant, body, tenant.world.now() - timedelta(days=1))
        record.data = {**record.data, "_policies": (policy.id,)}
        return {"id": policy.id}

    def seed_references(self: Any, wanted: bool = True) -> dict[str, Any]:
        """Whether the directory wants a ``serviceManagementReference`` for every app that is made or changed."""
        self.wants_references = wanted
        return {"wanted": wanted}

    def seed_certificate(self: Any, app_id: str, days: int = 365) -> dict[str, Any]:
        """A certificate registered on the application, with its private key (PEM)."""
        tenant: Tenant = self
        record = tenant.find("application", "appId", app_id)
        if record is None:
            raise ValueError(f"no application has the appId {app_id!r}")
        der, public, private = make_certificate("usersync", days)
        shown, kept = key_credential(der, tenant.world.ids.uuid(), {"displayName": "certificate"})
        record.data = {**record.data, "keyCredentials": [*record.data["keyCredentials"], shown]}
        tenant.certificates.setdefault(app_id, []).append(kept)
        tenant.world.secrets.add(private, "private key")
        sha1, sha256 = kept["thumbprints"][2], kept["thumbprints"][5]
        return {
            "key_id": shown["keyId"],
            "certificate": public,
            "private_key": private,
            "thumbprint": sha1,
            "thumbprint_sha256": sha256,
        }

    def seed_administrator(self: Any, number: int = 0) -> dict[str, Any]:
        """A token of an administrator who has logged in with the Azure CLI. ``number``: of the seeded user."""
        return access_token(self, number)

    def seed_federation(
        self: Any, app_id: str, issuer: str, subject: str, audience: str = "api://AzureADTokenExchange"
    ) -> dict[str, Any]:
        """A federated credential and a token of its issuer that is good for an hour."""
        tenant: Tenant = self
        record = tenant.find("application", "appId", app_id)
        if record is None:
            raise ValueError(f"no application has the appId {app_id!r}")
        fresh = {
            "id": tenant.world.ids.uuid(),
            "name": f"federation{len(record.data['_federated']) + 1}",
            "issuer": issuer,
            "subject": subject,
            "audiences": [audience],
            "description": None,
        }
        record.data = {**record.data, "_federated": (*record.data["_federated"], fresh)}
        return {"name": fresh["name"], **self.seed_federated_token(issuer, subject, audience)}

    def seed_federated_token(
        self: Any, issuer: str, subject: str, audience: str = "api://AzureADTokenExchange", seconds: int = 3600
    ) -> dict[str, Any]:
        """A token of an issuer, whose key is made when it is first named."""
        tenant: Tenant = self
        if issuer not in tenant.issuers:
            tenant.issuers[issuer] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        now = int(time.time())
        claims = {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "exp": now + seconds}
        token = jwt.encode(claims, tenant.issuers[issuer], algorithm="RS256", headers={"kid": "issuer"})
        tenant.world.secrets.add(token, "federated token")
        return {"token": token, "made": stamp(tenant.world.now())}


def _required(app_id: str, api: str, scopes: tuple[str, ...], roles: tuple[str, ...]) -> Data:
    access = [{"id": catalogue.permission_id(value, "Scope", api), "type": "Scope"} for value in scopes]
    access += [{"id": catalogue.permission_id(value, "Role", api), "type": "Role"} for value in roles]
    return {"resourceAppId": app_id, "resourceAccess": access}
