# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The secret of one holder: mint and prove (present), retire (confirmed), remove (absent). See rotation.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import credentials, marks, snapshot
from .._entra.graph import Graph
from .._run import Result, Run
from .need import secret_reasons
from .secret_mint import mint, prove
from .secret_plan import host_meant, permitted_end, validate, wanted_end
from .secret_retire import carry_out, choose, remove, shows

__all__ = ["run", "validate"]


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(credential), C(reasons), C(retire) and C(abandoned); see the module's RETURN"""
    if options.get("key_id"):
        options = {**options, "key_id": options["key_id"].lower()}
    app = apps.require(graph, options, run)
    step = {"present": _present, "confirmed": _confirmed, "absent": _absent}[options["state"]]
    return step(graph, app, options, run)


def _present(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    holder, host, now = options["holder"], host_meant(app, options), run.now()
    wanted = wanted_end(options, now)
    before = apps.describe(app, now)
    reasons = [*options["reasons"]] or secret_reasons(
        before, holder, host, min_remaining_days=options["min_remaining_days"], force=options["force"]
    )
    known = credentials.own(app, holder, host)
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
        "waited": None,
    }
    made = None
    if reasons:
        made = mint(graph, app, options, lambda seen: permitted_end(graph, seen, wanted, options, run), run)
    if made is None:
        return Result(False, before, before, {**values, "app": before})
    values |= {"retire": made.retire, "abandoned": made.abandoned, "waited": made.waited}
    if made.window is not None:
        values["deliver_by"] = made.window.told(run)
    if options["prove"]:
        prove(graph, made, options, run)
        values["roles"] = made.roles
    after = apps.describe(made.app, now)
    values["credential"] = credentials.describe(made.entry, now)
    return Result(True, before, after, {**values, "app": after}, secret=made.secret)


def _confirmed(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    holder = options["holder"]
    if options.get("key_id") and options.get("retire") is not None and not run.check_mode:
        app = shows(graph, app, options["key_id"], run)
    now = run.now()
    before = apps.describe(app, now)
    host = host_meant(app, options)
    mine = credentials.own(app, holder, host)
    kept = options.get("key_id") or (mine[-1]["keyId"] if mine else None)
    # in check mode the secret that is to be confirmed was not minted, and its mark was not set
    predicted = run.check_mode and not options.get("key_id") and options.get("retire") is not None
    if predicted:
        kept = ""
    if kept and options.get("retire") is None and all(entry["keyId"] != kept for entry in mine):
        raise errors.StateError(
            f"key_id: holder '{holder}' has no secret {kept} on this app, so nothing was retired; give the key_id "
            "that state: present returned, and its retire list, or run again if the secret is new",
            code="unknown_key",
        )
    if kept is None:
        raise errors.StateError(f"holder: '{holder}' has no secret of its own on this app, so there is none to confirm")
    retire = options.get("retire")
    chosen = choose(app, holder, host, kept, retire, options["abandoned"] if retire is not None else (), now)
    changed = predicted or bool(chosen.going) or chosen.tags != (app.get("tags") or [])
    if not run.check_mode and changed:
        carry_out(graph, app, holder, kept, chosen, run)
    gone = {entry["keyId"] for entry in chosen.going}
    app["passwordCredentials"] = [entry for entry in app.get("passwordCredentials") or [] if entry["keyId"] not in gone]
    app["tags"] = chosen.tags
    after = apps.describe(app, now)
    ours = next((entry for entry in after["credentials"] if entry["key_id"] == kept), None)
    left = [entry["keyId"] for entry in chosen.left]
    values = {"retired": sorted(gone), "left": left, "credential": ours, "app": after}
    return Result(changed, before, after, {**values, "tenant_id": graph.tenant_id})


def _absent(graph: Graph, app: dict[str, Any], options: Mapping[str, Any], run: Run) -> Result:
    now, holder = run.now(), options.get("holder")
    before = apps.describe(app, now)
    listed = app.get("passwordCredentials") or []
    if options.get("key_id"):
        going = [entry for entry in listed if entry["keyId"] == options["key_id"]]
    else:
        if options["all_holders"] or holder is None:
            mine = [entry for entry in listed if credentials.holder_of(entry) is not None]
        else:
            mine = credentials.own(app, holder, host_meant(app, options))
        going = [entry for entry in mine if not options["expired"] or not credentials.live(entry, now)]
    closes = holder is not None and not options.get("key_id") and not options["expired"]
    pending = credentials.PENDING + (holder or "")
    changed = bool(going) or (closes and pending in (app.get("tags") or []))
    if not run.check_mode and changed:
        for name in {credentials.holder_of(entry) or "" for entry in going} | {holder or ""}:
            snapshot.touch(app["id"], name)
        with marks.one_writer(app["id"]):
            for entry in going:
                remove(graph, app["id"], entry["keyId"], run)
            if closes:
                marks.clear(graph, graph.get(f"applications/{app['id']}", marks.READ), holder or "")
    gone = {entry["keyId"] for entry in going}
    app["passwordCredentials"] = [entry for entry in listed if entry["keyId"] not in gone]
    if closes:
        app["tags"] = [tag for tag in app.get("tags") or [] if tag != pending]
    after = apps.describe(app, now)
    return Result(changed, before, after, {"removed": sorted(gone), "app": after, "tenant_id": graph.tenant_id})
