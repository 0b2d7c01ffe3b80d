# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The matrix of hosts, whole or as few rows as hold every pair of two values."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence

Row = tuple[str, ...]
WHOLE = "USERSYNC_TESTS_MATRIX"
DIMENSIONS: Mapping[str, Sequence[str]] = {
    "product": ("jira01", "confluence01", "bitbucket01", "bamboo01"),
    "platform": ("jira9", "jira10", "jira11", "jira12"),
    "generation": ("1.4", "1.9", "2.11", "2.14"),
    "login": ("password", "token", "api_token", "headers"),
    "visibility": ("clear", "encrypted", "masked", "absent"),
    "front_end": ("none", "plain", "gateway_header", "throttles_by_date"),
}


def possible(row: Row) -> bool:
    """Whether there is such a host: Bitbucket has no administrator's token, and Jira 11 takes no password."""
    product, platform, _generation, login, _visibility, _front_end = row
    if product == "bitbucket01":
        return login != "token"
    return not (product == "jira01" and platform in ("jira11", "jira12") and login in ("password", "api_token"))


def rows(dimensions: Mapping[str, Sequence[str]] | None = None, fits: Callable[[Row], bool] = possible) -> list[Row]:
    """Every possible row where the environment asks for them (``USERSYNC_TESTS_MATRIX=whole``), else pairs."""
    every = [row for row in itertools.product(*(dimensions or DIMENSIONS).values()) if fits(row)]
    return every if os.environ.get(WHOLE) == "whole" else pairs(every)


def pairs(every: Sequence[Row]) -> list[Row]:
    """As few of the rows as a greedy choice needs to hold each pair of values that any row holds."""
    held = {row: pairs_of(row) for row in every}
    lacking = set[tuple[int, str, int, str]]().union(*held.values())
    chosen: list[Row] = []
    while lacking:
        best = max(every, key=lambda row: len(held[row] & lacking))
        chosen.append(best)
        lacking -= held[best]
    return chosen


def pairs_of(row: Row) -> set[tuple[int, str, int, str]]:
    return {(one, row[one], other, row[other]) for one, other in itertools.combinations(range(len(row)), 2)}
