# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed since an earlier call: ``/applications/delta`` and ``/servicePrincipals/delta``."""

from __future__ import annotations

from datetime import datetime

from . import odata
from .call import Answer, Call, Route
from .errors import unsupported_query
from .store import Data

KINDS = {"applications": "application", "serviceprincipals": "servicePrincipal"}
SETS = {"application": "applications", "servicePrincipal": "servicePrincipals"}


def changes(call: Call) -> Answer:
    kind = KINDS[call.shape.split("/")[0]]
    for option in ("$filter", "$orderby", "$search", "$top", "$expand"):
        if option in call.query:
            raise unsupported_query(f"Query option '{option}' is not supported by delta.")
    since, until, start = _state(call)
    items = [] if until is None else _changed(call, kind, since, until)
    until = until or call.now
    size = call.tenant.world.options.page_size
    names = odata.selection(call.query, kind)
    body: Data = {"@odata.context": call.context(SETS[kind])}
    if start + size < len(items):
        state = f"delta:{since.isoformat() if since else ''}|{until.isoformat()}|{start + size}"
        body["@odata.nextLink"] = odata.link(call, "$skiptoken", state)
    else:
        body["@odata.deltaLink"] = odata.link(call, "$deltatoken", f"since:{until.isoformat()}")
    body["value"] = [
        item if "@removed" in item else odata.public(item, ["id", *names] if names else None)
        for item in items[start : start + size]
    ]
    return Answer(200, body)


def _state(call: Call) -> tuple[datetime | None, datetime | None, int]:
    """From when, until when (None: nothing is asked for but the link), and from which item on."""
    if "$skiptoken" in call.query:
        since, until, start = odata.state_of(call.query["$skiptoken"], "delta").split("|")
        return datetime.fromisoformat(since) if since else None, datetime.fromisoformat(until), int(start)
    token = call.query.get("$deltatoken")
    if token == "latest":
        return None, None, 0
    return datetime.fromisoformat(odata.state_of(token, "since")) if token else None, call.now, 0


def _changed(call: Call, kind: str, since: datetime | None, until: datetime) -> list[Data]:
    live = [
        record.data
        for record in call.store.records(kind)
        if (since is None or record.written > since) and record.created <= until
    ]
    gone: list[Data] = []
    if since is not None:
        gone = [
            {"id": record.id, "@removed": {"reason": "changed"}}
            for record in call.store.deleted.values()
            if record.kind == kind and since < record.created <= until
        ]
    return [*live, *gone]


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", f"{place}/delta"): Route(changes, (f"/{place}",), answer=f"[{kind}]") for place, kind in KINDS.items()
}
