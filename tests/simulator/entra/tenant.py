# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant: its objects and secrets, and what the faults make of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import odata, people, permissions
from .call import GRAPH_APP_ID, MANAGEMENT, Call, Caller
from .catalogue import add_apis
from .errors import GraphError, bad_request, denied, not_found
from .graph import Graph
from .links import reference_id
from .login import Login
from .management import Management
from .passwords import Secret
from .policies import blank_policy
from .principals import inherited
from .seeds import OF_THE_AUTOMATION, Seeds
from .store import Data, Record, Store

if TYPE_CHECKING:
    from ..world import World

KINDS = ("application", "servicePrincipal", "user", "group")


class Tenant(Seeds):
    """One tenant.

    Switches in ``Options.tenant``: ``owned_by_lists`` (default true): whether an ``.OwnedBy`` permission may list
    applications and service principals, of which sources disagree. ``quota`` (default 250): objects that an app without
    ``Application.ReadWrite.All`` may make. ``domain``, ``initial_domain``.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        switches: Mapping[str, Any] = world.options.tenant
        self._owned_by_lists = bool(switches.get("owned_by_lists", True))
        self.quota = int(switches.get("quota", 250))
        self.id = world.ids.uuid()
        self.domain = str(switches.get("domain", "example.test"))
        self.initial_domain = str(switches.get("initial_domain", "exampletest.onmicrosoft.test"))
        self.domains = (self.domain, self.initial_domain, "example.invalid")
        self.store = Store()
        self.secrets: dict[str, dict[str, Secret]] = {}  # by appId, then by the text
        self.certificates: dict[str, list[dict[str, Any]]] = {}
        self.issuers: dict[str, Any] = {}
        self.tokens: dict[str, Caller] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.refresh_tokens: dict[str, dict[str, Any]] = {}
        self.policy = blank_policy()
        self.wants_references = False
        self.containers: dict[str, list[str]] = {}
        self._flips = 0
        self._founded = world.now() - timedelta(days=400)
        self.graph = Graph(self)
        self.login = Login(self)
        self.management = Management(self)
        add_apis(self, self._founded)
        people.populate(self, world.options.users, self._founded)
        self.automation: dict[str, str] = self.seed_identity("usersync-automation", permissions=list(OF_THE_AUTOMATION))

    # -- objects

    def find(self, kind: str, name: str, value: str) -> Record | None:
        """An object in the present by ``id``, ``appId`` or ``uniqueName``."""
        return self.store.get(kind, name, value)

    def any_object(self, object_id: str) -> Record | None:
        for kind in KINDS:
            record = self.store.get(kind, "id", object_id)
            if record is not None:
                return record
        return None

    def everything(self, kind: str) -> list[Data]:
        """Live and soft-deleted objects, for the question whether a name is taken."""
        live = [record.data for record in self.store.records(kind)]
        return live + [record.data for record in self.store.deleted.values() if record.kind == kind]

    def reference(self, link: object) -> str:
        """The id of an owner named by a link. Raises GraphError for an object that cannot own."""
        object_id = reference_id(link)
        record = self.any_object(object_id)
        if record is None:
            raise not_found(object_id)
        if record.kind not in ("servicePrincipal", "user"):
            target = record.kind[0].upper() + record.kind[1:]
            raise bad_request(
                f"The reference target '{target}_{object_id}' of type '{target}' is invalid for the 'owners' reference."
            )
        return object_id

    def owns(self, caller: Caller, record: Record) -> bool:
        who = {caller.principal_id, caller.user_id} - {None}
        if who & set(record.data.get("_owners", ())):
            return True
        if record.kind == "servicePrincipal":
            application = self.find("application", "appId", record.data["appId"])
            return application is not None and bool(who & set(application.data["_owners"]))
        return False

    def owned_by_lists(self, method: str) -> bool:
        return self._owned_by_lists or method != "GET"

    def require(self, call: Call, path: str, method: str) -> None:
        """Raises 403 unless the caller may do this as well."""
        if not permissions.granting(path, method, call.caller.held):
            raise denied()

    def delete_application(self, record: Record, now: datetime) -> None:
        """Into the bin, its service principal as well."""
        principal = self.find("servicePrincipal", "appId", record.data["appId"])
        if principal is not None:
            self.delete_principal(principal, now)
        self.store.soft_delete(record, now, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.world.timeline.add("application_deleted", app_id=record.data["appId"])

    def delete_principal(self, record: Record, now: datetime) -> None:
        """Into the bin; consent given to it or for it is gone for good (assumed)."""
        if record.data["appId"] == GRAPH_APP_ID:
            raise denied("The service principal of Microsoft Graph cannot be deleted.")
        for kind, sides in (
            ("appRoleAssignment", ("principalId", "resourceId")),
            ("oAuth2PermissionGrant", ("clientId", "resourceId")),
        ):
            for item in self.store.records(kind):
                if record.id in (item.data[side] for side in sides):
                    self.store.remove(item, now)
        self.store.soft_delete(record, now, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.world.timeline.add("principal_deleted", app_id=record.data["appId"])

    def restore(self, record: Record, now: datetime) -> Record:
        live = self.store.restore(record, now)
        self.world.timeline.add("restored", kind=record.kind, app_id=record.data.get("appId"))
        return live

    def certificate_texts(self, app_id: str) -> dict[str, str]:
        """The certificates of an application and its principal as base64, by ``keyId``."""
        return {item["key_id"]: item["text"] for item in self.certificates.get(app_id, ())}

    def forget(self, record: Record) -> None:
        """What was purged loses its secrets."""
        if record.kind == "application":
            self.secrets.pop(record.data["appId"], None)
            self.certificates.pop(record.data["appId"], None)

    def follow_application(self, record: Record, now: datetime) -> None:
        """The service principal in the home tenant follows its application (assumed)."""
        principal = self.find("servicePrincipal", "appId", record.data["appId"])
        if principal is None:
            return
        wanted = inherited(record.data)
        changes = {name: value for name, value in wanted.items() if principal.data[name] != value}
        if changes:
            principal.put(now, **changes)

    # -- consent

    def granted_roles(self, principal_id: str, service: str = GRAPH_APP_ID) -> set[str]:
        """Values of the app roles of an API (by its ``appId``) that the principal was granted."""
        resource = None if service == MANAGEMENT else self.find("servicePrincipal", "appId", service)
        if resource is None:
            return set()
        names = {role["id"]: role["value"] for role in resource.data["appRoles"]}
        return {
            names[item.data["appRoleId"]]
            for item in self.store.records("appRoleAssignment")
            if item.data["principalId"] == principal_id
            and item.data["resourceId"] == resource.id
            and item.data["appRoleId"] in names
        }

    def granted_scopes(self, principal_id: str, user_id: str) -> set[str]:
        """Delegated permissions of Microsoft Graph granted for everybody or for this user."""
        resource = self.find("servicePrincipal", "appId", GRAPH_APP_ID)
        found: set[str] = set()
        for record in self.store.records("oAuth2PermissionGrant"):
            data = record.data
            if (
                data["clientId"] == principal_id
                and resource is not None
                and data["resourceId"] == resource.id
                and data["principalId"] in (None, user_id)
            ):
                found.update(data["scope"].split())
        return found

    # -- secrets and tokens

    def accepts(self, tenant: str, client_id: str, secret: str) -> bool:
        """Whether the token endpoint would let this secret in now."""
        if tenant.lower() not in (self.id, *self.domains):
            return False
        principal = self.find("servicePrincipal", "appId", client_id)
        if principal is None or principal.data["accountEnabled"] is False:
            return False
        if self.find("application", "appId", client_id) is None:
            return False
        now = self.world.now()
        item = self.secrets.get(client_id, {}).get(secret)
        return item is not None and item.start <= now < item.end and not self.refuses_fresh(item.added)

    def note_expired(self) -> None:
        now = self.world.now()
        for app_id, secrets in self.secrets.items():
            for secret in secrets.values():
                if secret.end <= now and not secret.expiry_noted:
                    secret.expiry_noted = True
                    self.world.timeline.note(
                        "credential_expired", app_id=app_id, key_id=secret.key_id, display_name=secret.display_name
                    )

    def remember_token(self, token: str, caller: Caller, kind: str) -> None:
        self.tokens[token] = caller
        self.world.secrets.add(token, kind)

    def audiences(self, endpoint: str) -> set[str]:
        """What a client assertion may name as its audience."""
        base = f"{'/'.join(endpoint.split('/')[:3])}/{self.id}"
        return {endpoint, f"{base}/oauth2/v2.0/token", f"{base}/v2.0", base}

    # -- faults

    def begin(self, method: str, now: datetime) -> None:
        """Choose what the reads of this request show, and empty the bin of what is too old."""
        for record in self.store.empty_bin(now):
            self.forget(record)
        self.store.as_of = None
        if method != "GET" or not self.world.faults.planned:
            return
        lag = self.world.faults.active("lag")
        if lag is not None:
            self.store.as_of = now - timedelta(seconds=float(lag.get("seconds", 10)))
        flap = self.world.faults.active("flap")
        if flap is not None:
            self._flips += 1
            old = now - timedelta(seconds=float(flap.get("seconds", 30)))
            self.store.as_of = old if self._flips % 2 else None

    def within_lag(self, moment: datetime) -> bool:
        """Whether a fact of that moment has not reached all replicas."""
        lag = self.world.faults.active("lag")
        return lag is not None and moment > self.world.now() - timedelta(seconds=float(lag.get("seconds", 10)))

    def too_fresh(self, record: Record, flag: str) -> bool:
        """The same for an object, if the fault has the flag set."""
        lag = self.world.faults.active("lag")
        return lag is not None and bool(lag.get(flag)) and self.within_lag(record.created)

    def refuses_fresh(self, added: datetime) -> bool:
        """Whether the token endpoint does not know a secret of that age yet."""
        fault = self.world.faults.active("secret_refused")
        return fault is not None and added > self.world.now() - timedelta(seconds=float(fault.get("seconds", 10)))

    def refuse_concurrent(self, record: Record, now: datetime) -> None:
        """The fault ``concurrency`` with a ``window``: a second write within so many seconds is refused."""
        for fault in self.world.faults.planned:
            if fault.kind == "concurrency" and "window" in fault.params and not fault.spent():
                fresh = record.written > now - timedelta(seconds=float(fault.params["window"]))
                if fresh and record.created != record.written and fault.fire():
                    raise GraphError(
                        int(fault.params.get("status", 409)),
                        "Directory_ConcurrencyViolation",
                        "The operation failed because there are concurrent requests being made to the tenant.",
                    )

    # -- descriptions

    def organization(self) -> Data:
        kinds = (("Email, OfficeCommunicationsOnline", False, True), ("None", True, False), ("None", False, False))
        names = (self.initial_domain, self.domain, *self.domains[2:])
        collections = (
            "assignedPlans",
            "businessPhones",
            "marketingNotificationEmails",
            "provisionedPlans",
            "securityComplianceNotificationMails",
            "securityComplianceNotificationPhones",
            "technicalNotificationMails",
        )
        return {
            "id": self.id,
            "deletedDateTime": None,
            "createdDateTime": self._founded.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "displayName": "Example Test Tenant",
            "countryLetterCode": "DE",
            "onPremisesSyncEnabled": None,
            "preferredLanguage": "en",
            "tenantType": "AAD",
            "verifiedDomains": [
                {
                    "capabilities": capabilities,
                    "isDefault": default,
                    "isInitial": initial,
                    "name": name,
                    "type": "Managed",
                }
                for name, (capabilities, default, initial) in zip(names, kinds, strict=True)
            ],
            **{name: [] for name in collections},
        }

    def snapshot(self) -> dict[str, Any]:
        """The objects of interest, without the text of any secret."""

        def shown(kind: str) -> list[Data]:
            return [
                {**odata.public(record.data), "owners": list(record.data.get("_owners", ()))}
                for record in self.store.records(kind)
            ]

        return {
            "id": self.id,
            "domain": self.domain,
            "applications": shown("application"),
            "servicePrincipals": [
                item for item in shown("servicePrincipal") if item["appOwnerOrganizationId"] == self.id
            ],
            "appRoleAssignments": [record.data for record in self.store.records("appRoleAssignment")],
            "oauth2PermissionGrants": [record.data for record in self.store.records("oAuth2PermissionGrant")],
            "deleted": [{"kind": record.kind, **odata.public(record.data)} for record in self.store.deleted.values()],
            "users": len(self.store.records("user")),
            "groups": len(self.store.records("group")),
        }
