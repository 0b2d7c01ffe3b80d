# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A staging host that is a copy of production bears the same connector ids and the same secret."""

from __future__ import annotations

import json
from typing import Any

from whose import host_of_secret

ORIGINAL, CLONE = "jira01", "jira02"


def copied(it: Any) -> None:
    """The database of the original is restored on the clone."""
    it.simulation.tell("/host", name=CLONE, clone_of=ORIGINAL)


def names(it: Any) -> list[str]:
    """Display names of the credentials of the one app of the fleet."""
    apps = it.simulation.state()["tenant"]["applications"]
    listed = [[entry["displayName"] for entry in app["passwordCredentials"]] for app in apps]
    return next(entries for entries in listed if "automation" not in entries)


def holders(it: Any) -> list[str]:
    return sorted(filter(None, map(host_of_secret, names(it))))


QUICK = {"azure_connector_secret_delivery_window": 30, "azure_connector_secret_delivery_timeout": 1}


def works(it: Any) -> bool:
    return it.simulation.state()["works"] == {ORIGINAL: True, CLONE: True}


def test_a_copy_of_a_host_that_was_set_up(fleet: Any) -> None:
    it = fleet(2)
    it.variables.update(QUICK)
    assert it.play("--limit", ORIGINAL).code == 0
    copied(it)
    ids = [host["connectors"][0]["id"] for host in it.simulation.state()["hosts"].values()]
    assert ids[0] == ids[1] and works(it)

    played = it.play()
    assert played.code == 0, played.output
    # the copy gets a secret of its own; the original, whose secret the copy held, is not touched
    assert played.changed[CLONE] > 0
    assert [path for path in played.writes if f"/{ORIGINAL}/" in path] == []
    assert holders(it) == [ORIGINAL, CLONE] and works(it)
    assert it.play().writes == []

    rotated = it.play("-e", "azure_connector_force=true", playbook="fleetops.usersync.rotate_secrets")
    assert rotated.code == 0, rotated.output
    assert holders(it) == [ORIGINAL, CLONE] and works(it)
    assert it.play().writes == []


def test_copies_with_a_secret_of_the_portal(fleet: Any) -> None:
    it = fleet(2, "--host-options", json.dumps({ORIGINAL: {"connectors": [{}]}}))
    app = it.simulation.tell("/seed", application={"display_name": "User Sync"})["application"]
    it.simulation.tell("/seed", consent={"app_id": app["app_id"], "roles": ["Directory.Read.All", "User.Read.All"]})
    by_hand = {"app_id": app["app_id"], "display_name": "made by hand"}
    shared = it.simulation.tell("/seed", credential=by_hand)["credential"]
    leaves = {
        "application_id": app["app_id"],
        "tenant_id": it.simulation.about["tenant"]["id"],
        "client_secret": shared["secret"],
    }
    it.simulation.tell("/host", name=ORIGINAL, leaves=leaves)
    copied(it)
    assert works(it)

    it.variables.update({"azure_connector_app_id": app["app_id"], "azure_connector_app_adopt": app["id"]})
    played = it.play()
    assert played.code == 0, played.output
    entries = next(
        entry["passwordCredentials"]
        for entry in it.simulation.state()["tenant"]["applications"]
        if entry["appId"] == app["app_id"]
    )
    found = [entry["displayName"] for entry in entries]
    # each has its own, and the one of the portal stays, for nobody has named it
    assert sorted(filter(None, map(host_of_secret, found))) == [ORIGINAL, CLONE]
    assert "made by hand" in found and works(it)
    assert it.play().writes == []

    key_id = next(entry["keyId"] for entry in entries if entry["displayName"] == "made by hand")
    (it.folder / "named.yml").write_text(REMOVAL, encoding="utf-8")
    removed = it.play("-e", f"app_id={app['app_id']}", "-e", f"key_id={key_id}", playbook="named.yml")
    assert removed.code == 0, removed.output
    assert removed.writes == [f"POST /v1.0/applications/{app['id']}/removePassword"] and works(it)
    assert it.play().writes == []


REMOVAL = """\
- name: Remove the secret that was named
  hosts: usersync_hosts
  gather_facts: false
  tasks:
    - name: Remove the secret that was named
      fleetops.usersync.azuread_app_secret:
        tenant: "{{ azure_connector_entra_tenant }}"
        client_id: "{{ azure_connector_entra_client_id }}"
        client_secret: "{{ azure_connector_entra_client_secret }}"
        authority_url: "{{ azure_connector_entra_authority_url }}"
        graph_url: "{{ azure_connector_entra_graph_url }}"
        ca_path: "{{ azure_connector_entra_ca_path }}"
        app_id: "{{ app_id }}"
        key_id: "{{ key_id }}"
        state: absent
      delegate_to: localhost
      run_once: true
"""
