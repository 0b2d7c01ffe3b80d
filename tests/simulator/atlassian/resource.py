# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User Sync's private REST API below /rest/samlsso-admin/1.0 (FIDELITY.md, Addresses)."""

from __future__ import annotations

import json
import typing as t

from aiohttp import web

from . import answers
from .call import Call
from .store import Connector, Refused, Store
from .sync import Run, Syncs
from .traits import Traits

if t.TYPE_CHECKING:
    from .host import Host

Json = dict[str, t.Any]
JSON_TYPES = ("application/json", "text/json")


class Resource:
    """The connector, sync status and directory resources of one host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.traits: Traits = host.traits
        self.store: Store = host.store
        self.syncs: Syncs = host.syncs

    async def handle(self, call: Call, rest: list[str]) -> web.Response:
        """rest are the segments behind the version; raises Refused for what becomes an error body."""
        match rest:
            case ["usersync", "connector", ""]:
                return await self._collection(call)
            case ["usersync", "connector", connector_id]:
                return await self._one(call, connector_id)
            case ["usersync", "connector", connector_id, "sync"]:
                return self._start(call, connector_id, None)
            case ["usersync", "connector", connector_id, "syncsingle", name]:
                return self._start(call, connector_id, name)
            case ["usersync", "connector", connector_id, "syncstatus"]:
                return self._last_status(call, connector_id)
            case ["usersync", "syncstatus", sync_id] if self.traits.status_by_id:
                return self._status(call, sync_id)
            case ["directory", number]:
                return self._directory(call, number)
        return answers.app_missing()

    # -- connectors ------------------------------------------------------------------------------------------------

    async def _collection(self, call: Call) -> web.Response:
        if call.method == "POST":
            return await self._create(call)
        if not self.traits.list_endpoint:
            return answers.app_missing()
        if call.method != "GET":
            return _not_allowed("GET, POST")
        node = call.place.node
        return answers.as_json([self.wrapper(node, connector_id) for connector_id in self.store.ids(node)])

    async def _create(self, call: Call) -> web.Response:
        if self.traits.creation == "refused" or "create_refused" in call.faults:
            return _not_allowed("GET")
        connector = self.store.create(await _body(call), call.place)
        self.host.credentials_changed(connector)
        location = {"Location": f"{call.base_url}/rest/samlsso-admin/1.0/usersync/connector/{connector.id}"}
        return answers.as_json(self.wrapper(call.place.node, connector.id), self.traits.creation_status, location)

    async def _one(self, call: Call, connector_id: str) -> web.Response:
        node = call.place.node
        if call.method == "GET":
            if connector_id not in self.store.ids(node):
                raise Refused(404, f"No connector with id {connector_id}")
            return answers.as_json(self.wrapper(node, connector_id))
        connector = self._connector(connector_id)
        if call.method == "PUT":
            body = await _body(call)
            before = self.host.credentials(connector)
            self.store.put(connector_id, body, call.place, drops_unknown="put_drops_unknown" in call.faults)
            if self.host.credentials(connector) != before:
                self.host.credentials_changed(connector)
            if self.traits.put_status == 204:
                return web.Response(status=204)
            return answers.as_json(self.wrapper(node, connector_id))
        if call.method == "DELETE":
            if self.traits.deletion == "refused" or "delete_refused" in call.faults:
                return _not_allowed("GET, PUT")
            self.store.delete(connector_id, call.place)
            self.host.connector_deleted(connector)
            return web.Response(status=204)
        return _not_allowed("GET, PUT, DELETE")

    def wrapper(self, node: int, connector_id: str) -> Json:
        """What GET returns: the configuration node among members that are none of it."""
        configuration = self.store.configuration(node, connector_id)
        shown: Json = {}
        if self.traits.modern:
            shown["uniqueId"] = int(connector_id) if connector_id.isdigit() else connector_id
        else:
            shown["id"] = int(connector_id) if connector_id.isdigit() else connector_id
        connector = self.store.connectors.get(connector_id)
        if connector is not None:
            shown["lastSyncStatus"] = self._last_name(connector_id)
            if self.traits.reports_authorization and self.host.credentials(connector).flow == "authorization_code":
                shown["authorized"] = self.host.is_authorized(connector)
        shown["configuration"] = configuration
        shown["editable"] = True
        return shown

    def _last_name(self, connector_id: str) -> str | None:
        run = self.syncs.last(connector_id)
        return run.status if run else None

    def _connector(self, connector_id: str) -> Connector:
        connector = self.store.connectors.get(connector_id)
        if connector is None:
            raise Refused(404, f"No connector with id {connector_id}")
        return connector

    # -- syncs -----------------------------------------------------------------------------------------------------

    def _start(self, call: Call, connector_id: str, single: str | None) -> web.Response:
        if call.method != "POST":
            return _not_allowed("POST")
        connector = self._connector(connector_id)
        running = self.syncs.running(connector_id)
        if running is not None:
            if self.traits.when_running == "conflict":
                raise Refused(409, "A sync is already running for this connector")
            return self._started(running)
        return self._started(self.syncs.start(connector, self.host.node_name(call.place), single))

    def _started(self, run: Run) -> web.Response:
        status, shape = self.traits.sync_status, self.traits.sync_body
        if status == 204 or shape == "empty":
            return web.Response(status=status)
        bodies: dict[str, Json] = {
            "status": run.as_dict(),
            "id": {"id": run.id},
            "message": {"message": f"Scheduled with jobid {run.job}"},
        }
        return answers.as_json(bodies[shape], status)

    def _last_status(self, call: Call, connector_id: str) -> web.Response:
        if call.method != "GET":
            return _not_allowed("GET")
        self._connector(connector_id)
        run = self.syncs.last(connector_id)
        if run is not None:
            return answers.as_json(run.as_dict())
        match self.traits.never_synced:
            case "204":
                return web.Response(status=204)
            case "empty":
                return web.Response(status=200, content_type="application/json")
            case "null":
                return answers.as_json(None)
        raise Refused(404, "No sync status found")

    def _status(self, call: Call, sync_id: str) -> web.Response:
        if call.method != "GET":
            return _not_allowed("GET")
        run = self.syncs.by_id(sync_id)
        if run is None:
            raise Refused(404, f"No sync status with id {sync_id}")
        return answers.as_json(run.as_dict())

    # -- directories -----------------------------------------------------------------------------------------------

    def _directory(self, call: Call, number: str) -> web.Response:
        if call.method != "DELETE":
            return _not_allowed("DELETE")
        if not number.isdigit() or int(number) not in self.store.directories:
            raise Refused(404, f"No directory with id {number}")
        del self.store.directories[int(number)]
        return web.Response(status=204)


def _not_allowed(allowed: str) -> web.Response:
    return answers.rest_error(405, "HTTP 405 Method Not Allowed", {"Allow": allowed})


async def _body(call: Call) -> Json:
    """The JSON object of the request; Refused for another media type, broken JSON or another kind of value."""
    if call.media not in JSON_TYPES:
        raise Refused(415, "HTTP 415 Unsupported Media Type")
    try:
        body = json.loads(await call.request.text())
    except ValueError:
        raise Refused(400, "Unexpected character: the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "Cannot deserialize the connector configuration: an object is expected")
    return body
