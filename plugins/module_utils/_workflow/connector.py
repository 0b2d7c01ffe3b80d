# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Desired state of the Azure connector of one host: read, change named leaves, write once, read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import _errors as errors
from .._guid import GUID
from .._run import Result, Run
from .._usersync import authorize, backup, changes, cron, describe, paths, shown, sync, values
from .._usersync import connector as connectors
from .._usersync.changes import Change
from .._usersync.client import Host
from .._usersync.connector import Connector
from .._usersync.secret import ABSENT, CLEAR, ENCRYPTED
from .._usersync.values import AUTHORIZATION_CODE, CLIENT_CREDENTIALS
from .._waiting import Waiting
from . import connector_create, connector_remove, consumer, twins
from .window import Window

GIVEN = "(the given one)"
DANGER = (
    "{what} of the connector on {host} changes: at the next full sync, users who are no longer covered may be "
    "disabled, deleted or anonymized, depending on its cleanup behaviour"
)


def validate(options: Mapping[str, Any]) -> None:
    """What can be said without asking a host; :raises OptionError:"""
    given = options.get("application_secret")
    if given is not None:
        if GUID.fullmatch(given.strip()):
            raise errors.OptionError(
                "application_secret",
                "is a GUID, so it is the ID of the secret; the value is what Entra ID shows only once, when the "
                "secret is created",
            )
        if not given.strip() or given != given.strip():
            raise errors.OptionError("application_secret", "is empty or has spaces around it")
    if options.get("update_secret") == "always" and given is None and options.get("state") == "present":
        raise errors.OptionError("application_secret", "is required, since update_secret is always")
    for name in ("name", "connector_name", "application_id", "tenant_id"):
        if options.get(name) is not None and not options[name].strip():
            raise errors.OptionError(name, "must not be empty")
    if options.get("application_id") and not GUID.fullmatch(options["application_id"]):
        raise errors.OptionError("application_id", "must be the GUID that Entra ID calls Application (client) ID")
    if options.get("connector_id"):
        connectors.check_id(options["connector_id"])
    if options.get("schedule_cron") and not cron.readable(options["schedule_cron"]):
        raise errors.OptionError(
            "schedule_cron",
            "is not a valid cron expression; it has 6 fields, second, minute, hour, day of month, month and day of "
            "week, as in 0 30 2 * * ? for half past two every night",
        )
    for place, value in (options.get("settings") or {}).items():
        if isinstance(value, list) and any(isinstance(one, str) and not one.strip() for one in value):
            raise errors.OptionError("settings", f"{place!s:.80} contains an empty entry")
    if options.get("deliver_by"):
        Window.read(options["deliver_by"], Run())
    backup.validate(options)
    connector_remove.validate(options)


@dataclass
class Seen:
    """What the host showed before anything was written.

    :ivar found: the connector, None when there is none; :ivar plan: how one is made then
    :ivar last: its last sync, None when none ever ran
    :ivar created: this run has made it
    """

    found: Connector | None
    last: sync.Status | None = None
    plan: connector_create.Plan | None = None
    created: bool = False


def run(host: Host, options: dict[str, Any], run: Run) -> Result:
    """The module usersync_connector."""
    if options["state"] == "absent":
        found = twins.find(host, options)
        who = consumer.describe(host, found.id if found else None)
        result = connector_remove.run(host, found, options, run)
    else:
        window = Window.read(options["deliver_by"], run) if options.get("deliver_by") else None
        seen = look(host, options)
        who = consumer.describe(host, seen.found.id if seen.found else None)
        result = write(host, seen, options, run, window)
        if seen.created:
            # a second one is known by its id from now on
            who = consumer.describe(host, seen.found.id if seen.found else None)
    # whoever changes nothing needs no fingerprint, and a run that finds all well reads a host twice
    known = consumer.host_fingerprint(host) if result.changed else None
    result.values.update({**who, "host_fingerprint": known})
    return result


def look(host: Host, options: Mapping[str, Any], last_sync: bool = True) -> Seen:
    """Two reads. :param last_sync: whether it is read"""
    found = twins.find(host, options)
    if found is None:
        return Seen(None, plan=connector_create.plan(host, options))
    return Seen(found, sync.last(host, found.id) if last_sync else None)


def write(host: Host, seen: Seen, options: Mapping[str, Any], run: Run, window: Window | None = None) -> Result:
    """Make the connector what the options say; in check mode say what it would be.

    :param window: within which C(application_secret) may be sent
    :returns: its values hold C(connector), C(last_sync), C(created), C(written), C(product) and C(versions)
    """
    if seen.found is None:
        return _create(host, seen, options, run, window)
    return _change(host, seen, options, run, window)


def _create(host: Host, seen: Seen, options: Mapping[str, Any], run: Run, window: Window | None) -> Result:
    plan = seen.plan or connector_create.plan(host, options)
    needed = options.get("application_secret") is None and options["update_secret"] != "never"
    if run.check_mode:
        after = {leaf: options[leaf] for leaf in changes.PLAIN_OPTIONS if options.get(leaf) is not None}
        after |= {"name": plan.name, **shown.settings(options.get("settings") or {})}
        if options.get("application_secret") and options["update_secret"] != "never":
            after["application_secret"] = GIVEN
        described = describe.absent({**options, "name": plan.name}, plan.flow, needed)
        returned = _values(host, described, None, True, sorted(after))
        return Result(True, None, after, {**returned, "versions": plan.versions})
    if needed:
        raise errors.OptionError(
            "application_secret", "is required to create a connector (update_secret: never creates it without one)"
        )
    seen.found = connector_create.create(host, options, run, plan)
    seen.created = True
    result = _change(host, seen, {**options, "name": plan.name}, run, window)
    # The creation itself wrote the name
    returned = {**result.values, "versions": plan.versions, "written": sorted({*result.values["written"], "name"})}
    return Result(True, None, result.after, returned)


def _change(host: Host, seen: Seen, options: Mapping[str, Any], run: Run, window: Window | None) -> Result:
    found, last, created, given = seen.found, seen.last, seen.created, options.get("application_secret")
    if found is None:
        raise AssertionError("unreachable")
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
    saved = backup.save(found, host.base_url, options, run)
    seen.found = found = _write(host, found, planned, options, run, window)
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
            "application_secret",
            "is required, since application_id changes and the current secret belongs to the other app",
        )
    raise errors.StateError(
        "application_secret: is required for this change, since the host does not show its secret "
        f"({changes.held_secret(found).visibility}) and may lose it when the configuration is written without it; "
        "give it, or set hidden_secret to send_back if you know that this host keeps it",
        code="hidden_secret",
        visibility=changes.held_secret(found).visibility,
    )


def _again(host: Host, found: Connector, options: Mapping[str, Any], run: Run) -> Connector:
    """The one connector itself: only its own resource shows what may be sent back.

    A node may not know yet what another one has listed.
    """
    wait = Waiting(run, float(options["verify_timeout"]), pause=0.5)
    while True:
        whole = connectors.read_one(host, found.id, options.get("key_map"))
        if whole is not None:
            return whole
        if wait.over:
            raise errors.MissingError(
                f"the host lists connector {found.id} but does not return it; try again", code="connector_unknown"
            )
        wait.rest()


def _write(
    host: Host, found: Connector, planned: list[Change], options: Mapping[str, Any], run: Run, window: Window | None
) -> Connector:
    """Send the whole configuration once, then read until it is there; :raises StateError: anything else changed."""
    _put(host, found, changes.apply(found.configuration, planned), run, window)
    secret_path = next((change.path for change in planned if change.secret), found.keys.find("application_secret"))
    wait = Waiting(run, float(options["verify_timeout"]))
    while True:
        now = _again(host, found, options, run)
        outcome = changes.compare(found.configuration, now.configuration, planned, secret_path)
        if outcome.good:
            return now
        if outcome.others:
            raise errors.StateError(
                f"the host changed more than requested when the connector was saved: {', '.join(outcome.others)}; "
                "check these settings before the next sync (backup: true keeps the previous configuration)",
                code="other_changes",
                paths=outcome.others,
                connector_id=found.id,
            )
        if wait.over:
            lacking = outcome.pending + outcome.refused
            raise errors.StateError(
                f"the host accepted the connector but does not show what was written: {', '.join(lacking)}; check "
                "these values, or raise verify_timeout if its nodes lag behind",
                code="not_kept",
                settings=lacking,
                connector_id=found.id,
            )
        wait.rest()


def _put(host: Host, found: Connector, configuration: Any, run: Run, window: Window | None) -> None:
    """One PUT; that of a secret never begins after its delivery window, in no repetition and in no layer."""
    if window is None:
        host.write("PUT", connectors.path_of(found.id), configuration)
        return
    for last in (False, False, True):
        not_after = window.check(run)
        try:
            host.write("PUT", connectors.path_of(found.id), configuration, repeatable=False, not_after=not_after)
            return
        except (errors.LostAnswerError, errors.UnavailableError):
            if last:
                raise
        except errors.TransportError as exc:
            if exc.code == "too_late":
                raise window.closed() from None
            raise
        run.sleep(1.0)


def _authorize(host: Host, found: Connector, options: Mapping[str, Any], run: Run) -> Connector:
    seconds = options.get("wait_for_authorization")
    if seconds is None or run.check_mode or describe.flow_of(found)[0] != AUTHORIZATION_CODE:
        return found
    return authorize.wait(host, found, float(seconds), options.get("key_map"))


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
        before[change.label], after[change.label] = changes.told(change)
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
