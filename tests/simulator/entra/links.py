# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References to objects in bodies: ``@odata.id`` and ``@odata.bind``."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .errors import bad_request

_ID = r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
_REFERENCE = re.compile(
    rf"/(?:v1\.0|beta)(?:/[^/]+)?/(?:directoryObjects|servicePrincipals|users|appManagementPolicies)(?:/|\('){_ID}(?:'\))?\Z",
    re.I,
)


def reference_id(link: object) -> str:
    """The id that a link names. Raises 400 for anything that is no link to an object."""
    match = _REFERENCE.search(urlsplit(link).path) if isinstance(link, str) else None
    if match is None:
        raise bad_request(f"Invalid reference '{link}' in '@odata.id'.")
    return match.group(1).lower()
