# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Syncs of one host: they run in the background, log in at the tenant, read it, and leave a status object."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import functools
import typing as t

from . import directory
from .entra import Credentials, EntraClient, EntraFailure
from .store import Connector, Store
from .traits import Traits

Json = dict[str, t.Any]
KEPT_RUNS = 200


class SyncHost(t.Protocol):
    """What a sync needs of its host."""

    traits: Traits
    store: Store
    world: t.Any

    def credentials(self, connector: Connector) -> Credentials:
        """With what the connector logs in."""


@dataclasses.dataclass
class Run:
    """One sync. single is the user name of a Single User Update, None for a full sync."""

    id: int
    connector_id: str
    job: str
    node: str
    created: datetime.datetime
    single: str | None
    status: str
    messages: list[str]
    counters: directory.Counters = dataclasses.field(default_factory=directory.Counters)
    modified: datetime.datetime | None = None
    running: bool = True

    def as_dict(self) -> Json:
        """The documented status object, its members and no others (FIDELITY.md, Syncs)."""
        ended = self.modified or self.created
        counters = self.counters
        return {
            "status": self.status,
            "id": self.id,
            "connectorUID": int(self.connector_id) if self.connector_id.isdigit() else self.connector_id,
            "resultCount": counters.total,
            "addedCount": counters.added,
            "updatedCount": counters.updated,
            "notModifiedCount": counters.unchanged,
            "deletedCount": counters.deleted,
            "failedCount": counters.failed,
            "filteredCount": counters.filtered,
            "messages": list(self.messages),
            "clusterNode": self.node,
            "created": stamp(self.created),
            "lastModified": stamp(ended),
            "duration": int((ended - self.created).total_seconds()),
        }


def stamp(moment: datetime.datetime) -> str:
    """ISO-8601 UTC, whole seconds, Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Syncs:
    """All runs of a host, newest last."""

    def __init__(self, host: SyncHost) -> None:
        self.host = host
        self.runs: list[Run] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def running(self, connector_id: str) -> Run | None:
        """The run of the connector that has not ended, if any."""
        return next((run for run in self.runs if run.connector_id == connector_id and run.running), None)

    def last(self, connector_id: str) -> Run | None:
        """The newest run of the connector."""
        return next((run for run in reversed(self.runs) if run.connector_id == connector_id), None)

    def by_id(self, sync_id: str) -> Run | None:
        """A run by the text of its id."""
        return next((run for run in self.runs if str(run.id) == sync_id), None)

    def start(self, connector: Connector, node: str, single: str | None) -> Run:
        """Begin a sync and return its run at once."""
        world, traits = self.host.world, self.host.traits
        job = world.ids.uuid()
        number = world.ids.number(f"sync:{traits.name}")
        status = traits.state_scheduled or "RUNNING"
        run = Run(number, connector.id, job, node, world.now(), single, status, [f"Scheduled with jobid {job}"])
        self.runs = [*self.runs[-KEPT_RUNS:], run]
        task = asyncio.get_running_loop().create_task(self._run(run, connector))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    def close(self) -> None:
        """Cancel what still runs."""
        for task in self._tasks:
            task.cancel()

    async def _run(self, run: Run, connector: Connector) -> None:
        world, traits = self.host.world, self.host.traits
        slow = world.faults.take("sync_slow", host=traits.name)
        try:
            await asyncio.sleep(traits.sync_seconds / 2)
            run.status = "RUNNING"
            await asyncio.sleep(traits.sync_seconds / 2)
            if slow:
                await self._wait(run, float(slow.get("seconds", 5)))
            planned = world.faults.take("sync_fails", host=traits.name)
            if planned is not None and planned.get("users"):
                await self._work(run, connector)
                run.counters.failed += int(planned["users"])
                run.messages.append(f"{planned['users']} users could not be synchronised")
                run.status = "DONE"
            elif planned is not None:
                self._fail_as_planned(run, planned)
            else:
                await self._work(run, connector)
                run.status = "DONE"
        except EntraFailure as failure:
            run.messages.append(str(failure))
            run.status = "DONE" if traits.failed_login_shows == "done" else traits.state_failed
        except (TypeError, KeyError, ValueError, AttributeError) as broken:  # settings of a wrong shape after a PUT
            run.messages.append(f"Sync failed: unusable configuration ({type(broken).__name__})")
            run.status = traits.state_failed
        finally:
            run.modified = world.now()
            run.running = False

    async def _wait(self, run: Run, seconds: float) -> None:
        """Last that long on the world's clock, so that a test may move it instead of waiting."""
        until = run.created + datetime.timedelta(seconds=seconds)
        while self.host.world.now() < until:
            await asyncio.sleep(min(0.1, seconds))

    def _fail_as_planned(self, run: Run, planned: Json) -> None:
        run.messages.append(str(planned.get("message", "Sync failed: java.lang.IllegalStateException")))
        run.counters.failed = int(planned.get("failed", 0))
        run.status = str(planned.get("state") or ("DONE" if planned.get("failed") else self.host.traits.state_failed))

    async def _work(self, run: Run, connector: Connector) -> None:
        world, traits, store = self.host.world, self.host.traits, self.host.store
        login = self.host.credentials(connector)
        if login.flow == "authorization_code" and not login.refresh_token:
            raise EntraFailure("Connector is not authorized. Click Authorize in the connector settings.")
        client = EntraClient(
            world.client_session(),
            world.token_url(login.tenant),
            world.graph_url,
            login,
            world.host_headers(traits.name),
        )
        token = await client.log_in()
        if client.refresh_token is not None:
            connector.refresh_token = client.refresh_token  # each use brings a newer one
        users = store.directory_of(connector).users
        if run.single is None:
            await self._full(run, connector, client, token, users)
        else:
            await self._single(run, connector, client, token, users)

    async def _full(self, run: Run, connector: Connector, client: EntraClient, token: str, users: Json) -> None:
        leaf = functools.partial(self.host.store.leaf, connector)
        wanted = await client.users(token)
        required, memberships, allowed = await self._groups(connector, client, token)
        behaviour = leaf("cleanup_behaviour") or "DISABLE_USERS"
        mapping = leaf("attribute_mapping") or []
        seen = set()
        for user in wanted:
            key = str(user["id"])
            if allowed is not None and key not in allowed:
                continue
            if not directory.in_groups(key, required, memberships):
                if key not in users:
                    run.counters.filtered += 1
                continue
            seen.add(key)
            directory.store_user(users, user, mapping, run.counters)
        for key in [key for key in users if key not in seen]:
            directory.clean_up(users, key, behaviour, run.counters)

    async def _groups(
        self, connector: Connector, client: EntraClient, token: str
    ) -> tuple[list[str], dict[str, set[str]], set[str] | None]:
        """Required group names, members by group name, and the users the server-side filter lets through."""
        leaf = functools.partial(self.host.store.leaf, connector)
        required = [str(name) for name in leaf("required_groups") or []]
        where = str(leaf("server_side_filter") or "")
        if client.login.flow == "authorization_code":
            token = await client.app_token()  # groups need the application permission (guide, step 7)
        groups = await client.groups(token, where)
        if not required and not where:
            return [], {}, None
        memberships: dict[str, set[str]] = {}
        kinds = leaf("group_types") or {}
        for group in groups:
            if not kinds.get(directory.group_kind(group), True):
                continue
            name = self._group_name(connector, str(group.get("displayName")))
            if required and name not in required and not where:
                continue
            members = await client.members(token, str(group["id"]), bool(leaf("nested_groups")))
            memberships[name] = {str(member["id"]) for member in members}
        return required, memberships, set().union(*memberships.values()) if where else None

    def _group_name(self, connector: Connector, name: str) -> str:
        for step in self.host.store.leaf(connector, "group_transformations") or []:
            if isinstance(step, dict) and step.get("enabled") and step.get("type") == "LOWER_CASE":
                name = name.lower()
        return name

    async def _single(self, run: Run, connector: Connector, client: EntraClient, token: str, users: Json) -> None:
        store = self.host.store
        user = await client.user(token, run.single or "")
        if user is None:
            run.counters.failed += 1
            run.messages.append(f"User {run.single} was not found at the identity provider")
            return
        required, memberships, allowed = await self._groups(connector, client, token)
        key = str(user["id"])
        if (allowed is not None and key not in allowed) or not directory.in_groups(key, required, memberships):
            if key in users:
                behaviour = store.leaf(connector, "cleanup_behaviour") or "DISABLE_USERS"
                directory.clean_up(users, key, behaviour, run.counters)
            else:
                run.counters.filtered += 1
            return
        directory.store_user(users, user, store.leaf(connector, "attribute_mapping") or [], run.counters)
