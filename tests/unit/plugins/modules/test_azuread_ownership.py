# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else can use an app: refused before the first write and before a grant, unless the app is ours or was named."""

from __future__ import annotations

from typing import Any

import pytest

CLI, PORTAL = "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
STRANGER = "00000000-1111-4000-8000-00000000000f"
NAMED = {"unique_name": "usersync"}
ROLE = [{"name": "Directory.Read.All", "type": "application"}]
GRANT = {"permissions": ROLE, "consent": "grant"}


def foreign_app(tenant: Any, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = tenant.sim.seed("application", display_name="User Sync", unique_name="usersync", **more)
    return made


def principal_of(tenant: Any, app_id: str) -> Any:
    return tenant.sim.world.tenant.find("servicePrincipal", "appId", app_id)


def secret(tenant: Any, made: dict[str, Any]) -> str:
    entry = tenant.sim.seed("credential", app_id=made["app_id"], display_name="usersync:hers", days=300)
    return str(entry["key_id"])


def certificate(tenant: Any, made: dict[str, Any]) -> str:
    tenant.sim.seed("certificate", app_id=made["app_id"])
    [entry] = tenant.app("usersync")["keyCredentials"]
    return str(entry["keyId"])


def federated(tenant: Any, made: dict[str, Any]) -> str:
    tenant.sim.seed("federation", app_id=made["app_id"], issuer="https://ci.example.com", subject="s")
    return "(https://ci.example.com, subject s)"


def owner(tenant: Any, made: dict[str, Any]) -> str:
    user = tenant.users()[0]
    tenant.sim.seed("owner", app_id=made["app_id"], owner_id=user)
    return str(user)


def of_principal(tenant: Any, made: dict[str, Any]) -> str:
    entry = {"keyId": STRANGER, "displayName": "sso", "endDateTime": "2030-01-01T00:00:00Z", "hint": "abc"}
    principal = principal_of(tenant, made["app_id"])
    tenant.sim.call(lambda: principal.put(tenant.sim.world.now(), passwordCredentials=[entry]))
    return f"secret of the service principal 'sso' ({STRANGER}, expires 2030-01-01)"


def owner_of_principal(tenant: Any, made: dict[str, Any]) -> str:
    user = tenant.users()[0]
    principal = principal_of(tenant, made["app_id"])
    tenant.sim.call(lambda: principal.put(tenant.sim.world.now(), _owners=(user,)))
    return f"owner of the service principal {user}"


THINGS = [secret, certificate, federated, owner, of_principal, owner_of_principal]


@pytest.mark.parametrize("thing", THINGS)
def test_an_app_that_somebody_else_can_use_is_refused_before_anything(tenant: Any, thing: Any) -> None:
    made = foreign_app(tenant)
    named = thing(tenant, made)
    for check in (False, True):
        for module, options in (("app", {"notes": "x"}), ("app", {"state": "absent"}), ("permission", GRANT)):
            result = tenant.fails(
                module, "adopt", named, made["app_id"], "az ", made["id"], **NAMED, **options, check=check
            )
            assert result["failure"]["code"] == ("foreign_on_app" if module == "permission" else "foreign_app")
            assert result["failure"]["foreign"][0]["command"]


@pytest.mark.parametrize("thing", THINGS)
def test_nothing_is_granted_to_our_own_app_while_somebody_else_would_get_it(tenant: Any, thing: Any) -> None:
    tenant.ok("app", **NAMED)
    made = {"app_id": tenant.app("usersync")["appId"]}
    named = thing(tenant, made)
    tenant.fails("permission", "nothing is granted", named, **NAMED, **GRANT)
    # what gives nobody anything goes on
    assert tenant.ok("app", **NAMED, notes="x")["changed"]
    assert tenant.ok("permission", **NAMED, permissions=ROLE)["changed"]
    assert tenant.ok("secret", **NAMED, holder="jira.example.com")["secret_text"]


@pytest.mark.parametrize("thing", THINGS)
def test_adopt_takes_the_one_app_and_says_how_to_clean_it(tenant: Any, thing: Any) -> None:
    made = foreign_app(tenant)
    named = thing(tenant, made)
    for module, options in (("app", {"notes": "x"}), ("permission", GRANT)):
        result = tenant.ok(module, **NAMED, **options, adopt=made["id"])
        assert named in result["warnings"][0] and "az " in result["warnings"][0], result["warnings"]
    tenant.fails("app", "adopt", STRANGER, made["id"], **NAMED, notes="y", adopt=STRANGER)
    tenant.fails(
        "permission",
        "adopt",
        STRANGER,
        **NAMED,
        permissions=[*ROLE, {"name": "User.Read", "type": "delegated"}],
        adopt=STRANGER,
    )


def test_what_is_known_is_not_foreign(tenant: Any) -> None:
    made = foreign_app(tenant)
    known = [secret(tenant, made), certificate(tenant, made).upper(), "https://ci.example.com  S"]
    federated(tenant, made)
    user = owner(tenant, made)
    vouched = {"known_credentials": known, "known_owners": [user.upper()]}
    assert tenant.ok("app", **NAMED, notes="x", **vouched)["changed"]
    assert tenant.ok("permission", **NAMED, **GRANT, **vouched)["granted"]
    for name in vouched:
        tenant.fails("app", "adopt", **NAMED, notes="y", **{**vouched, name: vouched[name][1:]})


def test_nothing_foreign_is_taken_silently_and_a_name_or_tag_proves_nothing(tenant: Any) -> None:
    made = foreign_app(tenant)
    result = tenant.ok("app", **NAMED, notes="x")
    assert result["changed"] and "warnings" not in result
    tenant.sim.reset()
    made = foreign_app(tenant, tags=["usersync-managed"])
    secret(tenant, made)
    tenant.fails("app", "adopt", **NAMED, notes="x")


def test_the_directory_says_who_made_it(tenant: Any) -> None:
    made = foreign_app(tenant, createdByAppId=STRANGER)
    secret(tenant, made)
    tenant.fails("app", "adopt", **NAMED, notes="x")
    [warning] = tenant.ok("app", **NAMED, notes="x", automation_ids=[STRANGER])["warnings"]
    assert "usersync:hers" in warning
    tenant.fails("permission", "nothing is granted", **NAMED, **GRANT, automation_ids=[STRANGER])


def test_an_owner_may_add_us_so_being_owner_proves_nothing(tenant: Any) -> None:
    made = foreign_app(tenant)
    secret(tenant, made)
    tenant.as_identity("full", owns=[made["app_id"]])
    tenant.fails("app", "adopt", **NAMED, notes="x")


def test_an_app_that_a_client_of_everybody_made(tenant: Any) -> None:
    made = foreign_app(tenant, createdByAppId=CLI)
    secret(tenant, made)
    for client in (CLI, CLI.upper(), PORTAL):
        tenant.fails("app", "automation_ids", "everybody uses", **NAMED, automation_ids=[client])
    administrator = tenant.sim.seed("administrator")
    token = administrator.get("access_token") if isinstance(administrator, dict) else administrator
    tenant.login.update(client_id=None, client_secret=None, access_token=token, auth_method="access_token")
    tenant.fails("app", "adopt", **NAMED, notes="x")


def test_what_cannot_be_read_counts_as_unknown(tenant: Any) -> None:
    made = foreign_app(tenant)
    tenant.as_identity("owner", owns=[made["app_id"]])
    result = tenant.fails("app", "adopt", "may not read", **NAMED, notes="x")
    assert {entry["kind"] for entry in result["failure"]["foreign"]} == {"unread"}


def test_a_fresh_app_is_asked_again(tenant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run made it a moment ago, and not every replica knows all of it."""
    made = foreign_app(tenant, age_days=0)
    key_id = secret(tenant, made)
    paused: list[float] = []

    def cleaned(seconds: float) -> None:
        paused.append(seconds)
        app = tenant.sim.world.tenant.find("application", "appId", made["app_id"])
        kept = [entry for entry in app.data["passwordCredentials"] if entry["keyId"] != key_id]
        if len(paused) == 3:
            tenant.sim.call(lambda: app.put(tenant.sim.world.now(), passwordCredentials=kept))

    monkeypatch.setattr("time.sleep", cleaned)
    assert tenant.ok("app", **NAMED, notes="x", service_principal=False)["changed"] and len(paused) == 3


@pytest.mark.parametrize("option", ["automation_ids", "known_owners", "adopt"])
def test_bad_input(tenant: Any, option: str) -> None:
    value: Any = "maria@example.com"
    for module, options in (("app", {}), ("permission", GRANT)):
        tenant.fails(module, option, value, **NAMED, **options, **{option: value if option == "adopt" else [value]})
    tenant.fails("app", "known_credentials", "empty", **NAMED, known_credentials=[" "])


def test_an_app_on_which_hosts_log_in_is_not_removed(tenant: Any) -> None:
    tenant.ok("app", **NAMED)
    here, there = "jira.example.com", "wiki.example.com/Confluence"
    for holder in (here, there):
        tenant.ok("secret", **NAMED, holder=holder)
    for holders, staying in (([], f"{here}, {there}"), ([here], there)):
        result = tenant.fails("app", "live secrets of", staying, **NAMED, state="absent", holders=holders)
        assert result["failure"]["code"] == "live_secrets"
    tenant.fails("app", "holders", "is not a holder", **NAMED, state="absent", holders=["jira01"])
    assert tenant.ok("app", check=True, **NAMED, state="absent", holders=[here, there])["changed"]
    tenant.sim.advance(200 * 86400)
    assert tenant.ok("app", **NAMED, state="absent")["changed"]


def test_creation_never_touches_an_app_that_has_the_name_already(tenant: Any) -> None:
    """The answer to the creation is lost, and the name is taken at the second try: by the app of the first one."""
    tenant.sim.fault("lost_answer", service="graph", method="POST", path="/applications")
    result = tenant.ok("app", **NAMED, display_name="User Sync")
    assert result["how"] == "created" and len(tenant.apps("User Sync")) == 1
    assert tenant.writes() and all(method != "PATCH" or "uniqueName" not in path for method, path in tenant.writes())
