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

T = TypeVar("T")
NEVER = datetime(2299, 12, 31, tzinfo=timezone.utc)
ATTEMPTS = 3
UNKNOWN_KEY = "no password credential found"


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    if options.get("holder"):
        credentials.check_holder(options["holder"])
    elif options["state"] != "absent" or not (options.get("key_id") or options["expired"] or options["all_holders"]):
        raise errors.OptionError("holder", "must say who the secret is for; the inventory name of the host, say")
    if options.get("key_id") and not apps.GUID.fullmatch(options["key_id"]):
        raise errors.OptionError("key_id", f"'{options['key_id']}' is not a GUID; azuread_app_info lists the key ids")
    if options.get("end_date"):
        end_date(options["end_date"])
    if options["valid_days"] < 1:
        raise errors.OptionError("valid_days", "must be at least 1")
    if options["min_remaining_days"] >= options["valid_days"] and not (
        options.get("end_date") or options["never_expires"]
    ):
        raise errors.OptionError(
            "min_remaining_days", f"must be below valid_days ({options['valid_days']}), or every run renews the secret"
        )


def end_date(text: str) -> datetime:
    """:raises OptionError: for a text that is no date or time"""
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise errors.OptionError(
            "end_date", f"'{text}' is no date such as 2027-06-30 or 2027-06-30T12:00:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(credential), C(reasons), C(retire) and C(abandoned); see the module's RETURN"""
    app = apps.require(graph, options, run)
    step = {"present": _present, "confirmed": _confirmed, "absent": _absent}[options["state"]]
    return step(graph, app, options, run)


def _present(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    holder, now = options["holder"], run.now()
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
    end, app = _end(graph, app, options, run), _make_room(graph, app, holder, run)
    values["retire"] = [entry["keyId"] for entry in known]
    entry: dict[str, Any] = {
        "displayName": credentials.attempt_name(holder, now),
        "keyId": None,
        "endDateTime": credentials.format_time(end),
    }
    secret = None
    if not run.check_mode:
        _wait_for_lease(newest, options, run)
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


def _end(graph: Graph, app: Mapping[str, Any], options: Mapping[str, Any], run: Run) -> datetime:
    """When the new secret ends: as told, at most as long as the tenant's policy allows where it may be read."""
    now = run.now()
    if options["never_expires"]:
        end = NEVER
    elif options.get("end_date"):
        end = end_date(options["end_date"])
        if end <= now:
            raise errors.OptionError("end_date", f"{options['end_date']} is in the past")
    else:
        end = now + timedelta(days=options["valid_days"])
    longest = policy.longest_lifetime(graph, app)
    if longest is not None and end > now + longest:
        run.warn(f"the tenant's policy allows a secret {longest.days} days at most; that is what it gets")
        end = now + longest - timedelta(minutes=1)
    return end


def _make_room(graph: Graph, app: dict[str, Any], holder: str, run: Run) -> dict[str, Any]:
    """At the two-secret limit the holder's own expired secrets go first: nobody can use them."""
    if app.get("signInAudience") in policy.PERSONAL_AUDIENCES:
        now = run.now()
        for entry in credentials.own(app, holder):
            if not credentials.live(entry, now):
                if not run.check_mode:
                    remove(graph, app["id"], entry["keyId"], run)
                kept = [other for other in app["passwordCredentials"] if other is not entry]
                app = {**app, "passwordCredentials": kept}
    policy.check_room(app, run.now())
    return app


def _wait_for_lease(newest: Mapping[str, Any] | None, options: Mapping[str, Any], run: Run) -> None:
    """Another run that minted a moment ago, dead or alive, may still deliver; none may after its lease."""
    begun = credentials.attempt_time(newest["displayName"]) if newest else None
    if newest is None or begun is None or credentials.is_spare(newest["displayName"]):
        return
    age = (run.now() - begun).total_seconds()
    left = options["lease_seconds"] + options["delivery_seconds"] - age
    if left > 0:
        run.progress(
            f"another run minted {newest['displayName']} a moment ago; waiting {left:.0f} s until it cannot deliver it"
        )
        run.sleep(left)


def _settled(graph: Graph, app: Mapping[str, Any], action: Callable[[], T]) -> T:
    """Repeat what an app made a moment ago may refuse, because not every replica knows it."""
    return graph.settle(action, principals.is_replication, _patience(graph, app))


def _patience(graph: Graph, app: Mapping[str, Any]) -> float:
    return 60.0 if principals.is_fresh(app, graph.run.now()) else 0.0


def mint(
    graph: Graph, app: Mapping[str, Any], holder: str, end: datetime, run: Run, spare: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Add a secret under a name unique to the attempt.

    :returns: the credential as Graph answered, and the names of attempts whose answer was lost: their secret, if there
        is one, nobody knows, so C(retire) removes them
    """
    abandoned: list[str] = []
    for attempt in range(ATTEMPTS):
        name = credentials.attempt_name(holder, run.now(), spare)
        body = {"passwordCredential": {"displayName": name, "endDateTime": credentials.format_time(end)}}
        try:
            entry = _settled(graph, app, lambda body=body: graph.post(f"applications/{app['id']}/addPassword", body))
        except (errors.LostAnswerError, errors.UnavailableError):
            abandoned.append(name)
            if attempt == ATTEMPTS - 1:
                raise
            _drop_orphans(graph, app, holder, abandoned, run)
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
    """Remove one credential. 'Not found' is gone, or not replicated yet: asked again a few times, then gone."""
    for pause in (1.0, 2.0, None):
        try:
            graph.post(f"applications/{object_id}/removePassword", {"keyId": key_id}, repeatable=True)
            return
        except errors.AnswerError as exc:
            if UNKNOWN_KEY not in str(exc.details.get("text") or "").lower():
                raise
            seen = graph.find(f"applications/{object_id}") or {}
            if all(entry["keyId"] != key_id for entry in seen.get("passwordCredentials") or []) or pause is None:
                return
            run.sleep(pause)


def _confirmed(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    holder, now = options["holder"], run.now()
    before = apps.describe(app, now)
    mine = credentials.own(app, holder)
    kept = options.get("key_id") or (mine[-1]["keyId"] if mine else None)
    # in check mode the secret that is to be confirmed was not minted, and its mark was not set
    predicted = run.check_mode and not options.get("key_id") and options.get("retire") is not None
    if predicted:
        kept = ""
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
            if not left:
                marks.mark(graph, graph.get(f"applications/{app['id']}", {"$select": "id,tags"}), holder, False)
    gone = {entry["keyId"] for entry in going}
    app["passwordCredentials"] = [
        entry for entry in app.get("passwordCredentials") or [] if entry["keyId"] not in gone
    ]
    app["tags"] = tags
    after = apps.describe(app, now)
    ours = next((entry for entry in after["credentials"] if entry["key_id"] == kept), None)
    values = {"retired": sorted(gone), "left": [e["keyId"] for e in left], "credential": ours, "app": after}
    return Result(changed, before, after, {**values, "tenant_id": graph.tenant_id})


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
