# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Everything about the connectors of one host but their secrets."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from .. import _errors as errors
from .._run import Result, Run
from .._usersync import changes, describe, discovery, paths, probe, secret, shown, sync
from .._usersync import connector as connectors
from .._usersync.client import Host
from .._usersync.connector import Connector
from . import consumer

# With a short key somebody could try out secrets at home
SHORTEST_KEY = 32


def run(host: Host, options: dict[str, Any], run: Run) -> Result:
    """The module usersync_connector_info."""
    found, listed = _find(host, options, run)
    rows = []
    for one in found:
        last = sync.last(host, one.id) if options["last_sync"] else None
        described = describe.connector(host, one, last)
        described["last_sync"] = last.as_dict() if last else None
        described["holder"] = consumer.name(host, one.id)[0] if one.is_azure is not False else None
        if options.get("fingerprint_key"):
            described["secret"]["fingerprint"] = fingerprint(one, options["fingerprint_key"])
        if options["keys"]:
            described["key_tree"] = [
                *paths.tree(one.around, ("(beside the configuration)",)),
                *paths.tree(one.configuration),
            ]
        if options["configuration"]:
            described["configuration"] = shown.configuration(one)
        rows.append(described)
    values: dict[str, Any] = {"connectors": rows, "listed": listed, "product": host.product, "versions": None}
    values |= consumer.of_host(host, [one["id"] for one in rows if one["azure"] is not False])
    values["host_fingerprint"] = None
    values["login"] = {"by": host.how, "ends": None, "certain": False}
    if options["versions"]:
        product, app = probe.product(host), probe.app(host)
        values["host_fingerprint"] = consumer.host_fingerprint(host)
        values["product"] = product.name
        values["versions"] = {"product": product.version, "app": app.version, "app_key": app.key}
        token = probe.token_end(host)
        values["login"] = {"by": host.how, "ends": token.end, "certain": token.certain}
    if options["discovery"]:
        # the list may show less of a connector than its own resource does
        whole = [connectors.read_one(host, one.id, options.get("key_map")) or one for one in found]
        values["discovery"] = discovery.of_host(host, whole, listed, values["versions"])
    return Result(False, values=values)


def _find(host: Host, options: dict[str, Any], run: Run) -> tuple[list[Connector], bool]:
    key_map = options.get("key_map")
    if options.get("connector_id"):
        one = connectors.read_one(host, connectors.check_id(options["connector_id"]), key_map)
        if one is None:
            connectors.require_app(host)
        return [one] if one else [], False
    listed = connectors.read_all(host, key_map)
    if listed is None:
        connectors.require_app(host)
        run.warn("this User Sync cannot list its connectors; set connector_id to see one")
        return [], False
    if options.get("connector_name"):
        listed = [one for one in listed if one.name == options["connector_name"]]
    return listed, True


def fingerprint(one: Connector, key: str) -> str | None:
    """Equal for equal secrets under one key, and telling nothing else; None where the host hides its secret.

    An encrypted secret counts as it is shown: copies of one host show the same.
    """
    held = changes.held_secret(one, None)
    if held.visibility not in (secret.CLEAR, secret.ENCRYPTED) or not held.value:
        return None
    return hmac.new(key.encode(), held.value.encode(), hashlib.sha256).hexdigest()[:32]


def validate(options: dict[str, Any]) -> None:
    """:raises OptionError: an id that no host has"""
    if options.get("connector_id"):
        connectors.check_id(options["connector_id"])
    if options.get("connector_id") and options.get("connector_name"):
        raise errors.OptionError("connector_name", "cannot be combined with connector_id; give one of them")
    key = options.get("fingerprint_key")
    if key is not None and len(key) < SHORTEST_KEY:
        raise errors.OptionError("fingerprint_key", f"has fewer than {SHORTEST_KEY} characters; use a random one")
