# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A certificate in a file by which an app logs in: made when needed, registered, proved, and only then put in place.

The new key waits in a second file beside the first until a login with it was accepted. Whatever dies in between, the
old file works on, and the next run goes on with the new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._entra import applications as apps
from .._entra import certificates, principals
from .._entra.certificates import Certificate
from .._entra.graph import Graph
from .._entra.prove import prove_certificate
from .._files import write_private
from .._run import Result, Run
from .numbers import check_number

__all__ = ["run", "validate"]

WAITING = ".new"
MOST_DAYS = 3650


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    check_number("valid_days", options["valid_days"], 1, MOST_DAYS)
    check_number("min_remaining_days", options["min_remaining_days"], 0, MOST_DAYS)
    check_number("prove_timeout", options["prove_timeout"])
    if options["min_remaining_days"] >= options["valid_days"]:
        raise errors.OptionError(
            "min_remaining_days",
            f"must be less than valid_days ({options['valid_days']}), or every run renews the certificate",
        )
    if os.path.isdir(options["path"]):
        raise errors.OptionError("path", f"{options['path']} is a folder; name a file, such as automation.pem")


def run(graph: Graph, options: Mapping[str, Any], run: Run) -> Result:
    """:returns: a result with C(certificate), C(certificates), C(reason) and more; see the module's RETURN"""
    app = apps.require(graph, options, run)
    held = _read(options["path"])
    if held is not None and held.file_id is None:
        raise errors.OptionError(
            "path",
            f"{options['path']} contains a certificate that this module did not create, and is left alone; name "
            "another file, or use yours with the login option certificate_path",
        )
    if options["state"] == "absent":
        return _absent(graph, app, held, options, run)
    return _present(graph, app, held, options, run)


def _present(
    graph: Graph, app: dict[str, Any], held: Certificate | None, options: Mapping[str, Any], run: Run
) -> Result:
    entries = list(app.get("keyCredentials") or [])
    reason = _reason(entries, held, options, run)
    waiting = _read(options["path"] + WAITING)
    # what a run before this one has not finished goes first, unless it has expired meanwhile
    if waiting is not None and waiting.file_id and waiting.days_left(run.now()) >= options["min_remaining_days"]:
        candidate, reason = waiting, reason or "an earlier renewal did not finish"
    elif held is not None and reason in ("", "the app does not have it"):
        candidate = held
    else:
        candidate = None
    stale = certificates.of_file(entries, held.file_id if held else None)
    if not reason:
        stale = [entry for entry in stale if certificates.thumbprint_of(entry) != held.thumbprint] if held else []
    if not reason and not stale:
        return _result(graph, app, entries, entries, held, reason, options)
    if run.check_mode:
        after = [*(entry for entry in entries if entry not in stale), *([_predicted(held)] if reason else [])]
        return _result(graph, app, entries, after, candidate, reason, options)
    fresh = candidate or certificates.make(options["valid_days"], run.now(), held.file_id if held else None)
    run.secrets.add(fresh.pem)
    if reason:
        if fresh is not held:
            # with the certificate that it takes the place of, so that a later run knows that one too
            write_private("path", options["path"] + WAITING, fresh.pem + (held.public if held else ""))
        app = _register(graph, app, fresh, run)
        if options["prove"]:
            where = options["path"] if fresh is held else options["path"] + WAITING
            login = graph.login.method.options
            prove_certificate(login, graph.tenant_id, app["appId"], where, options["prove_timeout"], run)
        if fresh is not held:
            os.replace(options["path"] + WAITING, options["path"])
    after = _retire(graph, app, fresh, run)
    return _result(graph, app, entries, after, fresh, reason, options)


def _reason(entries: list[dict[str, Any]], held: Certificate | None, options: Mapping[str, Any], run: Run) -> str:
    """Why something has to be done; "" when nothing has."""
    if held is None:
        return "there is no certificate yet"
    left = held.days_left(run.now())
    if left < options["min_remaining_days"]:
        return f"it expires in {left} days" if left >= 0 else "it has expired"
    if options["force"]:
        return "forced"
    return "" if _shown(entries, held) else "the app does not have it"


def _shown(entries: list[dict[str, Any]], certificate: Certificate) -> bool:
    return any(certificates.thumbprint_of(entry) == certificate.thumbprint for entry in entries)


def _register(graph: Graph, app: dict[str, Any], fresh: Certificate, run: Run) -> dict[str, Any]:
    """Add it to the app; the list is replaced as a whole, so it is read right before."""
    patience = 60.0 if principals.is_fresh(app, run.now()) else 0.0

    def add() -> dict[str, Any]:
        seen = graph.get(f"applications/{app['id']}")
        entries = list(seen.get("keyCredentials") or [])
        if not _shown(entries, fresh):
            graph.patch(f"applications/{app['id']}", {"keyCredentials": [*entries, fresh.entry()]})
            seen["keyCredentials"] = [*entries, _predicted(fresh)]
        return seen

    return graph.settle(add, principals.is_replication, patience)


def _retire(graph: Graph, app: dict[str, Any], kept: Certificate, run: Run) -> list[dict[str, Any]]:
    """Take away what earlier runs for this file have left; :returns: what stays.

    A read may not show the new certificate yet, and writing that list back would lose it, so such a read is waited out.
    """
    for pause in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, None):
        seen = list(graph.get(f"applications/{app['id']}").get("keyCredentials") or [])
        if _shown(seen, kept):
            break
        if pause is None:
            run.warn("the directory does not show the new certificate yet, so older ones stay until the next run")
            return seen
        run.sleep(pause)
    mine = certificates.of_file(seen, kept.file_id)
    staying = [entry for entry in seen if entry not in mine or certificates.thumbprint_of(entry) == kept.thumbprint]
    if staying != seen:
        graph.patch(f"applications/{app['id']}", {"keyCredentials": staying})
    return staying


def _absent(
    graph: Graph, app: dict[str, Any], held: Certificate | None, options: Mapping[str, Any], run: Run
) -> Result:
    entries = list(app.get("keyCredentials") or [])
    mine = certificates.of_file(entries, held.file_id if held else None)
    staying = [entry for entry in entries if entry not in mine]
    if mine and not run.check_mode:
        graph.patch(f"applications/{app['id']}", {"keyCredentials": staying})
    return _result(graph, app, entries, staying, None, "", options)


def _thumbprints(path: str) -> list[str]:
    """Of all certificates that the files hold: who can show them has made them."""
    found = [each for each in (_read(path), _read(path + WAITING)) if each is not None and each.file_id]
    return list(dict.fromkeys(name for each in found for name in (each.thumbprint, *each.earlier)))


def _read(path: str) -> Certificate | None:
    return certificates.load("path", path) if os.path.lexists(path) else None


def _predicted(certificate: Certificate | None) -> dict[str, Any]:
    """The entry of a certificate as the directory will show it; of one that check mode does not make, what is known."""
    if certificate is None:
        return {"keyId": None, "displayName": f"{certificates.PREFIX}:(new)", "customKeyIdentifier": None}
    return {
        "keyId": None,
        "displayName": certificate.entry()["displayName"],
        "customKeyIdentifier": certificate.thumbprint,
        "endDateTime": f"{certificate.end:%Y-%m-%dT%H:%M:%SZ}",
    }


def _result(
    graph: Graph,
    app: Mapping[str, Any],
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    certificate: Certificate | None,
    reason: str,
    options: Mapping[str, Any],
) -> Result:
    shown = [{"certificates": [certificates.describe(entry) for entry in entries]} for entries in (before, after)]
    known = certificate and {
        "thumbprint": certificate.thumbprint,
        "end": f"{certificate.end:%Y-%m-%dT%H:%M:%SZ}",
        "days_left": certificate.days_left(graph.run.now()),
    }
    values = {
        "certificate": known,
        "reason": reason,
        "path": options["path"],
        "app_id": app["appId"],
        "object_id": app["id"],
        "tenant_id": graph.tenant_id,
        "thumbprints": _thumbprints(options["path"]),
        **shown[1],
    }
    return Result(bool(reason) or before != after, shown[0], shown[1], values)
