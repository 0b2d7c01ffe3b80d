# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a set away damages nobody: who uses what is asked first, and what others use stays as it was."""

from __future__ import annotations

from typing import Any

import pytest
from fake.server import FakeAwx
from fake.users import User
from inprocess import keep, refused

OTHER = "Other organization"
DAILY = "DTSTART:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1"


def one(fake: FakeAwx, endpoint: str, name: str) -> dict[str, Any]:
    (found,) = fake.store.find(endpoint, name=name)
    return found


class Strangers:
    """Things of another organization, made to use ours."""

    def __init__(self, fake: FakeAwx) -> None:
        self.fake, self.store = fake, fake.store
        self.home = self.store.seed("organizations", name=OTHER)
        self.project = self.store.seed("projects", name="theirs", organization=self.home)
        self.inventory = self.store.seed("inventories", name="theirs", organization=self.home)

    def ours(self, endpoint: str, name: str) -> int:
        return one(self.fake, endpoint, f"UserSync{name}")["id"]

    def template(self, **fields: Any) -> int:
        whole = {"project": self.project, "inventory": self.inventory, "playbook": "x.yml", **fields}
        return self.store.seed("job_templates", name="their job", **whole)

    def use(self, what: str) -> str:
        """Make something use this; returns the words that the refusal has to have."""
        store, ours = self.store, self.ours
        if what == "project":
            self.template(project=ours("projects", " playbooks"))
            return "the project 'UserSync playbooks' stays, because it is used by: job template 'their job' of"
        if what == "inventory":
            self.template(inventory=ours("inventories", " hosts"))
            return "the inventory 'UserSync hosts' stays, because it is used by: job template 'their job'"
        if what == "environment":
            self.template(execution_environment=ours("execution_environments", " environment"))
            return "the execution environment 'UserSync environment' stays, because it is used by: job template"
        if what == "default environment":
            environment = ours("execution_environments", " environment")
            store.get("organizations", self.home)["default_environment"] = environment
            return f"'UserSync environment' stays, because it is used by: organization '{OTHER}'"
        if what == "credential":
            job = store.get("job_templates", self.template())
            job["many"]["credentials"] = [ours("credentials", " Entra login")]
            return "the credential 'UserSync Entra login' stays, because it is used by: job template 'their job'"
        if what == "lookup":
            kind = store.seed("credential_types", name="k", kind="cloud")
            target = store.seed("credentials", name="theirs", organization=self.home, credential_type=kind)
            source = ours("credentials", " Entra login")
            store.seed(
                "credential_input_sources", target_credential=target, source_credential=source, input_field_name="x"
            )
            return "'UserSync Entra login' stays, because it is used by: a field of credential 'theirs'"
        if what == "type":
            store.seed(
                "credentials",
                name="2nd",
                organization=self.home,
                credential_type=ours("credential_types", ": Entra login"),
            )
            return "the credential type 'UserSync: Entra login' stays, because it is used by: credential '2nd' of"
        if what == "schedule":
            store.seed("schedules", name="night", unified_job_template=ours("job_templates", " audit"), rrule=DAILY)
            return "the job template 'UserSync audit' stays, because it is used by: schedule 'night'"
        if what == "step":
            flow = store.seed("workflow_job_templates", name="their flow", organization=self.home)
            store.seed(
                "workflow_job_template_nodes",
                identifier="n",
                workflow_job_template=flow,
                unified_job_template=ours("job_templates", " audit"),
            )
            return "the job template 'UserSync audit' stays, because it is used by: a step of workflow 'their flow'"
        if what == "workflow":
            flow = store.seed("workflow_job_templates", name="their flow", organization=self.home)
            store.seed(
                "workflow_job_template_nodes",
                identifier="n",
                workflow_job_template=flow,
                unified_job_template=ours("workflow_job_templates", " rotation"),
            )
            return "the workflow 'UserSync rotation' stays, because it is used by: a step of workflow 'their flow'"
        if what == "host":
            store.seed("hosts", name="db01", inventory=ours("inventories", " hosts"))
            return "the inventory 'UserSync hosts' stays, because it is used by: host 'db01'"
        if what == "group":
            store.seed("groups", name="databases", inventory=ours("inventories", " hosts"))
            return "the inventory 'UserSync hosts' stays, because it is used by: group 'databases'"
        if what == "constructed":
            made = store.seed("inventories", name="constructed", organization=self.home, kind="constructed")
            store.get("inventories", made)["many"]["input_inventories"] = [ours("inventories", " hosts")]
            return "the inventory 'UserSync hosts' stays, because it is used by: inventory 'constructed'"
        assert what == "source"
        store.seed("inventory_sources", name="cmdb", inventory=ours("inventories", " hosts"), source="scm")
        return "the inventory 'UserSync hosts' stays, because it is used by: inventory source 'cmdb'"


USES = [
    *("project", "inventory", "environment", "default environment", "credential", "lookup", "type", "schedule"),
    *("step", "workflow", "host", "group", "constructed", "source"),
]


def texts(fake: FakeAwx, ids: set[int]) -> dict[int, str]:
    """These objects as text."""
    return {item["id"]: repr(sorted(item.items(), key=str)) for _kind, item in fake.store.every() if item["id"] in ids}


@pytest.mark.parametrize("what", USES)
def test_what_others_use_stays_with_all_it_needs_and_the_rest_goes(fake: FakeAwx, what: str) -> None:
    keep(fake, hosts={"jira01": {}})
    made = {item["id"] for _kind, item in fake.store.every()}
    words = Strangers(fake).use(what)
    theirs = {item["id"] for _kind, item in fake.store.every()} - made
    before = texts(fake, theirs)
    since = len(fake.journal)
    dry = refused(fake, "absent", check=True)
    assert words in dry.message
    assert dry.message.endswith("Everything else would be removed")
    assert fake.writes(since) == []
    error = refused(fake, "absent")
    assert words in error.message and error.code == dry.code == "Used"
    assert error.details["removed"] == dry.details["removed"]
    assert texts(fake, theirs) == before
    left = {key: found for key, found in fake.store.items.items() if found}
    assert "schedules" not in left or what == "schedule"
    assert len(left.get("job_templates", {})) < 9
    # what stayed is ours still, and nothing is left once nobody uses it
    kept = [item for item in fake.store.listed("job_templates") if item["name"].startswith("UserSync")]
    for job in kept:
        assert None not in (job["project"], job["inventory"], job["execution_environment"])
        assert len(job["many"]["credentials"]) == 2
    keep(fake, hosts={"jira01": {}})


def test_absent_takes_all_of_it_where_nobody_else_uses_it(fake: FakeAwx) -> None:
    Strangers(fake)
    before = fake.store.snapshot()
    keep(fake, hosts={"jira01": {}})
    keep(fake, "absent")
    assert fake.store.snapshot() == before
    again = keep(fake, "absent")
    assert not again.changed


def test_namesakes_are_not_taken_away(fake: FakeAwx) -> None:
    fake.store.seed("projects", name="UserSync playbooks", organization=1)
    fake.store.seed("inventories", name="UserSync hosts", organization=1)
    before = fake.store.snapshot()
    assert not keep(fake, "absent").changed
    assert fake.store.snapshot() == before


def test_a_label_that_past_jobs_bear_is_named(fake: FakeAwx) -> None:
    keep(fake)
    label = one(fake, "labels", "usersync")["id"]
    job = fake.store.seed("jobs", name="UserSync audit")
    fake.store.get("jobs", job)["many"]["labels"] = [label]
    gone = keep(fake, "absent")
    assert any("label 'usersync' stays" in note for note in gone.values["notes"])


def test_who_does_not_see_other_organizations_is_refused_before_the_first_removal(fake: FakeAwx) -> None:
    keep(fake)
    admin = fake.login(User("olga", admin={1}))
    since = len(fake.journal)
    error = refused(fake, "absent", token=admin.token)
    assert "'olga' is not a system administrator" in error.message
    assert fake.writes(since) == []


def test_hosts_of_others_stay_in_an_inventory_and_ours_leave_it(fake: FakeAwx) -> None:
    keep(fake, hosts={"jira01": {}, "wiki01": {}})
    inventory = one(fake, "inventories", "UserSync hosts")["id"]
    other = fake.store.seed("hosts", name="theirs", inventory=inventory)
    group = one(fake, "groups", "usersync_hosts")
    group["many"]["hosts"].append(other)
    assert "host 'theirs'" in refused(fake, "absent").message
    assert {host["name"] for host in fake.store.listed("hosts")} == {"theirs"}
    assert group["many"]["hosts"] == [other]
    assert {one["name"] for one in fake.store.listed("groups")} == {"usersync_hosts"}


def test_a_source_of_ours_goes_with_its_hosts_without_being_named_again(fake: FakeAwx) -> None:
    before = fake.store.snapshot()
    keep(fake, inventory_path="inventory/hosts.yml")
    (source,) = fake.store.listed("inventory_sources")
    host = fake.store.seed("hosts", name="jira01", inventory=source["inventory"])
    fake.store.get("hosts", host)["many"]["inventory_sources"] = [source["id"]]
    assert not keep(fake).changed
    keep(fake, "absent")
    assert fake.store.snapshot() == before


def test_a_source_that_somebody_took_away_is_not_made_again_unasked(fake: FakeAwx) -> None:
    keep(fake, inventory_path="inventory/hosts.yml")
    fake.store.delete("inventory_sources", fake.store.listed("inventory_sources")[0]["id"])
    keep(fake)
    assert fake.store.listed("inventory_sources") == []
    assert not keep(fake).changed
