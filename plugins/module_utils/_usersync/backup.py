# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""A copy of a configuration before it is changed, for its owner's eyes only and without the secret."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from urllib.parse import urlsplit

from .. import _errors as errors
from . import changes
from .connector import Connector


def save(connector: Connector, base_url: str, folder: str, now: datetime) -> str:
    """The path of the new file, which has the form of the product's own export.

    :raises OptionError: it cannot be written
    """
    parts = urlsplit(base_url)
    host = re.sub(r"[^A-Za-z0-9.-]+", "_", f"{parts.netloc}{parts.path}").strip("_")
    path = os.path.join(folder, f"{host}-{connector.id}-{now:%Y%m%dT%H%M%S%f}Z.json")
    document = {"uniqueId": connector.id, "configuration": changes.redacted(connector)}
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        # O_EXCL: never through a link or over a file that somebody else has put there
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2, ensure_ascii=False)
            file.write("\n")
    except OSError as exc:
        raise errors.OptionError("backup_dir", f"{path} cannot be written ({exc.strerror})") from None
    return path
