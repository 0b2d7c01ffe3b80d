# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one simulated Atlassian host is like: product, generation of User Sync, and every behaviour nobody documented.

Every field is a knob of the rows in FIDELITY.md. The defaults are the likeliest
reading of that page for the generation; FIDELITY.md says which of them are only assumed.
"""

from __future__ import annotations

import copy
import dataclasses
import typing as t

PRODUCTS = ("jira", "confluence", "bitbucket", "bamboo")
GENERATIONS = ("1.4", "1.9", "2.11", "2.14")
CHOICES: dict[str, tuple[t.Any, ...]] = {
    "product": PRODUCTS,
    "generation": GENERATIONS,
    "app_shape": ("standalone", "saml"),
    "secret_visibility": ("clear", "encrypted", "masked", "absent"),
    "mask_on_put": ("keep", "store"),
    "creation": ("allowed", "refused"),
    "deletion": ("allowed", "refused"),
    "put_status": (200, 204),
    "put_mode": ("replaces", "merges"),
    "sync_status": (200, 201, 202, 204),
    "sync_body": ("status", "id", "message", "empty"),
    "when_running": ("conflict", "running_id"),
    "never_synced": ("404", "204", "empty", "null"),
    "id_style": ("integer", "uuid"),
    "key_style": ("nested", "flat", "terse", "like"),
    "failed_login_shows": ("state", "done"),
    "not_admin_status": (401, 403),
    "nodes": (1, 2),
    "encoded_slash": ("accepted", "refused"),
    "creation_status": (200, 201),
    "bad_token_shows": ("refused", "anonymous"),
    "retry_after": ("seconds", "date"),
}
# The first version of each product that refuses Basic authentication unless told otherwise (FIDELITY.md, Getting in)
BASIC_OFF = {"jira": 11}
# ... that limits the rate of an app's REST resources (FIDELITY.md, Getting in)
RATE_LIMITS = {"jira": 12, "confluence": 11, "bitbucket": 11, "bamboo": 13}
# ... that elevates permissions by REST; documented for Bamboo alone (FIDELITY.md, Getting in)
ELEVATION = {"bamboo": (10, 1)}

# Requests per second that a user may make of each node; the vendor's own number is unknown
PERMITS = 10

# User Sync ships alone or inside the SAML SSO app, whose version UPM then shows (FIDELITY.md, Atlassian hosts).
SAML_VERSIONS = {"1.4": "3.5.4", "1.9": "4.0.12", "2.11": "6.8.1", "2.14": "6.11.2"}
STANDALONE_KEY = "de.resolution.usersync"
SAML_KEY = "com.resolution.atlasplugins.samlsso-{product}"


class TraitError(ValueError):
    """An option or a value that the simulated host does not know; the text names it."""


@dataclasses.dataclass
class Traits:
    """What distinguishes one host. The first fields come from the kernel's HostSpec, all others from its options.

    Fields that are None get the default of the product and generation.
    """

    name: str
    product: str
    generation: str
    product_version: str
    username: str
    password: str
    token: str | None
    version: str | None = None
    app_shape: str = "standalone"
    plugin_key: str | None = None
    encoded_slash: str = "accepted"

    # Getting in
    api_token: str | None = None
    extra_users: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    basic_auth: bool | None = None
    pat: bool = True
    pat_is_admin: bool | None = None
    bad_token_shows: str = "refused"
    token_days: float | None = None
    other_tokens: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    api_tokens: bool = True
    passwords_allowed: bool = True
    captcha_after: int = 3
    two_step: bool = False
    totp: bool = False
    websudo: bool = False
    elevation: bool | None = None
    xsrf: bool = True
    not_admin_status: int = 403
    rate_limit: int | None = None
    retry_after: str = "seconds"

    # The connector resource (FIDELITY.md, Addresses)
    secret_visibility: str = "clear"
    mask_on_put: str = "keep"
    creation: str | None = None
    creation_status: int = 201
    deletion: str | None = None
    deletes_directory: bool = False
    list_endpoint: bool | None = None
    id_style: str | None = None
    key_style: str = "nested"
    put_status: int = 200
    put_mode: str = "replaces"
    put_drops_unknown: bool = False
    put_rejects_unknown: bool = False
    put_honours_directory: bool = False
    volatile_member: bool = False
    reports_authorization: bool = True
    connectors: list[dict[str, t.Any]] | None = None
    clone_of: str | None = None

    # Syncs
    sync_status: int = 200
    sync_body: str = "status"
    sync_seconds: float = 0.05
    when_running: str = "running_id"
    never_synced: str = "404"
    failed_login_shows: str = "state"
    state_scheduled: str | None = None
    state_failed: str = "FAILED"

    # Cluster (FIDELITY.md, Getting in)
    nodes: int = 1
    node_lag: float = 1.0

    def __post_init__(self) -> None:
        for field, allowed in CHOICES.items():
            value = getattr(self, field)
            if value is not None and value not in allowed:
                raise TraitError(f"host {self.name!r}: {field} must be one of {list(allowed)}, not {value!r}")
        old = not self.modern
        if self.id_style is None:
            self.id_style = "integer" if old else "uuid"
        if self.list_endpoint is None:
            self.list_endpoint = not old
        if self.creation is None:
            self.creation = "refused" if old else "allowed"
        if self.deletion is None:
            self.deletion = "refused" if old else "allowed"
        if self.connectors is None:
            # No list and no creation: on an old host somebody has clicked "Add Connector" before we come.
            self.connectors = [{}] if old and self.clone_of is None else []
        if self.plugin_key is None:
            self.plugin_key = (
                STANDALONE_KEY if self.app_shape == "standalone" else SAML_KEY.format(product=self.product)
            )
        if self.pat_is_admin is None:
            self.pat_is_admin = self.product != "bitbucket"
        if self.basic_auth is None:
            self.basic_auth = self.release < (BASIC_OFF.get(self.product, 1000),)
        if self.rate_limit is None:
            self.rate_limit = PERMITS if self.release >= (RATE_LIMITS[self.product],) else 0
        if self.elevation is None:
            self.elevation = self.release >= ELEVATION.get(self.product, (1000,))

    @classmethod
    def of(cls, spec: t.Any) -> Traits:
        """The traits of a kernel HostSpec; an unknown option raises TraitError naming it."""
        known = {field.name for field in dataclasses.fields(cls)} - {"name", "product", "generation"}
        unknown = sorted(set(spec.options) - known)
        if unknown:
            raise TraitError(f"host {spec.name!r}: unknown options {unknown}; known are {sorted(known)}")
        given: dict[str, t.Any] = {
            field: getattr(spec, field)
            for field in ("name", "product", "generation", "product_version", "username", "password", "token")
        }
        given["version"] = spec.version if spec.options.get("app_shape") != "saml" else SAML_VERSIONS[spec.generation]
        return cls(**(given | copy.deepcopy(dict(spec.options))))

    @property
    def release(self) -> tuple[int, ...]:
        """The product's version in numbers."""
        return tuple(int(part) for part in self.product_version.split("."))

    @property
    def modern(self) -> bool:
        """User Sync 2.0 and later."""
        return not self.generation.startswith("1.")

    @property
    def old_flow_only(self) -> bool:
        """Before 1.5.0 there is no client-credentials flow (FIDELITY.md, Atlassian hosts)."""
        return self.generation == "1.4"

    @property
    def status_by_id(self) -> bool:
        """/usersync/syncstatus/<id> is not noted for 1.9 and 2.0 (FIDELITY.md, Addresses)."""
        return self.modern
