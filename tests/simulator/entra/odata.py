# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OData query options of lists: ``$select``, ``$top``, ``$count``, ``$orderby``, ``$search``, pages."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from . import schema
from .errors import GraphError, bad_request, unsupported_query
from .filters import compile_filter

if TYPE_CHECKING:
    from .call import Call

Data = dict[str, Any]

KNOWN = frozenset(
    {
        "$count",
        "$deltatoken",
        "$expand",
        "$filter",
        "$format",
        "$orderby",
        "$search",
        "$select",
        "$skiptoken",
        "$top",
    }
)
MAX_TOP = 999

# What may be sorted by; True: without the index store too (see FIDELITY.md).
SORTABLE: dict[str, dict[str, bool]] = {
    "application": {"createdDateTime": False, "displayName": False},
    "servicePrincipal": {"createdDateTime": False, "displayName": False},
    "user": {"createdDateTime": False, "displayName": True, "userPrincipalName": True},
    "group": {"displayName": True},
}


def parse_query(query: str) -> dict[str, str]:
    """Raises GraphError for an option that is unknown or given twice. Names may lack their ``$``."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        key = name if name.startswith("$") else f"${name}"
        if key not in KNOWN:
            if name.startswith("$"):
                raise unsupported_query(f"Query option '{name}' is not supported here.")
            continue
        if key in found:
            raise bad_request(f"Query option '{key}' was specified more than once.")
        found[key] = value
    return found


def selection(query: dict[str, str], type_name: str) -> list[str] | None:
    """The members that ``$select`` names, or None."""
    text = query.get("$select")
    if not text or text == "*":
        return None
    names = [name.strip() for name in text.split(",")]
    known = schema.properties(type_name)
    for name in names:
        if name not in known:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' "
                f"on type 'microsoft.graph.{type_name}'."
            )
    return names


def public(data: Data, names: list[str] | None = None) -> Data:
    """What leaves the simulator of an object: all but its own notes, or what was selected."""
    if names is None:
        return {key: value for key, value in data.items() if key[0] != "_"}
    return {key: data[key] for key in ("@odata.type", *names) if key in data}


def page(call: Call, items: list[Data], type_name: str, context: str, show: Callable[[Data], Data]) -> Data | int:
    """The answer of a list: its page, or their number where the address asks for that. ``show``: one item as JSON."""
    query = call.query
    eventual = call.headers.get("ConsistencyLevel", "").lower() == "eventual"
    if query.get("$count", "true").lower() not in ("true", "false"):
        raise bad_request(f"Invalid value '{query['$count']}' for $count query option found.")
    if call.counting and not eventual:
        raise bad_request("$count is not currently supported.")
    counting = eventual and (call.counting or query.get("$count", "").lower() == "true")
    items = _chosen(items, query, eventual, counting, type_name)
    if call.counting:
        return len(items)
    size = _size(query, call.tenant.world.options.page_size)
    start = _position(query.get("$skiptoken"))
    names = selection(query, type_name)
    answer: Data = {"@odata.context": context + (f"({','.join(names)})" if names else "")}
    if counting and start == 0:
        answer["@odata.count"] = len(items)
    if start + size < len(items):
        answer["@odata.nextLink"] = link(call, "$skiptoken", f"page:{start + size}")
    answer["value"] = [show(item) for item in items[start : start + size]]
    return answer


def _chosen(items: list[Data], query: dict[str, str], eventual: bool, counting: bool, type_name: str) -> list[Data]:
    """Those that the filter lets through, in the order asked for. Raises 400 for what only the index store serves."""
    advanced = False
    if "$filter" in query:
        condition = compile_filter(query["$filter"], type_name)
        advanced = condition.advanced or "$orderby" in query
        items = [item for item in items if condition.test(item)]
    if "$orderby" in query:
        name, _space, direction = query["$orderby"].strip().partition(" ")
        if name not in SORTABLE.get(type_name, {}) or direction not in ("", "asc", "desc"):
            raise unsupported_query(f"Sorting not supported for property '{name}'.")
        advanced |= not SORTABLE[type_name][name]
        items = sorted(items, key=lambda item: str(item.get(name) or "").casefold(), reverse=direction == "desc")
    if advanced and not counting:
        raise unsupported_query("Unsupported Query.")
    if "$search" in query:
        items = _search(items, query["$search"], eventual, type_name)
    return items


def _size(query: dict[str, str], default: int) -> int:
    if "$top" not in query:
        return default
    if not query["$top"].isdigit() or not 1 <= int(query["$top"]) <= MAX_TOP:
        raise bad_request(f"Invalid page size specified: '{query['$top']}'. Must be between 1 and {MAX_TOP} inclusive.")
    return int(query["$top"])


def link(call: Call, option: str, state: str) -> str:
    """The address of this call, as it was asked, with a token in place of any other."""
    old = re.compile(r"(\$|%24)?(skiptoken|deltatoken)=", re.I)
    kept = "".join(f"{part}&" for part in call.raw_query.split("&") if part and not old.match(part))
    return f"{call.address}?{kept}{option}={quote(base64.urlsafe_b64encode(state.encode()).decode())}"


def state_of(token: str, word: str) -> str:
    """What a token carries after its first word. Raises 400 for any other token."""
    try:
        found, _colon, rest = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if found == word:
            return rest
    except (ValueError, binascii.Error):
        pass
    raise GraphError(400, "Directory_ExpiredPageToken", "The specified page token value has expired or is invalid.")


def _position(token: str | None) -> int:
    return int(state_of(token, "page")) if token is not None else 0


def _search(items: list[Data], text: str, eventual: bool, type_name: str) -> list[Data]:
    if not eventual:
        raise unsupported_query(
            "Request with $search query parameter only works with a ConsistencyLevel: eventual header."
        )
    match = re.fullmatch(r'"(\w+):(.+)"', text.strip())
    if match is None or match.group(1) not in schema.properties(type_name):
        raise bad_request("Syntax error: $search needs a double-quoted 'property:text'.")
    name, wanted = match.group(1), match.group(2).casefold()
    return [item for item in items if wanted in str(item.get(name) or "").casefold()]
