# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a host answers, there is one sentence, no traceback, and no write that the answer does not allow."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import urllib3
from ansible_collections.fleetops.usersync.plugins.modules import (
    usersync_connector,
    usersync_connector_info,
    usersync_sync,
)
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.conftest import run_module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LOGIN = {"url": "https://host.invalid/jira", "username": "admin", "password": "the-password-of-this-test"}
SECRET = "k3a8Q~first.secret_of-this~test0123456789ab"
APP = {
    "application_id": "0f5d1c7e-1111-4222-8333-444455556666",
    "tenant_id": "0f5d1c7e-2222-4222-8333-444455556666",
    "application_secret": SECRET,
    "verify_timeout": 0,
}
TELLING = (
    "uniqueId",
    "id",
    "configuration",
    "name",
    "type",
    "applicationId",
    "clientId",
    "tenantId",
    "applicationSecret",
    "directoryId",
    "scheduleEnabled",
    "cronExpression",
    "cleanupBehaviour",
    "authenticationFlow",
    "useClientCredentials",
    "authorized",
    "status",
    "messages",
    "addedCount",
    "plugins",
    "version",
    "key",
    "typeId",
    "groupTypes",
    "requiredGroups",
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["4", "AZURE", "DONE", "RUNNING", "********", "{ENC}abc", "de.resolution.usersync", APP["tenant_id"]]
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(TELLING), st.text(max_size=4)), inner, max_size=6),
    ),
    max_leaves=25,
)
LIKELY = st.lists(st.fixed_dictionaries({"uniqueId": SCALARS, "configuration": JSON}), min_size=1, max_size=2)
STATUSES = st.sampled_from([200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 418, 500])
MEDIA = st.sampled_from(["application/json", "text/html", ""])
MODULES = (
    (usersync_connector.main, APP),
    (usersync_connector.main, {**APP, "connector_id": "4", "schedule_enabled": True, "name": "x"}),
    (usersync_connector.main, {"state": "absent"}),
    (usersync_connector_info.main, {"keys": True, "configuration": True}),
    (usersync_sync.main, {"poll": 0.01, "wait_timeout": 0.01}),
)


def raw(body: bytes) -> urllib3.HTTPResponse:
    """A body as it comes from a connection."""
    return urllib3.HTTPResponse(io.BytesIO(body), preload_content=False)


def answered(answer: Callable[[requests.PreparedRequest], tuple[int, str, bytes]], log: list[str]) -> Any:
    """An adapter's send() that makes up every answer."""

    def send(_self: Any, request: requests.PreparedRequest, **_kwargs: Any) -> requests.Response:
        log.append(str(request.method))
        status, media, body = answer(request)
        response = requests.Response()
        response.status_code = status
        response.headers["Content-Type"] = media
        if status == 302:
            response.headers["Location"] = "https://sso.invalid/saml"
        response.raw = raw(body)
        response.request = request
        response.url = str(request.url)
        return response

    return send


def run(
    monkeypatch: pytest.MonkeyPatch, main: Any, options: dict[str, Any], answer: Any, check: bool = False
) -> tuple[dict[str, Any], list[str]]:
    log: list[str] = []
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", answered(answer, log))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    from ansible_collections.fleetops.usersync.plugins.module_utils import _http, _logins
    from ansible_collections.fleetops.usersync.plugins.module_utils._usersync import connect

    _logins.forget()
    quick = _http.Retry(attempts=2, first_pause=0, longest_pause=0)
    how = {"retry": quick, "sleep": lambda seconds: None}
    monkeypatch.setattr(connect, "Http", lambda *args, **kwargs: _http.Http(*args, **{**kwargs, **how}))
    return run_module(main, {**LOGIN, **options}, check=check), log


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("case", range(len(MODULES)))
def test_random_json_never_ends_in_a_traceback(case: int, data: st.DataObject) -> None:
    main, options = MODULES[case]

    def answer(_request: Any) -> tuple[int, str, bytes]:
        body = data.draw(st.one_of(JSON, LIKELY))
        return data.draw(STATUSES), data.draw(MEDIA), json.dumps(body).encode()

    with pytest.MonkeyPatch.context() as patch:
        result, _log = run(patch, main, options, answer)
    # Only an answer that is a connector may have been written; what was not understood never is
    assert result.get("failure", {}).get("kind") != "defect", result["msg"]
    text = json.dumps(result)
    assert SECRET not in text and LOGIN["password"] not in text


def is_connector(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("configuration"), dict)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=JSON, status=STATUSES, media=MEDIA)
@pytest.mark.parametrize("case", range(3))
def test_what_is_no_connector_is_never_written_to(case: int, body: Any, status: int, media: str) -> None:
    main, options = MODULES[case]
    if is_connector(body) or body == []:
        return
    with pytest.MonkeyPatch.context() as patch:
        result, log = run(patch, main, options, lambda request: (status, media, json.dumps(body).encode()))
    assert set(log) == {"GET"}, result
    assert result.get("failure", {}).get("kind") != "defect", result["msg"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("case", range(len(MODULES)))
def test_check_mode_never_writes(case: int, data: st.DataObject) -> None:
    main, options = MODULES[case]

    def answer(_request: Any) -> tuple[int, str, bytes]:
        return data.draw(STATUSES), "application/json", json.dumps(data.draw(st.one_of(JSON, LIKELY))).encode()

    with pytest.MonkeyPatch.context() as patch:
        result, log = run(patch, main, options, answer, check=True)
    assert set(log) == {"GET"}
    assert result.get("failure", {}).get("kind") != "defect", result["msg"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=200), status=STATUSES)
def test_random_bytes(body: bytes, status: int) -> None:
    for main, options in MODULES:
        with pytest.MonkeyPatch.context() as patch:
            result, log = run(patch, main, options, lambda request: (status, "application/json", body))
        assert set(log) == {"GET"} or body.strip() == b"[]"
        assert result.get("failure", {}).get("kind") != "defect", result["msg"]


@pytest.mark.parametrize(
    "body", [b"[" * 100000, b'{"a":' * 100000, b"[NaN]", b'[{"uniqueId": 1e999}]', b"\xff\xfe", b"null", b'""']
)
def test_bodies_that_hurt(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for main, options in MODULES:
        result, log = run(monkeypatch, main, options, lambda request: (200, "application/json", body))
        assert result["failed"] and set(log) == {"GET"}
        assert result["failure"]["kind"] != "defect", result["msg"]
