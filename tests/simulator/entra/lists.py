# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are lists."""

from __future__ import annotations

from . import expand, odata
from .call import Answer, Call
from .store import Data


def listing(call: Call, items: list[Data], kind: str, set_name: str) -> Answer:
    """One page of a list, or the number of its items where the address ends in ``/$count``."""
    body = odata.page(call, items, kind, call.context(set_name), expand.shower(call, kind))
    if isinstance(body, int):
        return Answer(200, raw=(str(body).encode(), "text/plain"))
    return Answer(200, body)


def mixed_listing(call: Call, items: list[Data]) -> Answer:
    """One page of objects of several types; each shows those of the selected members that it has."""
    if call.cast is None and "$select" in call.query:
        names = [name.strip() for name in call.query.pop("$select").split(",")]
        items = [odata.public(item, names) for item in items]
    return listing(call, items, call.cast or "directoryObject", "directoryObjects")
