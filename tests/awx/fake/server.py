# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake AWX behind HTTP on the loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import urllib.parse
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .checks import LINKS
from .kinds import KINDS
from .rules import Refused
from .store import ENCRYPTED, Item, Store

API = "/api/v2/"
PAGE = 25
HEADERS = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class FakeAwx:
    """A context manager. :ivar url: address; :ivar token: what lets in; :ivar journal: (method, path, body)"""

    def __init__(self, playbooks: list[str]) -> None:
        self.store = Store(playbooks)
        self.token = secrets.token_urlsafe(24)
        self.journal: list[tuple[str, str, Any]] = []
        self.store.seed("organizations", name="Default")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> FakeAwx:
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def writes(self, since: int = 0) -> list[tuple[str, str, Any]]:
        """Requests that may have changed something."""
        return [entry for entry in self.journal[since:] if entry[0] in WRITES]

    async def _start(self) -> int:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        self.journal.append((request.method, request.path, body))
        try:
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                raise Refused("detail", "Authentication credentials were not provided.", 401)
            if not request.path.startswith(API):
                raise Refused("detail", "Not found.", 404)
            parts = request.path.removeprefix(API).strip("/").split("/")
            status, answer = self._route(request.method, parts, request.query, body)
        except Refused as refused:
            named = refused.field in ("detail", "error")
            answer = {refused.field: refused.message if named else [refused.message]}
            status = refused.status
        if answer is None:
            return web.Response(status=status, headers=HEADERS)
        return web.json_response(answer, status=status, headers=HEADERS, dumps=json.dumps)

    def _route(self, method: str, parts: list[str], query: Mapping[str, str], body: Item) -> tuple[int, Any]:
        endpoint = parts[0]
        if endpoint not in KINDS and endpoint != "unified_job_templates":
            raise Refused("detail", "Not found.", 404)
        if len(parts) == 1:
            if method == "GET":
                return 200, self._page(endpoint, query)
            if method == "POST" and endpoint in KINDS:
                return 201, self.show(endpoint, self.store.create(endpoint, body))
        item_id = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else -1
        item = self.store.get(endpoint, item_id) if endpoint in KINDS else {}
        if len(parts) == 2 and method == "GET":
            return 200, self.show(endpoint, item)
        if len(parts) == 2 and method == "PATCH":
            return 200, self.show(endpoint, self.store.change(endpoint, item_id, body))
        if len(parts) == 2 and method == "DELETE":
            self.store.delete(endpoint, item_id)
            # An inventory is taken apart in the background
            return (202, {}) if endpoint == "inventories" else (204, None)
        if len(parts) == 3:
            return self._below(method, endpoint, item, parts[2], body)
        raise Refused("detail", f'Method "{method}" not allowed.', 405)

    def _below(self, method: str, endpoint: str, item: Item, name: str, body: Item) -> tuple[int, Any]:
        if name == "survey_spec" and endpoint in ("job_templates", "workflow_job_templates"):
            if method == "GET":
                return 200, self.store.surveys.get(item["id"], {})
            self.store.survey(item["id"], body if method == "POST" else None)
            return 200, {}
        if name == "create_approval_template" and method == "POST":
            return 201, self.show("workflow_approval_templates", self.store.approve(item["id"], body))
        members = KINDS[endpoint].many.get(name)
        if members is None:
            raise Refused("detail", "Not found.", 404)
        if method == "GET":
            held = [self.store.get(members, other) for other in item["many"].get(name, [])]
            return 200, _listing([self.show(members, one) for one in held], 1, "")
        self.store.associate(endpoint, item["id"], name, body)
        return 204, None

    def _page(self, endpoint: str, query: Mapping[str, str]) -> Any:
        shown = []
        for item in self.store.listed(endpoint):
            real = endpoint if endpoint in KINDS else str(self.store.endpoint_of(item["id"]))
            shown.append(self.show(real, item))
        page = int(query.get("page", 1))
        found = [item for item in shown if _fits(self.store, item, query)]
        rest = {key: value for key, value in query.items() if key != "page"}
        return _listing(found, page, f"{API}{endpoint}/?{urllib.parse.urlencode(rest)}")

    def show(self, endpoint: str, item: Item) -> Item:
        """An object as the API answers it."""
        kind, url = KINDS[endpoint], f"{API}{endpoint}/{item['id']}/"
        answer = {key: value for key, value in item.items() if key not in ("many", "current_update")}
        related = {name: f"{url}{name}/" for name in kind.many}
        summary: Item = {}
        if endpoint == "job_templates":
            answer["organization"] = self.store.organization(endpoint, item)
        if endpoint in ("job_templates", "workflow_job_templates"):
            related["survey_spec"] = f"{url}survey_spec/"
        if endpoint == "credentials":
            answer["inputs"] = self._masked(item)
        if endpoint == "projects":
            answer.update(scm_revision="", status="successful")
            if item.get("current_update"):
                summary["current_update"] = {"id": item.pop("current_update")}
        if endpoint == "workflow_job_template_nodes":
            answer.update({name: item["many"].get(name, []) for name in LINKS})
            step = item["unified_job_template"]
            home = self.store.endpoint_of(step) if step is not None else None
            if home:
                related["unified_job_template"] = f"{API}{home}/{step}/"
        return {**answer, "type": kind.type, "url": url, "related": related, "summary_fields": summary}

    def _masked(self, item: Item) -> Item:
        fields = self.store.get("credential_types", item["credential_type"])["inputs"].get("fields", [])
        hidden = {field["id"] for field in fields if field.get("secret")}
        return {name: ENCRYPTED if name in hidden and value else value for name, value in item["inputs"].items()}


def _fits(store: Store, item: Item, query: Mapping[str, str]) -> bool:
    links = {"organization": "organizations", "credential_type": "credential_types"}
    either = {key.removeprefix("or__"): value for key, value in query.items() if key.startswith("or__")}
    if either and not any(str(item.get(key)) == value for key, value in either.items()):
        return False
    for key, value in query.items():
        if key.startswith("or__") or key in ("page", "page_size", "order_by"):
            continue
        name, _mark, lookup = key.partition("__")
        if lookup == "name" and name in links:
            named = store.items[links[name]].get(item.get(name) or 0, {})
            if named.get("name") != value:
                return False
            continue
        if name not in item:
            raise Refused("detail", f"{item['type']} has no field named '{name}'")
        wanted = value.split(",") if lookup == "in" else [value]
        if lookup not in ("", "in") or str(item[name]) not in wanted:
            return False
    return True


def _listing(found: list[Item], page: int, path: str) -> Item:
    start = (page - 1) * PAGE
    following = f"{path}&page={page + 1}" if start + PAGE < len(found) else None
    return {"count": len(found), "next": following, "previous": None, "results": found[start : start + PAGE]}
