# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Before a sync that may disable many users: how many the tenant offers, compared with those of the last sync.

It is asked before anything is written, since a host with a schedule synchronises by itself. What cannot be read is
said in a warning, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any
from urllib.parse import quote

from .. import _errors as errors
from .._entra import snapshot
from .._entra.graph import Graph
from .._entra.paths import odata_quote
from .._run import Result, Run
from .._usersync.changes import DANGEROUS
from .._usersync.leaves import plain
from .._usersync.sync import Status

# Settings after whose change a sync covers other users; a change of the app may bring another consent
RISKY = ("tenant_id", "application_id", "required_groups", "required_groups_filter", "group_types", "cleanup_behavior")
# More than this is not read for one host
MOST_GROUPS = 50
DEFAULT_LIMIT = 20.0


@dataclass(frozen=True)
class Offered:
    """:ivar users: how many the tenant offers, None where that is not known
    :ivar how: what was counted, or why nothing could be
    """

    users: int | None
    how: str


@dataclass(frozen=True)
class Verdict:
    """:ivar users: offered; :ivar before: of the last sync; None for either where it is not known
    :ivar share: percent of those of before that would be left out, None where that is not known
    :ivar stop: why the sync must not be, None where it may
    :ivar warn: what the user has to know
    """

    users: int | None
    before: int | None
    share: float | None
    stop: str | None
    warn: str | None

    def as_dict(self) -> dict[str, Any]:
        return {"offered": self.users, "before": self.before, "share_left_out": self.share}


def risky(written: Iterable[str]) -> list[str]:
    """The changes, by label, after which a full sync may treat users in another way."""
    return [label for label in written if label in RISKY or DANGEROUS.search(plain(label))]


def validate(limit: float) -> None:
    """:raises OptionError: no share is so large or so small"""
    if not 0 <= limit <= 100:
        raise errors.OptionError("max_user_change", f"must be 0 to 100, in percent, not {limit:g}")


def check(
    graph: Graph, run: Run, foreseen: Result, last: Status | None, limit: float, last_known: bool = True
) -> dict[str, Any] | None:
    """To be called when it is known what will be written, and before it is.

    :param foreseen: what usersync_connector would do, as its check mode tells
    :param last: the host's last sync before it
    :param limit: percent of the users of the last sync that a sync may leave out
    :param last_known: the last sync was read
    :returns: what was found, None where nothing has to be looked at
    :raises StateError: the sync would leave out more
    """
    connector = foreseen.values["connector"]
    changed = risky(foreseen.values["written"])
    first = last_known and last is None and not foreseen.values["created"] and bool(connector["exists"])
    new = bool(foreseen.values["created"]) or not connector["exists"]
    if not (changed or first or new):
        return None
    tenant = str(connector.get("tenant_id") or "")
    if tenant and tenant.lower() != graph.tenant_id.lower():
        there = Offered(None, f"its tenant {tenant} is not the tenant of the automation")
    else:
        key = json.dumps(["offered", graph.login.key, *(connector.get(name) for name in RISKY[2:4])], sort_keys=True)
        # hosts of one fleet mostly have the same groups
        there = Offered(*snapshot.once(key, lambda: list(astuple(offered(graph, connector)))))
    moved = "tenant_id" in changed and bool((foreseen.before or {}).get("tenant_id"))
    verdict = judge(there, None if new else users_of(last), moved, new, limit)
    if verdict.stop is not None:
        raise errors.StateError(verdict.stop, code="user_change", **verdict.as_dict())
    if verdict.warn is not None:
        run.warn(verdict.warn)
    return verdict.as_dict()


def users_of(last: Status | None) -> int | None:
    """How many users the last sync left active, as far as its counters tell; None for the update of one user too."""
    if last is None or not last.login_proven:
        return None
    found = sum(last.counters.get(name, 0) for name in ("added", "updated", "not_modified"))
    return found if found > 1 else None


def judge(offered: Offered, before: int | None, moved: bool, new: bool, limit: float) -> Verdict:
    """What is to be said before the sync.

    :param moved: the connector goes to another tenant, where the same person is another user
    :param new: the connector is made now, and its user directory is empty
    """
    users, told = offered.users, f"the tenant offers {_many(offered.users)} ({offered.how})"
    remedy = (
        "check tenant, app, required groups and filter of the connector, or set max_user_change for this host higher, "
        "in percent"
    )
    if users == 0 and limit < 100:
        stop = f"max_user_change: the next full sync would find no users at all: {told}; {remedy}"
        return Verdict(0, before, 100.0 if before else None, stop, None)
    if new:
        warn = None if users is not None else f"the number of users of the first full sync is not known: {offered.how}"
        return Verdict(users, 0, 0.0, None, warn)
    if before is not None and moved:
        share, lost = 100.0, before
        told = "in another tenant they are other users"
    elif before is None or users is None:
        lacking = offered.how if users is None else "the last sync does not say how many there were"
        warn = f"the number of users that the next full sync disables is not known: {lacking}"
        warn += f"; {told}" if users else ""
        return Verdict(users, before, None, None, warn)
    else:
        lost = max(before - users, 0)
        share = round(100 * lost / before, 1)
    if share > limit:
        stop = (
            f"max_user_change: the next full sync would leave out {lost} of the {before} users of the last one "
            f"({share:g} %, where {limit:g} % are allowed): {told}; {remedy}"
        )
        return Verdict(users, before, share, stop, None)
    return Verdict(users, before, share, None, None)


def offered(graph: Graph, connector: Mapping[str, Any]) -> Offered:
    """How many users the tenant offers to a connector with these settings.

    :param connector: C(required_groups) and C(required_groups_filter), as :func:`describe.connector` has them
    :raises OptionError: Microsoft Graph does not understand the filter
    """
    names, where = connector.get("required_groups"), connector.get("required_groups_filter")
    wanted = [str(name) for name in names] if isinstance(names, list) else []
    try:
        if not wanted and not where:
            query = {"$count": "true", "$top": "1", "$select": "id"}
            counted = graph.get("users", query, eventual=True).get("@odata.count")
            return Offered(counted if isinstance(counted, int) else None, "all users of the tenant")
        groups = _groups(graph, wanted, str(where or ""))
        if len(groups) > MOST_GROUPS:
            return Offered(None, f"{len(groups)} groups match, which are too many to count")
        members: set[str] = set()
        for group in groups:
            path = f"groups/{group}/transitiveMembers/microsoft.graph.user"
            found = graph.list(path, {"$select": "id", "$top": "999", "$count": "true"}, eventual=True)
            members.update(str(one["id"]) for one in found if one.get("id"))
        fitting = f"{len(groups)} of {len(wanted)} required groups exist" if wanted else f"{len(groups)} groups match"
        return Offered(len(members), f"{fitting}, including members of nested groups")
    except errors.DeniedError:
        lacking = "Directory.Read.All, or User.Read.All and GroupMember.Read.All"
        return Offered(None, f"the automation may not read users and groups ({lacking})")
    except errors.UsersyncError as exc:
        if isinstance(exc, errors.OptionError):
            raise
        return Offered(None, exc.message)


def _groups(graph: Graph, names: list[str], where: str) -> list[str]:
    if where:
        try:
            found = graph.list("groups", {"$filter": where, "$select": "id,displayName"})
        except errors.AnswerError as exc:
            if exc.details.get("status") != 400:
                raise
            raise errors.OptionError(
                "required_groups_filter", f"is not a $filter for groups that Microsoft Graph accepts: {exc.message}"
            ) from None
        return [str(one["id"]) for one in found if not names or one.get("displayName") in names]
    ids: list[str] = []
    for name in names[: MOST_GROUPS + 1]:
        query = {"$filter": f"displayName eq {odata_quote(name)}", "$select": "id"}
        ids += [str(one["id"]) for one in graph.list("groups", query)]
    return ids


def check_user(graph: Graph, run: Run, name: str, connector: Mapping[str, Any]) -> None:
    """Before a secret is minted that the update of this user is to confirm, as far as the automation may read it.

    :raises OptionError: the tenant knows no such user, or the required groups leave it out
    """
    try:
        user = graph.find(f"users/{quote(name, safe='')}", {"$select": "id"})
        if user is None:
            raise errors.OptionError("user", f"the tenant has no user {name}; name one that the host synchronises")
        wanted = connector.get("required_groups")
        if not isinstance(wanted, list) or not wanted:
            return
        path = f"users/{user['id']}/transitiveMemberOf/microsoft.graph.group"
        held = graph.list(path, {"$select": "id,displayName", "$count": "true"}, eventual=True)
    except errors.OptionError:
        raise
    except errors.UsersyncError as exc:
        run.warn(f"whether the user {name} can confirm a secret is not known: {exc.message}")
        return
    if not {one.get("displayName") for one in held} & set(wanted):
        raise errors.OptionError(
            "user",
            f"{name} is in none of the required groups ({', '.join(map(str, wanted))}), so its update would confirm "
            "nothing; name a user in one of them",
        )


def _many(count: int | None) -> str:
    if count is None:
        return "an unknown number of users"
    return f"{count} user" if count == 1 else f"{count or 'no'} users"
