# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who refuses before a host is told in his own words by the role's report and by the audit."""

from __future__ import annotations

import json

import pytest
from ansible_collections.fleetops.usersync.tests.frontends import KINDS, Proxy

HOST, OTHER = "jira01", "jira02"
WORDS = {
    "gateway_login": ("the gateway 'Corp Gateway' in front of the host", "401 Authorization Required."),
    "firewall_put": ("a firewall in front of the host (BigIP)", "Your support ID is: 1827361902837465."),
}


@pytest.mark.parametrize("kind", WORDS)
def test_the_report_and_the_audit_tell_who_refused(fleet, tmp_path, kind: str) -> None:
    it = fleet(2)
    about = it.simulation.about
    with Proxy(about["authority_url"], about["ca_file"], KINDS[kind]()) as front:
        variables = it.hosts[HOST]
        variables["azure_connector_url"] = variables["azure_connector_url"].replace(about["authority_url"], front.url)
        variables["azure_connector_ca_path"] = front.ca_file
        played = it.play()
        assert played.failed == {HOST}, played.output
        line = next(one for one in played.output.splitlines() if f"{HOST}: failed at" in one)
        for words in WORDS[kind]:
            assert words in line.replace("\\", ""), line
        assert "password" not in line.partition("failed at")[2][:60]
        assert it.simulation.state()["works"] == {HOST: False, OTHER: True}

        if kind != "gateway_login":
            return
        report = tmp_path / "report.json"
        it.play("-e", f"azure_connector_audit_json={report}", playbook="fleetops.usersync.audit")
        found = json.loads(report.read_text(encoding="utf-8"))["findings"]
        told = [one["what"] for one in found if one["hosts"] == [HOST]]
        assert any(WORDS[kind][1] in one for one in told), told
