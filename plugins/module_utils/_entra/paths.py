# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Addresses in Graph: quotes in names are doubled, then everything is percent-encoded (FIDELITY.md)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

_KEYS = {"app_id": "appId", "unique_name": "uniqueName", "name": "name"}


def odata_quote(value: str) -> str:
    """A string literal of OData, with its quotes: C(O'Neil) becomes C('O''Neil')."""
    return "'" + value.replace("'", "''") + "'"


def key_path(collection: str, object_id: str | None = None, **key: str) -> str:
    """The path of one object.

    :param collection: C(applications), C(servicePrincipals), C(applications/<id>/federatedIdentityCredentials) ...
    :param object_id: its directory id, or one alternate key: C(app_id), C(unique_name) or C(name)
    """
    if object_id is not None:
        return f"{collection}/{quote(object_id, safe='')}"
    name, value = next(iter(key.items()))
    return f"{collection}({_KEYS[name]}='{quote(value.replace(chr(39), chr(39) * 2), safe='')}')"


def with_query(path: str, params: Mapping[str, str] | None) -> str:
    """Path and query; a space becomes %20, since not every service reads a plus sign as one."""
    if not params:
        return path
    return f"{path}?{urlencode(params, quote_via=quote, safe='$,()')}"
