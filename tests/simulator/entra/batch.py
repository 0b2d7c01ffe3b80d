# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``$batch``: up to twenty requests in one, each answered on its own (FIDELITY.md, Applications and secrets)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .errors import GraphError

LIMIT = 20
Ask = Callable[[str, str, dict[str, str], bytes], tuple[int, dict[str, str], Any]]


def run(raw: bytes, ask: Ask) -> dict[str, Any]:
    """The answer to a batch. ``ask``: one request (method, address, headers, body) to status, headers and JSON.

    Raises GraphError 400 for a batch that is none.
    """
    try:
        requests = json.loads(raw)["requests"]
        ids = [str(item["id"]) for item in requests]
        for item in requests:
            if item["url"].strip("/").startswith("$batch") or "://" in item["url"]:
                raise GraphError(400, "BadRequest", "Invalid batch payload: the address of a request must be relative.")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraphError(400, "BadRequest", "Invalid batch payload format.") from error
    if len(requests) > LIMIT:
        raise GraphError(400, "BadRequest", f"Number of batch request steps exceeds the maximum of {LIMIT}.")
    if not requests or len(set(ids)) != len(ids):
        raise GraphError(400, "BadRequest", "Invalid batch payload format: each request needs an id of its own.")
    responses: dict[str, dict[str, Any]] = {}
    for number, item in zip(ids, requests, strict=True):
        responses[number] = {"id": number, **_one(item, responses, ask)}
    return {"responses": list(responses.values())}


def _one(item: dict[str, Any], earlier: dict[str, dict[str, Any]], ask: Ask) -> dict[str, Any]:
    for needed in item.get("dependsOn") or ():
        if needed not in earlier or earlier[needed]["status"] >= 400:
            error = {"code": "FailedDependency", "message": "A request that this one depends on failed."}
            return {"status": 424, "headers": {}, "body": {"error": error}}
    body = json.dumps(item["body"]).encode() if item.get("body") is not None else b""
    address = item["url"] if item["url"].startswith("/") else f"/{item['url']}"
    status, headers, answer = ask(item["method"].upper(), address, dict(item.get("headers") or {}), body)
    return {"status": status, "headers": headers, **({} if answer is None else {"body": answer})}
