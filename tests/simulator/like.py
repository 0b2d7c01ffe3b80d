# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a host that somebody has sent us the answers of: ``discovery`` of usersync_connector_info.

What the answers tell is played as they tell it; whatever they do not tell (what a PUT answers, how syncs run) is as the
generation's defaults have it, see FIDELITY.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .atlassian import settings
from .hosts import PLATFORMS

STYLE = "like"
# The answers' names of settings, and those of the simulator
LEAVES = {
    "name": "name",
    "type": "type",
    "directory_id": "directory_id",
    "application_id": "application_id",
    "tenant_id": "tenant_id",
    "application_secret": "client_secret",
    "flow": "flow",
    "group_types": "group_types",
    "profile_pictures": "profile_pictures",
    "required_groups": "required_groups",
    "required_groups_filter": "server_side_filter",
    "schedule_enabled": "schedule_enabled",
    "schedule_cron": "cron_expression",
    "cleanup_behavior": "cleanup_behaviour",
}
EMPTY: dict[str, Any] = {
    "boolean": False,
    "number": 0,
    "null": None,
    "object": {},
    "cron expression": settings.DEFAULT_CRON,
}
VERBS = {"DISABLE_USERS": "disable", "DELETE_USERS": "delete", "ANONYMIZE_USERS": "anonymize", "KEEP_USERS": "keep"}


class NoAnswers(ValueError):
    """The document is not what usersync_connector_info returns as discovery; the text says what is wrong."""


def options(document: Any) -> dict[str, Any]:
    """Keywords of ``world.Options`` for one host that is like that; registers its names of members.

    Raises NoAnswers for another document.
    """
    told = _document(document)
    product = str(told.get("product") or "jira")
    if product not in PLATFORMS["jira9"]:
        raise NoAnswers(f"unknown product {product!r}")
    connectors = told.get("connectors") or []
    first = connectors[0] if connectors else {}
    generation = _generation(str((told.get("versions") or {}).get("app") or ""), first.get("id"))
    traits: dict[str, Any] = {"list_endpoint": bool(told.get("listed"))}
    version = str((told.get("versions") or {}).get("product") or "")
    if re.fullmatch(r"\d+(\.\d+)*", version):
        traits["product_version"] = version
    if (told.get("versions") or {}).get("app_key"):
        traits["plugin_key"] = told["versions"]["app_key"]
        traits["version"] = told["versions"]["app"]
    if first:
        _register(first)
        traits["key_style"] = STYLE
        shown = first.get("secret") or "clear"
        # a member that is there and empty says nothing of how it looks when it is filled
        empty = shown == "absent" and "application_secret" in (first.get("recognised") or {})
        traits["secret_visibility"] = "clear" if empty else shown
        traits["id_style"] = "integer" if first.get("id") == "integer" else "uuid"
        # a person has made one there, and so it is here
        traits["connectors"] = [{}]
    return {"cycle": ((product, ""),), "hosts": 1, "generation": generation, "host_options": {"*": traits}}


def _document(document: Any) -> Mapping[str, Any]:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            raise NoAnswers("the answers are no JSON") from None
    if isinstance(document, dict) and isinstance(document.get("discovery"), dict):
        document = document["discovery"]
    if not isinstance(document, dict) or document.get("format") != 1:
        raise NoAnswers("these are no answers that usersync_connector_info returned with discovery: true (format 1)")
    return document


def _generation(version: str, id_kind: Any) -> str:
    numbers = [int(part) for part in re.findall(r"\d+", version)[:2]]
    if len(numbers) < 2:
        return "1.9" if id_kind == "integer" else "2.14"
    if numbers[0] < 2:
        return "1.4" if numbers < [1, 5] else "1.9"
    return "2.11" if numbers < [2, 14] else "2.14"


def _register(connector: Mapping[str, Any]) -> None:
    tree: dict[str, Any] = {}
    for row in connector.get("tree") or []:
        path = _path(row["path"])
        if not any(part.isdigit() for part in path):
            settings.set_path(tree, path, _empty(str(row["kind"])))
    style = dict(settings.STYLES["nested"])
    for theirs, ours in LEAVES.items():
        if theirs in (connector.get("recognised") or {}):
            style[ours] = _path(connector["recognised"][theirs])
    if "application_secret" not in (connector.get("recognised") or {}):
        # a host that leaves it out does not tell what it is called
        *place, name = style["application_id"]
        style["client_secret"] = (*place, re.sub("Id$|ID$|id$", "Secret", name))
    settings.STYLES[STYLE] = style
    settings.TREES[STYLE] = tree
    settings.VALUES[STYLE] = _spellings(connector.get("spelling") or {})


def _path(text: str) -> tuple[str, ...]:
    if text.startswith("/"):
        return tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))
    return tuple(text.split("."))


def _empty(kind: str) -> Any:
    return [] if kind.startswith("list") else json.loads(json.dumps(EMPTY.get(kind, "")))


def _spellings(told: Mapping[str, Any]) -> dict[str, dict[Any, Any]]:
    found: dict[str, dict[Any, Any]] = {}
    if isinstance(told.get("type"), str):
        found["type"] = {"AZURE": told["type"]}
    flow = told.get("flow")
    if isinstance(flow, bool):
        found["flow"] = {"client_credentials": True, "authorization_code": False}
    elif isinstance(flow, str):
        upper = flow.isupper()
        found["flow"] = {word: word.upper() if upper else word for word in ("client_credentials", "authorization_code")}
        plain = "client_credentials" if "client" in flow.lower() else "authorization_code"
        found["flow"][plain] = flow
    cleanup = told.get("cleanup_behavior")
    verb = re.search("disable|delete|anonymi[sz]e|keep", str(cleanup), re.I)
    if isinstance(cleanup, str) and verb:
        as_spelt = str.upper if verb.group().isupper() else str.capitalize if verb.group()[0].isupper() else str.lower
        found["cleanup_behaviour"] = {
            canonical: cleanup.replace(verb.group(), as_spelt(word)) for canonical, word in VERBS.items()
        }
    return found
