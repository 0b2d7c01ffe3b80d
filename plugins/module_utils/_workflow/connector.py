# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Desired state of the Azure connector of one host: read, change named leaves, write once, read again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .. import _errors as errors
from .._entra.credentials import parse_time
from .._run import Result, Run
from .._usersync import authorize, backup, changes, describe, paths, sync, values
from .._usersync import connector as connectors
from .._usersync.changes import Change
from .._usersync.client import Host
from .._usersync.connector import Connector
from .._usersync.secret import ABSENT, CLEAR, ENCRYPTED
from .._usersync.values import AUTHORIZATION_CODE, CLIENT_CREDENTIALS
from . import connector_create, connector_remove

GIVEN = "(the given one)"
DANGER = (
    "{what} of the connector on {host} changes: at the next full sync, users who are no longer covered may be "
    "disabled, deleted or anonymized, as its cleanup behaviour says"
)


def validate(options: Mapping[str, Any]) -> None:
    """What can be said without asking a host; :raises OptionError:"""
    given = options.get("application_secret")
    if given is not None:
        if paths.GUID.fullmatch(given.strip()):
            raise errors.OptionError(
                "application_secret",
                "is a GUID, so it is the id of the secret; the value is what Entra ID shows once, when the secret is "
                "made",
            )
        if not given.strip() or given != given.strip():
            raise errors.OptionError("application_secret", "is empty or has spaces around it")
    if options.get("update_secret") == "always" and given is None and options.get("state") == "present":
        raise errors.OptionError("application_secret", "is needed, since update_secret is always")
    for name in ("name", "connector_name", "application_id", "tenant_id"):
        if options.get(name) is not None and not options[name].strip():
            raise errors.OptionError(name, "must not be empty")
    if options.get("application_id") and not paths.GUID.fullmatch(options["application_id"]):
        raise errors.OptionError("application_id", "must be the GUID that Entra ID calls Application (client) ID")
    if options.get("connector_id"):
        connectors.check_id(options["connector_id"])
    if options.get("deliver_by"):
        try:
            parse_time(options["deliver_by"])
        except ValueError:
            raise errors.OptionError("deliver_by", "must be a time in UTC such as 2026-01-31T12:00:00Z") from None
    connector_remove.validate(options)


def run(host: Host, options: dict[str, Any], run: Run) -> Result:
    """The module usersync_connector."""
    found = connectors.find(host, options)
    if options["state"] == "absent":
        return connector_remove.run(host, found, options, run)
    if found is None:
        return _create(host, options, run)
    return _change(host, found, options, run, created=False)


def _create(host: Host, options: dict[str, Any], run: Run) -> Result:
    plan = connector_create.plan(host, options)
    needed = options.get("application_secret") is None and options["update_secret"] != "never"
    if run.check_mode:
        after = {leaf: options[leaf] for leaf in changes.PLAIN_OPTIONS if options.get(leaf) is not None}
        after |= {"name": plan.name, **changes.shown_settings(options)}
        if options.get("application_secret") and options["update_secret"] != "never":
            after["application_secret"] = GIVEN
        described = describe.absent({**options, "name": plan.name}, plan.flow, needed)
        returned = _values(host, described, None, True, sorted(after))
        return Result(True, None, after, {**returned, "versions": plan.versions})
    if needed:
        raise errors.OptionError(
            "application_secret", "is needed to create a connector (update_secret: never creates it without)"
        )
    found = connector_create.create(host, options, run, plan)
    result = _change(host, found, {**options, "name": plan.name}, run, created=True)
    # The creation itself wrote the name
    returned = {**result.values, "versions": plan.versions, "written": sorted({*result.values["written"], "name"})}
    return Result(True, None, result.after, returned)


def _change(host: Host, found: Connector, options: dict[str, Any], run: Run, created: bool) -> Result:
    given = options.get("application_secret")
    last = None if created else sync.last(host, found.id)
    planned = _plan(found, options, created)
    if planned and not found.complete and not run.check_mode:
        found = _again(host, found, options, run)
        planned = _plan(found, options, created)
    needed = _secret_needed(found, planned, options)
    before, after = _shown(found, options, planned)
    if not planned:
        found = _authorize(host, found, options, run)
        described = describe.connector(host, found, last, given)
        return Result(False, before, after, _values(host, described, last, created, []))
    _warn(host, planned, run)
    written = sorted(change.label for change in planned)
    writes_secret = any(change.secret for change in planned)
    if run.check_mode:
        predicted = Connector(
            found.id, changes.apply(found.configuration, planned), found.around, key_map=options.get("key_map")
        )
        described = describe.connector(host, predicted, last, given, writes_secret, needed)
        return Result(True, before, after, _values(host, described, last, created, written))
    if needed:
        _refuse_without_secret(found, planned)
    saved = _backup(host, found, options, run)
    found = _write(host, found, planned, options, run)
    found = _authorize(host, found, options, run)
    described = describe.connector(host, found, last, given, writes_secret)
    returned = _values(host, described, last, created, written)
    return Result(True, before, after, {**returned, **({"backup_file": saved} if saved else {})})


def _plan(found: Connector, options: Mapping[str, Any], created: bool) -> list[Change]:
    planned = changes.plan(found, options, _flow(found, options))
    given, mode = options.get("application_secret"), options["update_secret"]
    if given is None or mode == "never":
        return planned
    held = changes.held_secret(found, given)
    other_app = any(change.label == "application_id" for change in planned)
    # A secret that cannot be seen cannot be compared, so one that is given is written
    if mode == "always" or created or other_app or held.matches(given) is not True:
        planned.append(changes.plan_secret(found, given))
    return planned


def _flow(found: Connector, options: Mapping[str, Any]) -> str | None:
    wanted = options.get("flow")
    if wanted in (None, "auto"):
        return None
    now, known_by = describe.flow_of(found)
    if known_by == "setting" or now != wanted:
        if wanted == CLIENT_CREDENTIALS and found.keys.find("flow") is None and now == AUTHORIZATION_CODE:
            raise errors.StateError(
                "flow: this User Sync shows no setting for the client-credentials flow, which came with User Sync "
                "1.5.0 and SAML SSO 3.5.5; update the app, or set flow to authorization_code",
                code="no_client_credentials",
            )
        return str(wanted)
    return None


def _secret_needed(found: Connector, planned: list[Change], options: Mapping[str, Any]) -> bool:
    """Whether a write without a secret could leave the host without a working one."""
    if any(change.secret for change in planned) or not planned:
        return False
    if any(change.label == "application_id" for change in planned):
        return bool(options["update_secret"] != "never")
    seen = changes.held_secret(found).visibility in (CLEAR, ENCRYPTED)
    return not seen and bool(options["hidden_secret"] == "required")


def _refuse_without_secret(found: Connector, planned: list[Change]) -> None:
    if any(change.label == "application_id" for change in planned):
        raise errors.OptionError(
            "application_secret", "is needed, since application_id changes and the held secret belongs to the other app"
        )
    raise errors.StateError(
        "application_secret: is needed for this change, since the host does not show the secret it holds "
        f"({changes.held_secret(found).visibility}) and may lose it when the configuration is written without; give "
        "it, or set hidden_secret to send_back if you know that this host keeps it",
        code="hidden_secret",
        visibility=changes.held_secret(found).visibility,
    )


def _again(host: Host, found: Connector, options: Mapping[str, Any], run: Run) -> Connector:
    """The one connector itself: only its own resource shows what may be sent back.

    A node may not know yet what another one has listed.
    """
    end = run.monotonic() + float(options["verify_timeout"])
    while True:
        whole = connectors.read_one(host, found.id, options.get("key_map"))
        if whole is not None:
            return whole
        if run.monotonic() >= end:
            raise errors.MissingError(
                f"the host lists connector {found.id} but does not return it; try again", code="connector_unknown"
            )
        run.sleep(0.5)


def _write(host: Host, found: Connector, planned: list[Change], options: Mapping[str, Any], run: Run) -> Connector:
    """Send the whole configuration once, then read until it is there; :raises StateError: anything else changed."""
    _put(host, found, changes.apply(found.configuration, planned), options, run)
    secret_path = next((change.path for change in planned if change.secret), found.keys.find("application_secret"))
    end = run.monotonic() + float(options["verify_timeout"])
    pause = 0.2
    while True:
        now = _again(host, found, options, run)
        outcome = changes.compare(found.configuration, now.configuration, planned, secret_path)
        if outcome.good:
            return now
        if outcome.others:
            raise errors.StateError(
                f"the host changed more than was asked for when the connector was saved: {', '.join(outcome.others)}; "
                "look at these settings before the next sync (backup: true keeps the configuration of before)",
                code="other_changes",
                paths=outcome.others,
                connector_id=found.id,
            )
        if run.monotonic() >= end:
            lacking = outcome.pending + outcome.refused
            raise errors.StateError(
                f"the host accepted the connector but does not show what was written: {', '.join(lacking)}; check "
                "these values, or raise verify_timeout if its nodes lag behind",
                code="not_kept",
                settings=lacking,
                connector_id=found.id,
            )
        run.sleep(pause)
        pause = min(pause * 2, 2.0)


def _put(host: Host, found: Connector, configuration: Any, options: Mapping[str, Any], run: Run) -> None:
    """One PUT; with a lease on the secret it is not sent any more once the lease is over (azuread_app_secret)."""
    deliver_by = options.get("deliver_by")
    if deliver_by is None:
        host.write("PUT", connectors.path_of(found.id), configuration)
        return
    end = parse_time(deliver_by)
    for last in (False, False, True):
        if end is not None and datetime.now(timezone.utc) >= end:
            raise errors.StateError(
                f"deliver_by: the lease of the secret was over at {deliver_by}, so it was not delivered; run again "
                "(more forks, smaller batches or a longer lease help when this comes back)",
                code="lease_over",
            )
        try:
            host.write("PUT", connectors.path_of(found.id), configuration, repeatable=False)
            return
        except (errors.LostAnswerError, errors.UnavailableError):
            if last:
                raise
        run.sleep(1.0)


def _authorize(host: Host, found: Connector, options: Mapping[str, Any], run: Run) -> Connector:
    seconds = options.get("wait_for_authorization")
    if seconds is None or run.check_mode or describe.flow_of(found)[0] != AUTHORIZATION_CODE:
        return found
    return authorize.wait(host, found, float(seconds), options.get("key_map"))


def _backup(host: Host, found: Connector, options: Mapping[str, Any], run: Run) -> str | None:
    if not options.get("backup"):
        return None
    return backup.save(found, host.base_url, options["backup_dir"], run.now())


def _warn(host: Host, planned: list[Change], run: Run) -> None:
    risky = changes.dangerous(planned)
    if risky:
        run.warn(DANGER.format(what=", ".join(risky), host=host.base_url))


def _shown(
    found: Connector, options: Mapping[str, Any], planned: list[Change]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after of the leaves that the options name."""
    before: dict[str, Any] = {}
    for leaf in changes.PLAIN_OPTIONS:
        path = found.keys.find(leaf) if options.get(leaf) is not None else None
        if path is not None:
            before[leaf] = values.read(leaf, path, paths.get(found.configuration, path))
    after = dict(before)
    for change in planned:
        before[change.label] = changes.shown(change, change.before)
        after[change.label] = changes.shown(change, change.after)
        if change.secret:
            visibility = changes.held_secret(found).visibility
            before[change.label] = None if visibility == ABSENT else f"(held, {visibility})"
            after[change.label] = GIVEN
    return before, after


def _values(
    host: Host, described: dict[str, Any], last: sync.Status | None, created: bool, written: list[str]
) -> dict[str, Any]:
    return {
        "connector": described,
        "last_sync": last.as_dict() if last else None,
        "created": created,
        "written": written,
        "product": host.product,
        "versions": None,
    }
