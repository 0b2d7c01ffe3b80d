# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""App management policies: what check mode, the cap and the early refusal say is what the directory then does."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import Graph

APP = {"unique_name": "usersync-emea"}
MINE = {**APP, "holder": "jira01.test", "delivery_window": 0.0, "delivery_timeout": 0.0, "force": True}
EXEMPT = {
    "customSecurityAttributes": [
        {
            "@odata.type": "#microsoft.graph.customSecurityAttributeStringValueExemption",
            "id": "Fleet_Exempt",
            "operator": "equals",
            "value": "yes",
        }
    ]
}
WAYS = ("enabled", "disabled", None)
DEFAULT_DAYS, OWN_DAYS = 100, 200


@pytest.fixture
def made(tenant: Any) -> Any:
    tenant.ok("app", **APP, display_name="User Sync")
    return tenant


def item(kind: str, state: str, days: int | None = None, **more: Any) -> dict[str, Any]:
    return {"restrictionType": kind, "state": state, "maxLifetime": days and f"P{days}D", **more}


def restrictions(addition: str | None, lifetime: str | None, days: int, **more: Any) -> list[dict[str, Any]]:
    found = [item("passwordAddition", addition, **more)] if addition else []
    return found + ([item("passwordLifetime", lifetime, days, **more)] if lifetime else [])


def set_default(tenant: Any, *items: dict[str, Any], enabled: bool = True) -> None:
    tenant.sim.seed("policy", items=list(items), enabled=enabled)


def set_own(tenant: Any, *items: dict[str, Any], enabled: bool = True) -> None:
    app_id = tenant.app("usersync-emea")["appId"]
    tenant.sim.seed("policy", items=list(items), enabled=enabled, app_id=app_id)


def days_of(tenant: Any) -> int:
    [entry] = tenant.app("usersync-emea")["passwordCredentials"]
    end = datetime.fromisoformat(entry["endDateTime"][:19]).replace(tzinfo=timezone.utc)
    return round((end - datetime.now(timezone.utc)) / timedelta(days=1))


def directory(tenant: Any) -> str:
    """What the directory says to a secret for a year, asked without the product."""
    graph = Graph(tenant.sim)
    path = f"/applications/{tenant.app('usersync-emea')['id']}"
    end = (datetime.now(timezone.utc) + timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"passwordCredential": {"displayName": "asked by hand", "endDateTime": end}}
    answer = graph.post(f"{tenant.sim.graph_url}/v1.0{path}/addPassword", json=body)
    if answer.status_code == 200:
        key = {"keyId": answer.json()["keyId"]}
        assert graph.post(f"{tenant.sim.graph_url}/v1.0{path}/removePassword", json=key).status_code == 204
        return "made"
    return str(answer.json()["error"]["code"])


def outcome(tenant: Any) -> tuple[str, int | None]:
    """How the directory has it, by the product and without it; they must agree, and check mode with them."""
    said = directory(tenant)
    predicted = tenant.run("secret", check=True, **MINE, valid_days=365)
    real = tenant.run("secret", **MINE, valid_days=365)
    assert bool(predicted.get("failed")) is bool(real.get("failed")), (predicted, real)
    if real.get("failed"):
        assert real["failure"]["code"] == "CredentialTypeNotAllowedAsPerAppPolicy" and tenant.writes() == []
        assert "passwordAddition in state disabled" in real["msg"]
        assert predicted["msg"] == real["msg"]
        # where two restrictions refuse it, nobody knows which one the directory names
        assert said in (real["failure"]["code"], "CredentialInvalidLifetimeAsPerAppPolicy")
        return "refused", None
    capped = any("allows at most" in text for text in real.get("warnings", []))
    assert predicted.get("warnings") == real.get("warnings")
    assert predicted["credential"]["end"][:10] == real["credential"]["end"][:10]
    days = days_of(tenant)
    tenant.ok("secret", **APP, holder="jira01.test", state="absent")
    assert capped is (days != 365)
    assert said == ("CredentialInvalidLifetimeAsPerAppPolicy" if capped else "made")
    return "made", days


def test_every_combination_of_two_policies(made: Any) -> None:
    """{default, own} x {enabled, disabled, not defined} for adding a secret and for its lifetime: merged one by one."""
    seen = set()
    for default_adds, own_adds, default_lasts, own_lasts in itertools.product(WAYS, repeat=4):
        set_default(made, *restrictions(default_adds, default_lasts, DEFAULT_DAYS))
        set_own(made, *restrictions(own_adds, own_lasts, OWN_DAYS))
        refused = (own_adds or default_adds) == "enabled"
        by_default = DEFAULT_DAYS if default_lasts == "enabled" else 365
        days = by_default if own_lasts is None else OWN_DAYS if own_lasts == "enabled" else 365
        expected = ("refused", None) if refused else ("made", days)
        assert outcome(made) == expected, (default_adds, own_adds, default_lasts, own_lasts)
        seen.add(expected)
    assert len(seen) == 4


def test_a_policy_that_is_off_restricts_nothing(made: Any) -> None:
    set_default(made, *restrictions("enabled", "enabled", DEFAULT_DAYS), enabled=False)
    assert outcome(made) == ("made", 365)
    set_own(made, *restrictions("enabled", "enabled", OWN_DAYS), enabled=False)
    assert outcome(made) == ("made", 365)
    set_default(made, *restrictions(None, "enabled", DEFAULT_DAYS))
    assert outcome(made) == ("made", DEFAULT_DAYS)
    set_default(made, *restrictions(None, "enabled", DEFAULT_DAYS), enabled=False)
    set_own(made, *restrictions(None, "enabled", OWN_DAYS))
    assert outcome(made) == ("made", OWN_DAYS)


@pytest.mark.parametrize("place", [set_default, set_own])
@pytest.mark.parametrize(("age", "spared"), [(-30, True), (30, False)])
def test_a_restriction_may_spare_older_apps(made: Any, place: Any, age: int, spared: bool) -> None:
    """restrictForAppsCreatedAfterDateTime: an app that was made before it is free."""
    since = (datetime.now(timezone.utc) - timedelta(days=age)).strftime("%Y-%m-%dT%H:%M:%SZ")
    more = {"restrictForAppsCreatedAfterDateTime": since}
    place(made, *restrictions(None, "enabled", DEFAULT_DAYS, **more))
    assert outcome(made) == ("made", 365 if spared else DEFAULT_DAYS)
    place(made, *restrictions("enabled", None, DEFAULT_DAYS, **more))
    assert outcome(made) == (("made", 365) if spared else ("refused", None))


def test_an_own_restriction_that_spares_older_apps_still_stands_for_the_default(made: Any) -> None:
    later = (datetime.now(timezone.utc) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    set_default(made, *restrictions("enabled", "enabled", DEFAULT_DAYS))
    set_own(made, *restrictions("enabled", "enabled", OWN_DAYS, restrictForAppsCreatedAfterDateTime=later))
    assert outcome(made) == ("made", 365)


@pytest.mark.parametrize("exempt", [True, False])
@pytest.mark.parametrize("place", [set_default, set_own])
def test_exemptions_are_known_to_the_directory_alone(made: Any, place: Any, exempt: bool) -> None:
    """Asked first for what was wanted, capped only when it refuses."""
    made.as_identity("full", attributes={"Fleet_Exempt": "yes"} if exempt else {})
    place(made, *restrictions(None, "enabled", DEFAULT_DAYS, excludeActors=EXEMPT))
    result = made.ok("secret", **MINE, valid_days=365)
    assert days_of(made) == (365 if exempt else DEFAULT_DAYS)
    assert exempt is ("warnings" not in result) and result["abandoned"] == []
    made.ok("secret", **APP, holder="jira01.test", state="absent")
    place(made, *restrictions("enabled", None, DEFAULT_DAYS, excludeActors=EXEMPT))
    predicted = made.ok("secret", check=True, **MINE)
    assert "only a real run shows" in predicted["warnings"][0]
    real = made.run("secret", **MINE)
    assert bool(real.get("failed")) is not exempt
    if not exempt:
        assert real["failure"]["code"] == "CredentialTypeNotAllowedAsPerAppPolicy"
        # nothing was made, so nothing is pending either, and the next run does not begin anew for it
        assert made.app("usersync-emea")["tags"] == ["usersync-managed"]


def test_a_policy_of_the_app_that_may_not_be_read(made: Any) -> None:
    """The default may be overruled by it, so that the directory is asked first and obeyed then."""
    made.sim.fault(
        "error", service="graph", path="appManagementPolicies", status=403, code="Authorization_RequestDenied"
    )
    set_default(made, *restrictions(None, "enabled", DEFAULT_DAYS))
    set_own(made, item("passwordLifetime", "disabled"))
    assert days_of_new(made) == 365
    made.sim.clear_faults()
    made.sim.fault(
        "error", service="graph", path="appManagementPolicies", status=403, code="Authorization_RequestDenied"
    )
    set_own(made)
    assert days_of_new(made) == DEFAULT_DAYS


def unreadable(tenant: Any) -> None:
    tenant.sim.fault(
        "error", service="graph", path="appManagementPolicies", status=403, code="Authorization_RequestDenied", times=9
    )


def days_of_new(tenant: Any) -> int:
    tenant.ok("secret", **MINE, valid_days=365)
    days = days_of(tenant)
    tenant.ok("secret", **APP, holder="jira01.test", state="absent")
    return days


def test_an_app_that_is_not_there_yet(tenant: Any) -> None:
    set_default(tenant, *restrictions("enabled", None, DEFAULT_DAYS))
    result = tenant.run("secret", check=True, **MINE)
    assert result["failed"] and "forbids client secrets" in result["msg"]


def test_a_policy_below_min_remaining_days_is_a_warning(made: Any) -> None:
    set_default(made, item("passwordLifetime", "enabled", 20))
    warnings = made.ok("secret", **MINE, valid_days=365)["warnings"]
    assert "at most 20 days" in warnings[0] and "every run renews" in warnings[1]


def test_a_cloud_without_policies(made: Any) -> None:
    """China has no such address (FIDELITY.md, Login service); the policy is only nice to know."""
    made.sim.fault(
        "error", service="graph", path="olicies|olicy", status=400, code="BadRequest", message="No segment.", times=9
    )
    assert made.ok("secret", **MINE)["secret_text"]


def test_a_refused_lifetime_states_the_limit(made: Any) -> None:
    made.as_identity(permissions=["Application.ReadWrite.All"])
    set_default(made, item("passwordLifetime", "enabled", 45))
    result = made.run("secret", **MINE, valid_days=90)
    assert result["failed"] and "allows at most P45D" in result["msg"]
    assert result["failure"]["reasons"] == ["InvalidKeyEndDate"]
    assert made.app("usersync-emea")["tags"] == ["usersync-managed"]
    assert made.ok("secret", **MINE, valid_days=45)["changed"]


def test_the_end_counts_from_the_mint(made: Any, slept: list[float]) -> None:
    """Waiting for another run's delivery takes minutes; they are not taken from the secret's life."""
    first = made.ok("secret", **MINE, valid_days=90)
    made.sim.seed("policy", max_lifetime="P90D")
    waiting = {**MINE, "delivery_window": 120.0, "delivery_timeout": 60.0}
    second = made.ok("secret", **waiting, valid_days=365)
    assert slept and 170 < sum(slept) < 181
    assert first["credential"]["key_id"] != second["credential"]["key_id"]
    assert second["waited"]["seconds"] == round(sum(slept)) and "another run" in second["waited"]["why"]
