# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which flow a connector gets, and the migration of an old connector on a new app; the click itself: tests/browser."""

from __future__ import annotations

import json
from typing import Any

from whose import host_of_secret

OLD = {"connectors": [{"flow": "authorization_code"}]}
EMPTY = {"connectors": [], "list_endpoint": True, "creation": "allowed"}
FLEET = (
    "--generations",
    "jira01=1.9,jira02=1.4",
    "--host-options",
    json.dumps({"jira01": OLD, "jira02": EMPTY}),
)


def connector(it: Any, host: str) -> dict[str, Any]:
    """What the host really holds."""
    return it.simulation.state()["hosts"][host]["connectors"][0]


def test_flow_of_a_new_connector_follows_the_version(fleet: Any) -> None:
    it = fleet(3, *FLEET)
    foretold = it.play("--check", "--limit", "jira02,confluence01")
    assert foretold.code == 0 and foretold.writes == []
    played = it.play("--limit", "jira02,confluence01")
    assert played.failed == {"jira02"} and "click Authorize" in played.output
    assert played.changed == {**foretold.changed, "jira02": played.changed["jira02"]}
    assert connector(it, "jira02")["flow"] == "authorization_code"
    assert connector(it, "confluence01")["flow"] == "client_credentials"
    assert it.simulation.state()["works"] == {"jira01": False, "jira02": True, "confluence01": True}


def test_migration_when_asked(fleet: Any) -> None:
    it = fleet(1, "--generation", "1.9", "--host-options", json.dumps({"jira01": OLD}))
    # made by hand years ago, with what the guide of then asked for, and nobody has granted what the new flow needs
    url = it.hosts["jira01"]["azure_connector_url"]
    seed = {"style": "new_portal", "display_name": "User Sync", "url": url, "consent": False}
    app = it.simulation.tell("/seed", old_app=seed)["old_app"]
    it.simulation.tell("/seed", consent={"app_id": app["app_id"], "scopes": ["User.Read", "User.ReadBasic.All"]})
    held = {"application_id": app["app_id"], "tenant_id": it.simulation.about["tenant"]["id"]}
    it.simulation.tell("/host", name="jira01", leaves={**held, "client_secret": app["secret"]})
    it.variables["azure_connector_app_adopt"] = app["id"]

    kept = it.play()
    assert kept.failed == {"jira01"} and "click Authorize" in kept.output
    assert connector(it, "jira01")["flow"] == "authorization_code"

    it.variables["azure_connector_flow"] = "client_credentials"
    it.variables.update({"azure_connector_secret_delivery_window": 30, "azure_connector_secret_delivery_timeout": 1})
    moved = it.play()
    assert moved.code == 0, moved.output
    assert connector(it, "jira01")["flow"] == "client_credentials"
    state = it.simulation.state()
    assert state["works"] == {"jira01": True} and connector(it, "jira01")["users"] == 25
    mine = next(entry for entry in state["tenant"]["applications"] if entry["appId"] == app["app_id"])
    names = [entry["displayName"] for entry in mine["passwordCredentials"]]
    assert [host_of_secret(name) for name in names].count("jira01") == 1
    # the secret of the portal was not named, so it stays
    assert "usersync" in names

    again = it.play()
    assert (again.code, again.changed, again.writes) == (0, {"jira01": 0}, [])


def test_permissions_come_before_the_switch(fleet: Any) -> None:
    it = fleet(1, "--generation", "1.9", "--host-options", json.dumps({"jira01": OLD}))
    it.variables["azure_connector_flow"] = "client_credentials"
    played = it.play()
    assert played.code == 0, played.output
    order = [path.rsplit("/", 1)[-1] for path in played.writes if not path.startswith("DELETE")]
    last_grant = max(n for n, path in enumerate(order) if path in ("appRoleAssignedTo", "oauth2PermissionGrants"))
    assert last_grant < next(n for n, path in enumerate(played.writes) if path.startswith("PUT /jira01"))
    assert connector(it, "jira01")["flow"] == "client_credentials"
    assert it.play().writes == []
