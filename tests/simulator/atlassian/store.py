# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connectors and user directories of one host, as each node of its cluster sees them."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import typing as t

from . import settings
from .traits import Traits
from .vault import Vault

Json = dict[str, t.Any]


class Refused(Exception):
    """The host refuses a body; status and message become the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a write comes in: the node, how many there are, and after how many seconds the others see it."""

    node: int = 0
    nodes: int = 1
    lag: float = 0.0


ALONE = Place()


@dataclasses.dataclass
class Directory:
    """An Atlassian user directory: users by their Entra object id."""

    id: int
    name: str
    users: dict[str, Json] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Connector:
    """One connector. configuration holds the secret in clear; refresh_token is set by the Authorize step."""

    id: str
    configuration: Json
    created: datetime.datetime
    modified: datetime.datetime
    refresh_token: str | None = None
    authorized_for: tuple[str, str] | None = None


def merge(old: t.Any, new: t.Any) -> t.Any:
    """new over old, objects member by member, everything else as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: merge(old.get(key), value) for key, value in new.items()}
    return copy.deepcopy(new)


def known_only(tree: Json, style: str) -> Json:
    """The tree without the members that no documented setting stands for."""
    kept: Json = {}
    for path in settings.STYLES[style].values():
        value = settings.get_path(tree, path, default=...)
        if value is not ...:
            settings.set_path(kept, path, copy.deepcopy(value))
    return kept


def strangers(tree: Json, pattern: Json, prefix: str = "") -> list[str]:
    """Member names in tree that pattern does not have, as dotted paths."""
    found = []
    for key, value in tree.items():
        if key not in pattern:
            found.append(prefix + key)
        elif isinstance(value, dict) and isinstance(pattern[key], dict):
            found += strangers(value, pattern[key], f"{prefix}{key}.")
    return found


class Store:
    """Connectors by id (text). Reads and writes name the node they come in at; now() is the world's clock."""

    def __init__(
        self, traits: Traits, vault: Vault, now: t.Callable[[], datetime.datetime], new_uuid: t.Callable[[], str]
    ) -> None:
        self.traits = traits
        self.vault = vault
        self.now = now
        self._new_uuid = new_uuid
        self.connectors: dict[str, Connector] = {}
        self.directories: dict[int, Directory] = {}
        self._next_id = 1
        self._next_directory = 10200
        self._stale: dict[int, tuple[datetime.datetime, dict[str, Json]]] = {}

    # -- reading ---------------------------------------------------------------------------------------------------

    def ids(self, node: int) -> list[str]:
        """The ids of the connectors that the node knows of, oldest first."""
        return list(self._view(node))

    def configuration(self, node: int, connector_id: str) -> Json | None:
        """The configuration as a GET at the node returns it, secret rendered; None for an unknown connector."""
        found = self._view(node).get(connector_id)
        if found is None:
            return None
        shown = copy.deepcopy(found)
        path = settings.secret_path(self.traits.key_style)
        secret = self.vault.show(str(settings.get_path(shown, path, "") or ""))
        if secret is None:
            settings.drop_path(shown, path)
        elif settings.get_path(shown, path, default=...) is not ...:
            settings.set_path(shown, path, secret)
        return shown

    def leaf(self, connector: Connector, leaf: str) -> t.Any:
        """A setting of a connector by its canonical name."""
        return settings.get_leaf(connector.configuration, self.traits.key_style, leaf)

    def _view(self, node: int) -> dict[str, Json]:
        until, snapshot = self._stale.get(node, (None, {}))
        if until is not None and self.now() < until:
            return snapshot
        self._stale.pop(node, None)
        return {key: connector.configuration for key, connector in self.connectors.items()}

    def _lag_others(self, at: Place) -> None:
        until = self.now() + datetime.timedelta(seconds=at.lag)
        for other in range(at.nodes):
            if other != at.node:
                self._stale[other] = (until, copy.deepcopy(self._view(other)))

    # -- writing ---------------------------------------------------------------------------------------------------

    def create(self, body: Json, at: Place = ALONE, connector_id: str | None = None) -> Connector:
        """Make a connector out of a configuration; ids and directory in it are ignored, as the import does."""
        style = self.traits.key_style
        given = self._checked(body)
        if settings.get_leaf(given, style, "type") not in (None, "AZURE"):
            raise Refused(400, "Unsupported connector type")
        if not settings.get_leaf(given, style, "name"):
            raise Refused(400, "Connector name must not be empty")
        self._lag_others(at)
        new_id = connector_id or self._new_id()
        configuration = merge(settings.default_configuration(style, self.traits.generation), given)
        directory = self.new_directory(str(settings.get_leaf(configuration, style, "name")))
        settings.set_leaf(configuration, style, "unique_id", int(new_id) if new_id.isdigit() else new_id)
        settings.set_leaf(configuration, style, "type", "AZURE")
        settings.set_leaf(configuration, style, "directory_id", directory.id)
        path = settings.secret_path(style)
        settings.set_path(configuration, path, self.vault.absorb(settings.get_path(given, path), ""))
        connector = Connector(new_id, configuration, self.now(), self.now())
        self.connectors[new_id] = connector
        return connector

    def put(self, connector_id: str, body: Json, at: Place = ALONE, drops_unknown: bool = False) -> Connector:
        """Replace or merge the configuration; id, type and directory stay whatever the body says."""
        traits, style = self.traits, self.traits.key_style
        connector = self.connectors[connector_id]
        old = connector.configuration
        given = self._checked(body)
        if traits.put_rejects_unknown:
            unknown = strangers(given, old)
            if unknown:
                raise Refused(400, f"Unrecognized field {unknown[0]!r}")
        new = merge(old, given) if traits.put_mode == "merges" else copy.deepcopy(given)
        if drops_unknown or traits.put_drops_unknown:
            new = known_only(new, style)
        kept = ["unique_id", "type"] if traits.put_honours_directory else ["unique_id", "type", "directory_id"]
        for leaf in kept:
            path = settings.STYLES[style][leaf]
            settings.set_path(new, path, settings.get_path(old, path))
        path = settings.secret_path(style)
        given_secret = settings.get_path(given, path)
        if given_secret is None and traits.put_mode == "merges":
            secret = settings.get_path(old, path, "")
        else:
            secret = self.vault.absorb(given_secret, str(settings.get_path(old, path, "") or ""))
        settings.set_path(new, path, secret)
        if traits.volatile_member:
            new["revision"] = int(old.get("revision", 0)) + 1
        self._lag_others(at)
        connector.configuration = new
        connector.modified = self.now()
        return connector

    def delete(self, connector_id: str, at: Place = ALONE) -> Connector:
        """Remove a connector; its directory stays unless the traits say otherwise."""
        self._lag_others(at)
        connector = self.connectors.pop(connector_id)
        if self.traits.deletes_directory:
            self.directories.pop(self.directory_of(connector).id)
        return connector

    def new_directory(self, name: str) -> Directory:
        """A fresh, empty user directory."""
        self._next_directory += 1
        directory = Directory(self._next_directory, name)
        self.directories[directory.id] = directory
        return directory

    def directory_of(self, connector: Connector) -> Directory:
        """The connector's directory; made again when somebody has deleted it (FIDELITY.md, Addresses)."""
        number = self.leaf(connector, "directory_id")
        directory = self.directories.get(number) if isinstance(number, int) else None
        if directory is None:
            directory = self.new_directory(str(self.leaf(connector, "name")))
            settings.set_leaf(connector.configuration, self.traits.key_style, "directory_id", directory.id)
        return directory

    def clone(self, other: Store) -> None:
        """Take over another host's connectors with their ids, secrets and directories, as a copied database does."""
        self.connectors = copy.deepcopy(other.connectors)
        self.directories = copy.deepcopy(other.directories)
        self._next_id, self._next_directory = other._next_id, other._next_directory

    def _new_id(self) -> str:
        if self.traits.id_style == "uuid":
            return self._new_uuid()
        self._next_id += 1
        return str(self._next_id - 1)

    def _checked(self, body: Json) -> Json:
        style = self.traits.key_style
        cleanup = settings.get_leaf(body, style, "cleanup_behaviour")
        if cleanup is not None and cleanup not in settings.CLEANUP:
            raise Refused(400, f"Unknown cleanup behaviour {cleanup!r}")
        flow = settings.get_leaf(body, style, "flow")
        if flow is not None and flow not in ("client_credentials", "authorization_code"):
            raise Refused(400, f"Unknown authentication flow {flow!r}")
        for leaf in ("name", "application_id", "tenant_id", "client_secret", "cron_expression"):
            value = settings.get_leaf(body, style, leaf)
            if value is not None and not isinstance(value, str):
                raise Refused(400, f"Cannot deserialize value of type String from {type(value).__name__}")
        return body
