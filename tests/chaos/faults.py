# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of the simulator alone, and random pairs, while every secret is being renewed."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Any

from .fleet import FORCE, ROTATE, Fleet
from .kill import in_service
from .points import Point, Result, judged

Planned = tuple[str, dict[str, Any]]
HOSTS = ("jira01", "jira02")
ALWAYS = 10_000
FIRST_WRITE = 12  # of the requests that a rotation makes; what fails before it does no harm


def _somewhere(rng: random.Random) -> dict[str, Any]:
    """Any one request from the first write on."""
    return {"nth": rng.randrange(FIRST_WRITE, 48)}


def _graph_writes(rng: random.Random) -> dict[str, Any]:
    return {"service": "graph", "method": rng.choice(["POST", "PATCH"]), "nth": rng.randrange(1, 4)}


def _host(rng: random.Random) -> dict[str, Any]:
    """One host from some request on: in the survey, at the delivery, or at the confirmation."""
    return {"host": rng.choice(HOSTS), "nth": rng.randrange(1, 9), "times": ALWAYS}


def _on(kind: str, where: Callable[[random.Random], dict[str, Any]], **params: Any) -> Callable[..., Planned]:
    return lambda rng: (kind, {**where(rng), **params})


def _nowhere(_rng: random.Random) -> dict[str, Any]:
    return {}


# Name -> what is planned. Those that last are cleared before the clean run, as an outage ends.
FAULTS: dict[str, Callable[[random.Random], Planned]] = {
    "lag": _on("lag", _nowhere, seconds=2),
    "long_lag": _on("lag", _nowhere, seconds=3600),
    "flap": _on("flap", _nowhere, seconds=3),
    "secret_refused": _on("secret_refused", _nowhere, seconds=1.5),
    "lost_answer": _on("lost_answer", _somewhere),
    "lost_answer_to_graph": _on("lost_answer", _graph_writes),
    "lost_answer_to_mint": _on("lost_answer", _nowhere, path="/addPassword", nth=1),
    "lost_answers_to_mint": _on("lost_answer", _nowhere, path="/addPassword", times=ALWAYS),
    "lost_answer_to_delivery": _on("lost_answer", _nowhere, method="PUT", nth=1),
    "lost_answers_to_delivery": _on("lost_answer", _nowhere, method="PUT", times=ALWAYS),
    "lost_answers_to_retire": _on("lost_answer", _nowhere, path="/removePassword", times=ALWAYS),
    "drop_before": _on("drop_before", _somewhere),
    "drop_before_at_graph": _on("drop_before", _graph_writes, times=2),
    "throttle": _on("throttle", _somewhere, times=3, retry_after="0.5"),
    "throttle_in_whole_seconds": _on("throttle", _graph_writes, retry_after="1"),
    "unavailable": _on("unavailable", _somewhere, html=True),
    "unavailable_after": _on("unavailable", _graph_writes, after=True),
    "unavailable_empty": _on("unavailable", _somewhere, empty=True, times=2),
    "error": _on("error", _somewhere, status=400, code="Request_BadRequest"),
    "error_500": _on("error", _graph_writes, status=500, code="InternalServerError"),
    "concurrency": _on("concurrency", _graph_writes, status=409, times=2),
    "concurrency_503": _on("concurrency", _graph_writes, status=503),
    "concurrency_window": _on("concurrency", _nowhere, window=0.3, times=4),
    "policy_short": _on("policy", _nowhere, max_lifetime="P90D"),
    "policy_forbids": _on("policy", _nowhere, forbid=True),
    "password_limit": _on("password_limit", _nowhere),
    "slow": _on("slow", _somewhere, seconds=1, times=5),
    "html": _on("html", _host),
    "sso_redirect": _on("sso_redirect", _host),
    "captcha": _on("captcha", _host),
    "basic_disabled": _on("basic_disabled", _host),
    "not_admin": _on("not_admin", _host),
    "xsrf": _on("xsrf", _host),
    "websudo": _on("websudo", _host),
    "app_missing": _on("app_missing", _host),
    "app_disabled": _on("app_disabled", _host),
    "license": _on("license", _host),
    "maintenance": _on("maintenance", _host),
    "rate_limit": _on("rate_limit", _nowhere, permits=2),
    "rate_limit_with_a_date": _on("rate_limit", _nowhere, permits=2, retry_after="date"),
    "read_only": _on("read_only", _host),
    "reindex": _on("reindex", _host),
    "down": _on("down", _host),
    "restarting": _on("restarting", _host),
    "sync_fails": _on("sync_fails", lambda rng: {"host": rng.choice(HOSTS)}),
    "sync_slow": _on("sync_slow", lambda rng: {"host": rng.choice(HOSTS)}, seconds=2),
    "put_drops_unknown": _on("put_drops_unknown", lambda rng: {"host": rng.choice(HOSTS)}),
    "create_refused": _on("create_refused", lambda rng: {"host": rng.choice(HOSTS)}),
    "delete_refused": _on("delete_refused", lambda rng: {"host": rng.choice(HOSTS)}),
    "node_lag": _on("node_lag", lambda rng: {"host": rng.choice(HOSTS)}, seconds=1),
}


def rotate_with(name: str, planned: list[Planned], fleet: Fleet) -> Result:
    """All secrets are renewed while the faults are there; then they are gone."""
    fleet.begin(in_service)
    spoilt = frozenset(where.get("host", "") for kind, where in planned if kind == "put_drops_unknown")

    def disturb() -> bool:
        for kind, where in planned:
            fleet.sim.fault(kind, **where)
        fleet.play(ROTATE, *FORCE)
        return True

    result = judged(name, fleet, disturb, ROTATE, spoilt)
    result.notes["faults"] = [f"{kind} {where}" for kind, where in planned]
    return result


def alone(name: str) -> Point:
    """One fault; its place in the run follows from its name."""
    planned = [FAULTS[name](random.Random(name))]
    point = f"fault/{name}"
    return Point(point, functools.partial(rotate_with, point, planned))


def pair(seed: int) -> Point:
    """Two faults, which and where follows from the seed."""
    rng = random.Random(seed)
    names = rng.sample(sorted(FAULTS), 2)
    point = f"pair/{seed}-{'-'.join(names)}"
    return Point(point, functools.partial(rotate_with, point, [FAULTS[name](rng) for name in names]))
