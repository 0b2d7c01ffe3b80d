# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A re-run keeps what operators made, and tells what is ours from what bears its name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake.server import FakeAwx
from fake.users import User
from inprocess import keep, refused

HOSTS: dict[str, dict[str, Any]] = {"jira01": {"azure_connector_url": "https://jira01.example.com"}, "wiki01": {}}
FILLED = {"entra_inputs": {"tenant": "contoso.example"}, "atlassian_inputs": {"username": "local"}}


def one(fake: FakeAwx, endpoint: str, name: str) -> dict[str, Any]:
    (found,) = fake.store.find(endpoint, name=name)
    return found


def converged(fake: FakeAwx, **options: Any) -> None:
    since = len(fake.journal)
    again = keep(fake, **options)
    assert (again.changed, fake.writes(since)) == (False, [])


def test_variables_that_were_not_named_stay_and_those_named_are_set(fake: FakeAwx) -> None:
    keep(fake, hosts=HOSTS, inventory_variables={"azure_connector_entra_tenant": "contoso.example"})
    inventory, host = one(fake, "inventories", "UserSync hosts"), one(fake, "hosts", "jira01")
    assert json.loads(inventory["variables"]) == {
        "azure_connector_secret_min_remaining_days": 45,
        "azure_connector_entra_tenant": "contoso.example",
    }
    inventory["variables"] = "---\nazure_connector_sync: never  # as YAML\nazure_connector_entra_tenant: other\n"
    host["variables"] = json.dumps({"azure_connector_url": "https://jira01.example.com", "note": "ours"})
    host["enabled"], host["description"] = False, "in repair"
    keep(fake, hosts=HOSTS, inventory_variables={"azure_connector_entra_tenant": "contoso.example"})
    assert json.loads(inventory["variables"]) == {
        "azure_connector_sync": "never",
        "azure_connector_entra_tenant": "contoso.example",
    }
    assert json.loads(host["variables"])["note"] == "ours"
    assert (host["enabled"], host["description"]) == (False, "in repair")
    converged(fake)
    converged(fake, hosts=HOSTS)


def test_what_operators_set_on_templates_stays(fake: FakeAwx) -> None:
    keep(fake, **FILLED)
    store, audit = fake.store, one(fake, "job_templates", "UserSync audit")
    kind = store.seed("credential_types", name="Vault", kind="vault", managed=True)
    added = store.seed("credentials", name="extra", credential_type=kind, organization=1)
    label = store.seed("labels", name="theirs", organization=1)
    audit["many"]["credentials"].append(added)
    audit["many"]["labels"].append(label)
    audit["extra_vars"] = json.dumps({**json.loads(audit["extra_vars"]), "azure_connector_audit_report_path": "/x"})
    audit.update(forks=7, timeout=99, description="mine", verbosity=2, limit="jira*", ask_variables_on_launch=True)
    audit["name"] = "Audit of the fleet"
    question = {"type": "text", "question_name": "Ticket", "variable": "ticket", "required": False}
    survey = store.surveys[audit["id"]]
    survey["spec"].append(question)
    survey["spec"][0]["default"] = "production"
    before = json.dumps([audit, survey], default=str)
    converged(fake, **FILLED)
    assert json.dumps([audit, survey], default=str) == before
    keep(fake, **FILLED, hosts_pattern="all_of_them", forks=9, audit_fail_on=["error"])
    assert survey is not store.surveys[audit["id"]]
    assert store.surveys[audit["id"]]["spec"][0]["default"] == "all_of_them"
    assert question in store.surveys[audit["id"]]["spec"]
    assert audit["forks"] == 9
    assert json.loads(audit["extra_vars"]) == {
        "azure_connector_audit_fail_on": ["error"],
        "azure_connector_audit_report_path": "/x",
    }
    assert {added, label} <= {*audit["many"]["credentials"], *audit["many"]["labels"]}


def test_what_the_parts_need_is_put_back(fake: FakeAwx) -> None:
    keep(fake, **FILLED)
    rotate = one(fake, "job_templates", "UserSync rotate")
    rotate.update(playbook="playbooks/audit.yml", job_type="check", survey_enabled=False)
    rotate["many"]["credentials"].clear()
    keep(fake, **FILLED)
    assert rotate["playbook"] == "playbooks/rotate_secrets.yml"
    assert (rotate["job_type"], rotate["survey_enabled"], len(rotate["many"]["credentials"])) == ("run", True, 2)


def test_another_credential_of_our_type_on_a_template_stays(fake: FakeAwx) -> None:
    keep(fake, **FILLED)
    kind = one(fake, "credential_types", "UserSync: Entra login")["id"]
    second = fake.store.seed("credentials", name="second tenant", credential_type=kind, organization=1)
    audit = one(fake, "job_templates", "UserSync audit")
    ours = one(fake, "credentials", "UserSync Entra login")["id"]
    audit["many"]["credentials"] = [second if held == ours else held for held in audit["many"]["credentials"]]
    converged(fake, **FILLED)
    assert second in audit["many"]["credentials"]


def test_fields_of_a_credential_that_were_not_given_stay(fake: FakeAwx) -> None:
    keep(fake, entra_inputs={"tenant": "contoso.example", "client_secret": "planted-1"})
    entra = one(fake, "credentials", "UserSync Entra login")
    entra["inputs"]["certificate"] = "typed at the AWX"
    keep(fake, entra_inputs={"tenant": "fabrikam.example", "client_secret": "planted-1"})
    assert entra["inputs"] == {
        "tenant": "fabrikam.example",
        "client_secret": "planted-1",
        "certificate": "typed at the AWX",
    }


def test_steps_and_links_that_somebody_added_stay(fake: FakeAwx) -> None:
    keep(fake)
    store, flow = fake.store, one(fake, "workflow_job_templates", "UserSync rotation")
    node = store.seed(
        "workflow_job_template_nodes",
        identifier="tell the team",
        workflow_job_template=flow["id"],
        unified_job_template=one(fake, "job_templates", "UserSync audit")["id"],
    )
    rotate = store.find("workflow_job_template_nodes", identifier="rotate")[0]
    rotate["many"].setdefault("failure_nodes", []).append(node)
    converged(fake)
    assert rotate["many"]["failure_nodes"] == [node]
    keep(fake, approval=False)
    left = {one["identifier"] for one in store.find("workflow_job_template_nodes", workflow_job_template=flow["id"])}
    assert left == {"audit", "prepare", "rotate", "audit_again", "tell the team"}
    assert rotate["many"]["failure_nodes"] == [node]
    keep(fake)
    assert len(store.find("workflow_job_template_nodes", workflow_job_template=flow["id"])) == 7


class TestSchedules:
    NAMES = ("UserSync audit, daily", "UserSync rotation, monthly")

    def on(self, fake: FakeAwx) -> list[bool]:
        return [one(fake, "schedules", name)["enabled"] for name in self.NAMES]

    def test_off_while_a_credential_is_empty_and_on_once_it_is_filled(self, fake: FakeAwx) -> None:
        made = keep(fake)
        assert self.on(fake) == [False, False]
        assert any("created disabled" in note and "'UserSync Entra login'" in note for note in made.values["notes"])
        converged(fake)
        one(fake, "credentials", "UserSync Entra login")["inputs"] = {"tenant": "contoso.example"}
        converged(fake)
        one(fake, "credentials", "UserSync Atlassian administrator")["inputs"] = {"token": "typed"}
        keep(fake)
        assert self.on(fake) == [True, True]
        converged(fake)

    def test_filled_by_a_lookup_is_filled(self, fake: FakeAwx) -> None:
        keep(fake)
        source = fake.store.seed("credentials", name="vault", organization=1, credential_type=2)
        for name in ("UserSync Entra login", "UserSync Atlassian administrator"):
            target = one(fake, "credentials", name)["id"]
            fake.store.seed(
                "credential_input_sources",
                target_credential=target,
                source_credential=source,
                input_field_name="client_secret",
            )
        keep(fake)
        assert self.on(fake) == [True, True]

    def test_a_paused_one_stays_paused_and_a_changed_one_changed(self, fake: FakeAwx) -> None:
        keep(fake, **FILLED)
        daily, monthly = (one(fake, "schedules", name) for name in self.NAMES)
        daily["enabled"] = False
        monthly["rrule"] = "DTSTART:20270101T040000Z RRULE:FREQ=WEEKLY;INTERVAL=1"
        monthly["extra_data"]["usersync_hosts"] = "production"
        converged(fake, **FILLED)
        assert self.on(fake) == [False, True]
        keep(fake, **FILLED, schedules_enabled=True, hosts_pattern="all")
        assert self.on(fake) == [True, True]
        assert monthly["extra_data"]["usersync_hosts"] == "all"
        assert "WEEKLY" in monthly["rrule"]

    def test_one_that_was_off_and_that_somebody_switched_is_theirs(self, fake: FakeAwx) -> None:
        keep(fake)
        daily = one(fake, "schedules", self.NAMES[0])
        daily["enabled"] = True
        keep(fake)
        daily["enabled"] = False
        keep(fake, **FILLED)
        assert self.on(fake) == [False, True]

    def test_hosts_with_accounts_of_their_own_need_no_shared_one(self, fake: FakeAwx) -> None:
        kind = fake.store.seed("credential_types", name="Vault", kind="vault", managed=True)
        vault = fake.store.seed("credentials", name="of the host_vars", credential_type=kind, organization=1)
        keep(fake, entra_inputs={"tenant": "contoso.example"}, vault_credentials=["of the host_vars"])
        assert self.on(fake) == [True, True]
        assert fake.store.listed("job_templates") and all(
            vault in job["many"]["credentials"] for job in fake.store.listed("job_templates")
        )


NAMESAKES = [
    ("job_templates", "audit", "UserSync audit", {"project": 2, "inventory": 3, "playbook": "x.yml"}),
    ("workflow_job_templates", "rotation", "UserSync rotation", {"organization": 1}),
    ("workflow_job_templates", "audit", "UserSync audit", {"organization": 1}),
    ("projects", "project", "UserSync playbooks", {"organization": 1}),
    ("inventories", "inventory", "UserSync hosts", {"organization": 1}),
    ("execution_environments", "execution_environment", "UserSync environment", {"image": "x", "organization": 1}),
    ("credential_types", "entra_type", "UserSync: Entra login", {"kind": "cloud"}),
]


@pytest.mark.parametrize(("endpoint", "key", "name", "fields"), NAMESAKES, ids=lambda value: str(value)[:30])
def test_a_namesake_is_refused_unless_told_to_adopt(
    fake: FakeAwx, endpoint: str, key: str, name: str, fields: dict[str, Any]
) -> None:
    store = fake.store
    store.seed("projects", name="p", organization=1)
    store.seed("inventories", name="i", organization=1)
    theirs = store.seed(endpoint, name=name, description="theirs", **fields)
    error = refused(fake, hosts=HOSTS)
    assert f"'{name}' that this role did not create" in error.message and error.code == "Namesake"
    assert f"usersync_awx_adopt: {{{key}: {theirs}}}" in error.message
    assert fake.writes() == []
    wrong_kind = endpoint == "workflow_job_templates" and key == "audit"
    if wrong_kind:
        assert "there is no job template with the id" in refused(fake, adopt={key: theirs}).message
        return
    keep(fake, hosts=HOSTS, adopt={key: theirs})
    assert store.get(endpoint, theirs)["description"] == "theirs"
    converged(fake, hosts=HOSTS)


def test_our_objects_stay_ours_whatever_they_are_called(fake: FakeAwx) -> None:
    keep(fake, **FILLED)
    renamed = [
        (endpoint, item)
        for endpoint in ("projects", "inventories", "credentials", "job_templates", "schedules", "credential_types")
        for item in fake.store.listed(endpoint)
    ]
    for _endpoint, item in renamed:
        item["name"] = f"{item['name']} (production)"
    converged(fake, **FILLED)
    keep(fake, **FILLED, names={"project": "Playbooks"})
    assert one(fake, "projects", "Playbooks")
    keep(fake, "absent")
    assert not any(fake.store.listed(endpoint) for endpoint, _item in renamed)


def test_a_run_that_died_knows_what_it_was_making(fake: FakeAwx, monkeypatch: pytest.MonkeyPatch) -> None:
    store, create = fake.store, fake.store.create

    def dies(endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        if endpoint == "inventories":
            create(endpoint, body)
            raise RuntimeError("killed")
        return create(endpoint, body)

    monkeypatch.setattr(store, "create", dies)
    assert refused(fake)
    monkeypatch.undo()
    keep(fake)
    assert len(store.listed("inventories")) == 1
    converged(fake)


def test_two_organizations_with_one_prefix_are_refused_before_anything_is_written(fake: FakeAwx) -> None:
    fake.store.seed("organizations", name="Other")
    keep(fake)
    for state in ("present", "absent"):
        since = len(fake.journal)
        error = refused(fake, state, organization="Other")
        assert error.message.startswith("usersync_awx_prefix: 'UserSync' is the prefix of the set that organization")
        assert "'Default'" in error.message
        assert fake.writes(since) == []
    keep(fake, organization="Other", prefix="Second")
    keep(fake, "absent", organization="Other", prefix="Second")
    converged(fake)


def test_who_may_not_make_it_is_told_before_the_first_write(fake: FakeAwx) -> None:
    admin = fake.login(User("olga", admin={1}))
    error = refused(fake, token=admin.token)
    assert "'olga' is not a system administrator" in error.message and error.code == "Rights"
    assert fake.writes() == []
    keep(fake, **FILLED)
    reader = fake.login(User("rita", reads={1}))
    since = len(fake.journal)
    assert "'rita' may not change the" in refused(fake, token=reader.token, **FILLED).message
    assert fake.writes(since) == []
    since = len(fake.journal)
    again = keep(fake, token=admin.token, forks=3, **FILLED)
    assert again.changed
    assert {path.split("/")[3] for _method, path, _body in fake.writes(since)} == {"job_templates"}


def test_the_fields_of_a_type_that_credentials_use_are_frozen(fake: FakeAwx) -> None:
    keep(fake, **FILLED)
    kind = one(fake, "credential_types", "UserSync: Entra login")
    kind["inputs"] = {**kind["inputs"], "fields": kind["inputs"]["fields"][:-1]}
    since = len(fake.journal)
    error = refused(fake, **FILLED)
    assert error.code == "Frozen" and "create a new set with another usersync_awx_prefix" in error.message
    assert fake.writes(since) == []


def test_retired_hosts_are_named_and_leave_when_told(fake: FakeAwx) -> None:
    keep(fake, hosts=HOSTS)
    fake.store.seed("hosts", name="theirs", inventory=one(fake, "inventories", "UserSync hosts")["id"])
    less = {"jira01": HOSTS["jira01"]}
    told = keep(fake, hosts=less)
    assert not told.changed
    assert any("wiki01" in note and "theirs" not in note for note in told.values["notes"])
    keep(fake, hosts=less, hosts_retired="remove")
    assert {host["name"] for host in fake.store.listed("hosts")} == {"jira01", "theirs"}
    converged(fake, hosts=less)


def test_a_host_that_was_there_keeps_its_variables_and_is_nobodys_to_retire(fake: FakeAwx) -> None:
    keep(fake)
    inventory = one(fake, "inventories", "UserSync hosts")["id"]
    fake.store.seed("hosts", name="jira01", inventory=inventory, variables="note: theirs")
    keep(fake, hosts=HOSTS)
    assert json.loads(one(fake, "hosts", "jira01")["variables"]) == {"note": "theirs", **HOSTS["jira01"]}
    keep(fake, hosts={}, hosts_retired="remove")
    assert {host["name"] for host in fake.store.listed("hosts")} == {"jira01"}


@pytest.mark.parametrize("option", ["hosts", "inventory_variables", "min_remaining_days", "warn_days"])
def test_what_belongs_to_an_inventory_that_is_not_ours_is_refused(fake: FakeAwx, option: str) -> None:
    fake.store.seed("inventories", name="UserSync hosts", organization=1)
    wrong: dict[str, Any] = {option: 7 if option.endswith("days") else {"a": {}}}
    assert refused(fake, existing=["inventory"], **wrong).message.startswith(f"usersync_awx_{option}: belongs to")
    assert fake.writes() == []
