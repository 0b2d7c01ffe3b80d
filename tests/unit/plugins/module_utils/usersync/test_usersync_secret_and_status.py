# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host shows of its secret, and what its status objects mean."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import secret, sync
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.paths import MISSING

# The form in which Entra ID makes secrets, with a value of our own
MADE = "k3a8Q~first.secret_of-this~test0123456789"
DOCUMENTED = {
    "status": "DONE",
    "id": 94,
    "connectorUID": "0f5d1c7e-1111-4222-8333-444455556666",
    "resultCount": 2,
    "addedCount": 0,
    "updatedCount": 0,
    "notModifiedCount": 2,
    "deletedCount": 0,
    "failedCount": 0,
    "filteredCount": 0,
    "messages": ["Scheduled with jobid 0f5d1c7e-3333-4222-8333-444455556666"],
    "clusterNode": "NOT_CLUSTERED",
    "created": "2022-10-05T11:04:05Z",
    "lastModified": "2022-10-05T11:04:06Z",
    "duration": 0,
}


@pytest.mark.parametrize(
    ("shown", "visibility"),
    [
        (MADE, "clear"),
        ("old-style.secret~of=2019", "clear"),
        ("0f5d1c7e-1111-4222-8333-444455556666", "clear"),
        ("********", "masked"),
        ("•••••", "masked"),
        ("xxxxxxxx", "masked"),
        ("k3a*************", "masked"),
        ("<hidden>", "masked"),
        ("MASKED", "masked"),
        ("{ENC}gAAAAABm0", "encrypted"),
        ("{ATLASSIAN_ENCRYPTED}abc", "encrypted"),
        ("ENC(abc=)", "encrypted"),
        ("$2a$10$abcdefghijklmnopqrstuv", "encrypted"),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "encrypted"),
        ("Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4", "encrypted"),
        ("", "absent"),
        ("  ", "absent"),
        (None, "absent"),
        (MISSING, "absent"),
        (5, "absent"),
        ({"a": "b"}, "absent"),
    ],
)
def test_visibility(shown: Any, visibility: str) -> None:
    held = secret.look(shown)
    assert held.visibility == visibility
    assert (held.hint is not None) is (visibility == "clear")
    assert held.hint is None or held.hint == shown[:3]


def test_the_given_one_is_clear_whatever_it_looks_like() -> None:
    for odd in ("********", "{ENC}x", "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"):
        held = secret.look(odd, odd)
        assert held.visibility == "clear" and held.matches(odd) is True
    assert secret.look(MADE).matches("another") is False
    assert secret.look("********").matches(MADE) is None
    assert secret.look(MADE).matches(None) is None


def test_documented_status() -> None:
    status = sync.parse(DOCUMENTED)
    assert status is not None and status.success and status.known and not status.running
    assert status.id == "94" and status.counters["not_modified"] == 2 and status.counters["failed"] == 0


@pytest.mark.parametrize("body", [None, [], "", 0, {}, {"status": None}, {"status": ""}, {"status": 5}, {"id": 3}])
def test_no_status(body: Any) -> None:
    assert sync.parse(body) is None


@pytest.mark.parametrize(
    ("more", "success", "login_failed"),
    [
        ({}, True, False),
        ({"failedCount": 1}, False, False),
        ({"messages": ["Token request failed: java.net.SocketException: Connection reset"]}, False, True),
        ({"messages": ["AADSTS7000222: The provided client secret keys are expired."]}, False, True),
        ({"messages": ["AADSTS7000215: Invalid client secret provided."]}, False, True),
        ({"messages": ['{"error":"invalid_client"}']}, False, True),
        ({"messages": ["Connector is not authorized. Click Authorize in the connector settings."]}, False, True),
        ({"messages": ["Authorization_RequestDenied: Insufficient privileges"]}, False, False),
        ({"messages": ["Skipping administrator ada", "User bob was not modified"]}, True, False),
        ({"status": "FAILED"}, False, False),
        ({"status": "done"}, True, False),
        ({"status": "RUNNING"}, False, False),
    ],
)
def test_done_alone_is_no_success(more: dict[str, Any], success: bool, login_failed: bool) -> None:
    status = sync.parse({**DOCUMENTED, **more})
    assert status is not None
    assert (status.success, status.login_failed) == (success, login_failed)


def test_shapes_that_are_not_documented() -> None:
    status = sync.parse(
        {"status": "DONE", "id": "ab/../c", "messages": "one text", "failedCount": "2", "skippedByRuleCount": 4}
    )
    assert status is not None
    assert status.id is None and status.messages == ["one text"]
    assert status.counters == {"skipped_by_rule": 4}
    assert sync.parse({"status": "DONE", "messages": {"a": 1}, "duration": True}).duration is None  # type: ignore[union-attr]


def test_lists_of_states_replace_their_defaults() -> None:
    states = sync.States.of({"running_states": ["works"], "success_states": None})
    status = sync.parse({"status": "Works"}, states)
    assert status is not None and status.running
    assert not sync.parse({"status": "RUNNING"}, states).known  # type: ignore[union-attr]
    assert sync.parse(DOCUMENTED, states).success  # type: ignore[union-attr]


def test_long_messages_are_cut() -> None:
    status = sync.parse({"status": "DONE", "messages": ["x" * 9000] * 900})
    assert status is not None
    assert len(status.messages) == sync.MOST_MESSAGES and len(status.messages[0]) == sync.LONGEST_MESSAGE
