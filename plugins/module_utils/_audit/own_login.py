# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The automation's own login to Entra ID: when it ends, every rotation ends with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import _moments as moments
from .codes import Finding
from .settings import Settings, days_left, stamp

WORDS = {"certificate": "the certificate", "client_secret": "the client secret"}
RENEW = (
    "run fleetops.usersync.bootstrap, which renews what it has made, or renew it by hand, and bring it to every "
    "machine that runs the playbooks"
)


def describe(apps: Sequence[Mapping[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """Each login once, whichever apps were read with it. :param apps: see :func:`dataset.build`, with C(login)"""
    shown = {}
    for login in (read.get("login") for read in apps):
        if login:
            end = moments.parse(login["end"])
            left = days_left(end, settings.now) if end else None
            one = {**login, "end": stamp(end), "days_left": left}
            shown[str(one["app_id"]), one["by"], one["end"]] = one
    return [shown[key] for key in sorted(shown, key=str)]


def findings(one: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    """:param one: see :func:`describe`"""
    if one["days_left"] is None or one["days_left"] >= settings.warn_days:
        return
    left = "in less than a day" if one["days_left"] < 1 else f"in {one['days_left']} days"
    doubt = "" if one["certain"] else ", if it is the one of its secrets that expires first"
    what = f"{WORDS[one['by']]} that the automation itself logs in to Entra ID with expires {left}"
    sentence = f"{what}, on {one['end'][:10]}{doubt}; without it no secret can be rotated"
    yield Finding("login-expires-soon", sentence, RENEW, [], one["app_id"])
