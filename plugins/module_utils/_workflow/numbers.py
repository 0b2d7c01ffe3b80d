# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Numbers that options give: seconds and days in bounds that make sense, so that nothing waits for ever."""

from __future__ import annotations

from .. import _errors as errors

DAY = 86400.0


def check_number(option: str, value: float, least: float = 0.0, most: float = DAY) -> None:
    """:raises OptionError: not within the bounds, or no number at all (nan)"""
    if not least <= value <= most:
        raise errors.OptionError(option, f"must be {least:g} to {most:g}, not {value:g}")
