# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that answer as none of the simulator's does: each has its sentence with its remedy all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from ansible_collections.fleetops.usersync.plugins.modules import usersync_connector, usersync_sync
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules import test_usersync_random_hosts as random_hosts

APP, SECRET, run = random_hosts.APP, random_hosts.SECRET, random_hosts.run
Told = tuple[int, str, bytes]
JSON = "application/json"
CONFIGURATION = {"name": "Azure AD", "type": "AZURE", "applicationId": "", "tenantId": ""}
CONNECTOR = {"uniqueId": "4", "configuration": CONFIGURATION}
LIST = [CONNECTOR]


def says(status: int = 200, body: Any = None, media: str = JSON) -> Told:
    return status, media, body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()


def host(**answers: Told) -> Callable[[requests.PreparedRequest], Told]:
    """Answers by what the last part of the address is, or by the method and it; 404 for all else."""

    def answer(request: requests.PreparedRequest) -> Told:
        last = str(request.path_url).rstrip("/").rpartition("/")[2].replace("4", "one")
        return answers.get(f"{request.method}_{last}") or answers.get(last) or says(404, {"message": "not found"})

    return answer


def refused(result: dict[str, Any], code: str, *words: str) -> None:
    assert result.get("failed") and result["failure"]["code"] == code, result["msg"]
    assert words and all(word in result["msg"] for word in words), result["msg"]
    assert "Traceback" not in result["msg"] and SECRET not in str(result)


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        (says(200, b"OK", "text/plain"), "not_json", ("url: ", "text/plain", "rest_path")),
        (says(200, {"connectors": []}), "not_user_sync", ("url: ", "rest_path", "usersync_connector_info")),
        (says(200, [{"name": "no id"}]), "not_user_sync", ("with an ID each",)),
    ],
)
def test_something_else_at_the_address(
    monkeypatch: pytest.MonkeyPatch, told: Told, code: str, words: tuple[str, ...]
) -> None:
    result, log = run(monkeypatch, usersync_connector.main, APP, host(connector=told))
    refused(result, code, *words)
    assert set(log) == {"GET"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("https://host.invalid/jira/", "https://host.invalid/jira8/", "to https://host.invalid/jira8;"),
        ("https://host.invalid/jira/", "https://host.invalid/", "to https://host.invalid;"),
        ("https://host.invalid", "https://jira.invalid:8443", "to https://jira.invalid:8443/jira;"),
        ("https://host.invalid", "", "to https://host.invalid/jira;"),
    ],
)
def test_redirect_to_the_canonical_address(monkeypatch: pytest.MonkeyPatch, old: str, new: str, told: str) -> None:
    def moved(_self: Any, request: requests.PreparedRequest, **_kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.raw, response.request = 301, random_hosts.raw(b""), request
        response.url = str(request.url)
        response.headers["Location"] = response.url.replace(old, new)
        return response

    monkeypatch.setattr(random_hosts, "answered", lambda answer, log: moved)
    result, _log = run(monkeypatch, usersync_connector.main, APP, host())
    refused(result, "redirect", "url: ", told, "canonical base URL")


def test_connector_that_is_created_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = host(GET_connector=says(200, []), POST_connector=says(201, None))
    result, log = run(monkeypatch, usersync_connector.main, APP, answer)
    refused(result, "not_shown", "run again", "verify_timeout")
    assert log.count("POST") == 1


def test_connector_that_is_removed_and_still_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = host(connector=says(200, LIST), GET_one=says(200, CONNECTOR), DELETE_one=says(204), syncstatus=says(204))
    result, log = run(monkeypatch, usersync_connector.main, {"state": "absent", "verify_timeout": 0}, answer)
    refused(result, "still_there", "connector 4", "/plugins/servlet/de.resolution.usersync/admin")
    assert log.count("DELETE") == 1


def test_sync_that_is_accepted_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.fleetops.usersync.plugins.module_utils._workflow import sync

    monkeypatch.setattr(sync, "LAG", 0.0)
    answer = host(connector=says(200, LIST), syncstatus=says(204), sync=says(202, None))
    result, log = run(monkeypatch, usersync_sync.main, {"poll": 0.01, "wait_timeout": 5}, answer)
    refused(result, "no_status", "Sync Status page")
    assert log.count("POST") == 1


def test_error_of_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: requests.PreparedRequest) -> Told:
        raise PermissionError(13, "Permission denied")

    result, _log = run(monkeypatch, usersync_connector.main, APP, broken)
    refused(result, "io", "url: https://host.invalid", "Permission denied")


def test_redirects_of_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _log = run(monkeypatch, usersync_connector.main, APP, host(connector=says(302)))
    refused(result, "sso_redirect", "/rest/samlsso-admin/")


IDS = {"uniqueId": "0f5d1c7e-7777-4222-8333-444455556666", "id": 7, "directoryId": 10100}
FOREIGN = {**CONFIGURATION, **IDS, "applicationSecret": "secret-of-another-host", "kept": {"directory": "stays"}}


@pytest.mark.parametrize(
    "template",
    [FOREIGN, {"uniqueId": IDS["uniqueId"], "configuration": FOREIGN}, [{"uniqueId": "7", "configuration": FOREIGN}]],
    ids=["configuration", "exported", "list"],
)
def test_a_creation_sends_no_id_directory_or_secret_of_its_template(
    monkeypatch: pytest.MonkeyPatch, template: Any
) -> None:
    sent: list[dict[str, Any]] = []
    other = host(GET_connector=says(200, []))

    def answer(request: requests.PreparedRequest) -> Told:
        if request.method == "POST":
            sent.append(json.loads(request.body or b"null"))
            return says(201)
        return other(request)

    run(monkeypatch, usersync_connector.main, {**APP, "name": "Copy", "template": template}, answer)
    # a host that took them over would get the directory, and with it the users, of the other one
    assert [body.keys() & {*IDS, "applicationSecret"} for body in sent] == [set()]
    assert sent[0]["kept"] == {"directory": "stays"} and sent[0]["name"] == "Copy"
