# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dates and times as the directory reads and writes them."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from .errors import bad_request


def parse_moment(text: str) -> datetime:
    """ISO 8601 with any offset, without one in UTC; more than six digits of a second are cut. Raises GraphError 400."""
    if not re.search(r"(Z|[+-]\d\d:\d\d)\Z", text):
        text += "Z"
    trimmed = re.sub(r"(\.\d{6})\d+", r"\1", text.replace("Z", "+00:00"))
    trimmed = re.sub(r"T(\d\d:\d\d)([+-])", r"T\1:00\2", trimmed)
    match = re.search(r"\.(\d{1,5})(?=[+-])", trimmed)
    if match:
        trimmed = trimmed.replace(match.group(0), "." + match.group(1).ljust(6, "0"))
    try:
        return datetime.fromisoformat(trimmed).astimezone(timezone.utc)
    except ValueError as error:
        raise bad_request(f"Invalid date and time '{text}'.") from error


def wire_moment(moment: datetime) -> str:
    """With seven digits of a second unless they are zero, as the directory writes its own times."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond:06d}7Z" if moment.microsecond else f"{text}Z"


def stamp(moment: datetime) -> str:
    """To the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
