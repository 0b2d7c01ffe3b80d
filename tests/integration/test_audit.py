# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit playbook: read only, whatever it meets; its files agree with each other; its gates close."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demo"))

import report as fleet_report

AUDIT = "fleetops.usersync.audit"
NOISE = ("Traceback", "[DEPRECATION", "[ERROR]", "[WARNING]")
EVIL = "<script>alert(1)</script> {{ 7 * 7 }} {% raw %}"


def files(fleet: Any) -> dict[str, Path]:
    return {kind: fleet.folder / "reports" / name for kind, name in fleet_report.FILES.items()}


def audit(fleet: Any, *arguments: str, **variables: Any) -> Any:
    named = {f"azure_connector_audit_{kind}": str(path) for kind, path in files(fleet).items()}
    return fleet.play("-e", json.dumps({**named, **variables}), *arguments, playbook=AUDIT)


def data(fleet: Any) -> dict[str, Any]:
    return json.loads(files(fleet)["json"].read_text(encoding="utf-8"))


def codes(report: dict[str, Any], host: str | None = None) -> set[str]:
    return {one["code"] for one in report["findings"] if host is None or host in one["hosts"]}


@pytest.fixture(scope="module")
def ready(fleet: Any) -> Any:
    """Five hosts as set-up leaves them, schedules on."""
    some = fleet(5)
    played = some.play("-e", json.dumps({"azure_connector_schedule_enabled": True}))
    assert played.code == 0, played.output
    return some


def test_a_good_fleet_passes_the_strictest_gate_and_is_not_written_to(ready: Any) -> None:
    played = audit(ready, azure_connector_audit_fail_on=["warning"])
    assert played.code == 0, played.output
    assert not [word for word in NOISE if word in played.output], played.output
    assert (played.writes, played.changed) == ([], dict.fromkeys(ready.hosts, 0))
    tokens = [host for host in ready.hosts.values() if "azure_connector_token" in host]
    assert tokens and played.count("atlassian") == 4 * len(ready.hosts) + len(tokens), "a token's end is a read more"
    assert "5 hosts: 5 ok" in played.output

    report = data(ready)
    assert codes(report) == {"permission-savings"}
    assert [host["host"] for host in report["hosts"]] == sorted(ready.hosts)
    assert {one["secret"]["days_left"] for host in report["hosts"] for one in host["connectors"]} == {179}
    modes = {kind: stat.S_IMODE(path.stat().st_mode) for kind, path in files(ready).items()}
    assert modes == {"html": 0o640, "json": 0o640, "prometheus": 0o644}
    page = files(ready)["html"].read_text(encoding="utf-8")
    embedded = page.split('<script type="application/json" id="report">')[1].split("</script>")[0]
    assert json.loads(embedded) == report
    metrics = files(ready)["prometheus"].read_text(encoding="utf-8")
    assert metrics.count("usersync_host_up{") == 5 and metrics.endswith("\n") and not metrics.endswith("\n\n")
    assert "usersync_last_sync_success" in metrics


def test_no_secret_is_in_output_or_files(ready: Any) -> None:
    played = audit(ready, "-vvv")
    assert played.code == 0, played.output
    known = {entry["value"] for entry in ready.simulation.ask("/secrets") if len(entry["value"]) > 5}
    assert known
    for text in (played.output, *(path.read_text(encoding="utf-8") for path in files(ready).values())):
        assert [value for value in known if value in text] == []


def test_directory_is_read_once_for_any_number_of_hosts_and_check_mode_writes_no_file(ready: Any) -> None:
    whole = audit(ready)
    for path in files(ready).values():
        path.unlink()
    checked = audit(ready, "--check")
    assert checked.code == 0, checked.output
    assert (checked.writes, [path for path in files(ready).values() if path.exists()]) == ([], [])
    few = audit(ready, "--limit", "jira02,bitbucket01")
    assert whole.count("graph") == checked.count("graph") == few.count("graph")
    assert "credential-without-holder" not in codes(data(ready))


def test_spoilt_hosts_are_found_and_an_unreachable_one_stops_nothing(ready: Any) -> None:
    spoilt = fleet_report.spoil(ready.simulation)
    first, *others = ready.hosts
    dead = others[-1]
    ready.simulation.tell("/faults", kind="down", host=dead)
    sync = {"status": "FAILED", "messages": ["Scheduled with jobid 1", EVIL]}
    ready.simulation.tell("/host", name=spoilt["old-flow"], sync=sync)

    played = audit(ready, azure_connector_audit_fail_on=["error"])
    ready.simulation.mend()
    assert played.code == 2
    assert played.writes == []
    assert "azure_connector_audit_fail_on names" in played.output and f"host-unreachable ({dead})" in played.output
    report = data(ready)
    for code, host in spoilt.items():
        assert code in codes(report, host), code
    assert codes(report, dead) >= {"host-unreachable"}
    assert report["summary"]["hosts"]["unreachable"] == 1
    assert {first, spoilt["clone-connector"]} == set(
        next(one["hosts"] for one in report["findings"] if one["code"] == "clone-connector")
    )
    said = [one["what"] for one in report["findings"] if one["code"] == "sync-failed"]
    assert any(EVIL in what for what in said), said
    page = files(ready)["html"].read_text(encoding="utf-8")
    assert "<script>alert" not in page and "49" not in page.split("7 * 7")[0][-5:]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }} {% raw %}" in page


def test_own_template_escapes_too(ready: Any) -> None:
    template = ready.folder / "own.html.j2"
    template.write_text("{% for one in report.findings %}<p>{{ one.what }}</p>\n{% endfor %}", encoding="utf-8")
    played = audit(ready, azure_connector_report_template=str(template))
    assert played.code == 0, played.output
    page = files(ready)["html"].read_text(encoding="utf-8")
    assert page.startswith("<p>") and "&lt;script&gt;" in page and "<script>" not in page

    template.write_text("{% for %}", encoding="utf-8")
    broken = audit(ready, azure_connector_report_template=str(template))
    assert broken.code == 2
    assert f"azure_connector_report_template: {template} line 1 cannot be rendered" in broken.output


def test_unknown_gate_is_refused_before_anything_is_read(ready: Any) -> None:
    played = audit(ready, azure_connector_audit_fail_on=["secret-expierd"])
    assert played.code == 2
    assert "azure_connector_audit_fail_on" in played.output and "secret-expierd" in played.output
    assert played.requests == []


def test_wrong_login_to_the_directory_is_a_finding_and_is_tried_once(ready: Any) -> None:
    ready.variables["azure_connector_entra_client_secret"] = "wrong"
    try:
        played = audit(ready)
    finally:
        ready.variables.clear()
        ready.variables.update(_variables(ready))
    assert played.code == 0, played.output
    report = data(ready)
    assert "app-unreadable" in codes(report)
    assert report["hosts"] and all(host["reachable"] for host in report["hosts"])
    assert played.count("token", "POST") <= 2


def _variables(fleet: Any) -> dict[str, Any]:
    about = yaml.safe_load(Path(fleet.simulation.about["inventory"]).read_text(encoding="utf-8"))
    return about["usersync_hosts"]["vars"]
