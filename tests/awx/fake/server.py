# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake AWX behind HTTP on the loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.parse
from collections.abc import Mapping
from typing import Any

import yaml
from aiohttp import web

from . import launch
from .checks import LINKS
from .filters import fits
from .kinds import KINDS
from .rules import Refused
from .store import ENCRYPTED, Item, Store
from .users import User

PAGE = 25
WRITES = ("POST", "PUT", "PATCH", "DELETE")
AWX = ("/api/", "AWX", "24.6.1")
# Ansible Automation Platform from 2.5 on: the gateway in front, the controller behind a path of its own
GATEWAY = ("/api/controller/", "Red Hat Ansible Automation Platform", "4.7.0")


class FakeAwx:
    """A context manager.

    :ivar url: address
    :ivar admin: the system administrator; :ivar token: what lets it in
    :ivar users: all that may log in
    :ivar journal: (method, path below the version, body) of each request
    """

    def __init__(self, playbooks: list[str], product: tuple[str, str, str] = AWX) -> None:
        self.store = Store(playbooks)
        self.admin = User("admin", is_superuser=True)
        self.users = [self.admin]
        self.token = self.admin.token
        self.journal: list[tuple[str, str, Any]] = []
        self.api = f"{product[0]}v2/"
        self.headers = {"X-API-Product-Name": product[1], "X-API-Product-Version": product[2]}
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

    def login(self, user: User) -> User:
        """Let somebody else in."""
        self.users.append(user)
        return user

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
        self.journal.append((request.method, request.path.replace(self.api, "/api/v2/", 1), body))
        try:
            bearer = request.headers.get("Authorization")
            user = next((one for one in self.users if bearer == f"Bearer {one.token}"), None)
            if user is None:
                raise Refused("detail", "Authentication credentials were not provided.", 401)
            if not request.path.startswith(self.api):
                raise Refused("detail", "Not found.", 404)
            parts = request.path.removeprefix(self.api).strip("/").split("/")
            status, answer = self._route(user, request.method, parts, request.query, body)
        except Refused as refused:
            named = refused.field in ("detail", "error")
            answer = {refused.field: refused.message if named else [refused.message]}
            status = refused.status
        if answer is None:
            return web.Response(status=status, headers=self.headers)
        return web.json_response(answer, status=status, headers=self.headers, dumps=json.dumps)

    def _route(
        self, user: User, method: str, parts: list[str], query: Mapping[str, str], body: Item
    ) -> tuple[int, Any]:
        endpoint = parts[0]
        if parts == ["me"] and method == "GET":
            me = {"id": 1, "type": "user", "username": user.username, "is_superuser": user.is_superuser}
            return 200, _listing([me], query, "")
        if endpoint not in KINDS and endpoint != "unified_job_templates":
            raise Refused("detail", "Not found.", 404)
        if len(parts) == 1:
            if method == "GET":
                return 200, self._page(user, endpoint, query)
            if method == "POST" and endpoint in KINDS:
                wanted = {**KINDS[endpoint].fields, **body, "id": 0, "many": {}}
                if not user.may(self.store, endpoint, wanted):
                    raise Refused("detail", "You do not have permission to perform this action.", 403)
                return 201, self.show(user, endpoint, self.store.create(endpoint, body))
        item_id = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else -1
        item = self.store.get(endpoint, item_id) if endpoint in KINDS else {}
        if method == "GET" and not user.sees(self.store, endpoint, item):
            raise Refused("detail", "Not found.", 404)
        if method != "GET" and parts[2:] != ["launch"]:
            user.check(self.store, endpoint, item, body)
        if len(parts) == 2 and method == "GET":
            return 200, self.show(user, endpoint, item)
        if len(parts) == 2 and method == "PATCH":
            return 200, self.show(user, endpoint, self.store.change(endpoint, item_id, body))
        if len(parts) == 2 and method == "DELETE":
            self.store.delete(endpoint, item_id)
            # An inventory is taken apart in the background
            return (202, {}) if endpoint == "inventories" else (204, None)
        if len(parts) == 3:
            return self._below(user, method, endpoint, item, parts[2], query, body)
        raise Refused("detail", f'Method "{method}" not allowed.', 405)

    def _below(
        self, user: User, method: str, endpoint: str, item: Item, name: str, query: Mapping[str, str], body: Item
    ) -> tuple[int, Any]:
        if name == "survey_spec" and endpoint in ("job_templates", "workflow_job_templates"):
            if method == "GET":
                return 200, self.store.surveys.get(item["id"], {})
            self.store.survey(item["id"], body if method == "POST" else None)
            return 200, {}
        if name == "create_approval_template" and method == "POST":
            return 201, self.show(user, "workflow_approval_templates", self.store.approve(item["id"], body))
        if name == "launch" and method == "POST":
            return 201, launch.launch(self.store, endpoint, item, body)
        if name == "variable_data" and method == "GET":
            return 200, yaml.safe_load(item["variables"] or "{}")
        members = KINDS[endpoint].many.get(name)
        if members is None:
            raise Refused("detail", "Not found.", 404)
        if method == "GET":
            held = [self.store.get(members, other) for other in item["many"].get(name, [])]
            path = f"{self.api}{endpoint}/{item['id']}/{name}/?"
            return 200, _listing([self.show(user, members, one) for one in held], query, path)
        self.store.associate(endpoint, item["id"], name, body)
        return 204, None

    def _page(self, user: User, endpoint: str, query: Mapping[str, str]) -> Any:
        found = []
        for item in self.store.listed(endpoint):
            real = endpoint if endpoint in KINDS else str(self.store.endpoint_of(item["id"]))
            if user.sees(self.store, real, item):
                shown = self.show(user, real, item)
                if fits(self.store, real, item, shown, query):
                    found.append(shown)
        rest = {key: value for key, value in query.items() if key != "page"}
        return _listing(found, query, f"{self.api}{endpoint}/?{urllib.parse.urlencode(rest)}")

    def show(self, user: User, endpoint: str, item: Item) -> Item:
        """An object as the API answers it."""
        kind, url = KINDS[endpoint], f"{self.api}{endpoint}/{item['id']}/"
        answer = {key: value for key, value in item.items() if key not in ("many", "current_update")}
        related = {name: f"{url}{name}/" for name in kind.many}
        may = user.may(self.store, endpoint, item)
        summary: Item = {"user_capabilities": {"edit": may, "delete": may}}
        if endpoint in ("job_templates", "inventory_sources"):
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
                related["unified_job_template"] = f"{self.api}{home}/{step}/"
        return {**answer, "type": kind.type, "url": url, "related": related, "summary_fields": summary}

    def _masked(self, item: Item) -> Item:
        fields = self.store.get("credential_types", item["credential_type"])["inputs"].get("fields", [])
        hidden = {field["id"] for field in fields if field.get("secret")}
        return {name: ENCRYPTED if name in hidden and value else value for name, value in item["inputs"].items()}


def _listing(found: list[Item], query: Mapping[str, str], path: str) -> Item:
    page, size = int(query.get("page", 1)), min(int(query.get("page_size", PAGE)), 200)
    start = (page - 1) * size
    following = f"{path}&page={page + 1}" if start + size < len(found) else None
    return {"count": len(found), "next": following, "previous": None, "results": found[start : start + size]}
