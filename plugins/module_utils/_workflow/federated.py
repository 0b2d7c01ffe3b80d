# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One federated identity credential of an app: present or absent, found by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import federation, marks
from .._entra.graph import Graph
from .._run import Result, Run
from .app_parts import settled
from .numbers import check_number

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}")
TEXT_LIMIT = 600


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    name = options["name"]
    if not NAME.fullmatch(name):
        raise errors.OptionError(
            "name",
            f"'{name}' must have 3 to 120 letters, digits, hyphens and underscores, and start with a letter or digit",
        )
    for option in ("issuer", "subject", "description"):
        text = options.get(option)
        if text is None or (option == "description" and not text):
            continue
        apps.check_text(option, text, "", "leave it out or give the text")
        _check_length(option, text)
    if options.get("issuer") is not None:
        _check_issuer(options["issuer"])
    if "*" in (options.get("subject") or ""):
        raise errors.OptionError(
            "subject", f"'{options['subject']}' has a wildcard, and Entra ID compares the subject letter by letter"
        )
    audiences = options.get("audiences")
    if audiences is not None:
        if len(audiences) != 1:
            raise errors.OptionError("audiences", f"has {len(audiences)} entries; Entra ID allows exactly one")
        apps.check_text("audiences", audiences[0], "", "leave it out for the usual one of the cloud")
        _check_length("audiences", audiences[0])
    check_number("settle_timeout", options["settle_timeout"])


def _check_length(option: str, text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise errors.OptionError(option, f"has {len(text)} characters; Entra ID allows {TEXT_LIMIT}")


def _check_issuer(issuer: str) -> None:
    try:
        parts = urlsplit(issuer)
        usable = parts.scheme == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or parts.username or parts.query or parts.fragment or any(sign.isspace() for sign in issuer):
        raise errors.OptionError(
            "issuer",
            "must be an address that starts with https://, without a user, query or fragment, exactly as in the iss "
            "claim of the tokens",
        )


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(federated_credential), None when it was removed, and whose app it is"""
    app = apps.require(graph, options, run)
    listed = _read(graph, app, options) if app["id"] else []
    found = federation.named(listed, options["name"])
    before = federation.describe(found) if found else None
    step = _remove if options["state"] == "absent" else _keep
    changed, after = step(graph, app, listed, found, options, run)
    values = {
        "federated_credential": after,
        "app_id": app["appId"],
        "object_id": app["id"],
        "tenant_id": graph.tenant_id,
    }
    return Result(changed, before, after, values)


def _read(graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    return settled(graph, app, options, lambda: federation.read(graph, app["id"]))


def _remove(
    graph: Graph,
    app: Mapping[str, Any],
    listed: list[dict[str, Any]],
    found: dict[str, Any] | None,
    options: Mapping[str, Any],
    run: Run,
) -> tuple[bool, None]:
    if found and not run.check_mode:
        with marks.one_writer(app["id"]):
            federation.remove(graph, app["id"], found["id"])
    return bool(found), None


def _keep(
    graph: Graph,
    app: Mapping[str, Any],
    listed: list[dict[str, Any]],
    found: dict[str, Any] | None,
    options: Mapping[str, Any],
    run: Run,
) -> tuple[bool, dict[str, Any]]:
    wanted = _wanted(found, options)
    _refuse_twin(listed, found, wanted)
    if found is None:
        if len(listed) >= federation.LIMIT:
            names = ", ".join(sorted(str(entry.get("name")) for entry in listed))
            raise errors.StateError(
                f"name: the app has {len(listed)} federated credentials, and the directory allows {federation.LIMIT}; "
                f"remove one that is no longer used (state: absent): {names}",
                code="federated_credential_limit",
            )
        return True, federation.describe(_create(graph, app, wanted, options, run))
    differing = {name: value for name, value in wanted.items() if name != "name" and found.get(name) != value}
    if differing and not run.check_mode:
        with marks.one_writer(app["id"]):
            settled(graph, app, options, lambda: federation.change(graph, app["id"], found["id"], differing))
    return bool(differing), federation.describe({**found, **differing})


def _wanted(found: dict[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The members as Graph names them; what is not given stays as it is."""
    wanted = {name: options[name] for name in federation.MEMBERS if options.get(name) is not None}
    if "description" in wanted:
        wanted["description"] = wanted["description"] or None
    if found is None:
        wanted.setdefault("audiences", [federation.usual_audience(options.get("cloud"))])
        for name in ("issuer", "subject"):
            if name not in wanted:
                raise errors.OptionError(
                    name, f"is required, because the app has no federated credential '{options['name']}' yet"
                )
    return wanted


def _refuse_twin(listed: list[dict[str, Any]], found: dict[str, Any] | None, wanted: Mapping[str, Any]) -> None:
    """Issuer and subject together are unique on an app."""
    pair = tuple((wanted.get(name) or (found or {}).get(name)) for name in ("issuer", "subject"))
    twin = next((e for e in listed if e is not found and (e.get("issuer"), e.get("subject")) == pair), None)
    if twin is not None:
        raise errors.StateError(
            f"subject: the federated credential '{twin.get('name')}' of the app already has this issuer and subject; "
            "name that one, or remove it first (state: absent)",
            code="federated_credential_exists",
            candidates=[federation.describe(twin)],
        )


def _create(
    graph: Graph, app: Mapping[str, Any], wanted: dict[str, Any], options: Mapping[str, Any], run: Run
) -> dict[str, Any]:
    if run.check_mode:
        return {"id": None, **wanted}
    with marks.one_writer(app["id"]):
        made = settled(graph, app, options, lambda: federation.create(graph, app["id"], wanted))
    return made or federation.named(_read(graph, app, options), wanted["name"]) or {"id": None, **wanted}
