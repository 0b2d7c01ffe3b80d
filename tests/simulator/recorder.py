# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client sent to Graph and the management service and what it was told, kept to be replayed without the client.

A recording is a list of exchanges. No secret is in it: each one stands as ``<secret>``. Two answers agree when they
differ in nothing but ids, moments, secrets and their hints; ids are followed, so that an id of an earlier answer is
sent as the replay's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from .journal import Entry

MASK = "<secret>"
HEADERS = ("Accept", "Content-Type", "ConsistencyLevel", "Prefer")
# Members whose texts are made anew each time; of these only the kind is compared.
FRESH = frozenset({"secretText", "hint", "customKeyIdentifier", "request-id", "client-request-id", "date", "message"})
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_TOKEN = re.compile(r"(?<=skiptoken=)[\w%=-]+|(?<=deltatoken=)[\w%=-]+")

Exchange = dict[str, Any]
Send = Callable[[str, str, dict[str, str], "bytes | None"], tuple[int, Any]]


class Recorder:
    """Takes the exchanges of one client; given to ``Simulator.record``. ``secrets``: what must not be written."""

    def __init__(self, client_id: str, secrets: Callable[[], Iterable[str]]) -> None:
        self.client_id = client_id
        self.exchanges: list[Exchange] = []
        self._secrets = secrets

    async def note(self, request: web.Request, entry: Entry, response: web.StreamResponse) -> None:
        if entry.service not in ("graph", "management") or entry.client != self.client_id or entry.internal:
            return
        sent = await request.read()
        told = bytes(response.body) if isinstance(response, web.Response) and response.body else b""  # type: ignore[arg-type]
        self.exchanges.append(
            {
                "time": entry.time,
                "method": entry.method,
                "url": f"https://{request.host}{request.raw_path}",
                "headers": {name: request.headers[name] for name in HEADERS if name in request.headers},
                "sent": parsed(sent),
                "status": response.status,
                "told": parsed(told),
            }
        )

    def lines(self) -> str:
        """The recording as JSON, an exchange a line."""
        text = ",\n".join(json.dumps(exchange, ensure_ascii=False, sort_keys=True) for exchange in self.exchanges)
        for secret in sorted(self._secrets(), key=len, reverse=True):
            if len(secret) > 8:
                text = text.replace(json.dumps(secret, ensure_ascii=False)[1:-1], MASK)
        return f"[\n{text}\n]\n"


def parsed(raw: bytes) -> Any:
    """JSON, a text, or nothing."""
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def started(exchanges: list[Exchange]) -> datetime:
    """When the recording was made; dates in it are good from then on."""
    return datetime.fromisoformat(exchanges[0]["time"].replace("Z", "+00:00"))


def replay(exchanges: list[Exchange], send: Send) -> list[str]:
    """What differs when the exchanges are sent again: no line for a recording that still fits.

    ``send`` gets method, address, headers and body, and returns the status and the parsed answer.
    """
    ids: dict[str, str] = {}
    problems: list[str] = []

    def mine(text: str) -> str:
        for theirs in sorted(ids, key=len, reverse=True):
            text = text.replace(theirs, ids[theirs])
        return text

    for number, exchange in enumerate(exchanges, 1):
        sent = exchange["sent"]
        body = None if sent is None else mine(sent if isinstance(sent, str) else json.dumps(sent)).encode()
        status, told = send(exchange["method"], mine(exchange["url"]), exchange["headers"], body)
        where = f"exchange {number}, {exchange['method']} {exchange['url']}"
        if status != exchange["status"]:
            problems.append(f"{where}: status {status} instead of {exchange['status']}: {json.dumps(told)[:300]}")
            continue
        problems += [f"{where}: {line}" for line in differences(exchange["told"], told, ids)]
    return problems


def differences(old: Any, new: Any, ids: dict[str, str], where: str = "answer") -> list[str]:
    """What an answer has differently, member by member; ids that correspond are added to ``ids``."""
    name = where.rsplit("/", 1)[-1]
    if isinstance(old, dict) and isinstance(new, dict):
        found = [f"{where} lacks '{key}'" for key in old if key not in new]
        found += [f"{where} has '{key}' as well" for key in new if key not in old]
        for key in old:
            if key in new:
                found += differences(old[key], new[key], ids, f"{where}/{key}")
        return found
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return [f"{where} has {len(new)} items instead of {len(old)}"]
        return [
            line
            for at, (one, other) in enumerate(zip(old, new, strict=True))
            for line in differences(one, other, ids, f"{where}[{at}]")
        ]
    if isinstance(old, str) and isinstance(new, str):
        if name in FRESH or (_MOMENT.match(old) and _MOMENT.match(new)):
            return []
        return _texts(old, new, ids, where, name)
    return [] if old == new and type(old) is type(new) else [f"{where} is {new!r} instead of {old!r}"]


def _texts(old: str, new: str, ids: dict[str, str], where: str, name: str) -> list[str]:
    """Texts are equal once their ids are made those of the replay."""
    if name == "id" and not _GUID.search(old):
        pairs = [(old, new)]  # ids of grants and assignments, opaque
    else:
        pairs = [
            pair
            for pattern in (_GUID, _TOKEN)
            for pair in zip(pattern.findall(old), pattern.findall(new), strict=False)
        ]
    for theirs, own in pairs:
        if ids.setdefault(theirs, own) != own:
            return [f"{where} names {own}, which stands for another object"]
    expected = old
    for theirs, own in pairs:
        expected = expected.replace(theirs, own)
    return [] if expected == new or MASK in old else [f"{where} is {new!r} instead of {old!r}"]
