# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""How long a new secret shall live, and the offline checks of the options about secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import credentials, policy, snapshot
from .._entra.graph import Graph
from .._run import Run
from .numbers import check_number

NEVER = datetime(2299, 12, 31, tzinfo=timezone.utc)
# No secret lives longer than that: "never" of the old portals was 2299
MOST_DAYS = 99_999


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    if options.get("holder"):
        credentials.check_holder(options["holder"])
    elif options["state"] != "absent" or not (options.get("key_id") or options["expired"] or options["all_holders"]):
        raise errors.OptionError("holder", "must say who the secret is for; the inventory name of the host, say")
    if options.get("key_id") is not None and not apps.GUID.fullmatch(options["key_id"]):
        raise errors.OptionError("key_id", f"'{options['key_id']}' is not a GUID; azuread_app_info lists the key ids")
    if options["state"] == "absent" and options.get("key_id") and options["expired"]:
        raise errors.OptionError("expired", "contradicts key_id, which names one secret; give one of them")
    for entry in options.get("retire") or []:
        if not apps.GUID.fullmatch(entry):
            raise errors.OptionError("retire", f"'{entry}' is not a GUID; give what state: present returned")
    check_number("valid_days", options["valid_days"], 1, MOST_DAYS)
    check_number("min_remaining_days", options["min_remaining_days"], 0, MOST_DAYS)
    for name in ("prove_timeout", "delivery_window", "delivery_timeout"):
        check_number(name, options[name])
    if options.get("end_date") is not None:
        end_date(options["end_date"])
    elif options["min_remaining_days"] >= options["valid_days"] and not options["never_expires"]:
        raise errors.OptionError(
            "min_remaining_days", f"must be below valid_days ({options['valid_days']}), or every run renews the secret"
        )


def end_date(text: str) -> datetime:
    """:raises OptionError: for a text that is no date or time"""
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        moment = moment.astimezone(timezone.utc) if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        raise errors.OptionError(
            "end_date", f"'{text}' is no date such as 2027-06-30 or 2027-06-30T12:00:00Z"
        ) from None
    return moment


@dataclass(frozen=True)
class End:
    """When a new secret ends. :ivar shorter: should the tenant's policy refuse that, because nobody is exempt"""

    moment: datetime
    shorter: datetime | None = None


def wanted_end(options: Mapping[str, Any], now: datetime) -> datetime:
    """As told, whatever a policy says.

    :raises OptionError: in the past, or so near that every run would renew
    """
    if options["never_expires"]:
        return NEVER
    if options.get("end_date") is None:
        return now + timedelta(days=options["valid_days"])
    end = end_date(options["end_date"])
    if end <= now:
        raise errors.OptionError("end_date", f"{options['end_date']} is in the past")
    if (end - now).days < options["min_remaining_days"]:
        raise errors.OptionError(
            "end_date",
            f"{options['end_date']} is in {(end - now).days} days, and with min_remaining_days: "
            f"{options['min_remaining_days']} every run would renew the secret; give a later date or fewer days",
        )
    return end


def _allowed(graph: Graph, app: Mapping[str, Any]) -> list[float | None]:
    allowed = policy.lifetime(graph, app)
    return [None if one is None else one.total_seconds() for one in (allowed.longest, allowed.unless_exempt)]


def permitted_end(graph: Graph, app: Mapping[str, Any], wanted: datetime, options: Mapping[str, Any], run: Run) -> End:
    """At most as long as the tenant's policy allows, where it may be read."""
    now = run.now()
    days = snapshot.once(f"secret lifetime {app['id']}", lambda: _allowed(graph, app))
    allowed = policy.Lifetime(*(None if seconds is None else timedelta(seconds=seconds) for seconds in days))
    end, shorter = wanted, None
    if allowed.longest is not None and end > now + allowed.longest:
        run.warn(f"the tenant's policy allows a secret {allowed.longest.days} days at most; that is what it gets")
        end = now + allowed.longest - timedelta(minutes=1)
    if allowed.unless_exempt is not None and end > now + allowed.unless_exempt:
        shorter = now + allowed.unless_exempt - timedelta(minutes=1)
    if ((shorter or end) - now).days < options["min_remaining_days"]:
        run.warn(
            f"the tenant's policy allows fewer days than min_remaining_days ({options['min_remaining_days']}), so that "
            "every run renews the secret; set it lower"
        )
    return End(end, shorter)
