# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""How long a new secret shall live, and the offline checks of the options about secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from .. import _errors as errors
from .. import _moments as moments
from .._entra import applications as apps
from .._entra import credentials, holders, policy, snapshot
from .._entra.graph import Graph
from .._guid import GUID
from .._run import Run
from .numbers import check_number

NEVER = datetime(2299, 12, 31, tzinfo=timezone.utc)
# No secret lives longer than that: "never" of the old portals was 2299
MOST_DAYS = 99_999


def validate_identity(options: Mapping[str, Any]) -> None:
    """:raises OptionError: the options do not say which app is meant"""
    apps.check_identity(options)


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    validate_identity(options)
    if options.get("holder"):
        holders.check("holder", options["holder"])
    elif options["state"] != "absent" or not (options.get("key_id") or options["expired"] or options["all_holders"]):
        raise errors.OptionError("holder", "must say who the secret is for, as usersync_connector returns it")
    if options.get("host_fingerprint") and not holders.is_fingerprint(options["host_fingerprint"]):
        raise errors.OptionError(
            "host_fingerprint",
            f"'{options['host_fingerprint']}' is not a fingerprint; give what usersync_connector returns",
        )
    if options.get("key_id") is not None and not GUID.fullmatch(options["key_id"]):
        raise errors.OptionError("key_id", f"'{options['key_id']}' is not a GUID; azuread_app_info lists the key IDs")
    if options["state"] == "absent" and options.get("key_id") and options["expired"]:
        raise errors.OptionError("expired", "cannot be combined with key_id, which names one secret; give one of them")
    for entry in options.get("retire") or []:
        if not GUID.fullmatch(entry):
            raise errors.OptionError("retire", f"'{entry}' is not a GUID; give what state: present returned")
    check_number("valid_days", options["valid_days"], 1, MOST_DAYS)
    check_number("min_remaining_days", options["min_remaining_days"], 0, MOST_DAYS)
    for name in ("prove_timeout", "delivery_window", "delivery_timeout"):
        check_number(name, options[name])
    if options.get("end_date") is not None:
        end_date(options["end_date"])
    elif options["min_remaining_days"] >= options["valid_days"] and not options["never_expires"]:
        raise errors.OptionError(
            "min_remaining_days",
            f"must be less than valid_days ({options['valid_days']}), or every run renews the secret",
        )


def host_meant(app: Mapping[str, Any], options: Mapping[str, Any]) -> str | None:
    """The fingerprint of the host that C(holder) and C(host_fingerprint) mean; None for a holder without secrets.

    :raises OptionError: secrets of several hosts stand under one address, and none is named
    """
    given = options.get("host_fingerprint")
    if given:
        return str(given)
    known = credentials.hosts_of(app, options["holder"])
    if len(known) > 1:
        raise errors.OptionError(
            "host_fingerprint",
            f"must be given, since holder {options['holder']} has secrets of {len(known)} different hosts at one "
            f"address: {', '.join(known)}; usersync_connector_info returns the one of the host itself",
            code="several_hosts",
        )
    return known[0] if known else None


def end_date(text: str) -> datetime:
    """:raises OptionError: for a text that is no date or time"""
    moment = moments.parse(text)
    if moment is None:
        raise errors.OptionError("end_date", f"'{text}' is not a date such as 2027-06-30 or 2027-06-30T12:00:00Z")
    return moment


@dataclass(frozen=True)
class End:
    """When a new secret ends, counted from its mint.

    :ivar fixed: a date that was given; None counts ``days`` from the mint
    :ivar longest: of the tenant's policy, for everybody
    :ivar maybe_longest: of the tenant's policy, for who is not exempt
    """

    fixed: datetime | None
    days: timedelta
    longest: timedelta | None = None
    maybe_longest: timedelta | None = None

    def at(self, minted: datetime) -> datetime:
        """The end of a secret that is minted then."""
        return self._within(minted, self.longest)

    def shorter_at(self, minted: datetime) -> datetime | None:
        """Should the policy refuse that, because this caller is not exempt; None when there is no other way."""
        if self.maybe_longest is None or self.at(minted) <= minted + self.maybe_longest:
            return None
        return self._within(minted, self.maybe_longest)

    def _within(self, minted: datetime, limit: timedelta | None) -> datetime:
        wanted = self.fixed or minted + self.days
        # a minute less, because the directory counts from its own clock
        return wanted if limit is None or wanted <= minted + limit else minted + limit - timedelta(minutes=1)


def wanted_end(options: Mapping[str, Any], now: datetime) -> End:
    """As told, whatever a policy says.

    :raises OptionError: in the past, or so near that every run would renew
    """
    days = timedelta(days=options["valid_days"])
    if options["never_expires"]:
        return End(NEVER, days)
    if options.get("end_date") is None:
        return End(None, days)
    end = end_date(options["end_date"])
    if end <= now:
        raise errors.OptionError("end_date", f"{options['end_date']} is in the past")
    if (end - now).days < options["min_remaining_days"]:
        raise errors.OptionError(
            "end_date",
            f"{options['end_date']} is in {(end - now).days} days, and with min_remaining_days: "
            f"{options['min_remaining_days']} every run would renew the secret; give a later date or fewer days",
        )
    return End(end, days)


def _allowed(graph: Graph, app: Mapping[str, Any]) -> policy.Allowed:
    if not app["id"]:
        return policy.allowed(graph, app)
    known = snapshot.once(f"policies of {app['id']} by {graph.login.key}", lambda: policy.allowed(graph, app).as_json())
    return policy.Allowed.of_json(known)


def permitted_end(graph: Graph, app: Mapping[str, Any], wanted: End, options: Mapping[str, Any], run: Run) -> End:
    """At most as long as the tenant's policy allows, where it may be read; :raises StateError: it allows none at all"""
    now = run.now()
    allowed = _allowed(graph, app)
    policy.check_addition(allowed)
    if run.check_mode and allowed.maybe_forbidden:
        run.warn(
            "the tenant's policy forbids client secrets except for those it exempts; only a real run shows whether "
            "this automation is exempt"
        )
    end = replace(wanted, longest=allowed.longest, maybe_longest=allowed.maybe_longest)
    if allowed.longest is not None and end.at(now) < wanted.at(now):
        run.warn(f"the tenant's policy allows at most {allowed.longest.days} days for a secret; that is what it gets")
    if ((end.shorter_at(now) or end.at(now)) - now).days < options["min_remaining_days"]:
        run.warn(
            f"the tenant's policy allows fewer days than min_remaining_days ({options['min_remaining_days']}), so "
            "every run renews the secret; set it lower"
        )
    return end
