# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A connector as the modules return it; the same shape in usersync_connector and usersync_connector_info."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import authorize, changes, paths, values
from .connector import Connector, edit_address
from .leaves import LEAVES
from .paths import MISSING
from .secret import ABSENT, CLEAR
from .sync import Status
from .values import AUTHORIZATION_CODE, CLIENT_CREDENTIALS

if TYPE_CHECKING:
    from .client import Host

COMPARED, PROVEN, TRUSTED = "compared", "proven by sync", "trusted"
SHOWN_LEAVES = tuple(leaf for leaf in LEAVES if leaf not in ("application_secret", "flow", "type"))


def flow_of(connector: Connector) -> tuple[str, str]:
    """The flow, and how that is known: C(setting) or C(generation).

    Before 1.5.0 there was one flow, so there is no setting for it, and ids were numbers (FIDELITY.md, Addresses).
    """
    path = connector.keys.find("flow")
    value = paths.get(connector.configuration, path) if path else MISSING
    told = values.read_flow(path, value) if path and value is not MISSING else None
    if told:
        return told, "setting"
    if path is None and connector.id.isdecimal():
        return AUTHORIZATION_CODE, "generation"
    return CLIENT_CREDENTIALS, "generation"


def secret_of(
    connector: Connector,
    last_sync: Status | None,
    given: str | None = None,
    written: bool = False,
    needed: bool = False,
) -> dict[str, Any]:
    """The return value C(connector.secret).

    :param written: this run has written the secret, so that an earlier sync proves nothing about it
    :param needed: the next change can only be made together with a secret
    """
    held = changes.held_secret(connector, given)
    if held.visibility == CLEAR:
        known_by: str | None = COMPARED
    elif not written and last_sync is not None and last_sync.login_proven:
        known_by = PROVEN
    else:
        known_by = TRUSTED if written or held.visibility != ABSENT else None
    return {
        "visibility": held.visibility,
        "known_by": known_by,
        "matches": held.matches(given),
        "hint": held.hint,
        "needed": needed,
    }


def connector(
    host: Host,
    one: Connector,
    last_sync: Status | None,
    given: str | None = None,
    written: bool = False,
    needed: bool = False,
) -> dict[str, Any]:
    """The return value C(connector) for one that exists."""
    flow, known_by = flow_of(one)
    described: dict[str, Any] = {"id": one.id, "exists": True, "azure": one.is_azure}
    for leaf in SHOWN_LEAVES:
        path = one.keys.find(leaf)
        described[leaf] = values.read(leaf, path, paths.get(one.configuration, path)) if path else None
    described |= {
        "flow": flow,
        "flow_known_by": known_by,
        "secret": secret_of(one, last_sync, given, written, needed),
        "authorized": authorize.state(one) if flow == AUTHORIZATION_CODE else None,
        "edit_url": edit_address(host, one.id),
        "key_paths": one.keys.known(),
        "unknown_settings": [leaf for leaf in LEAVES if one.keys.find(leaf) is None],
    }
    return described


def absent(options: dict[str, Any], flow: str | None = None, needed: bool = False) -> dict[str, Any]:
    """The return value C(connector) for one that does not exist, with what it is to be."""
    described: dict[str, Any] = {"id": None, "exists": False, "azure": True}
    described |= {leaf: options.get(leaf) for leaf in SHOWN_LEAVES}
    described |= {
        "directory_id": None,
        "name": options.get("name") or options.get("connector_name"),
        "flow": flow,
        "flow_known_by": "version" if flow else None,
        "secret": {"visibility": ABSENT, "known_by": None, "matches": None, "hint": None, "needed": needed},
        "authorized": False if flow == AUTHORIZATION_CODE else None,
        "edit_url": None,
        "key_paths": {},
        "unknown_settings": [],
    }
    return described
