# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided of all hosts of a play together, and what is said of each at its end."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _fleet, _outcome
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import (
    ENTRIES,
    BadVariable,
    HostVariables,
    checked,
    in_role_words,
    problem_of,
    variable_of,
)

PREFIX = "azure_connector_"


class Vault:
    """A vaulted text of ansible-core 2.16: no text, but opened when it is made one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def host(fill_in: Any = lambda value: value, **variables: Any) -> HostVariables:
    named = {"url": "https://jira.example.com", **variables}
    return HostVariables({PREFIX + name: value for name, value in named.items() if value is not None}, fill_in)


def hosts(**named: dict[str, Any]) -> dict[str, HostVariables]:
    return {name: host(**{"url": f"https://{name}.example.com", **more}) for name, more in named.items()}


def test_one_host_speaks_for_each_app_with_the_addresses_of_all() -> None:
    known = hosts(a={}, b={"app_unique_name": "wiki"}, c={}, d={"app_id": "0f5d1c7e-1111-4222-8333-444455556666"})
    made = _fleet.plan(list(known), known)
    assert made.leaders == {"a": "usersync", "b": "wiki", "d": "0f5d1c7e-1111-4222-8333-444455556666"}
    assert made.stopped == {} and {"unique_name": "wiki"} in made.apps and len(made.apps) == 3


def test_a_redirect_uri_is_for_hosts_whose_flow_needs_it() -> None:
    known = hosts(
        old={"connector_id": "4"},
        new={"connector_id": "0f5d1c7e-1111-4222-8333-444455556666"},
        unnamed={},
        told={"flow": "authorization_code"},
        switched={"flow": "client_credentials", "connector_id": "7"},
        broken={"url": "https://jira.example.com//x", "flow": "authorization_code"},
        plain={"url": "http://plain.example.com", "allow_plain_http": True, "flow": "authorization_code"},
    )
    made = _fleet.plan(["old"], known)
    ends = "/plugins/servlet/de.resolution.usersync/oauth2/authorize"
    assert made.redirect_uris == {"usersync": [f"https://{name}.example.com{ends}" for name in ("old", "told")]}


def test_a_host_is_left_out_for_a_while_with_its_reason() -> None:
    later = (datetime.now(timezone.utc) + timedelta(days=3)).date().isoformat()
    known = hosts(
        a={"leave_out": {"reason": "data centre move", "until": later}},
        b={"leave_out": "reason=move, until=2020-01-01"},
        c={"leave_out": {"reason": "no date"}},
        d={"leave_out": ""},
    )
    made = _fleet.plan(list(known), known)
    assert list(made.left_out) == ["a"] and list(made.stopped) == ["c"]
    assert "data centre move" in made.left_out["a"] and later in made.left_out["a"]
    assert made.stopped["c"].startswith("azure_connector_leave_out: needs a date")
    # it speaks for nobody
    assert made.leaders == {"b": "usersync"}
    # who takes a host out means it
    assert _fleet.plan(list(known), known, everywhere=True).left_out == {}
    told = _outcome.of_host("a", None, left_out=made.left_out["a"])
    assert told.status == "left out" and _outcome.lines([told]) == [f"a: {made.left_out['a']}"]


def test_the_reason_for_sending_secrets_that_nobody_tried_stands_in_the_report() -> None:
    known = hosts(
        a={"secret_prove": "false", "secret_prove_reason": "Conditional Access lets only\nthe hosts log in"},
        b={"secret_prove": "true", "secret_prove_reason": "of an earlier time"},
        c={},
        d={"secret_prove": False},
    )
    made = _fleet.plan(list(known), known)
    assert list(made.unproven) == ["a"] and list(made.stopped) == ["d"]
    told = [_outcome.of_host(name, RESULT, unproven=made.unproven.get(name)) for name in "abc"]
    said = "; its secrets are not tried here before they are sent: Conditional Access lets only the hosts log in"
    assert [said in one.text for one in told] == [True, False, False]


def test_a_batch_has_leaders_of_its_own_and_addresses_of_the_whole_play() -> None:
    known = hosts(a={}, b={}, c={})
    for one in known.values():
        one.raw["azure_connector_flow"] = "authorization_code"
    made = _fleet.plan(["b", "c"], known)
    assert made.leaders == {"b": "usersync"} and len(made.redirect_uris["usersync"]) == 3


@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"url": None}, ["azure_connector_url: is missing"]),
        ({"url": "jira.example.com"}, ["azure_connector_url: "]),
        ({"url": "https://u:p4ssw0rd@jira.example.com"}, ["azure_connector_url: "]),
        ({"url": "https://10.0.0.7"}, ["azure_connector_site: must be given", "10.0.0.7"]),
        (
            {"secret_valid_days": "30 days"},
            ["azure_connector_secret_valid_days: must be a whole number, not '30 days'"],
        ),
        ({"force": "soon"}, ["azure_connector_force: must be true or false, not 'soon'"]),
        ({"sync": "sometimes"}, ["azure_connector_sync: 'sometimes' is not one of auto, always, never"]),
        ({"group_types": ["secret"]}, ["azure_connector_group_types: 'secret' is not one of"]),
        ({"settings": "none"}, ["azure_connector_settings: must be a dictionary"]),
        ({"secret_scope": "app"}, ["azure_connector_secret_scope: one secret for a whole app is no longer supported"]),
        ({"holder": "jira01"}, ["azure_connector_holder: no longer exists", "azure_connector_former_holders"]),
    ],
)
def test_a_host_whose_variables_cannot_be_used_fails_alone(
    place: str, variables: dict[str, Any], words: list[str]
) -> None:
    good = hosts(a={}, b={})
    bad = {"bad": host(**variables)}
    known = {**bad, **good} if place == "first" else {**good, **bad}
    made = _fleet.plan(list(known), known)
    assert set(made.stopped) == {"bad"} and made.leaders == {"a": "usersync"}
    sentence = made.stopped["bad"]
    assert len(sentence) < 300 and "\n" not in sentence and "p4ssw0rd" not in sentence
    for word in words:
        assert word in sentence


def test_a_template_that_cannot_be_filled_in_names_its_variable() -> None:
    def fill_in(value: Any) -> Any:
        if "{{" in str(value):
            raise RuntimeError("long story about a template: 'vault_jira_password' is undefined. " + "x" * 9000)
        return value

    known = {"a": host(fill_in, url="https://a.example.com", password="{{ vault_jira_password }}"), **hosts(b={})}
    made = _fleet.plan(["a", "b"], known)
    assert made.stopped == {"a": "azure_connector_password: cannot be read, because 'vault_jira_password' is undefined"}
    assert made.leaders == {"b": "usersync"}
    assert len(problem_of(RuntimeError("y" * 9000))) < 250


def test_two_hosts_that_are_one_connector_are_both_named_and_two_connectors_of_one_host_are_not() -> None:
    one = {"url": "https://jira.example.com/"}
    twins = hosts(a=one, b={"url": "https://JIRA.example.com:443"}, c={})
    made = _fleet.plan(list(twins), twins)
    assert set(made.stopped) == {"a", "b"} and "a and b" in made.stopped["a"]
    two = hosts(a={**one, "connector_id": "1"}, b={**one, "connector_id": "2"})
    assert _fleet.plan(list(two), two).stopped == {}


def test_hosts_that_want_separate_steps_and_a_stop() -> None:
    known = hosts(a={"separate_steps": "yes"}, b={"secret_hook": "hook.yml"}, c={"separate_steps": "no"})
    assert _fleet.plan(list(known), known).separate == ["a", "b"]
    assert set(_fleet.plan(list(known), known, "stop here").stopped.values()) == {"stop here"}
    assert _fleet.halted(0, 0, 0) == "" and _fleet.halted(1, 10, 10) == ""
    assert _fleet.halted(2, 10, 10).startswith("azure_connector_max_fail_percentage: this batch was not started")


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [
        ("force", "true", True),
        ("force", "no", False),
        ("force", Vault("yes"), True),
        ("secret_valid_days", "90", 90),
        ("secret_valid_days", Vault("90"), 90),
        ("sync_timeout", "12.5", 12.5),
        ("required_groups", "one,two", ["one", "two"]),
        ("required_groups", '["one", "two"]', ["one", "two"]),
        ("required_groups", ["one"], ["one"]),
        ("required_groups", "", None),
        ("settings", '{"a.b": 1}', {"a.b": 1}),
        ("password", Vault("secret"), "secret"),
        ("name", "{% raw %}", "{% raw %}"),
        ("audit_fail_on", "error", ["error"]),
        ("audit_table", "false", False),
        ("audit_table", "", None),
    ],
)
def test_a_variable_means_the_same_however_it_was_given(name: str, given: Any, found: Any) -> None:
    assert checked(PREFIX + name, given) == found


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_variable_refuses_what_it_cannot_be_and_names_itself(name: str) -> None:
    kind = ENTRIES[name].get("type", "str")
    wrong = {"str": ["a list"], "path": {"a": 1}, "bool": "soon", "int": "30 days", "float": "soon", "dict": "none"}
    if kind not in wrong:
        return
    with pytest.raises(BadVariable) as told:
        checked(name, wrong[kind])
    assert str(told.value).startswith(f"{name}: must be ") and len(str(told.value)) < 300


def test_no_value_that_may_be_a_secret_is_repeated() -> None:
    with pytest.raises(BadVariable) as told:
        checked("azure_connector_headers", "Bearer planted-secret")
    assert "planted" not in str(told.value)


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("secret.valid_days", "azure_connector_secret_valid_days"),
        ("secret.delivery_window", "azure_connector_secret_delivery_window"),
        ("entra.tenant", "azure_connector_entra_tenant"),
        ("connector.schedule_cron", "azure_connector_schedule_cron"),
        ("host.url", "azure_connector_url"),
        ("sync.user", "azure_connector_confirm_user"),
        ("url", "azure_connector_url"),
        ("nothing.known", None),
    ],
)
def test_the_variable_of_an_option(option: str, variable: str | None) -> None:
    assert variable_of(option) == variable
    assert in_role_words(f"{option}: must be good").startswith(f"{variable or option}: must")


def test_options_within_a_sentence_are_named_as_variables_too() -> None:
    told = in_role_words("the option tenant names none, or option client_secret is wrong; an option is no option names")
    assert told == (
        "azure_connector_entra_tenant names none, or azure_connector_entra_client_secret is wrong; an option is no "
        "option names"
    )


RESULT = {
    "changed": True,
    "done": ["secret renewed", "synchronised"],
    "reasons": ["forced"],
    "credential": {"days_left": 179},
    "sync": {"state": "DONE", "counters": {"added": 2, "not_modified": 3}},
}


@pytest.mark.parametrize(
    ("result", "more", "status", "text"),
    [
        (
            RESULT,
            {},
            "changed",
            "secret renewed, synchronised because forced; secret valid for 179 days; last sync DONE",
        ),
        (RESULT, {"check_mode": True}, "changed", "would be done: secret renewed"),
        ({**RESULT, "done": [], "reasons": []}, {}, "ok", "secret valid for 179 days; last sync DONE with 5 users"),
        (
            {"failed": True, "msg": "no", "failure": {"step": "mint", "stands": "x"}},
            {},
            "failed",
            "failed at mint: no (x)",
        ),
        ({"failed": True, "msg": "secret.valid_days: bad"}, {}, "failed", "azure_connector_secret_valid_days: bad"),
        (None, {}, "failed", "never started"),
        ({"skipped": True}, {}, "failed", "never started"),
        ({"unreachable": True, "msg": "no route"}, {}, "failed", "no route"),
        (RESULT, {"stopped": "azure_connector_url: bad"}, "failed", "failed at plan: azure_connector_url: bad"),
        (RESULT, {"app_failure": "no app"}, "failed", "failed at app: no app (nothing was changed on the host)"),
        ({**RESULT, "done": [], "confirming": {"wait": "sync"}}, {}, "waiting", "its sync is still running"),
        (
            {**RESULT, "done": [], "confirming": {"wait": "sync"}},
            {"confirmed": {"failed": False, "done": ["secret renewed"], "sync": RESULT["sync"]}},
            "changed",
            "secret renewed",
        ),
        (
            {**RESULT, "confirming": {"wait": "sync"}},
            {"confirmed": {"failed": True, "msg": "late", "failure": {"step": "confirm", "stands": "s"}}},
            "failed",
            "failed at confirm: late (s)",
        ),
    ],
)
def test_what_became_of_a_host(result: Any, more: dict[str, Any], status: str, text: str) -> None:
    told = _outcome.of_host("h", result, **more)
    assert told.status == status and text in told.text, told


def test_what_is_the_same_is_said_once_and_failures_come_last() -> None:
    told = [_outcome.of_host(name, None, app_failure="the app is gone") for name in ("a", "b c")]
    told.append(_outcome.of_host("d", {"done": [], "credential": None, "sync": None}))
    assert _outcome.lines(told) == [
        "d: never synchronised",
        "2 hosts (a, b c): failed at app: the app is gone (nothing was changed on the host)",
    ]


GUIDE = ["User.Read", "User.ReadBasic.All", "Directory.Read.All", "User.Read.All"]
LEAST = {"permission_profile": "least"}
OWN = [{"name": "Group.Read.All", "type": "application"}]


@pytest.mark.parametrize(
    ("named", "names", "least"),
    [
        ({"a": {}}, GUIDE, ["Directory.Read.All"]),
        ({"a": LEAST, "b": LEAST}, ["Directory.Read.All"], ["Directory.Read.All"]),
        ({"a": LEAST, "b": {}}, GUIDE, ["Directory.Read.All"]),
        (
            {"a": LEAST, "b": {**LEAST, "profile_pictures": "true"}},
            ["Directory.Read.All", "User.Read.All"],
            ["Directory.Read.All", "User.Read.All"],
        ),
        ({"a": LEAST, "b": {**LEAST, "flow": "authorization_code"}}, GUIDE, GUIDE),
        ({"a": {"permissions": OWN}}, ["Group.Read.All"], ["Directory.Read.All"]),
        ({"a": {"permissions": OWN}, "b": {"permissions": OWN}}, ["Group.Read.All"], ["Directory.Read.All"]),
        ({"a": {"permissions": OWN}, "b": {}}, [*GUIDE, "Group.Read.All"], ["Directory.Read.All"]),
    ],
)
def test_an_app_asks_for_what_all_its_hosts_need(named: dict[str, Any], names: list[str], least: list[str]) -> None:
    made = _fleet.plan(list(named), hosts(**named))
    assert [entry["name"] for entry in made.permissions["usersync"]] == names
    assert [entry["name"] for entry in made.least["usersync"]] == least


def test_a_profile_that_nobody_knows_fails_its_own_host() -> None:
    made = _fleet.plan(["a", "b"], hosts(a={"permission_profile": "lest"}, b={}))
    assert "azure_connector_permission_profile: 'lest' is not one of guide, least" in made.stopped["a"]
    assert "b" not in made.stopped


def test_two_hosts_that_are_one_consumer_are_named_both() -> None:
    same = {"url": "https://JIRA.example.com:443/"}
    known = hosts(a=same, b={"url": "https://jira.example.com"}, c={"url": "https://jira.example.com/jira"})
    made = _fleet.plan(list(known), known)
    assert set(made.stopped) == {"a", "b"} and all("a and b" in text for text in made.stopped.values())
    # a site says nothing where the address does
    known = hosts(a={**same, "site": "x"}, b={**same, "site": "y"})
    assert set(_fleet.plan(list(known), known).stopped) == {"a", "b"}
    known = hosts(a={"url": "https://jira", "site": "x"}, b={"url": "https://jira", "site": "y"})
    assert _fleet.plan(list(known), known).stopped == {}
    known = hosts(a={"url": "https://jira", "site": "x"}, b={"url": "https://jira", "site": "X "})
    assert set(_fleet.plan(list(known), known).stopped) == {"a", "b"}


@pytest.mark.parametrize("former", ["b", "b.example.com", "b.example.com#7", "lab:c", "a.example.com"])
def test_a_former_holder_that_lives_is_an_error(former: str) -> None:
    known = hosts(a={"former_holders": [former]}, b={}, c={"url": "https://c", "site": "lab"})
    made = _fleet.plan(list(known), known)
    assert set(made.stopped) == {"a"} and former in made.stopped["a"]


def test_a_former_holder_that_nobody_is() -> None:
    """Its own name in the inventory among them: that is where early versions kept its secret."""
    known = hosts(a={"former_holders": ["old.example.com", "jira-old", "a"]}, b={})
    assert _fleet.plan(list(known), known).stopped == {}


def test_a_host_whose_steps_were_separate_tasks() -> None:
    minted = {"changed": True, "credential": {"days_left": 179}}
    steps = {
        "read": {"reasons": ["forced"]},
        "minted": minted,
        "delivered": {"created": True},
        "synced": {"changed": True},
    }
    told = _outcome.of_host("h", _outcome.of_steps({"skipped": True}, steps))
    assert told.text.startswith(
        "connector made, secret created, synchronised because forced; secret valid for 179 days"
    )
    failed = {"failed": True, "msg": "sealed", "failure": {"step": "hook"}}
    assert "sealed (the new secret was not sent" in _outcome.of_host("h", _outcome.of_steps(failed, steps)).text
    assert _outcome.of_steps(RESULT, {**steps, "minted": {"skipped": True}}) is RESULT


@pytest.mark.parametrize("former", ["a", "a.example.com"])
def test_secrets_that_another_host_may_hold_are_not_removed(former: str) -> None:
    known = hosts(a={}, b={"former_holders": [former]})
    made = _fleet.plan(["a"], known, everywhere=True)
    assert set(made.stopped) == {"a"} and "b says that it was" in made.stopped["a"]
    assert _fleet.plan(["a"], known).stopped == {}
