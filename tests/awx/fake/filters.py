# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a query of a list leaves over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .kinds import KINDS
from .rules import Refused

if TYPE_CHECKING:
    from .store import Store

Item = dict[str, Any]
PAGING = ("page", "page_size", "order_by")


def fits(store: Store, endpoint: str, item: Item, shown: Item, query: Mapping[str, str]) -> bool:
    """:param shown: the item as the API answers it; :raises Refused: where a field does not exist"""
    either = {key.removeprefix("or__"): value for key, value in query.items() if key.startswith("or__")}
    if either and not any(_one(store, endpoint, item, shown, key, value) for key, value in either.items()):
        return False
    return all(
        _one(store, endpoint, item, shown, key, value)
        for key, value in query.items()
        if not key.startswith("or__") and key not in PAGING
    )


def _one(store: Store, endpoint: str, item: Item, shown: Item, key: str, value: str) -> bool:
    name, _mark, rest = key.partition("__")
    kind = KINDS[endpoint]
    wanted = value.split(",") if rest == "in" else [value]
    if rest in ("", "in") and name in shown:
        return _text(shown[name]) in wanted
    if name in kind.many and rest:
        members = [store.get(kind.many[name], other) for other in item["many"].get(name, [])]
        return any(_text(member.get(rest)) == value for member in members)
    if name in kind.links and rest:
        other = store.items[kind.links[name]].get(shown.get(name) or 0, {})
        return _text(other.get(rest)) == value
    raise Refused("detail", f"{kind.type} has no field named '{name}'")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
