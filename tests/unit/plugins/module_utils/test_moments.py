# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time, as Microsoft Graph, Atlassian products and people write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _moments as moments
from hypothesis import given
from hypothesis import strategies as st

TEN = datetime(2026, 12, 31, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-31T10:00:00Z", TEN),
        ("2026-12-31T10:00:00.1234567Z", TEN.replace(microsecond=123456)),
        ("2026-12-31T10:00:00.5Z", TEN.replace(microsecond=500000)),
        ("2026-12-31T10:00:00.000+0000", TEN),
        ("2026-12-31T12:00:00+02:00", TEN),
        ("2026-12-31T12:00:00+02", TEN),
        (" 2026-12-31 10:00 ", TEN),
        ("2026-12-31", TEN.replace(hour=0)),
    ],
)
def test_it_reads_every_spelling(text: str, moment: datetime) -> None:
    assert moments.parse(text) == moment


@pytest.mark.parametrize(
    "text", [None, 5, "", "soon", "2026-13-01", "2026-12-31T25:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_it_reads_nothing_else(text: Any) -> None:
    assert moments.parse(text) is None


def test_a_text_without_a_zone_is_utc_unless_a_zone_is_asked_for() -> None:
    assert moments.parse("2026-12-31T10:00:00") == TEN
    assert moments.parse("2026-12-31T10:00:00", needs_zone=True) is None
    assert moments.parse("2026-12-31T10:00:00.000+0000", needs_zone=True) == TEN


@given(st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-14, 14))
def test_what_it_writes_it_reads(naive: datetime, hours: int) -> None:
    moment = naive.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    assert moments.parse(moments.stamp(moment)) == moment


@pytest.mark.parametrize("text", [None, "", "soon", 5, "2026-12-31T10:00:00Z"])
def test_a_date_header_that_is_none(text: Any) -> None:
    assert moments.http_date(text) is None
    assert moments.http_date("Thu, 31 Dec 2026 10:00:00 GMT") == TEN
