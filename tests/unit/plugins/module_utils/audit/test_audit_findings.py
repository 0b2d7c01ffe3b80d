# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each finding is made in the simulator, found, and gone when mended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._audit import metrics, table
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.codes import CODES
from ansible_collections.fleetops.usersync.tests.unit.plugins.module_utils.audit.fleet import (
    READS,
    permission,
    request_for,
)

STRANGER = "11111111-2222-4333-8444-555555555555"
OWN = "usersync:jira02:20250101T000000.000000Z"

Step = Callable[[Any], Any]


def _login(fleet: Any, password: str | None) -> None:
    kept = fleet.__dict__.setdefault("kept", fleet.logins["jira02"]["password"])
    fleet.logins["jira02"]["password"] = password or kept


def _plugin(fleet: Any, key: str) -> None:
    fleet.inside(lambda: setattr(fleet.world.hosts["jira02"].traits, "plugin_key", key))


def _own(fleet: Any) -> None:
    fleet.hold(fleet.secrets["jira02"])


def _worse(name: str, days: float) -> Step:
    def spoil(fleet: Any) -> None:
        fleet.hold(fleet.credential(name, days))

    return spoil


def _sync(fleet: Any) -> None:
    fleet.sync("jira02")


def _change_sync(**how: Any) -> Step:
    return lambda fleet: fleet.change("jira02", **how)


def _leaf(**leaves: Any) -> Step:
    return lambda fleet: fleet.leaf("jira02", **leaves)


def _app(**members: Any) -> Step:
    return lambda fleet: fleet.change_app(**members)


def _extra(name: str, days: float) -> Step:
    def spoil(fleet: Any) -> None:
        fleet.extra = fleet.credential(name, days)

    return spoil


def _without_extra(fleet: Any) -> None:
    fleet.remove(fleet.extra)


def _authorize(fleet: Any) -> None:
    host = fleet.world.hosts["jira02"]
    connector = next(iter(host.store.connectors.values()))
    fleet.inside(lambda: host.authorize(connector, "refreshed", (fleet.sim.tenant_id, fleet.app_id)))


def _other_app(fleet: Any) -> None:
    other = fleet.sim.seed("application", display_name="Another app")
    fleet.leaf("jira02", application_id=other["app_id"])


def _own_app(fleet: Any) -> None:
    fleet.leaf("jira02", application_id=fleet.app_id)


def _own_tenant(fleet: Any) -> None:
    fleet.leaf("jira02", tenant_id=fleet.sim.tenant_id)


def _fault(kind: str, **how: Any) -> Step:
    return lambda fleet: fleet.sim.fault(kind, **how)


def _no_faults(fleet: Any) -> None:
    fleet.sim.clear_faults()


def _new_connector(fleet: Any) -> None:
    fleet.create("jira02")


def _no_syncs(fleet: Any) -> None:
    fleet.inside(fleet.world.hosts["jira02"].syncs.runs.clear)


def _missing_app(fleet: Any) -> None:
    fleet.app_key = "nosuch"


def _known_app(fleet: Any) -> None:
    fleet.app_key = "usersync"


def _usersync_gone(fleet: Any) -> None:
    fleet.sim.fault("app_missing", host="jira02")
    _plugin(fleet, "com.example.other")


def _usersync_back(fleet: Any) -> None:
    fleet.sim.clear_faults()
    _plugin(fleet, "de.resolution.usersync")


def _not_a_clone(fleet: Any) -> None:
    fleet.delete("jira02")
    fleet.create("jira02")


def _by_token(days: float | None) -> Step:
    """The automation logs in at jira02 with a token that ends then; None: with its password again."""

    def change(fleet: Any) -> None:
        host, login = fleet.world.hosts["jira02"], fleet.logins["jira02"]
        host.guard.token_end = None if days is None else fleet.world.now() + timedelta(days=days)
        shown = next(one for one in fleet.sim.hosts if one["name"] == "jira02")
        for name in ("username", "password", "token"):
            login.pop(name, None)
        login.update({"token": shown["token"]} if days else {name: shown[name] for name in ("username", "password")})

    return change


def _redirects(base: str) -> Step:
    """The app has a redirect URI for this address; one host of the inventory is at jira.example.com."""

    def change(fleet: Any) -> None:
        fleet.settings["known_places"] = frozenset({"jira.example.com/jira"})
        uris = [f"{base}/plugins/servlet/de.resolution.usersync/oauth2/authorize", "https://other.example/callback"]
        fleet.change_app(web={**fleet.app.data["web"], "redirectUris": uris})

    return change


def _former(fleet: Any) -> None:
    fleet.settings["former"] = {"old.example.com/jira": "jira02"}
    _extra("usersync:old.example.com/jira:-:20260101T000000.000000Z", 90)(fleet)


def _moved(fleet: Any) -> None:
    """jira02 had an app of its own once, where a secret of it still lives."""
    made = fleet.sim.seed("application", display_name="Old", unique_name="usersync-old", tags=["usersync-managed"])
    name = f"usersync:{fleet.holder('jira02')}:-:20250101T000000.000000Z"
    fleet.sim.seed("credential", app_id=made["app_id"], display_name=name, days=90)
    fleet.tagged = [made["app_id"]]


def _unmoved(fleet: Any) -> None:
    fleet.tagged = []


def _taken_out(fleet: Any) -> None:
    fleet.remove(fleet.secrets["jira02"])
    fleet.leaf(schedule_enabled=False)


def _brought_back(fleet: Any) -> None:
    fleet.secrets["jira02"] = fleet.credential(f"usersync:{fleet.holder('jira02')}:-:20260101T000000.000000Z", 170)
    fleet.hold(fleet.secrets["jira02"])
    fleet.leaf(schedule_enabled=True)


CASES: dict[str, tuple[Step, Step]] = {
    "host-unreachable": (_fault("down", host="jira02"), _no_faults),
    "host-refused": (lambda fleet: _login(fleet, "wrong"), lambda fleet: _login(fleet, None)),
    "token-expires-soon": (_by_token(10), _by_token(None)),
    "login-expires-soon": (lambda fleet: fleet.end_of_the_login(10), lambda fleet: fleet.end_of_the_login(300)),
    "usersync-missing": (_usersync_gone, _usersync_back),
    "connector-missing": (lambda fleet: fleet.delete("jira02"), _new_connector),
    "secret-expired": (_worse(OWN, -3), _own),
    "secret-expires-soon": (_worse(OWN, 10), _own),
    "secret-unknown": (_leaf(client_secret="zzz8Q~nobody.knows_this-one~0123456789ab"), _own),
    "secret-foreign": (_worse("made by hand", 100), _own),
    "sync-failed": (_change_sync(sync={"status": "FAILED", "messages": ["AADSTS7000222: it is over"]}), _sync),
    "sync-partial": (_change_sync(sync={"counters": {"failed": 2}}), _sync),
    "sync-stale": (_change_sync(sync_age_hours=40), _sync),
    "sync-never": (_no_syncs, _sync),
    "host-restored": (_change_sync(sync_age_hours=9600), _sync),
    "host-removed": (_taken_out, _brought_back),
    "schedule-off": (_leaf(schedule_enabled=False), _leaf(schedule_enabled=True)),
    "schedule-unclear": (_leaf(cron_expression="whenever"), _leaf(cron_expression="0 0 2 * * ?")),
    "old-flow": (_leaf(flow="authorization_code"), _leaf(flow="client_credentials")),
    "not-authorized": (_leaf(flow="authorization_code"), _authorize),
    "other-app": (_other_app, _own_app),
    "other-tenant": (_leaf(tenant_id=STRANGER), _own_tenant),
    "app-unknown": (_leaf(application_id=STRANGER), _own_app),
    "app-missing": (_missing_app, _known_app),
    "app-unreadable": (_fault("error", service="graph", status=400, path="applications"), _no_faults),
    "grants-unreadable": (
        _fault("error", service="graph", status=403, code="Authorization_RequestDenied", path="oauth2PermissionGrants"),
        _no_faults,
    ),
    "app-deactivated": (_app(isDisabled=True), _app(isDisabled=False)),
    "app-disabled-by-microsoft": (
        _app(disabledByMicrosoftStatus="DisabledDueToViolationOfServicesAgreement"),
        _app(disabledByMicrosoftStatus=None),
    ),
    "principal-missing": (lambda fleet: fleet.lose_principal(), lambda fleet: fleet.find_principal()),
    "principal-disabled": (
        lambda fleet: fleet.change_principal(accountEnabled=False),
        lambda fleet: fleet.change_principal(accountEnabled=True),
    ),
    "consent-missing": (
        _app(requiredResourceAccess=request_for(READS, permission("Group.Read.All", "Role"))),
        _app(requiredResourceAccess=request_for(READS)),
    ),
    "permission-excess": (
        _app(requiredResourceAccess=request_for(READS, permission("Group.Read.All", "Scope"))),
        _app(requiredResourceAccess=request_for(READS)),
    ),
    "permission-savings": (
        _app(requiredResourceAccess=request_for(READS, permission("User.Read", "Scope"))),
        _app(requiredResourceAccess=request_for(READS)),
    ),
    "personal-accounts": (
        _app(signInAudience="AzureADandPersonalMicrosoftAccount"),
        _app(signInAudience="AzureADMyOrg"),
    ),
    "pending-left": (_app(tags=["usersync-managed", "usersync-pending:jira02"]), _app(tags=["usersync-managed"])),
    "app-foreign": (_extra("made by hand", 90), _without_extra),
    "credential-without-holder": (_extra("usersync:gone01.example.com:-:20260101T000000.000000Z", 90), _without_extra),
    "credential-former": (_former, _without_extra),
    "credential-elsewhere": (_moved, _unmoved),
    "credential-shared": (_extra("usersync:app:20260101T000000.000000Z", 90), _without_extra),
    "credential-foreign": (_extra("made by hand", 90), _without_extra),
    "credential-expired": (_extra("made by hand", -30), _without_extra),
    "redirect-uri-stray": (_redirects("https://gone.example.com/jira"), _redirects("https://jira.example.com/jira")),
    "clone-connector": (lambda fleet: fleet.change("jira02", clone_of="jira01"), _not_a_clone),
    "shared-secret": (lambda fleet: fleet.hold(fleet.secrets["jira01"]), _own),
}


def test_every_code_is_tried() -> None:
    assert list(CASES) == list(CODES)


@pytest.mark.parametrize("code", CASES)
def test_found_and_gone_when_mended(fleet: Any, code: str) -> None:
    spoil, mend = CASES[code]
    assert fleet.codes() == []

    spoil(fleet)
    report = fleet.audit()
    found = [one for one in report["findings"] if one["code"] == code]
    assert len(found) == 1
    assert found[0]["what"] and found[0]["remedy"] and found[0]["level"] in CODES[code]
    assert found[0]["page"] == f"docs/findings.md#{code}"

    mend(fleet)
    assert code not in fleet.codes()


def test_a_connector_that_names_no_app_at_all(fleet: Any) -> None:
    _leaf(application_id="")(fleet)
    [found] = [one for one in fleet.audit()["findings"] if one["code"] == "app-unknown"]
    assert "names no app registration" in found["what"] and found["hosts"] == ["jira02"]
    assert found["remedy"].startswith("run ") and found["level"] == "error"


def test_the_end_of_a_token_in_the_metrics_and_where_it_is_not_certain(fleet: Any) -> None:
    _by_token(10)(fleet)
    host = fleet.world.hosts["jira02"]
    report = fleet.audit()
    assert 'usersync_host_token_end_timestamp_seconds{host="jira02"}' in metrics.text(report)
    assert [one["login"]["certain"] for one in report["hosts"] if one["host"] == "jira02"] == [True]
    host.guard.traits.other_tokens.append({"name": "backup", "days": 3})
    found = [one for one in fleet.audit()["findings"] if one["code"] == "token-expires-soon"]
    assert len(found) == 1 and "does not show whether it is the one in use" in found[0]["what"]
    host.guard.traits.other_tokens.clear()
    _by_token(None)(fleet)


def test_the_end_of_the_automations_login_in_the_metrics(fleet: Any) -> None:
    report = fleet.audit()
    [login] = report["automation"]
    assert login["by"] == "client_secret" and login["certain"] and login["days_left"] > 30
    assert "usersync_automation_login_end_timestamp_seconds{" in metrics.text(report)
    assert [login["app_id"]] == [fleet.sim.automation["client_id"]]


def test_a_refusal_in_the_way_is_no_refused_login(fleet: Any) -> None:
    for kind, code, word in (
        ("license", "host-unreachable", "Your Jira license has expired."),
        ("basic_disabled", "host-refused", "Basic Authentication has been disabled on this instance."),
        ("app_disabled", "usersync-missing", "disabled"),
    ):
        fleet.sim.fault(kind, host="jira02")
        found = [one for one in fleet.audit()["findings"] if one["hosts"] == ["jira02"]]
        assert [one["code"] for one in found] == [code] and word in found[0]["what"], found
        fleet.sim.clear_faults()


def test_no_secret_and_no_fingerprint_is_in_the_data_set(fleet: Any) -> None:
    text = str(fleet.audit())
    assert [secret for secret in fleet.sim.secrets() if len(secret) > 5 and secret in text] == []
    reads, _apps = fleet.reads()
    prints = {one["secret"]["fingerprint"] for read in reads for one in read["result"]["connectors"]}
    assert len(prints) == 3
    assert [value for value in prints if value in text] == []


def test_the_characters_that_the_directory_shows_of_a_secret_are_in_no_output(fleet: Any) -> None:
    """As docs/audit.md says: they decide which secret a host holds, and stay with that."""
    report, (_reads, apps) = fleet.audit(), fleet.reads()
    hints = {one["hint"] for app in apps for one in app["app"]["credentials"]}
    assert len(hints) > 1 and any(
        one["secret"]["known_by"] == "hint" for h in report["hosts"] for one in h["connectors"]
    )
    shown = [*_leaves(report), *"\n".join(table.lines(report)).split(), *re.split(r'[\s"]', metrics.text(report))]
    assert [hint for hint in hints if hint in shown] == [] and '"hint":' not in json.dumps(report)


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for one in value for leaf in _leaves(one)] if isinstance(value, list) else [str(value)]


def test_nothing_is_written(fleet: Any) -> None:
    mark = fleet.sim.last_entry()
    fleet.audit()
    assert fleet.sim.writes(mark) == []
    asked = [entry for entry in fleet.sim.journal(mark) if not entry["internal"]]
    assert sum(1 for entry in asked if entry["host"] == "jira01") == 4
