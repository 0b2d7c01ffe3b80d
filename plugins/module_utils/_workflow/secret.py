# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The secret of one holder: mint and prove (present), retire (confirmed), remove (absent). Design, section 5.

Graph has no compare-and-swap and its reads lag, so two runs may work for one holder at once. What keeps every host
alive even then (checked in tests/model): a secret may be delivered only within a lease, counted from its C(mint); who
sees a younger one of the same holder waits until its lease is over before the own C(mint); and C(retire) takes away
only what was seen before that.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import credentials, marks, policy, principals
from .._entra.graph import Graph
from .._entra.prove import prove_secret
from .._run import Result, Run
from .need import secret_reasons
from .secret_plan import End, permitted_end, validate, wanted_end

__all__ = ["run", "validate"]

T = TypeVar("T")
ATTEMPTS = 3
UNKNOWN_KEY = "no password credential found"


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(credential), C(reasons), C(retire) and C(abandoned); see the module's RETURN"""
    if options.get("key_id"):
        options = {**options, "key_id": options["key_id"].lower()}
    app = apps.require(graph, options, run)
    step = {"present": _present, "confirmed": _confirmed, "absent": _absent}[options["state"]]
    return step(graph, app, options, run)


def _present(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    holder, now = options["holder"], run.now()
    wanted = wanted_end(options, now)
    before = apps.describe(app, now)
    reasons = [*options["reasons"]] or secret_reasons(
        before, holder, min_remaining_days=options["min_remaining_days"], force=options["force"]
    )
    known = credentials.own(app, holder)
    newest = known[-1] if known else None
    values: dict[str, Any] = {
        "tenant_id": graph.tenant_id,
        "app_id": app["appId"],
        "object_id": app["id"],
        "reasons": reasons,
        "credential": credentials.describe(newest, now) if newest else None,
        "retire": [],
        "abandoned": [],
        "deliver_by": None,
    }
    if not reasons:
        return Result(False, before, before, {**values, "app": before})
    end, app = permitted_end(graph, app, wanted, options, run), _make_room(graph, app, holder, run)
    values["retire"] = [entry["keyId"] for entry in known]
    entry: dict[str, Any] = {
        "displayName": credentials.attempt_name(holder, now),
        "keyId": None,
        "endDateTime": credentials.format_time(end.moment),
    }
    secret = None
    if not run.check_mode:
        _wait_for_lease(known, options, run)
        with marks.one_writer(app["id"]):
            app = graph.get(f"applications/{app['id']}")
            _settled(graph, app, lambda: marks.mark(graph, app, holder, True))
            if options["takeover"] and newest is None and app.get("signInAudience") not in policy.PERSONAL_AUDIENCES:
                # while it lives, no mark lost to another run's write can hide this renewal (tests/model, spare)
                spare, _lost = mint(graph, app, holder, end, run, spare=True)
                values["retire"] = [spare["keyId"]]
            values["deliver_by"] = credentials.format_time(
                datetime.now(timezone.utc) + timedelta(seconds=options["lease_seconds"])
            )
            entry, values["abandoned"] = mint(graph, app, holder, end, run)
        secret = entry.pop("secretText")
        if options["prove"]:
            values["roles"] = _prove(graph, app, secret, options, run)
    tags = list(dict.fromkeys([*(app.get("tags") or []), credentials.PENDING + holder]))
    app = {**app, "tags": tags, "passwordCredentials": [*(app.get("passwordCredentials") or []), entry]}
    after = apps.describe({**app, "passwordCredentials": app["passwordCredentials"]}, now)
    values["credential"] = credentials.describe(entry, now)
    return Result(True, before, after, {**values, "app": after}, secret=secret)


def _make_room(graph: Graph, app: dict[str, Any], holder: str, run: Run) -> dict[str, Any]:
    """Where the app can take no more, the holder's own expired secrets go first: nobody can use them."""
    now = run.now()
    over = [entry for entry in credentials.own(app, holder) if not credentials.live(entry, now)]
    if policy.lacks_room(app):
        kept = [entry for entry in app["passwordCredentials"] if entry not in over]
        policy.check_room({**app, "passwordCredentials": kept})
        for entry in over if not run.check_mode else []:
            remove(graph, app["id"], entry["keyId"], run)
        app = {**app, "passwordCredentials": kept}
    return app


def _wait_for_lease(known: list[dict[str, Any]], options: Mapping[str, Any], run: Run) -> None:
    """Another run that minted a moment ago, dead or alive, may still deliver; none may after its lease."""
    names = [entry["displayName"] for entry in known if not credentials.is_spare(entry["displayName"])]
    youngest = max((begun for name in names if (begun := credentials.attempt_time(name))), default=None)
    if youngest is None:
        return
    left = options["lease_seconds"] + options["delivery_seconds"] - (run.now() - youngest).total_seconds()
    if left > 0:
        run.progress(f"another run minted a moment ago; waiting {left:.0f} s until it cannot deliver its secret")
        run.sleep(left)


def _settled(graph: Graph, app: Mapping[str, Any], action: Callable[[], T]) -> T:
    """Repeat what an app made a moment ago may refuse, because not every replica knows it."""
    return graph.settle(action, principals.is_replication, _patience(graph, app))


def _patience(graph: Graph, app: Mapping[str, Any]) -> float:
    return 60.0 if principals.is_fresh(app, graph.run.now()) else 0.0


def mint(
    graph: Graph, app: Mapping[str, Any], holder: str, end: End, run: Run, spare: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Add a secret under a name unique to the attempt.

    :returns: the credential as Graph answered, and the names of attempts whose answer was lost: their secret, if there
        is one, nobody knows, so C(retire) removes them
    """
    abandoned: list[str] = []
    moment = end.moment
    for attempt in range(ATTEMPTS):
        name = credentials.attempt_name(holder, run.now(), spare)
        body = {"passwordCredential": {"displayName": name, "endDateTime": credentials.format_time(moment)}}
        try:
            entry = _settled(graph, app, functools.partial(graph.post, f"applications/{app['id']}/addPassword", body))
        except (errors.LostAnswerError, errors.UnavailableError):
            abandoned.append(name)
            if attempt == ATTEMPTS - 1:
                raise
            _drop_orphans(graph, app, holder, abandoned, run)
            continue
        except errors.AnswerError as exc:
            if exc.code != policy.LIFETIME_REFUSED or end.shorter is None or moment == end.shorter:
                raise
            run.warn(f"the tenant's policy exempts others, but not this automation; the secret ends {end.shorter:%F}")
            moment = end.shorter
            continue
        if entry and entry.get("secretText"):
            run.secrets.add(entry["secretText"])
            return entry, abandoned
        abandoned.append(name)
    raise errors.StateError("Graph added a secret, but its answer held none; run again")


def _drop_orphans(graph: Graph, app: Mapping[str, Any], holder: str, names: list[str], run: Run) -> None:
    run.sleep(1.0)
    seen = graph.find(f"applications/{app['id']}") or {}
    for entry in credentials.own(seen, holder):
        if entry["displayName"] in names:
            remove(graph, app["id"], entry["keyId"], run)


def _prove(graph: Graph, app: Mapping[str, Any], secret: str, options: Mapping[str, Any], run: Run) -> list[str]:
    claims = prove_secret(
        graph.login.method.options, graph.tenant_id, app["appId"], secret, options["prove_timeout"], run
    )
    roles = sorted(claims.get("roles") or [])
    lacking = sorted(set(options["expected_roles"]) - set(roles))
    if lacking:
        run.warn(
            f"the app's token lacks {', '.join(lacking)}: admin consent is missing or has not arrived yet, "
            "azuread_app_permission with consent: check tells"
        )
    return roles


def remove(graph: Graph, object_id: str, key_id: str, run: Run) -> None:
    """Remove one credential.

    'Not found' is gone, or not known everywhere yet, and the service may fail on a secret that was added a moment ago
    (entra-graph.md 1.4). So both are asked again a few times; gone is what two reads in a row do not show.
    """
    unseen = 0
    for pause in (1.0, 2.0, 4.0, None):
        try:
            graph.post(f"applications/{object_id}/removePassword", {"keyId": key_id}, repeatable=True)
            return
        except (errors.LostAnswerError, errors.UnavailableError):
            if pause is None:
                raise
        except errors.AnswerError as exc:
            if UNKNOWN_KEY not in str(exc.details.get("text") or "").lower():
                raise
        seen = graph.find(f"applications/{object_id}") or {}
        shown = any(entry["keyId"] == key_id for entry in seen.get("passwordCredentials") or [])
        unseen = 0 if shown else unseen + 1
        if unseen == 2:
            return
        if pause is not None:
            run.sleep(pause)
    run.warn(f"the directory says that secret {key_id} is gone, but reads still show it; the next run looks again")


def _confirmed(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    holder = options["holder"]
    if options.get("key_id") and options.get("retire") is not None and not run.check_mode:
        app = _shows(graph, app, options["key_id"], run)
    now = run.now()
    before = apps.describe(app, now)
    mine = credentials.own(app, holder)
    kept = options.get("key_id") or (mine[-1]["keyId"] if mine else None)
    # in check mode the secret that is to be confirmed was not minted, and its mark was not set
    predicted = run.check_mode and not options.get("key_id") and options.get("retire") is not None
    if predicted:
        kept = ""
    if kept and options.get("retire") is None and all(entry["keyId"] != kept for entry in mine):
        raise errors.StateError(
            f"key_id: holder '{holder}' has no secret {kept} on this app, so nothing was retired; give the key_id that "
            "state: present returned, and its retire list, or run again should the secret be new",
            code="unknown_key",
        )
    if kept is None:
        raise errors.StateError(f"holder: '{holder}' has no secret of its own on this app, so there is none to confirm")
    if options.get("retire") is None:
        going = [entry for entry in mine if entry["keyId"] != kept]
    else:
        going = [
            entry
            for entry in mine
            if entry["keyId"] != kept
            and (entry["keyId"] in options["retire"] or entry["displayName"] in options["abandoned"])
        ]
    left = [entry for entry in mine if entry not in going and entry["keyId"] != kept and credentials.live(entry, now)]
    tags = [tag for tag in marks.decided(app) if tag != credentials.PENDING + holder or left]
    changed = predicted or bool(going) or tags != (app.get("tags") or [])
    if not run.check_mode and changed:
        with marks.one_writer(app["id"]):
            for entry in going:
                remove(graph, app["id"], entry["keyId"], run)
            seen = graph.get(f"applications/{app['id']}", {"$select": "id,tags"}) if not left else app
            if not left:
                marks.mark(graph, seen, holder, False)
        if marks.others(seen):
            marks.keep(graph, app["id"], run)
    gone = {entry["keyId"] for entry in going}
    app["passwordCredentials"] = [entry for entry in app.get("passwordCredentials") or [] if entry["keyId"] not in gone]
    app["tags"] = tags
    after = apps.describe(app, now)
    ours = next((entry for entry in after["credentials"] if entry["key_id"] == kept), None)
    values = {"retired": sorted(gone), "left": [e["keyId"] for e in left], "credential": ours, "app": after}
    return Result(changed, before, after, {**values, "tenant_id": graph.tenant_id})


def _shows(graph: Graph, app: dict[str, Any], key_id: str, run: Run) -> dict[str, Any]:
    """The app by a read that knows the confirmed secret; one that does not is older than its mint and hides others."""
    for pause in (1.0, 2.0, 4.0, 8.0, 15.0, 30.0):
        if any(entry["keyId"] == key_id for entry in app.get("passwordCredentials") or []):
            return app
        run.sleep(pause)
        app = graph.get(f"applications/{app['id']}")
    raise errors.WaitError(
        f"key_id: reads of the app do not show the secret {key_id} yet, so nothing was retired; the next run does it"
    )


def _absent(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    now, holder = run.now(), options.get("holder")
    before = apps.describe(app, now)
    listed = app.get("passwordCredentials") or []
    if options.get("key_id"):
        going = [entry for entry in listed if entry["keyId"] == options["key_id"]]
    else:
        going = [
            entry
            for entry in listed
            if credentials.holder_of(entry) is not None
            and (options["all_holders"] or holder is None or credentials.holder_of(entry) == holder)
            and (not options["expired"] or not credentials.live(entry, now))
        ]
    closes = holder is not None and not options.get("key_id") and not options["expired"]
    pending = credentials.PENDING + (holder or "")
    changed = bool(going) or (closes and pending in (app.get("tags") or []))
    if not run.check_mode and changed:
        with marks.one_writer(app["id"]):
            for entry in going:
                remove(graph, app["id"], entry["keyId"], run)
            if closes:
                marks.mark(graph, graph.get(f"applications/{app['id']}", {"$select": "id,tags"}), holder or "", False)
    gone = {entry["keyId"] for entry in going}
    app["passwordCredentials"] = [entry for entry in listed if entry["keyId"] not in gone]
    if closes:
        app["tags"] = [tag for tag in app.get("tags") or [] if tag != pending]
    after = apps.describe(app, now)
    return Result(changed, before, after, {"removed": sorted(gone), "app": after, "tenant_id": graph.tenant_id})
