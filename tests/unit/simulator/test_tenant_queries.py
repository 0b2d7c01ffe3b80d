# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be asked of lists with and without the index store, by Microsoft's own table of filters."""

from __future__ import annotations

import pytest
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import EVENTUAL, Graph

UNSUPPORTED = "Request_UnsupportedQuery"


@pytest.fixture
def apps(tenant: Simulator) -> list[dict[str, str]]:
    return [
        tenant.seed(
            "application",
            display_name=f"User Sync {number}",
            age_days=number * 100 + 1,
            notes="noted",
            web={"redirectUris": [f"https://jira{number}.test/x"]},
        )
        for number in range(3)
    ]


def names(graph: Graph, path: str, **kwargs: object) -> list[str]:
    return [item["displayName"] for item in graph.call("GET", path, 200, **kwargs)["value"]]


@pytest.mark.parametrize(
    "condition",
    [
        "startswith(displayName,'User Sync')",
        "startsWith(displayName, 'user sync')",
        "createdDateTime ge 2020-01-01T00:00:00Z and startswith(displayName,'User Sync')",
        "displayName in ('User Sync 0', 'User Sync 1', 'User Sync 2')",
        "signInAudience eq 'AzureADMyOrg' and startswith(displayName,'User Sync')",
        "createdDateTime ge 2020-01-01 and createdDateTime le 2099-01-01 and startswith(displayName,'User Sync')",
    ],
)
def test_what_works_by_default(directory: Graph, apps: list[dict[str, str]], condition: str) -> None:
    assert len(names(directory, f"/applications?$filter={condition}")) == 3
    assert len(names(directory, f"/applications?$filter={condition}&$count=true", headers=EVENTUAL)) == 3


def test_moments_are_compared(directory: Graph, apps: list[dict[str, str]]) -> None:
    made = directory.call("GET", f"/applications/{apps[1]['id']}", 200)["createdDateTime"]
    mine = "startswith(displayName,'User Sync') and createdDateTime"
    assert names(directory, f"/applications?$filter={mine} ge {made}") == ["User Sync 0", "User Sync 1"]
    assert names(directory, f"/applications?$filter={mine} le {made}") == ["User Sync 1", "User Sync 2"]
    assert names(directory, f"/applications?$filter={mine} eq {made}") == ["User Sync 1"]
    directory.error("GET", f"/applications?$filter=displayName ge '{made}'", 400, UNSUPPORTED)


@pytest.mark.parametrize(
    "condition",
    [
        "notes eq 'noted'",
        "startswith(notes,'no')",
        "displayName ne 'x' and notes eq 'noted'",
        "not startswith(displayName,'x') and notes eq 'noted'",
        "web/redirectUris/any(u:startswith(u,'https://jira'))",
        "web/homePageUrl eq null and notes eq 'noted'",
    ],
)
def test_what_needs_the_index_store(directory: Graph, apps: list[dict[str, str]], condition: str) -> None:
    path = f"/applications?$filter={condition}"
    directory.error("GET", path, 400, UNSUPPORTED)
    directory.error("GET", f"{path}&$count=true", 400, UNSUPPORTED)
    directory.error("GET", path, 400, UNSUPPORTED, headers=EVENTUAL)
    assert len(names(directory, f"{path}&$count=true", headers=EVENTUAL)) == 3


@pytest.mark.parametrize(
    "condition",
    ["uniqueName eq null", "startswith(appId,'a')", "endswith(displayName,'x')", "passwordCredentials eq null"],
)
def test_what_is_never_supported(directory: Graph, condition: str) -> None:
    path = f"/applications?$filter={condition}&$count=true"
    directory.error("GET", path, 400, UNSUPPORTED, headers=EVENTUAL)


def test_members_of_what_belongs_to_an_application(directory: Graph, apps: list[dict[str, str]]) -> None:
    body = {"name": "job", "issuer": "https://issuer.test", "subject": "a", "audiences": ["api://x"]}
    directory.call("POST", f"/applications/{apps[0]['id']}/federatedIdentityCredentials", 201, json=body)
    path = "/applications?$count=true&$filter=federatedIdentityCredentials/any(f:f/issuer eq 'https://issuer.test')"
    assert names(directory, path, headers=EVENTUAL) == ["User Sync 0"]
    directory.error("GET", path, 400, UNSUPPORTED)


def test_principals_by_the_names_that_tokens_are_asked_for(tenant: Simulator, directory: Graph) -> None:
    app = tenant.seed("application", display_name="offers", identifierUris=["api://example.test/offers"])
    for spn in (app["app_id"], "api://example.test/offers"):
        path = f"/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{spn}')"
        assert names(directory, path) == ["offers"]
    assert names(directory, "/servicePrincipals?$filter=startswith(displayName,'off')") == ["offers"]


def test_a_count_without_the_header_is_ignored_and_as_a_segment_refused(
    directory: Graph, apps: list[dict[str, str]]
) -> None:
    answer = directory.call("GET", "/applications?$count=true", 200)
    assert "@odata.count" not in answer and answer["value"]
    directory.error("GET", "/applications/$count", 400, "Request_BadRequest", "$count is not currently supported.")
    for path, wanted in (
        ("/applications/$count?$filter=startswith(displayName,'User Sync')", "3"),
        (f"/applications/{apps[0]['id']}/owners/$count", "0"),
        ("/applications/$count?$filter=notes eq 'noted'", "3"),
    ):
        answer = directory.call("GET", path, headers=EVENTUAL)
        assert (answer.status_code, answer.text) == (200, wanted)
        assert answer.headers["Content-Type"].startswith("text/plain")
    directory.error("GET", f"/applications/{apps[0]['id']}/$count", 400, "BadRequest", headers=EVENTUAL)


def test_sorting_needs_the_index_store_except_for_people(directory: Graph, apps: list[dict[str, str]]) -> None:
    for kind in ("applications", "servicePrincipals"):
        path = f"/{kind}?$orderby=displayName desc"
        directory.error("GET", path, 400, UNSUPPORTED)
        directory.error("GET", path, 400, UNSUPPORTED, headers=EVENTUAL)
        found = names(directory, f"{path}&$count=true", headers=EVENTUAL)
        assert found == sorted(found, key=str.casefold, reverse=True)
    assert names(directory, "/users?$orderby=displayName")
    directory.error("GET", "/users?$orderby=displayName&$filter=accountEnabled eq true", 400, UNSUPPORTED)


def test_expand_shows_at_most_twenty_and_one_relation(tenant: Simulator, directory: Graph) -> None:
    app = tenant.seed("application", display_name="owned")
    people = directory.call("GET", "/users?$select=id", 200)["value"]
    for person in people[:22]:
        tenant.seed("owner", app_id=app["app_id"], owner_id=person["id"])
    path = f"/applications/{app['id']}"
    owners = directory.call("GET", f"{path}?$expand=owners", 200)["owners"]
    assert len(owners) == 20 and {item["@odata.type"] for item in owners} == {"#microsoft.graph.user"}
    found = directory.call("GET", f"{path}?$select=id&$expand=owners($select=id)", 200)
    assert set(found) == {"@odata.context", "id", "owners"}
    assert set(found["owners"][0]) == {"@odata.type", "id"}
    listed = directory.call("GET", "/applications?$filter=displayName eq 'owned'&$expand=owners", 200)["value"][0]
    assert len(listed["owners"]) == 20
    directory.error("GET", f"{path}?$expand=bogus", 400, "Request_BadRequest")
    directory.error("GET", f"{path}?$expand=owners,federatedIdentityCredentials", 400, UNSUPPORTED)


def test_delta_tells_what_changed_since(tenant: Simulator, directory: Graph) -> None:
    kept = directory.make_app("kept")
    gone = directory.make_app("gone")
    page = directory.call("GET", "/applications/delta?$select=displayName", 200)
    while "@odata.nextLink" in page:
        page = directory.call("GET", page["@odata.nextLink"], 200)
    link = page["@odata.deltaLink"]
    assert directory.call("GET", link, 200)["value"] == []
    directory.call("PATCH", f"/applications/{kept['id']}", 204, json={"displayName": "changed"})
    directory.call("DELETE", f"/applications/{gone['id']}", 204)
    page = directory.call("GET", link, 200)
    found = {item["id"]: item for item in page["value"]}
    assert found[kept["id"]]["displayName"] == "changed"
    assert found[gone["id"]]["@removed"] == {"reason": "changed"}
    assert directory.call("GET", page["@odata.deltaLink"], 200)["value"] == []
    fresh = directory.call("GET", "/servicePrincipals/delta()?$deltatoken=latest", 200)
    assert fresh["value"] == [] and "@odata.deltaLink" in fresh
    directory.error("GET", "/applications/delta?$deltatoken=stale", 400, "Directory_ExpiredPageToken")
