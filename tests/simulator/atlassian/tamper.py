# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to a host behind the back of the automation; for the control address."""

from __future__ import annotations

import copy
import datetime
import typing as t

from . import settings

if t.TYPE_CHECKING:
    from .host import Host

Json = dict[str, t.Any]


def change(
    world: t.Any,
    name: str,
    leaves: Json | None = None,
    clone_of: str | None = None,
    sync: Json | None = None,
    sync_age_hours: float | None = None,
) -> Json:
    """Change one host and return its snapshot.

    clone_of: take over connectors, secrets, directories and syncs of that host, as a copied database does.
    leaves: settings of the oldest connector by canonical name (see settings.py), among them client_secret.
    sync: members of the last sync's run (status, messages, counters by name) to replace.
    sync_age_hours: when the last sync ended.

    Raises ValueError for a host, connector, leaf or sync that is not there.
    """
    host: Host = _host(world, name)
    if clone_of is not None:
        other = _host(world, clone_of)
        host.store.clone(other.store)
        host.syncs.runs = copy.deepcopy(other.syncs.runs)
    connector = next(iter(host.store.connectors.values()), None)
    if connector is None:
        raise ValueError(f"host {name!r} has no connector")
    for leaf, value in (leaves or {}).items():
        if leaf not in settings.STYLES[host.traits.key_style]:
            raise ValueError(f"unknown leaf {leaf!r}")
        settings.set_leaf(connector.configuration, host.traits.key_style, leaf, value)
    if sync or sync_age_hours is not None:
        _change_sync(host, connector.id, dict(sync or {}), sync_age_hours)
    host.credentials_changed(connector)
    return host.snapshot()


def _host(world: t.Any, name: str) -> t.Any:
    if name not in world.hosts:
        raise ValueError(f"there is no host {name!r}")
    return world.hosts[name]


def _change_sync(host: t.Any, connector_id: str, members: Json, age_hours: float | None) -> None:
    run = host.syncs.last(connector_id)
    if run is None:
        raise ValueError("no sync ever ran")
    for counter, value in members.pop("counters", {}).items():
        setattr(run.counters, counter, value)
    for name, value in members.items():
        if name not in ("status", "messages"):
            raise ValueError(f"unknown member {name!r}")
        setattr(run, name, value)
    if age_hours is not None:
        took = run.modified - run.created
        run.modified = host.world.now() - datetime.timedelta(hours=age_hours)
        run.created = run.modified - took
