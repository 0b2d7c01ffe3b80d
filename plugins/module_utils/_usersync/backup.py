# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A copy of a configuration before it is changed, for its owner's eyes only.

A redacted one shows what is known and tells that it cannot be given back. A full one holds every secret of the host and
leaves this process encrypted only.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from .. import _errors as errors
from .._files import Access, write_private
from .._run import Run
from . import shown
from .connector import Connector

FULL = "full"
NOTE = (
    "redacted: settings that are not options of usersync_connector are hidden, so this copy cannot be restored; "
    "backup_content: full writes one that can be, encrypted"
)


STAMP = "%Y%m%dT%H%M%S%fZ"


def validate(options: Mapping[str, Any]) -> None:
    """:raises OptionError: a full copy is wanted without a password to encrypt it, or its mode or age cannot be"""
    full = options.get("backup_content") == FULL
    if full and options.get("backup") and not options.get("backup_vault_password"):
        raise errors.OptionError("backup_vault_password", "is required, since a full backup is always encrypted")
    _access(options)
    days = options.get("backup_keep_days")
    if days is not None and days < 1:
        raise errors.OptionError("backup_keep_days", f"{days} is too few; at least the backups of one day are kept")


def _access(options: Mapping[str, Any]) -> Access:
    names = (options.get("backup_owner"), options.get("backup_group"))
    return Access.named("backup_", options.get("backup_mode") or "0600", *names)


def save(connector: Connector, base_url: str, options: Mapping[str, Any], run: Run) -> str | None:
    """The path of the new file, None where no backup is wanted.

    :raises OptionError: it cannot be written, or not be encrypted here
    """
    if not options.get("backup"):
        return None
    parts = urlsplit(base_url)
    host = re.sub(r"[^A-Za-z0-9.-]+", "_", f"{parts.netloc}{parts.path}").strip("_")
    name = f"{host}-{connector.id}-{run.now():{STAMP}}.json"
    if options.get("backup_content") == FULL:
        name, text = f"{name}.vault", _encrypted(connector, options, run)
    else:
        document = {"note": NOTE, "uniqueId": connector.id, "configuration": shown.configuration(connector)}
        text = _written(document)
    path = os.path.join(options["backup_dir"], name)
    write_private("backup_dir", path, text, own_folder=True, access=_access(options), prefix="backup_")
    if options.get("backup_keep_days"):
        _forget(
            options["backup_dir"], f"{host}-{connector.id}-", run.now() - timedelta(days=options["backup_keep_days"])
        )
    return path


def _forget(folder: str, start: str, before: datetime) -> None:
    """Remove older backups of the same connector, known by a name that only :func:`save` gives."""
    for name in os.listdir(os.path.expanduser(folder)):
        moment = re.fullmatch(r"(\d{8}T\d{12}Z)\.json(?:\.vault)?", name[len(start) :])
        if not name.startswith(start) or not moment:
            continue
        if datetime.strptime(moment[1], STAMP).replace(tzinfo=timezone.utc) < before:
            try:
                os.unlink(os.path.join(os.path.expanduser(folder), name))
            except OSError as exc:
                sentence = f"the older backup {name} cannot be removed ({exc.strerror})"
                raise errors.OptionError("backup_keep_days", sentence) from None


def _encrypted(connector: Connector, options: Mapping[str, Any], run: Run) -> str:
    if run.encrypt is None:
        raise errors.OptionError(
            "backup_content",
            "full works only in tasks that run on the controller, which encrypts the copy: without async and become, "
            "and with connection: local",
        )
    document = {**connector.around, "uniqueId": connector.id, "configuration": connector.configuration}
    return run.encrypt(_written(document), str(options["backup_vault_password"]))


def _written(document: Mapping[str, Any]) -> str:
    # a lone half of a character, which a host may send, is written as code
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"
