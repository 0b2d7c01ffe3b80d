# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""usersync_connector_info with fingerprint_key: equal secrets are seen to be equal, and nothing else is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import NEW_SECRET, SECRET

KEY, OTHER_KEY = "k" * 32, "o" * 32


def fingerprint(live: Any, key: str | None = KEY) -> Any:
    return live.info(fingerprint_key=key)["connectors"][0]["secret"]["fingerprint"]


@pytest.mark.parametrize("visibility", ["clear", "encrypted"])
def test_follows_the_secret_and_the_key(live: Any, visibility: str) -> None:
    live.world(secret_visibility=visibility)
    live.connector(**live.wanted())
    first = fingerprint(live)
    assert len(first) == 32 and fingerprint(live) == first
    assert fingerprint(live, OTHER_KEY) != first
    live.connector(**live.wanted(application_secret=NEW_SECRET))
    assert fingerprint(live) != first


def test_same_secret_on_two_hosts(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    first = fingerprint(live)
    live.name = "confluence01"
    live.connector(**live.wanted())
    assert fingerprint(live) == first


@pytest.mark.parametrize("visibility", ["masked", "absent"])
def test_none_of_a_hidden_secret(live: Any, visibility: str) -> None:
    live.world(secret_visibility=visibility)
    live.connector(**live.wanted())
    assert fingerprint(live) is None


def test_only_when_asked_for_and_without_secret_or_key(live: Any) -> None:
    live.world()
    live.connector(**live.wanted())
    assert "fingerprint" not in live.info()["connectors"][0]["secret"]
    text = json.dumps(live.info(fingerprint_key=KEY))
    assert SECRET not in text and KEY not in text


def test_short_key_is_refused(live: Any) -> None:
    live.world()
    result = live.info(fingerprint_key="short")
    assert result["failed"] and result["msg"].startswith("fingerprint_key: ") and "short" not in result["msg"]
