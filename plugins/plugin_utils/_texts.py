# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""Values that were given as text, by C(-e), a survey or the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def is_blank(entry: Mapping[str, Any]) -> bool:
    """Whether an empty text is a field that was left blank, as it is no value of this option."""
    return entry.get("type", "str") not in ("str", "path", "raw") or bool(entry.get("choices"))


def list_of_text(value: Any) -> Any:
    """A list that was given as JSON, as C(-e) and surveys give it; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, list) else value
