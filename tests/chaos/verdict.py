# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges a fleet from the simulator's own state, timeline and journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .worlds import APP, PENDING, foreign, holder, holder_of

if TYPE_CHECKING:
    from simulator.entra.passwords import Secret
    from simulator.journal import Entry
    from simulator.world import World


@dataclass(frozen=True)
class Instant:
    """The state after one fact: number of the request, hosts that work, the key that each host holds, live own keys."""

    n: int
    works: frozenset[str]
    held: dict[str, str | None]
    live: dict[str, frozenset[str]]


class Watch:
    """Looks at the world after every fact about a credential or a host's secret. All calls in the simulator's loop.

    ``removed``: hosts that were to be taken out.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.holders = {name: holder(world, name) for name in world.hosts}
        self.removed: frozenset[str] = frozenset()
        self.since = world.journal.last
        self.foreign = foreign(world)
        self.instants: list[Instant] = []
        self._inner = world.timeline.watcher
        world.timeline.watcher = self._see
        self.look()

    def _see(self, *facts: Any) -> None:
        if self._inner is not None:
            self._inner(*facts)
        self.look()

    def look(self) -> None:
        """Keep the present state."""
        world = self.world
        held, live = {}, {}
        own = _own(world, live_only=True)
        for name, host in world.hosts.items():
            _tenant, client_id, secret = host.held_credential() or ("", "", "")
            held[name] = next((item.key_id for item in _secrets(world, client_id) if item.text == secret), None)
            live[name] = frozenset(key for key, whose in own.items() if whose == self.holders[name])
        works = frozenset(name for name in world.hosts if world.host_works(name))
        self.instants.append(Instant(world.journal.last, works, held, live))

    def entries(self) -> list[Entry]:
        """The journal since the beginning, without what the simulated hosts asked the tenant."""
        return [entry for entry in self.world.journal.since(self.since) if not entry.internal]

    def overlap(self) -> int:
        """The most live own secrets of one holder at any instant."""
        return max((len(keys) for instant in self.instants for keys in instant.live.values()), default=0)

    def course(self) -> list[str]:
        """What was wrong on the way: hosts without a secret, secrets retired before the host proved a newer one."""
        wrong, worked = [], set(self.instants[0].works)
        ever_held: dict[str, set[str | None]] = {name: set() for name in self.world.hosts}
        left_at: dict[tuple[str, str | None], int] = {}
        for before, now in zip(self.instants, self.instants[1:], strict=False):
            lost = sorted(worked - now.works - self.removed)
            wrong += [f"{name} lost its working secret at request {now.n}" for name in lost]
            worked = (worked | now.works) - (worked - now.works)
            for name, key in before.held.items():
                ever_held[name].add(key)
                if now.held.get(name) != key:
                    left_at[name, key] = now.n
            for name, keys in before.live.items():
                for key in keys - now.live[name] if name not in self.removed else ():
                    if key in ever_held[name] and not self._proven(name, left_at.get((name, key)), now.n):
                        wrong.append(
                            f"a secret that {name} had used went at request {now.n}, before the host logged in "
                            "with a newer one"
                        )
        return wrong

    def _proven(self, host: str, since: int | None, until: int) -> bool:
        """Whether the host itself logged in at the tenant between the two requests."""
        return since is not None and any(
            entry.internal
            and entry.service == "token"
            and entry.method == "POST"
            and entry.status == 200
            and entry.client == f"host:{host}"
            for entry in self.world.journal.since(since)
            if entry.n < until
        )

    def closing(self, spoilt: frozenset[str] = frozenset()) -> list[str]:
        """What is wrong now that all is over. ``spoilt``: hosts that drop settings by themselves."""
        world, wrong = self.world, []
        own = _own(world)
        for name, host in world.hosts.items():
            keys = [key for key, whose in own.items() if whose == self.holders[name]]
            if name in self.removed:
                wrong += [f"{name} was taken out and has {len(keys)} own credentials"] if keys else []
                continue
            if not world.host_works(name):
                wrong.append(f"{name} holds no live secret")
            if len(keys) != 1:
                wrong.append(f"{name} has {len(keys)} own credentials")
            elif self.instants[-1].held[name] != keys[0]:
                wrong.append(f"{name} does not hold its own credential")
            if len(host.store.connectors) != 1:
                wrong.append(f"{name} has {len(host.store.connectors)} connectors")
        strangers = sorted({str(whose) for whose in own.values()} - set(self.holders.values()))
        if strangers:
            wrong.append(f"orphaned credentials of {', '.join(strangers)}")
        wrong += self._objects() + self._foreign(spoilt)
        return wrong + [f"the simulator broke: {text}" for text in world.internal_errors]

    def _objects(self) -> list[str]:
        tenant, wrong = self.world.tenant, []
        apps = [record for record in tenant.store.records("application") if record.data["uniqueName"] == APP]
        if len(apps) != 1:
            return [f"there are {len(apps)} apps"]
        data = apps[0].data
        principals = [item for item in tenant.store.records("servicePrincipal") if item.data["appId"] == data["appId"]]
        if len(principals) != 1:
            wrong.append(f"the app has {len(principals)} service principals")
        pending = [tag for tag in data["tags"] if tag.startswith(PENDING)]
        if pending:
            wrong.append(f"still marked: {', '.join(pending)}")
        if tenant.store.deleted:
            wrong.append(f"{len(tenant.store.deleted)} objects lie in the bin")
        listed = {item["keyId"] for item in data["passwordCredentials"]}
        if listed != {secret.key_id for secret in _secrets(self.world, data["appId"])}:
            wrong.append("directory and token service disagree about the credentials")
        grants = Counter(
            (record.kind, record.data["resourceId"], record.data.get("principalId"), record.data.get("appRoleId"))
            for kind in ("appRoleAssignment", "oAuth2PermissionGrant")
            for record in tenant.store.records(kind)
            if {record.data.get("clientId"), record.data.get("principalId")} & {item.id for item in principals}
        )
        return wrong + [f"a grant stands {count} times" for count in grants.values() if count > 1]

    def _foreign(self, spoilt: frozenset[str]) -> list[str]:
        now, wrong = foreign(self.world), []
        for name, value in self.foreign["same"].items():
            if name.startswith("host ") and name.split()[1].rstrip(":") in spoilt:
                continue
            if now["same"].get(name) != value:
                wrong.append(f"foreign, but changed: {name}")
        for name, values in self.foreign["kept"].items():
            lost = values - now["kept"].get(name, set())
            if lost:
                wrong.append(f"foreign, but gone: {name}: {', '.join(sorted(lost))}")
        return wrong


def _secrets(world: World, app_id: str) -> list[Secret]:
    """What the token service knows of an app."""
    return list(world.tenant.secrets.get(app_id, {}).values())


def _ours(world: World) -> list[Secret]:
    record = world.tenant.find("application", "uniqueName", APP)
    return _secrets(world, record.data["appId"]) if record is not None else []


def _own(world: World, live_only: bool = False) -> dict[str, str]:
    """Own credentials of our app as the token service knows them: key id -> holder."""
    now = world.now()
    named = ((item, holder_of(item.display_name)) for item in _ours(world) if item.end > now or not live_only)
    return {item.key_id: whose for item, whose in named if whose is not None}
