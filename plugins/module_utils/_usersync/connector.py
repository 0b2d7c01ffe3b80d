# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Connectors of one host: read, find, write (FIDELITY.md, Addresses)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .._http import Answer
from . import paths, probe, secret
from .client import parsed
from .keymap import KeyMap
from .leaves import looks_secret
from .paths import MISSING

if TYPE_CHECKING:
    from .client import Host

COLLECTION = "usersync/connector/"
ID = re.compile(r"[A-Za-z0-9-]{1,100}")
# A shorter value would stand in every text; a longer one is masked in pieces; of more, no text of the host is shown
SHORTEST_SECRET, LONGEST_PIECE, MOST_PIECES = 3, 1024, 500
AZURE = re.compile(r"azure|entra|\baad\b", re.I)
ADMIN_PAGE = "plugins/servlet/de.resolution.usersync/admin"


@dataclass
class Connector:
    """One connector as the host returned it.

    :ivar configuration: what a PUT takes; unknown members included
    :ivar around: the members of the answer that are not configuration
    :ivar complete: came from the resource of the one connector, so it may be sent back
    """

    id: str
    configuration: dict[str, Any]
    around: dict[str, Any] = field(default_factory=dict)
    complete: bool = False
    key_map: Mapping[str, Any] | None = None

    @cached_property
    def keys(self) -> KeyMap:
        return KeyMap(self.configuration, self.key_map)

    @property
    def name(self) -> str | None:
        value = self.keys.read("name")
        return value if isinstance(value, str) else None

    @property
    def is_azure(self) -> bool | None:
        """None when neither its type nor its settings tell."""
        kind = self.keys.read("type")
        if not isinstance(kind, str) or not kind:
            kind = next((v for k, v in self.around.items() if k.lower().endswith("type") and isinstance(v, str)), "")
        if kind:
            return bool(AZURE.search(kind))
        found = self.keys.candidates("application_id") and self.keys.candidates("tenant_id")
        return True if found else None

    @property
    def summary(self) -> dict[str, str | None]:
        return {"id": self.id, "name": self.name}


def path_of(connector_id: str) -> str:
    """Below the REST path; the id has been checked when it was read or given."""
    return f"{COLLECTION}{connector_id}"


def check_id(connector_id: str) -> str:
    """:raises OptionError: no host has such an id (live-host.md)"""
    if not ID.fullmatch(connector_id):
        raise errors.OptionError(
            "connector_id", f"{connector_id!r:.60} is not a connector ID, which is a number or a UUID"
        )
    return connector_id


def edit_address(host: Host, connector_id: str) -> str:
    """The page of the connector in the host's own interface (FIDELITY.md, Addresses)."""
    return f"{host.base_url}/{ADMIN_PAGE}/editconnector?id={connector_id}"


def read_all(host: Host, key_map: Mapping[str, Any] | None = None) -> list[Connector] | None:
    """All connectors; None when this User Sync has no list of them (before 2.3 none is documented)."""
    answer = host.send("GET", f"{host.rest_path}/{COLLECTION}", expect=(200, 204, 404, 405))
    if answer.status in (404, 405):
        return None
    body = host.parsed(answer)
    if not isinstance(body, list) or not all(isinstance(element, dict) for element in body):
        raise _unreadable(answer, "a list of connectors")
    listed = [_protected(host, _connector(answer, element, key_map)) for element in body]
    host.azure_connectors = len(azure(listed))
    return listed


def azure(listed: list[Connector]) -> list[Connector]:
    """Those that are Azure connectors; where none says so, those that may be."""
    return [one for one in listed if one.is_azure] or [one for one in listed if one.is_azure is None]


def read_one(host: Host, connector_id: str, key_map: Mapping[str, Any] | None = None) -> Connector | None:
    """One connector with its whole configuration; None when the host knows no such id."""
    answer = host.send("GET", f"{host.rest_path}/{path_of(connector_id)}", expect=(200, 404))
    if answer.status == 404:
        return None
    body = host.parsed(answer)
    if not isinstance(body, dict) or not isinstance(body.get("configuration"), dict):
        raise _unreadable(answer, "a connector with a configuration")
    around = {name: value for name, value in body.items() if name != "configuration"}
    return _protected(host, Connector(connector_id, body["configuration"], around, complete=True, key_map=key_map))


def find(host: Host, options: Mapping[str, Any]) -> Connector | None:
    """The connector that the options mean; None when the host can be asked and has none.

    By id, by name, or as the only Azure connector.

    :raises AmbiguousError: more than one fits
    :raises MissingError: User Sync is not there, or cannot list its connectors and no id is given
    """
    key_map = options.get("key_map")
    wanted = check_id(options["connector_id"]) if options.get("connector_id") else None
    # The list tells as well how many Azure connectors there are, which is part of whose a secret is. A number is an id
    # of 1.x, which has no list
    listed = None if wanted is not None and wanted.isdecimal() else read_all(host, key_map)
    if wanted is not None:
        found = next((one for one in listed or [] if one.id == wanted), None) or read_one(host, wanted, key_map)
        if found is None:
            require_app(host)
        return _azure(found)
    if listed is None:
        require_app(host)
        raise errors.MissingError(
            "connector_id: this User Sync has no list of connectors, as those before 2.3; set connector_id to the "
            f"number in the address of the connector's page, {edit_address(host, '<number>')}; where there is no "
            "connector yet, create one there first (Add Connector, Azure)",
            code="no_list",
        )
    return choose(listed, options)


def choose(listed: list[Connector], options: Mapping[str, Any]) -> Connector | None:
    """The connector among many that the options mean; see :func:`find`."""
    named = options.get("connector_name")
    if named:
        fitting = [one for one in listed if one.name == named]
        fitting = [one for one in fitting if one.is_azure is not False] or fitting
        return _azure(_only(fitting, f'connectors are called "{named}"', "set connector_id"))
    fitting = azure(listed)
    called = [one for one in fitting if options.get("name") and one.name == options["name"]]
    if len(called) == 1:
        return called[0]
    return _only(fitting, "Azure connectors are there", "set connector_id or connector_name")


def _azure(found: Connector | None) -> Connector | None:
    if found is not None and found.is_azure is False:
        raise errors.StateError(
            f"connector_id: connector {found.id} ({found.name}) is not an Azure connector; nothing was changed",
            code="other_type",
            connector_id=found.id,
        )
    return found


def _only(fitting: list[Connector], what: str, remedy: str) -> Connector | None:
    if len(fitting) > 1:
        listed = ", ".join(f"{one.id} ({one.name})" for one in fitting)
        raise errors.AmbiguousError(
            f"connector_id: {len(fitting)} {what}: {listed}; {remedy}",
            code="ambiguous_connector",
            candidates=[one.summary for one in fitting],
        )
    return fitting[0] if fitting else None


def require_app(host: Host) -> None:
    """After a 404: whether it is the app that is missing; :raises MissingError: then"""
    app = probe.app(host)
    if host.refusal is not None:
        raise host.refusal
    if app.installed:
        return
    if not app.enabled:
        raise errors.MissingError(
            f"url: User Sync is installed on this host but disabled ({app.key}): an administrator can enable it under "
            "Manage apps; an expired license disables apps too",
            code="app_disabled",
        )
    if app.installed is False:
        raise errors.MissingError(
            "url: User Sync is not installed or not enabled on this host: its plugin manager lists neither User Sync "
            "nor SAML SSO; install the app, or check url",
            code="app_missing",
        )
    if probe.product(host).version is None:
        raise errors.MissingError(
            f"url: no Atlassian product answers at {host.base_url}; check host and context path",
            code="app_missing",
        )
    raise errors.MissingError(
        "url: the host has no User Sync at rest_path, and its plugin manager does not say whether the app is "
        "installed; install User Sync, or check url, rest_path and connector_id",
        code="app_missing",
    )


def created_id(answer: Answer) -> str | None:
    """The id in the answer to a creation, where it tells one."""
    try:
        body = parsed(answer)
    except ValueError:
        body = None
    found = _id_of(body) if isinstance(body, dict) else None
    tail = answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]
    return found or (tail if ID.fullmatch(tail) and tail != "connector" else None)


def _protected(host: Host, one: Connector) -> Connector:
    """What the host shows of secrets must not get out in any way."""
    place = one.keys.find("application_secret")
    found: set[str] = set()
    for path, value in (*paths.scalars(one.configuration), *paths.scalars(one.around)):
        if value is None or isinstance(value, bool) or not (path == place or looks_secret(path, value)):
            continue
        if secret.look(str(value)).visibility in (secret.CLEAR, secret.ENCRYPTED):
            for line in str(value).splitlines():
                found.update(line[start : start + LONGEST_PIECE] for start in range(0, len(line), LONGEST_PIECE))
        if len(found) > MOST_PIECES:
            host.run.secrets.silent = True
            break
    host.run.secrets.update(piece for piece in found if len(piece) >= SHORTEST_SECRET)
    return one


def _connector(answer: Answer, element: dict[str, Any], key_map: Mapping[str, Any] | None) -> Connector:
    found = _id_of(element)
    if found is None:
        raise _unreadable(answer, "connectors with an ID each")
    inner = element.get("configuration")
    configuration = inner if isinstance(inner, dict) else element
    around = {name: value for name, value in element.items() if name != "configuration"} if inner is not None else {}
    return Connector(found, configuration, around, key_map=key_map)


def _id_of(element: dict[str, Any]) -> str | None:
    inner = element.get("configuration")
    nested = inner.get("uniqueId") if isinstance(inner, dict) else MISSING
    for value in (element.get("uniqueId"), nested, element.get("id")):
        if isinstance(value, (int, str)) and not isinstance(value, bool) and ID.fullmatch(str(value)):
            return str(value)
    return None


def _unreadable(answer: Answer, what: str) -> errors.UsersyncError:
    return errors.FormatError(
        f"url: the host answers {answer.method} {answer.url} with JSON that is not {what}, as User Sync writes it; "
        "check rest_path, and send us the output of usersync_connector_info with keys: true",
        answer=answer,
        code="not_user_sync",
    )
