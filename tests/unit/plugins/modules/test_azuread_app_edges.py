# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""azuread_app where it is hard: lost answers, two runs at once, personal accounts, owners, what was deleted."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.fleetops.usersync.plugins.module_utils import _front
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions import azuread_app

APP = {"unique_name": "usersync-emea", "display_name": "User Sync"}
PERSONAL = "AzureADandPersonalMicrosoftAccount"


def principals(tenant: Any, app_id: str) -> list[dict[str, Any]]:
    return [entry for entry in tenant.state()["servicePrincipals"] if entry["appId"] == app_id]


@pytest.mark.parametrize("kind", ["lost_answer", "unavailable"])
def test_a_creation_by_display_name_whose_answer_was_lost(tenant: Any, kind: str) -> None:
    """The directory has no key that stops a second one, so it is looked for by name and tag."""
    tenant.sim.fault(kind, service="graph", method="POST", path="applications$", after=True)
    result = tenant.ok("app", display_name="Just a name")
    [app] = tenant.apps("Just a name")
    assert result["app"]["app_id"] == app["appId"] and len(principals(tenant, app["appId"])) == 1


def test_a_lost_creation_that_reads_do_not_show_is_found_by_the_next_run(tenant: Any) -> None:
    tenant.sim.advance(7200)
    tenant.sim.fault("lag", seconds=3600)
    tenant.sim.fault("lost_answer", service="graph", method="POST", path="applications$")
    result = tenant.run("app", display_name="Just a name")
    assert result["failed"] and result["failure"]["kind"] == "lost_answer"
    tenant.sim.clear_faults()
    again = tenant.ok("app", display_name="Just a name")
    assert again["how"] == "found" and len(tenant.apps("Just a name")) == 1
    assert again["app"]["service_principal"]["object_id"]


def test_a_lost_creation_is_not_taken_for_a_foreign_app(tenant: Any) -> None:
    """An app of the same name without our tag is somebody else's."""
    tenant.sim.fault("drop_before", service="graph", method="POST", path="applications$")
    result = tenant.run("app", display_name="Just a name")
    assert result["failed"] and tenant.apps("Just a name") == []


@pytest.mark.parametrize("workers", [2, 6])
def test_runs_at_the_same_time_make_one_app(tenant: Any, workers: int) -> None:
    results: list[dict[str, Any]] = []
    start = threading.Barrier(workers)

    def make() -> None:
        options = {**tenant.login, **APP, "redirect_uris": ["https://jira01.example.com/cb"]}
        spec = azuread_app.DEFINITION.argument_spec
        validated = ArgumentSpecValidator(spec).validate(options).validated_parameters
        start.wait()
        results.append(_front.execute(azuread_app.DEFINITION, validated, _front.Run()))

    threads = [threading.Thread(target=make) for _nth in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.get("msg") for result in results] == [None] * workers
    [app] = tenant.apps("User Sync")
    assert {result["app"]["app_id"] for result in results} == {app["appId"]}
    [principal] = principals(tenant, app["appId"])
    assert {result["app"]["service_principal"]["object_id"] for result in results} == {principal["id"]}


def test_a_name_that_a_purged_app_still_holds_is_waited_for(tenant: Any) -> None:
    gone = tenant.sim.seed("deleted", display_name="Gone", unique_name="usersync-emea")
    tenant.fails("app", "adopt", gone["id"], **APP, if_deleted="purge")
    text = "Another object with the same value for property uniqueName already exists."
    tenant.sim.fault("error", service="graph", method="POST", path="/applications", message=text, times=3)
    assert tenant.ok("app", **APP, if_deleted="purge", adopt=gone["id"])["how"] == "created"


def test_a_taken_name_is_not_waited_for_otherwise(tenant: Any) -> None:
    text = "Another object with the same value for property uniqueName already exists."
    tenant.sim.fault("error", service="graph", method="POST", path="/applications", message=text, times=3)
    result = tenant.run("app", **APP)
    assert result["failed"] and "another app has this unique_name" in result["msg"] and len(tenant.writes()) == 1


def test_backfill_of_a_name_that_another_app_holds(tenant: Any) -> None:
    tenant.ok("app", **APP)
    made = tenant.sim.seed("application", display_name="By hand")
    result = tenant.run("app", object_id=made["id"], unique_name="usersync-emea")
    assert result["failed"] and "another app has this unique_name" in result["msg"]
    named = tenant.ok("app", object_id=made["id"], unique_name="usersync-hand")
    assert named["app"]["unique_name"] == "usersync-hand" and named["how"] == "found"


def test_the_principal_of_a_restored_app_is_restored_too(tenant: Any) -> None:
    first = tenant.ok("app", **APP, service_principal_tags=["before"])["app"]
    tenant.ok("app", **APP, state="absent")
    predicted = tenant.ok("app", check=True, **APP, if_deleted="restore", owners=tenant.users()[:1])
    assert predicted["changed"] and predicted["how"] == "restored" and tenant.writes() == []
    result = tenant.ok("app", **APP, if_deleted="restore", service_principal_tags=["after"])
    assert result["how"] == "restored" and result["app"]["app_id"] == first["app_id"]
    assert result["app"]["service_principal"]["object_id"] == first["service_principal"]["object_id"]
    assert result["app"]["service_principal"]["tags"] == ["after", "before"]
    assert not tenant.ok("app", **APP, if_deleted="restore")["changed"]


def test_a_restoration_whose_answer_was_lost(tenant: Any) -> None:
    tenant.ok("app", **APP)
    tenant.ok("app", **APP, state="absent")
    tenant.sim.fault("lost_answer", service="graph", method="POST", path="restore")
    assert tenant.ok("app", **APP, if_deleted="restore")["how"] == "restored"


def test_a_disabled_principal_is_reported_and_left_alone(tenant: Any) -> None:
    app_id = tenant.ok("app", **APP)["app"]["app_id"]
    tenant.sim.seed("switches", app_id=app_id, sign_in=False)
    for options in ({}, {"enabled": True}):
        result = tenant.ok("app", **APP, **options)
        assert result["app"]["service_principal"]["enabled"] is False and not result["changed"]
        assert "Enterprise applications" in result["warnings"][0] and "never" in result["warnings"][0]


def test_activated_when_told_and_left_alone_otherwise(tenant: Any) -> None:
    app_id = tenant.ok("app", **APP)["app"]["app_id"]
    assert not tenant.ok("app", **APP, enabled=True)["changed"] and tenant.writes() == []
    tenant.sim.seed("switches", app_id=app_id, deactivated=True)
    result = tenant.ok("app", **APP)
    assert not result["changed"] and result["app"]["enabled"] is False and "enabled: true" in result["warnings"][0]
    assert tenant.ok("info", **APP)["apps"][0]["enabled"] is False
    for wanted, changed in ((True, True), (True, False), (False, True), (False, False)):
        assert tenant.ok("app", check=True, **APP, enabled=wanted)["changed"] is changed and tenant.writes() == []
        result = tenant.ok("app", **APP, enabled=wanted)
        assert result["changed"] is changed and result["app"]["enabled"] is wanted
        assert ("warnings" in result) is not wanted
    assert tenant.app("usersync-emea")["isDisabled"] is True


def test_made_deactivated(tenant: Any) -> None:
    predicted = tenant.ok("app", check=True, **APP, enabled=False)
    result = tenant.ok("app", **APP, enabled=False)
    assert predicted["app"]["enabled"] is result["app"]["enabled"] is False
    assert not tenant.ok("app", **APP, enabled=False)["changed"]


def test_what_microsoft_has_disabled_is_told(tenant: Any) -> None:
    app_id = tenant.ok("app", **APP)["app"]["app_id"]
    status = "DisabledDueToViolationOfServicesAgreement"
    tenant.sim.seed("switches", app_id=app_id, by_microsoft=status)
    result = tenant.ok("app", **APP, enabled=True)
    assert not result["changed"] and result["app"]["disabled_by_microsoft"] == status
    assert "Microsoft support" in result["warnings"][0]
    assert tenant.ok("info", **APP)["apps"][0]["disabled_by_microsoft"] == status


def test_a_missing_principal_and_an_unread_one_are_told_apart(tenant: Any) -> None:
    app_id = tenant.ok("app", **APP, service_principal=False)["app"]["app_id"]
    [app] = tenant.ok("info", **APP)["apps"]
    assert app["service_principal"] is None and app["service_principal_read"] is True
    tenant.as_identity("owner", owns=[app_id])
    [app] = tenant.ok("info", **APP)["apps"]
    assert app["service_principal"] is None and app["service_principal_read"] is False


def test_service_management_reference(tenant: Any) -> None:
    for value, changed in (("AST-4711", True), ("AST-4711", False), ("", True), ("", False)):
        result = tenant.ok("app", **APP, service_management_reference=value)
        assert result["changed"] is changed and result["app"]["service_management_reference"] == (value or None)
    assert not tenant.ok("app", **APP)["changed"]


def test_a_directory_that_wants_a_reference_for_every_app(tenant: Any) -> None:
    """As the tenants of some large organizations do; nobody can ask beforehand."""

    def refused(module: str, **options: Any) -> None:
        result = tenant.run(module, **options)
        assert result.get("failed") and "service management reference for every app" in result["msg"], result
        assert "azure_connector_app_service_management_reference" in result["msg"]

    seed = tenant.sim.seed
    seed("references")
    refused("app", **APP)
    assert tenant.ok("app", **APP, service_management_reference="AST-4711")["changed"]
    assert not tenant.ok("app", **APP)["changed"]
    assert tenant.ok("app", **APP, notes="changed")["changed"]
    # one that was there before the directory asked for it
    seed("references", wanted=False)
    tenant.ok("app", unique_name="old")
    seed("references")
    refused("app", unique_name="old", notes="changed")
    refused("secret", unique_name="old", holder="jira01.example.com")
    assert tenant.ok("info", unique_name="old")["apps"][0]["credentials"] == []
    assert tenant.ok("app", unique_name="old", service_management_reference="AST-4712", notes="changed")["changed"]


@pytest.mark.parametrize("name", ["display_name", "unique_name"])
def test_ninety_characters_with_personal_accounts(tenant: Any, name: str) -> None:
    tenant.fails("app", "display_name", "91", "90", **{name: "x" * 91}, sign_in_audience=PERSONAL)
    made = tenant.ok("app", unique_name="long", display_name="x" * 91)
    result = tenant.fails("app", "display_name", "90", unique_name="long", sign_in_audience=PERSONAL)
    assert made["app"]["display_name"] == "x" * 91 and result["failure"]["kind"] == "option"


def test_personal_accounts(tenant: Any) -> None:
    """Open to them from the beginning: newer tokens, slower writes that are repeated, and the way back."""
    tenant.sim.fault("error", service="graph", method="PATCH", status=409, code="Error_MsaAppDoesNotExist", message="x")
    tenant.ok("app", **APP, sign_in_audience=PERSONAL)
    result = tenant.ok("app", **APP, notes="written right after")
    assert result["http"]["retries"] == 1 and tenant.app("usersync-emea")["notes"] == "written right after"
    assert tenant.app("usersync-emea")["api"]["requestedAccessTokenVersion"] == 2
    back = tenant.ok("app", **APP, sign_in_audience="AzureADMyOrg")
    assert back["changed"] and back["diff"]["before"]["sign_in_audience"] == PERSONAL


def test_refused_audiences(tenant: Any) -> None:
    app_id = tenant.ok("app", **APP)["app"]["app_id"]
    code = "SignInAudienceNotAllowedAsPerAppPolicy"
    tenant.sim.fault("error", service="graph", method="PATCH", status=400, code=code, message="No.")
    result = tenant.run("app", **APP, sign_in_audience="AzureADMultipleOrgs")
    assert result["failed"] and "forbids this sign_in_audience" in result["msg"] and result["failure"]["code"] == code
    for number in range(3):
        tenant.sim.seed("credential", app_id=app_id, display_name=f"secret {number}")
    tenant.fails("app", "sign_in_audience", "3 secrets", "at most 2", **APP, sign_in_audience=PERSONAL)
    tenant.fails("app", "sign_in_audience", "one of", **APP, sign_in_audience="Everybody")


def test_an_owner_that_is_set_meanwhile(tenant: Any) -> None:
    tenant.ok("app", **APP)
    text = "One or more added object references already exist for the following modified properties: 'owners'."
    tenant.sim.fault("error", service="graph", method="POST", path="owners", message=text)
    assert tenant.ok("app", **APP, owners=tenant.users()[:1])["changed"]


def test_an_owner_whose_answer_was_lost(tenant: Any) -> None:
    tenant.ok("app", **APP)
    tenant.sim.fault("lost_answer", service="graph", method="POST", path="owners")
    user = tenant.users()[0]
    assert user in tenant.ok("app", **APP, owners=[user])["app"]["owners"]
    tenant.sim.fault("lost_answer", service="graph", method="DELETE", path="owners")
    result = tenant.ok("app", **APP, owners=[user], list_modes={"owners": "absent"})
    assert user not in result["app"]["owners"] and user not in tenant.app("usersync-emea")["owners"]


def test_an_owner_that_is_an_app_registration(tenant: Any) -> None:
    result = tenant.ok("app", **APP)
    answer = tenant.run("app", **APP, owners=[result["app"]["object_id"]])
    assert answer["failed"] and "give the object id of the service principal" in answer["msg"]
    unknown = tenant.run("app", **APP, owners=["00000000-1111-4000-8000-000000000001"])
    assert unknown["failed"] and "does not exist" in unknown["msg"]


def test_owners_can_be_cleared_but_for_the_caller(tenant: Any) -> None:
    tenant.ok("app", **APP, owners=tenant.users()[:2])
    result = tenant.ok("app", **APP, owners=[])
    assert len(result["app"]["owners"]) == 1
    assert tenant.ok("app", **APP, owners=[], keep_caller_as_owner=False)["app"]["owners"] == []
    assert not tenant.ok("app", **APP, owners=[], keep_caller_as_owner=False)["changed"]


def test_apps_of_one_display_name_with_unique_names_of_their_own(tenant: Any) -> None:
    tenant.sim.seed("application", display_name="User Sync")
    for unique_name in ("usersync-emea", "usersync-apac", "usersync-amer"):
        result = tenant.ok("app", unique_name=unique_name, display_name="User Sync")
        assert result["how"] == "created" and "warnings" not in result
    assert len(tenant.apps("User Sync")) == 4


def test_a_display_name_is_written_only_when_given_or_made(tenant: Any) -> None:
    made = tenant.sim.seed("application", display_name="UserSync Prod (do not delete!)")
    assert tenant.ok("app", app_id=made["app_id"], notes="x")["app"]["display_name"].startswith("UserSync Prod")
    assert tenant.ok("app", app_id=made["app_id"], display_name="User Sync")["app"]["display_name"] == "User Sync"
    assert tenant.ok("app", unique_name="usersync-new")["app"]["display_name"] == "usersync-new"


def test_unique_names_and_ids_are_compared_without_regard_to_case(tenant: Any) -> None:
    app = tenant.ok("app", **APP)["app"]
    assert not tenant.ok("app", unique_name="USERSYNC-emea")["changed"]
    assert not tenant.ok("app", app_id=app["app_id"].upper())["changed"]
    tenant.ok("app", **APP, state="absent")
    assert tenant.ok("app", unique_name="Usersync-EMEA", if_deleted="restore")["how"] == "restored"


def test_reads_that_flap(tenant: Any) -> None:
    tenant.sim.advance(60)
    tenant.sim.fault("flap", seconds=1)
    result = tenant.ok("app", **APP, redirect_uris=["https://jira01.example.com/cb"], owners=tenant.users()[:1])
    assert result["app"]["service_principal"]["object_id"] and len(tenant.apps("User Sync")) == 1


def test_what_nothing_shows_to_be_ours_is_not_removed(tenant: Any) -> None:
    made = tenant.sim.seed("application", display_name="By hand")
    tenant.fails("app", "adopt", made["app_id"], "no owner", display_name="By hand", state="absent")
    assert tenant.ok("app", display_name="By hand", state="absent", adopt=made["id"])["changed"]
    twins = [tenant.sim.seed("deleted", display_name="Twin") for _nth in range(2)]
    words = ("purge", "more than one", twins[0]["app_id"], twins[1]["app_id"])
    tenant.fails("app", *words, display_name="Twin", state="absent", purge=True)
    tenant.fails("app", "if_deleted", "more than one", display_name="Twin", if_deleted="restore")


def test_a_removal_whose_answer_was_lost(tenant: Any) -> None:
    tenant.ok("app", **APP)
    tenant.sim.fault("lost_answer", service="graph", method="DELETE")
    assert tenant.ok("app", **APP, state="absent")["changed"] and tenant.apps("User Sync") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"redirect_uris": ["https://[::1"]}, ["redirect_uris", "not an address"]),
        ({"redirect_uris": ["https://jira.example.com/*"]}, ["redirect_uris", "wildcard"]),
        ({"redirect_uris": ["https://jira.example.com/#top"]}, ["redirect_uris", "fragment"]),
        ({"redirect_uris": ["myapp://auth"]}, ["redirect_uris", "https"]),
        ({"redirect_uris": ["https://{{ host }}/cb"]}, ["redirect_uris", "template"]),
        ({"redirect_uris": ["https://" + "x" * 256]}, ["redirect_uris", "256"]),
        ({"home_page_url": "https://"}, ["home_page_url", "address"]),
        ({"logout_url": "https://jira:port/"}, ["logout_url", "not an address"]),
        ({"display_name": "two\nlines"}, ["display_name", "line break"]),
        ({"tags": [""]}, ["tags", "empty"]),
        (
            {"service_principal": False, "service_principal_tags": ["a"]},
            ["service_principal_tags", "cannot be combined"],
        ),
        ({"settle_timeout": "nan"}, ["settle_timeout", "0 to 86400"]),
        ({"settle_timeout": -1}, ["settle_timeout"]),
        ({"list_modes": {"tags": "append"}}, ["tags", "one of"]),
        ({"list_modes": {"owner": "merge"}}, ["owner"]),
    ],
)
def test_more_bad_input(tenant: Any, options: dict[str, Any], words: list[str]) -> None:
    tenant.fails("app", *words, **{**APP, **options})


def test_ids_that_contradict_each_other(tenant: Any) -> None:
    first, second = (tenant.ok("app", unique_name=name)["app"] for name in ("first", "second"))
    tenant.fails("app", "app_id", first["app_id"], object_id=first["object_id"], app_id=second["app_id"])
    assert not tenant.ok("app", object_id=first["object_id"], app_id=first["app_id"])["changed"]


def test_public_client_addresses_may_have_their_own_schemes(tenant: Any) -> None:
    addresses = ["myapp://auth", "urn:ietf:wg:oauth:2.0:oob", "http://localhost:8400"]
    tenant.ok("app", **APP, public_client_redirect_uris=addresses)
    assert not tenant.ok("app", **APP, public_client_redirect_uris=addresses)["changed"]
