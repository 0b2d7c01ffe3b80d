# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every product, generation of User Sync, visibility of the secret and login in one fleet: set-up, again, one change.

The rows cover every pair of two values but three; each row is one host. All that the inventory says of a host is its
address, its login and, before 2.x, the number of its connector.
"""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest
from person import Person
from whose import host_of_secret

PRODUCTS = ("jira", "confluence", "bitbucket", "bamboo")
GENERATIONS = ("1.4", "1.9", "2.x")
VISIBILITIES = ("clear", "encrypted", "masked", "absent")
LOGINS = ("password", "token", "api_token", "headers")
API_TOKEN = "api-token-of-one-administrator"
ROWS = {
    "jira01": ("2.x", "absent", "api_token"),
    "jira02": ("1.9", "masked", "password"),
    "confluence01": ("1.9", "absent", "headers"),
    "confluence02": ("2.x", "encrypted", "token"),
    "bitbucket01": ("2.x", "encrypted", "password"),
    "bamboo01": ("1.4", "clear", "password"),
    "jira03": ("1.4", "absent", "token"),
    "jira04": ("1.4", "clear", "token"),
    "confluence03": ("2.x", "clear", "token"),
    "confluence04": ("1.4", "absent", "password"),
    "bitbucket02": ("1.4", "masked", "api_token"),
    "bamboo02": ("1.9", "encrypted", "api_token"),
    "jira05": ("1.4", "encrypted", "headers"),
    "jira06": ("1.9", "clear", "api_token"),
    "confluence05": ("2.x", "clear", "api_token"),
    "confluence06": ("1.9", "masked", "token"),
    "bitbucket03": ("1.9", "clear", "headers"),
    "bamboo03": ("2.x", "masked", "headers"),
}
OLD = {host for host, row in ROWS.items() if row[0] == "1.4"}
HIDDEN = {host for host, row in ROWS.items() if row[1] in ("masked", "absent")}
OPTIONS = {host: {"secret_visibility": row[1], "api_token": API_TOKEN} for host, row in ROWS.items()}
FLEET = (
    "--generations",
    ",".join(f"{host}={row[0]}" for host, row in ROWS.items()),
    "--host-options",
    json.dumps(OPTIONS),
)


def test_rows_cover_the_pairs() -> None:
    def pairs(row: tuple[str, ...]) -> set[tuple[Any, ...]]:
        return {(one, row[one], other, row[other]) for one, other in itertools.combinations(range(4), 2)}

    wanted = set[Any]().union(*map(pairs, itertools.product(PRODUCTS, GENERATIONS, VISIBILITIES, LOGINS)))
    covered = set[Any]().union(*(pairs((host.rstrip("0123456789"), *row)) for host, row in ROWS.items()))
    left = {(one[1], one[3]) for one in wanted - covered}
    # an access token of Bitbucket is no administrator's; the other three are in the matrix of the modules
    assert left == {("bitbucket", "token"), ("bitbucket", "absent"), ("bamboo", "absent"), ("bamboo", "token")}


@pytest.fixture
def it(fleet: Any) -> Any:
    """The fleet, with the logins of the rows in its inventory."""
    some = fleet(len(ROWS), *FLEET)
    known = {host["name"]: host for host in some.simulation.about["hosts"]}
    for name, variables in some.hosts.items():
        login = ROWS[name][2]
        username, password = known[name]["username"], known[name]["password"]
        for one in ("username", "password", "token"):
            variables.pop(f"azure_connector_{one}", None)
        if login in ("password", "api_token"):
            variables["azure_connector_username"] = username
            variables["azure_connector_password"] = API_TOKEN if login == "api_token" else password
        if login == "token":
            variables["azure_connector_token"] = known[name]["token"]
        elif login == "headers":
            pair = base64.b64encode(f"{username}:{password}".encode()).decode()
            variables["azure_connector_headers"] = {"Authorization": f"Basic {pair}"}
    # a run that mints waits until no earlier one can deliver any more
    some.variables.update({"azure_connector_secret_delivery_window": 30, "azure_connector_secret_delivery_timeout": 1})
    return some


def test_set_up_again_and_one_change(it: Any) -> None:
    person = Person(it.simulation.about)
    it.variables["azure_connector_wait_for_authorization"] = 300
    first = it.play("--forks", "8", watch=person.watch)
    assert first.code == 0, first.output
    assert set(person.clicked) == OLD and len(person.clicked) == len(OLD)
    everything_works(it)

    again = it.play("--forks", "8")
    assert again.code == 0 and set(again.changed.values()) == {0} and again.writes == [], again.output
    assert again.count("atlassian") <= 2 * len(ROWS)

    it.variables["azure_connector_schedule_enabled"] = True
    foretold = it.play("--forks", "8", "--check")
    changed = it.play("--forks", "8", watch=person.watch)
    assert changed.code == 0, changed.output
    assert foretold.writes == [] and foretold.changed == changed.changed
    assert changed.changed and all(changed.changed.values()) and len(person.clicked) == len(OLD)
    # only a host that hides its secret needs a new one for a change
    assert sum(path.endswith("addPassword") for path in changed.writes) == len(HIDDEN)
    shown = it.simulation.state()["hosts"]
    assert {host for host in ROWS if shown[host]["connectors"][0]["schedule_enabled"]} == set(ROWS)
    everything_works(it)

    quiet = it.play("--forks", "8")
    assert quiet.code == 0 and set(quiet.changed.values()) == {0} and quiet.writes == [], quiet.output


def everything_works(it: Any) -> None:
    """Each host has its users and one live secret of its own, and nothing is pending."""
    state = it.simulation.state()
    assert state["works"] == dict.fromkeys(ROWS, True)
    assert {host["connectors"][0]["users"] for host in state["hosts"].values()} == {25}
    app = it.app()
    names = [entry["displayName"] for entry in app["passwordCredentials"]]
    assert sorted(map(host_of_secret, names)) == sorted(ROWS)
    assert [tag for tag in app["tags"] if "pending" in tag] == []
