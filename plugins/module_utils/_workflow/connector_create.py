# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A new connector. The vendor documents no way to make one, so every refusal says which clicks do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import _errors as errors
from .._run import Run
from .._usersync import connector as connectors
from .._usersync import probe, template
from .._usersync.client import Host
from .._usersync.connector import Connector
from .._usersync.values import AUTHORIZATION_CODE, CLIENT_CREDENTIALS
from .._waiting import Waiting

DEFAULT_NAME = "Azure AD"


@dataclass(frozen=True)
class Plan:
    """:ivar body: what a POST takes; :ivar flow: what the connector will log in with"""

    name: str
    body: dict[str, Any]
    flow: str
    versions: dict[str, str | None] | None


def plan(host: Host, options: Mapping[str, Any]) -> Plan:
    """:raises MissingError: the id that the user named does not exist, and nobody can choose an id"""
    if options.get("connector_id"):
        number = str(options["connector_id"])
        version = probe.app(host).version if number.isdecimal() else None
        hint = ""
        if version and not version.startswith(("0.", "1.")):
            hint = f" (numbers were IDs before User Sync 2.0, and this host has {version}, whose ids are UUIDs)"
        raise errors.MissingError(
            f"connector_id: the host has no connector {number}{hint}; correct it, or leave it out to have a new "
            "connector created",
            code="connector_unknown",
        )
    name = options.get("name") or options.get("connector_name") or DEFAULT_NAME
    body = template.load(options, name)
    wanted = options.get("flow")
    if wanted not in (None, "auto"):
        return Plan(name, body, str(wanted), None)
    app = probe.app(host)
    flow = AUTHORIZATION_CODE if app.has_client_credentials is False else CLIENT_CREDENTIALS
    return Plan(name, body, flow, {"product": None, "app": app.version, "app_key": app.key})


def create(host: Host, options: Mapping[str, Any], run: Run, plan: Plan) -> Connector:
    """The new connector as the host made it, its settings not yet written; :raises StateError: the host refuses"""
    listed = connectors.read_all(host, options.get("key_map")) or []
    # Another node, or another run, may have made it meanwhile
    there = connectors.choose(listed, {**options, "name": plan.name})
    known = {one.id for one in listed}
    made = there.id if there else None
    try:
        if there is None:
            made = connectors.created_id(host.write("POST", connectors.COLLECTION, plan.body))
            host.azure_connectors = (host.azure_connectors or 0) + 1
    except errors.LostAnswerError:
        run.warn("the answer to the creation of the connector was lost; checking whether it exists")
    except (errors.ThrottledError, errors.UnavailableError, errors.DeniedError):
        raise
    except errors.AnswerError as exc:
        raise errors.StateError(
            f"the host does not let a connector be created through its API ({exc.message}); create it by hand: open "
            f"{host.base_url}/{connectors.ADMIN_PAGE}, click Create Connector (Add Connector in 1.x), choose Azure, "
            "and save; the next run continues with it",
            code="create_refused",
            clicks_at=f"{host.base_url}/{connectors.ADMIN_PAGE}",
        ) from None
    wait = Waiting(run, float(options["verify_timeout"]))
    while True:
        if made is None:
            # the oldest of them, should a proxy have sent the creation twice
            fresh = [one.id for one in connectors.read_all(host) or [] if one.id not in known]
            made = fresh[0] if fresh else None
        found = connectors.read_one(host, made, options.get("key_map")) if made else None
        if found is not None:
            _warn_of_twins(host, run, found, known, options)
            return found
        if wait.over:
            raise errors.WaitError(
                "the host accepted a new connector but does not show it; run again to continue with it, or raise "
                "verify_timeout if its nodes lag behind",
                code="not_shown",
            )
        wait.rest()


def _warn_of_twins(host: Host, run: Run, found: Connector, known: set[str], options: Mapping[str, Any]) -> None:
    """A proxy that sends a POST again leaves two connectors; nobody but a person can remove one for certain."""
    others = [one for one in connectors.read_all(host, options.get("key_map")) or [] if one.id not in known]
    twins = [one.id for one in others if one.id != found.id and one.name == found.name]
    if twins:
        run.warn(
            "more than one connector was created, perhaps by a proxy that sent the request twice: this run continues "
            f"with {found.id}; open {host.base_url}/{connectors.ADMIN_PAGE} and click Delete next to {', '.join(twins)}"
        )
