# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is judged without a network: schedules, credentials held, permissions, gates, and the outputs of text."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.fleetops.usersync.plugins.module_utils._audit import dataset, metrics, table, timeline
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.codes import CODES
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.settings import stamp
from ansible_collections.fleetops.usersync.plugins.module_utils._moments import parse
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.cron import longest_pause_hours
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.audit import made_up
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parents[5]
FILES = ROOT / "roles" / "azure_connector" / "files"
EVIL = '</script><script>alert(1)</script>"\\\n{{ 7*7 }} \u2028&<b>'


def codes(report: dict[str, Any]) -> set[str]:
    return {one["code"] for one in report["findings"]}


def level_of(report: dict[str, Any], code: str) -> str:
    return next(one["level"] for one in report["findings"] if one["code"] == code)


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("0 0 2 * * ?", 24),
        ("0 0/15 * * * ?", 0.25),
        ("0 30 8-18 ? * MON-FRI", 62),
        ("0 0 8-18 ? * 2-6", 62),
        ("*/5 * * * *", 0.08),
        ("0 0 0 1 * ?", 744),
        ("0 0 0 L * ?", 744),
        ("0 0 0 29 2 ?", 35064),
        ("0 0 22-2 * * ?", 20),
        ("0 0 3 * * SUN", 168),
        ("@hourly", 1),
        ("0 0 3 ? * 6#3", None),
        ("0 0 3 ? * 6L", None),
        ("0 0 2 * * ? 2026", None),
        ("0 61 2 * * ?", None),
        ("0 0 2 30 2 ?", None),
        ("every night", None),
        ("", None),
        (None, None),
    ],
)
def test_longest_pause(expression: str | None, hours: float | None) -> None:
    assert longest_pause_hours(expression) == hours


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-24T08:30:00Z", "2026-11-24T08:30:00Z"),
        ("2026-11-24T08:30:00.1234567Z", "2026-11-24T08:30:00Z"),
        ("2026-11-24T09:30:00.5+01:00", "2026-11-24T08:30:00Z"),
        ("2026-11-24T09:30:00+0100", "2026-11-24T08:30:00Z"),
        ("2026-11-24T08:30:00", "2026-11-24T08:30:00Z"),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times(text: str | None, told: str | None) -> None:
    assert stamp(parse(text)) == told


def test_a_healthy_fleet_has_no_finding_and_passes_every_gate() -> None:
    report = made_up.healthy(fail_on=["info"])
    assert report["findings"] == []
    assert report["gate"] == {"fail_on": ["info"], "failed": False, "sentence": None}
    assert [host["state"] for host in report["hosts"]] == ["ok"] * 3


def held(hint: str | None, credentials: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    secret = {"visibility": "clear" if hint else "masked", "known_by": "compared", "hint": hint}
    reads = [made_up.read(0, connector={"secret": secret})]
    report = made_up.build(reads, [made_up.app_read(made_up.app(credentials, **more))])
    return report["hosts"][0]["connectors"][0]["secret"]


def test_which_credential_a_connector_holds() -> None:
    older, newer = made_up.credential("jira01", 5), made_up.credential("jira01", 100)
    older["display_name"], older["hint"] = "usersync:jira01:20260101T000000.000000Z", "old"
    by_hand = {**made_up.credential(None, 50, name="by hand"), "hint": "han"}
    told = [
        (held("old", [older, newer]), ("hint", 5)),
        (held("han", [older, newer, by_hand]), ("hint", 50)),
        (held(None, [older, newer]), ("holder", 100)),
        (held(None, [by_hand]), ("only credential", 50)),
        (held(None, [by_hand, {**by_hand, "key_id": "k"}]), (None, None)),
        (held(None, [newer], pending=["jira01"]), (None, None)),
        (held("zzz", [older, newer]), (None, None)),
        (held("zzz", [older, {**newer, "hint": None}]), (None, None)),
    ]
    assert [(secret["known_by"], secret["days_left"]) for secret, _expected in told] == [each for _s, each in told]
    assert [secret["in_app"] for secret, _expected in told] == [True, True, True, True, None, None, False, None]


def test_narrow_permissions_that_suffice_are_neither_missing_nor_too_many() -> None:
    granted = [
        {"api": made_up.GRAPH, "id": name, "type": "application", "value": name}
        for name in ("User.Read.All", "GroupMember.Read.All")
    ]
    narrow = made_up.app([], requested_permissions=granted, granted_permissions=granted)
    judged = made_up.build([made_up.read(0)], [made_up.app_read(narrow)])["apps"][0]["permissions"]
    assert (judged["missing"], judged["excess"]) == ([], [])


def test_a_permission_to_write_is_worse_than_one_too_many_to_read() -> None:
    def report(value: str) -> dict[str, Any]:
        app = made_up.app([made_up.credential("jira01", 170)])
        app["granted_permissions"].append({"api": made_up.GRAPH, "id": value, "type": "application", "value": value})
        return made_up.build([made_up.read(0)], [made_up.app_read(app)])

    assert level_of(report("User.Read.All"), "permission-savings") == "info"
    assert level_of(report("Group.Read.All"), "permission-excess") == "info"
    assert level_of(report("Directory.ReadWrite.All"), "permission-excess") == "warning"


def test_what_one_unread_host_may_need_is_not_called_too_much() -> None:
    app = made_up.app([made_up.credential("jira01", 170)])
    app["granted_permissions"].append(
        {"api": made_up.GRAPH, "id": "x", "type": "application", "value": "User.Read.All"}
    )
    dead = made_up.read(1, result=None, failure={"message": "no answer", "kind": "transport", "code": None})
    report = made_up.build([made_up.read(0), dead], [made_up.app_read(app)])
    assert "permission-excess" not in codes(report)
    assert report["apps"][0]["permissions"]["excess"] is None


def test_clones() -> None:
    def report(first: dict[str, Any], second: dict[str, Any], url: str = "https://other.example") -> dict[str, Any]:
        reads = [made_up.read(0, connector=first), made_up.read(4, url=url, connector={"id": None, **second})]
        return made_up.build(reads, [])

    same = {"id": "cccccccc-1111-4222-8333-999999999999"}
    both = report(same, same)
    assert level_of(both, "clone-connector") == "error"
    assert "all of them synchronise by schedule" in both["findings"][0]["what"]
    assert level_of(report(same, {**same, "schedule_enabled": False}), "clone-connector") == "warning"
    assert "clone-connector" not in codes(report(same, same, url="https://JIRA0.example/"))
    assert "clone-connector" not in codes(report({"id": "1"}, {"id": "1"}))
    shown = {"secret": {"visibility": "clear", "hint": "abc", "fingerprint": "f" * 32}}
    assert "clone-connector" in codes(report({"id": "1", **shown}, {"id": "1", **shown}))


def test_a_holder_that_hosts_share_on_purpose_is_no_shared_secret() -> None:
    shown = {"secret": {"visibility": "clear", "hint": "abc", "fingerprint": "f" * 32}}
    reads = [made_up.read(number, connector=shown) for number in (0, 1)]
    assert "shared-secret" in codes(made_up.build(reads, []))
    assert "shared-secret" not in codes(made_up.build([{**one, "holder": "all"} for one in reads], []))


def test_hosts_that_limit_left_out_keep_their_secrets() -> None:
    app = made_up.app([made_up.credential("jira01", 170), made_up.credential("jira77", 170)])
    one = [made_up.read(0)]
    assert codes(made_up.build(one, [made_up.app_read(app)])) == {"credential-without-holder"}
    assert codes(made_up.build(one, [made_up.app_read(app)], known_holders=frozenset({"jira77"}))) == set()


@pytest.mark.parametrize(
    ("fail_on", "failed"),
    [
        ([], False),
        (["secret-expired"], True),
        (["error"], True),
        (["warning"], True),
        (["personal-accounts"], False),
    ],
)
def test_gates(fail_on: list[str], failed: bool) -> None:
    gate = dataset.gate(made_up.varied()["findings"], fail_on)
    assert gate["failed"] is failed
    if failed:
        assert "secret-expired (jira02, jira05)" in gate["sentence"]


def test_strays_are_shared_out_once_and_only_of_this_tenant() -> None:
    other = {"application_id": "EEEEEEEE-1111-4222-8333-444444444444"}
    far = {"application_id": "ffffffff-1111-4222-8333-444444444444", "tenant_id": made_up.APP_ID}
    reads = [made_up.read(n, connector=c) for n, c in enumerate(({}, other, other, far))]
    apps = [made_up.app_read(made_up.app([]))]
    assert dataset.strays(reads, apps) == {"confluence01": [other["application_id"].lower()]}
    refused = [made_up.app_read(None, tenant_id=None, failure={"message": "login refused"})]
    assert dataset.strays(reads, refused) == {}


def test_schema_describes_every_report_exactly() -> None:
    validator = jsonschema.Draft202012Validator(json.loads((FILES / "report.schema.json").read_text(encoding="utf-8")))
    for report in (made_up.healthy(), made_up.varied(), made_up.varied(names={0: EVIL}, message=EVIL), _nothing()):
        assert list(validator.iter_errors(report)) == []
    spoilt = copy.deepcopy(made_up.healthy())
    spoilt["hosts"][0]["password"] = "x"
    assert list(validator.iter_errors(spoilt))
    assert validator.schema["properties"]["findings"]["items"]["properties"]["code"]["enum"] == list(CODES)


def _nothing() -> dict[str, Any]:
    gone = made_up.read(0, result=None, failure={"message": None, "kind": None, "code": None})
    return made_up.build([gone], [made_up.app_read(None, failure={"message": "login refused"})])


def samples(report: dict[str, Any]) -> dict[str, list[Any]]:
    families = text_string_to_metric_families(metrics.text(report))
    return {family.name: [family, *family.samples] for family in families}


def test_metrics_are_read_by_the_official_parser() -> None:
    report = made_up.varied(names={0: EVIL})
    found = samples(report)
    for name, (family, *_samples) in found.items():
        assert family.type == "gauge" and family.documentation, name
        assert name.startswith("usersync_")
        keys = [tuple(sorted(sample.labels.items())) for sample in found[name][1:]]
        assert len(set(keys)) == len(keys), f"{name} has a series twice"
    up = {sample.labels["host"]: sample.value for sample in found["usersync_host_up"][1:]}
    assert up[EVIL] == 1 and list(up.values()).count(0) == 2
    ends = {s.labels["host"]: s.value for s in found["usersync_secret_end_timestamp_seconds"][1:]}
    assert ends["jira02"] == pytest.approx((made_up.NOW.timestamp()) - 3 * 86400)
    counts = {(s.labels["code"], s.labels["level"]): s.value for s in found["usersync_findings"][1:]}
    assert counts["secret-expired", "error"] == 2 and counts["personal-accounts", "warning"] == 0
    assert {code for code, _level in counts} == set(CODES)
    assert metrics.text(report).endswith("\n")


def test_alert_rules_name_only_metrics_and_codes_that_there_are() -> None:
    rules = yaml.safe_load((FILES / "alert-rules.yml").read_text(encoding="utf-8"))
    there = samples(made_up.varied())
    listed = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(listed) >= 6
    for rule in listed:
        named = set(re.findall(r"\busersync_\w+", rule["expr"]))
        assert named and named <= set(there), rule["alert"]
        assert set(re.findall(r'code="([\w-]+)"', rule["expr"])) <= set(CODES)
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and "findings.md" in rule["annotations"]["runbook_url"]


def test_table_names_every_host_the_worst_first_and_cannot_steer_a_terminal() -> None:
    report = made_up.varied(names={3: "x\x1b[31mred"}, message="a\x1b]0;title\x07b")
    lines = table.lines(report)
    assert lines[0].split()[:2] == ["HOST", "STATE"]
    assert "unreachable" in lines[1]
    for host in report["hosts"]:
        assert any(line.startswith(table._plain(host["host"])) for line in lines[1:25])
    assert not [line for line in lines if not line.isprintable()]
    assert lines[-1].startswith("24 hosts: 9 ok, 7 warning, 6 error, 2 unreachable; findings: ")


def test_timeline_stays_on_its_axis() -> None:
    report = made_up.varied()
    report["apps"][0]["credentials"][0]["end"] = "2299-12-31T00:00:00Z"
    drawn = timeline.draw(report)
    assert len(drawn["rows"]) == len(report["apps"][0]["credentials"])
    assert drawn["rows"] and all(0 <= row["x"] <= 1000 and row["x"] + row["width"] <= 1004 for row in drawn["rows"])
    assert drawn["rows"][-1]["beyond"] and 0 < drawn["now"] < 1000
    assert 2 <= len(drawn["ticks"]) <= timeline.MOST_TICKS


@pytest.mark.parametrize(("read", "enabled", "found"), [(True, False, {"principal-missing"}), (False, None, set())])
def test_a_principal_that_was_not_read_is_neither_good_nor_missing(read: bool, enabled: Any, found: set[str]) -> None:
    app = made_up.app([made_up.credential("jira01", 170)], service_principal=None, service_principal_read=read)
    report = made_up.build([made_up.read(0)], [made_up.app_read(app)])
    assert report["apps"][0]["principal_enabled"] is enabled and codes(report) & {"principal-missing"} == found


def test_every_switch_that_is_off_is_told_with_its_own_remedy() -> None:
    principal = {"object_id": "p", "enabled": False, "tags": []}
    app = made_up.app([made_up.credential("jira01", 170)], enabled=False, service_principal=principal)
    report = made_up.build([made_up.read(0)], [made_up.app_read(app)])
    told = {one["code"]: one["remedy"] for one in report["findings"]}
    assert {"app-deactivated", "principal-disabled"} <= set(told)
    assert "enabled: true" in told["app-deactivated"] and "administrator" in told["principal-disabled"]
    assert "setup" not in told["principal-disabled"]


GUIDE = [("delegated", "User.Read"), ("delegated", "User.ReadBasic.All"), ("application", "User.Read.All")]


@pytest.mark.parametrize(
    ("profile", "more", "excess", "savings"),
    [
        ("guide", {}, [], GUIDE),
        ("least", {}, GUIDE, []),
        ("guide", {"profile_pictures": True}, [], GUIDE[:2]),
        ("least", {"profile_pictures": True}, GUIDE[:2], []),
        ("guide", {"flow": "authorization_code", "authorized": True}, [], []),
        ("least", {"flow": "authorization_code", "authorized": True}, [], []),
    ],
)
def test_permissions_are_judged_against_the_chosen_profile(
    profile: str, more: dict[str, Any], excess: list[Any], savings: list[Any]
) -> None:
    app = made_up.app([made_up.credential("jira01", 170)])
    for kind, value in GUIDE:
        entry = {"api": made_up.GRAPH, "id": f"{kind} {value}", "type": kind}
        app["requested_permissions"].append(entry)
        app["granted_permissions"].append({**entry, "value": value})
    reads = [made_up.read(0, connector=more)]
    report = made_up.build(reads, [made_up.app_read(app)], permission_profile=profile)
    judged = report["apps"][0]["permissions"]
    for found, expected in ((judged["excess"], excess), (judged["savings"], savings)):
        assert sorted((one["type"], one["name"]) for one in found) == sorted(expected)
    assert ("permission-excess" in codes(report)) is bool(excess)
    assert ("permission-savings" in codes(report)) is bool(savings)


def test_what_is_asked_for_by_name_is_no_excess() -> None:
    app = made_up.app([made_up.credential("jira01", 170)])
    app["granted_permissions"].append(
        {"api": made_up.GRAPH, "id": "x", "type": "application", "value": "Group.Read.All"}
    )
    asked = [("application", "Group.Read.All")]
    report = made_up.build([made_up.read(0)], [made_up.app_read(app)], permissions=asked)
    assert not codes(report) & {"permission-excess"} and "permission-savings" in codes(report)


def test_savings_are_said_once_for_all_apps() -> None:
    app = made_up.app([made_up.credential("jira01", 170)])
    app["granted_permissions"].append(
        {"api": made_up.GRAPH, "id": "x", "type": "application", "value": "User.Read.All"}
    )
    other = {**app, "app_id": "eeeeeeee-1111-4222-8333-444444444444"}
    reads = [made_up.read(0), made_up.read(1, connector={"application_id": other["app_id"]})]
    report = made_up.build(reads, [made_up.app_read(app), {**made_up.app_read(other), "key": "other"}])
    told = [one for one in report["findings"] if one["code"] == "permission-savings"]
    assert len(told) == 1 and told[0]["what"].startswith("2 apps could do without User.Read.All")


def test_consent_that_is_missing_names_the_page_where_it_is_given() -> None:
    page = "https://login.microsoftonline.com/t/adminconsent?client_id=c"
    entry = {"api": made_up.GRAPH, "id": "df021288-bdef-4463-88db-98f22de89214", "type": "application"}
    app = made_up.app([made_up.credential("jira01", 170)], requested_permissions=[entry], consent_url=page)
    report = made_up.build([made_up.read(0)], [made_up.app_read(app)])
    [told] = [one["remedy"] for one in report["findings"] if one["code"] == "consent-missing"]
    assert page in told
