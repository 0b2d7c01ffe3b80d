# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What a new connector starts from (connector.md).

No member name is documented, so the shipped template holds nothing but a name and the connector's type: the host
fills in its defaults, and all settings are then changed in what it returned. An exported file, or the connector of
another host, brings everything else along; ids, directory and secrets never.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from . import paths, shown
from .connector import Connector, choose
from .leaves import looks_secret, plain

SHIPPED = "shipped"
IDS = ("uniqueid", "uid", "id", "uuid")


def load(options: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The body of a creation.

    :raises OptionError: C(template) is no file, no JSON, or no connector
    """
    given = options.get("template")
    if given is None or given == SHIPPED or given == "":
        return {"name": name, "type": "AZURE"}
    document = _document(given)
    if shown.is_hidden(document):
        raise errors.OptionError(
            "template",
            "is a copy with hidden settings, as in backups and usersync_connector_info; use what the export button "
            "of User Sync writes, or a full backup",
        )
    connector = _pick(document, options)
    body = _without_secrets(connector.configuration)
    for leaf in ("application_secret", "directory_id"):
        path = connector.keys.find(leaf)
        if path is not None:
            _drop(body, path)
    for member in [member for member in body if plain(member) in IDS]:
        del body[member]
    name_path = connector.keys.find("name") or ("name",)
    paths.put(body, name_path, name)
    return body


def _without_secrets(configuration: dict[str, Any]) -> dict[str, Any]:
    """A copy in which every text is blank that seems to be a secret."""

    def walk(value: Any, path: paths.Path) -> Any:
        if isinstance(value, dict):
            return {name: walk(inner, (*path, str(name))) for name, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner, path) for inner in value]
        return "" if isinstance(value, str) and looks_secret(path, value) else value

    copy: dict[str, Any] = walk(configuration, ())
    return copy


def _document(given: Any) -> Any:
    if isinstance(given, (dict, list)):
        return given
    text = str(given)
    if not text.lstrip().startswith(("{", "[")):
        try:
            with open(text, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError, ValueError) as exc:
            reason = getattr(exc, "strerror", None) or type(exc).__name__
            raise errors.OptionError("template", f"{text[:200]} cannot be read ({reason})") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise errors.OptionError("template", "is not JSON as the export button of User Sync writes it") from None


def _pick(document: Any, options: Mapping[str, Any]) -> Connector:
    elements = document if isinstance(document, list) else [document]
    if not elements or not all(isinstance(element, dict) for element in elements):
        raise errors.OptionError("template", "must be one connector or a list of connectors")
    key_map = options.get("key_map")
    listed = []
    for position, element in enumerate(elements):
        inner = element.get("configuration")
        configuration = inner if isinstance(inner, dict) else element
        listed.append(Connector(str(element.get("uniqueId", position)), configuration, key_map=key_map))
    if len(listed) == 1:
        return listed[0]
    wanted = options.get("template_connector")
    if wanted:
        listed = [one for one in listed if wanted in (one.name, one.id)]
    try:
        found = choose(listed, {"name": options.get("name") or options.get("connector_name")})
    except errors.AmbiguousError as exc:
        raise errors.OptionError(
            "template_connector",
            "the template contains several Azure connectors; name one of them by name or id",
            candidates=exc.details["candidates"],
        ) from None
    if found is None:
        raise errors.OptionError("template", "contains no matching Azure connector")
    return found


def _drop(body: dict[str, Any], path: paths.Path) -> None:
    holder = paths.get(body, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
