# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that limit the rate of requests, and hosts that want a secure administrator session."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import connect

ELEVATE = "/rest/tsv/latest/elevate-permissions/password"


@pytest.fixture
def patient(live: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the client makes between tries; the simulator's clock moves in their place."""
    from ansible_collections.fleetops.usersync.plugins.module_utils import _front, _http

    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        live.sim.advance(seconds)

    real = _front.Run
    monkeypatch.setattr(_front, "Run", lambda **kwargs: real(**{**kwargs, "sleep": sleep}))
    monkeypatch.setattr(connect, "Http", _http.Http)
    return pauses


def platform(live: Any, name: str, word: str, **traits: Any) -> None:
    live.sim.clear_faults()
    live.sim.reset(platform=word, generation="2.x", host_options={"*": traits})
    live.name = name
    live.begin()


@pytest.fixture(autouse=True)
def usual_platform(live: Any) -> Any:
    yield
    live.sim.reset(platform="jira10", host_options={})


@pytest.mark.parametrize("told", ["seconds", "date"])
def test_a_limit_is_waited_for_as_told_and_counted(live: Any, patient: list[float], told: str) -> None:
    platform(live, "confluence01", "jira12", rate_limit=1, retry_after=told)
    result = live.connector(**live.wanted())
    assert result["changed"], result
    assert result["http"]["throttled"] == len(patient) > 0
    # never earlier than told, and never much later
    assert patient and all(1 <= pause < 2.6 for pause in patient), patient
    entries = live.sim.journal(since=live.mark, service="atlassian")
    refused = [entry for entry in entries if entry["status"] == 429]
    assert len(refused) == len(patient), "a request is repeated once for each time it was told to wait"


def test_who_is_told_to_wait_too_long_does_not_come_back_early(live: Any, patient: list[float]) -> None:
    platform(live, "jira01", "jira10")
    live.sim.fault("throttle", service="atlassian", retry_after="3600", times=9)
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "throttled" and "Retry-After: 3600" in result["msg"], result
    assert patient == [] and len(live.requests()) == 1


@pytest.mark.parametrize(("name", "word"), [("bamboo01", "jira11"), ("bamboo01", "jira10"), ("confluence01", "jira11")])
@pytest.mark.parametrize("option", ["websudo", "websudo_when_asked"])
def test_elevation_by_rest_where_the_product_has_it(live: Any, name: str, word: str, option: str) -> None:
    platform(live, name, word, websudo=True)
    result = live.connector(**live.wanted(**{option: True}))
    assert result["changed"], result
    posts = [path for method, path in live.requests() if method == "POST" and "usersync" not in path]
    by_rest = (name, word) == ("bamboo01", "jira11")
    assert posts[0].endswith(ELEVATE) and len(posts) == (1 if by_rest else 2), posts


def test_no_session_is_opened_unless_somebody_asks(live: Any) -> None:
    platform(live, "bamboo01", "jira11")
    assert live.connector(**live.wanted(websudo_when_asked=True))["changed"]
    assert not [path for _method, path in live.requests() if path.endswith(ELEVATE)]
    platform(live, "bamboo01", "jira11", websudo=True)
    result = live.connector(**live.wanted())
    assert result["failure"]["code"] == "websudo" and "websudo_when_asked" in result["msg"]
    assert not [path for _method, path in live.requests() if path.endswith(ELEVATE)]


def test_the_code_of_an_authenticator_app_cannot_be_given(live: Any) -> None:
    platform(live, "bamboo01", "jira11", websudo=True, totp=True)
    result = live.connector(**live.wanted(websudo=True))
    assert result["failure"]["code"] == "totp", result
    assert "code from an authenticator app" in result["msg"] and "TOTP code is required" in result["msg"]
    assert len([path for _method, path in live.requests() if path.endswith(ELEVATE)]) == 1


@pytest.mark.parametrize("option", ["websudo", "websudo_when_asked"])
def test_a_session_needs_the_password(live: Any, option: str) -> None:
    platform(live, "jira01", "jira11")
    result = live.connector(**live.wanted(username=None, password=None, token=live.host["token"], **{option: True}))
    assert result["msg"].startswith(f"{option}: needs username and password") and live.requests() == []
