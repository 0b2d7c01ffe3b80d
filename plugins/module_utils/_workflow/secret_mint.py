# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The steps mint and prove of a new secret (rotation.md).

Graph has no compare-and-swap and its reads lag, so two runs may work for one holder at once. What keeps every host
alive even then (checked in tests/model): a secret may be delivered only within its window, counted from its mint; who
sees a younger one of the same holder waits until that window has passed before the own mint; and retire takes away only
what was seen before that.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from .. import _errors as errors
from .. import _moments as moments
from .._entra import credentials, holders, marks, ownership, policy, principals, snapshot
from .._entra.graph import Graph
from .._entra.prove import prove_secret, refused_for_good
from .._run import Run
from .secret_plan import End, host_meant
from .secret_retire import remove
from .secret_undo import removed_again, take_back
from .usable import refuse_unusable
from .window import Window

T = TypeVar("T")
ATTEMPTS = 3


@dataclass
class Minted:
    """A new secret, or in check mode what it would be.

    :ivar entry: the credential as Graph has it, without its secret
    :ivar retire: key ids that :func:`secret_retire.confirm` may remove once the host has logged in with the new one
    :ivar abandoned: names of attempts whose answer was lost
    :ivar app: as it is now
    :ivar before: as it was before its mark was set; None in check mode
    :ivar spare: key id of the spare that was made with it
    :ivar waited: C(seconds) and C(why), None when there was nothing to wait for
    """

    entry: dict[str, Any]
    app: dict[str, Any]
    secret: str | None = None
    window: Window | None = None
    retire: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    before: dict[str, Any] | None = None
    spare: str | None = None
    waited: dict[str, Any] | None = None

    @property
    def key_id(self) -> str | None:
        found: str | None = self.entry.get("keyId")
        return found


def mint(
    graph: Graph,
    app: dict[str, Any],
    options: Mapping[str, Any],
    decide: Callable[[dict[str, Any]], End | None],
    run: Run,
) -> Minted | None:
    """Mark the holder as pending, then add a secret. In check mode nothing is read nor written.

    :param app: as known so far; it is read again, and what that read shows of the holder is all that may be retired
    :param options: those of azuread_app_secret: holder, takeover, delivery_window, delivery_timeout; and former, the
        key ids of secrets under former holders that may go with the own ones
    :param decide: says of the app as read when the new secret is to expire, or that none is needed any more (None)
    """
    if run.check_mode:
        end = decide(app)
        if end is None:
            return None
        refuse_unusable(graph, app)
        ownership.warn_of_others(graph, app, options)
        return _foreseen(graph, app, options, end, run)
    with marks.one_writer(app["id"]):
        app = graph.get(f"applications/{app['id']}")
        end = decide(app)
        if end is None:
            return None
        refuse_unusable(graph, app)
        ownership.warn_of_others(graph, app, options)
        known = credentials.own(app, options["holder"], host_meant(app, options))
        app = _make_room(graph, app, known, run)
        wait = _until_closed([*known, *_former(app, options)], options, run)
        if wait <= 0:
            return _marked(graph, app, known, options, end, run)
    why = (
        f"another run created a secret for '{options['holder']}' a moment ago and may still be sending it; this one is "
        "created after that"
    )
    run.progress(f"waiting {wait:.0f} s: {why}")
    run.sleep(wait)
    with marks.one_writer(app["id"]):
        made = _marked(graph, graph.get(f"applications/{app['id']}"), known, options, end, run)
    made.waited = {"seconds": round(wait), "why": why}
    return made


def _foreseen(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], end: End, run: Run) -> Minted:
    holder, host = options["holder"], host_meant(app, options)
    known = credentials.own(app, holder, host)
    app = _make_room(graph, app, known, run)
    name = credentials.attempt_name(holder, host or holders.UNKNOWN_HOST, run.now())
    entry = {"displayName": name, "keyId": None, "endDateTime": moments.stamp(end.at(run.now()))}
    going = [*known, *_former(app, options)]
    return _minted(app, holder, Minted(entry, app, retire=[one["keyId"] for one in going]))


def _former(app: Mapping[str, Any], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of former holders that the host held before; their delivery is waited out as that of own ones is."""
    wanted = options.get("former") or ()
    return [entry for entry in app.get("passwordCredentials") or [] if entry["keyId"] in wanted]


def _marked(
    graph: Graph, app: dict[str, Any], known: list[dict[str, Any]], options: Mapping[str, Any], end: End, run: Run
) -> Minted:
    """Within :func:`marks.one_writer`."""
    holder, host = options["holder"], host_meant(app, options) or holders.UNKNOWN_HOST
    former = [one["keyId"] for one in _former(app, options)]
    retire = [*(one["keyId"] for one in known), *former]
    _settled(graph, app, lambda: marks.mark(graph, app, holder))
    snapshot.touch(app["id"], holder)
    spare = None
    try:
        if options["takeover"] and not known and app.get("signInAudience") not in policy.PERSONAL_AUDIENCES:
            # while it lives, no mark lost to another run's write can hide this renewal (tests/model, spare)
            thrown_away, _lost = add(graph, app, holder, host, end, run, spare=True)
            spare = str(thrown_away["keyId"])
            retire = [spare, *former]
        window = Window.begin(run, options["delivery_window"])
        entry, abandoned = add(graph, app, holder, host, end, run)
    except errors.AnswerError as exc:
        if not 400 <= (exc.details.get("status") or 0) < 500:
            raise
        # nothing was made, so nothing is pending
        take_back(graph, app, holder, [spare] if spare else [], run, locked=True)
        raise
    secret = entry.pop("secretText")
    made = Minted(entry, app, secret, window, retire, abandoned, before=app, spare=spare)
    return _minted(app, holder, made)


def _minted(app: dict[str, Any], holder: str, made: Minted) -> Minted:
    tags = list(dict.fromkeys([*(app.get("tags") or []), credentials.PENDING + holder]))
    listed = [*(app.get("passwordCredentials") or []), made.entry]
    made.app = {**app, "tags": tags, "passwordCredentials": listed}
    return made


def prove(graph: Graph, made: Minted, options: Mapping[str, Any], run: Run) -> None:
    """Log in with it until it is accepted. One that is refused for good was never sent anywhere, so it is removed.

    :raises LoginError, WaitError: see :func:`prove_secret`
    """
    if made.secret is None:
        return
    app_id = made.app["appId"]
    login, tenant = graph.login.method.options, graph.tenant_id
    try:
        claims = prove_secret(login, tenant, app_id, made.secret, options["prove_timeout"], run)
    except errors.LoginError as exc:
        if not refused_for_good(exc):
            raise
        mine = [key_id for key_id in (made.key_id, made.spare) if key_id]
        gone = take_back(graph, made.before or made.app, options["holder"], mine, run)
        raise removed_again(exc, gone) from None
    made.roles = sorted(claims.get("roles") or [])
    lacking = sorted(set(options["expected_roles"]) - set(made.roles))
    if lacking:
        run.warn(
            f"the app's token does not have {', '.join(lacking)}: admin consent is missing or has not taken effect "
            "yet; azuread_app_permission with consent: check shows which"
        )


def window_end(name: str, options: Mapping[str, Any]) -> datetime | None:
    """When a delivery of the attempt of that name can no longer arrive; None when its name does not tell its time."""
    begun = credentials.attempt_time(name)
    span = timedelta(seconds=options["delivery_window"] + options["delivery_timeout"])
    return begun + span if begun else None


def _make_room(graph: Graph, app: dict[str, Any], known: list[dict[str, Any]], run: Run) -> dict[str, Any]:
    """Where the app can take no more, the holder's own expired secrets go first: nobody can use them."""
    now = run.now()
    over = [entry for entry in known if not credentials.live(entry, now)]
    if policy.lacks_room(app):
        kept = [entry for entry in app["passwordCredentials"] if entry not in over]
        policy.check_room({**app, "passwordCredentials": kept})
        for entry in over if not run.check_mode else []:
            remove(graph, app["id"], entry["keyId"], run)
        app = {**app, "passwordCredentials": kept}
    return app


def _until_closed(known: list[dict[str, Any]], options: Mapping[str, Any], run: Run) -> float:
    """Another run that minted a moment ago, dead or alive, may still deliver; none may after its window. Seconds."""
    names = [entry["displayName"] for entry in known if not credentials.is_spare(entry["displayName"])]
    last = max((end for name in names if (end := window_end(name, options))), default=None)
    return (last - run.now()).total_seconds() if last else 0.0


def _settled(graph: Graph, app: Mapping[str, Any], action: Callable[[], T]) -> T:
    """Repeat what an app made a moment ago may refuse, because not every replica knows it."""
    patience = 60.0 if principals.is_fresh(app, graph.run.now()) else 0.0
    return graph.settle(action, principals.is_replication, patience)


def add(
    graph: Graph, app: Mapping[str, Any], holder: str, host: str, end: End, run: Run, spare: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Add a secret under a name unique to the attempt.

    :returns: the credential as Graph answered, and the names of attempts whose answer was lost: their secret, if there
        is one, nobody knows, so C(retire) removes them
    """
    abandoned: list[str] = []
    exempt = True
    for attempt in range(ATTEMPTS):
        now = run.now()
        shorter = end.shorter_at(now)
        moment = end.at(now) if exempt or shorter is None else shorter
        name = credentials.attempt_name(holder, host, now, spare)
        body = {"passwordCredential": {"displayName": name, "endDateTime": moments.stamp(moment)}}
        try:
            entry = _settled(graph, app, functools.partial(graph.post, f"applications/{app['id']}/addPassword", body))
        except (errors.LostAnswerError, errors.UnavailableError):
            abandoned.append(name)
            if attempt == ATTEMPTS - 1:
                raise
            _drop_orphans(graph, app, holder, host, abandoned, run)
            continue
        except errors.AnswerError as exc:
            if exc.code != policy.LIFETIME_REFUSED or shorter is None or not exempt:
                raise
            run.warn(f"the tenant's policy does not exempt this automation; the secret expires {shorter:%F}")
            exempt = False
            continue
        if entry and entry.get("secretText"):
            run.secrets.add(entry["secretText"])
            return entry, abandoned
        abandoned.append(name)
    raise errors.StateError("Graph added a secret, but its answer did not contain it; run again")


def _drop_orphans(graph: Graph, app: Mapping[str, Any], holder: str, host: str, names: list[str], run: Run) -> None:
    run.sleep(1.0)
    seen = graph.find(f"applications/{app['id']}") or {}
    for entry in credentials.own(seen, holder, host):
        if entry["displayName"] in names:
            remove(graph, app["id"], entry["keyId"], run)
