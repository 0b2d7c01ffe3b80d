# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token for each host, vaulted in a project or found by a lookup, as a user with Read sees it and as jobs use it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import tree
import yaml
from fake.server import FakeAwx
from fake.users import User
from fleet import ADMIN, Fleet, changed
from inprocess import keep
from play import Awx

PASSWORD = "of the vault"


def project(fleet: Fleet, folder: Path) -> Path:
    """As section 4 of docs/awx.md has it: addresses in one file, each host's token in its own, encrypted."""
    (folder / "inventory" / "host_vars").mkdir(parents=True)
    (folder / "pass").write_text(PASSWORD, encoding="utf-8")
    path = folder / "inventory" / "hosts.yml"
    path.write_text(yaml.safe_dump(fleet.inventory), encoding="utf-8")
    for name in fleet.inventory["usersync_hosts"]["hosts"]:
        tagged = Awx.vaulted(folder / "pass", ADMIN["token"])
        (path.parent / "host_vars" / f"{name}.yml").write_text(f"azure_connector_token: {tagged}\n", encoding="utf-8")
    return path


def synchronise(fake: FakeAwx, path: Path, env: dict[str, str]) -> None:
    """What an AWX does with a source in a project: it keeps what ansible-inventory prints, without a vault."""
    command = [str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(path), "--list", "--export"]
    told = json.loads(subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout)
    (source,) = fake.store.listed("inventory_sources")
    group = fake.store.seed("groups", name="usersync_hosts", inventory=source["inventory"])
    fake.store.get("groups", group)["many"]["inventory_sources"] = [source["id"]]
    for name in told["usersync_hosts"]["hosts"]:
        variables = json.dumps(told["_meta"]["hostvars"][name])
        host = fake.store.seed("hosts", name=name, inventory=source["inventory"], variables=variables)
        fake.store.get("hosts", host)["many"]["inventory_sources"] = [source["id"]]
        fake.store.associate("groups", group, "hosts", {"id": host})


def read(fake: FakeAwx, user: User, path: str) -> Any:
    """What the API answers this user, as JSON."""
    request = urllib.request.Request(f"{fake.url}{fake.api}{path}", headers={"Authorization": f"Bearer {user.token}"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture
def reader(fake: FakeAwx) -> User:
    return fake.login(User("rita", reads={1}))


def test_a_reader_of_the_inventory_sees_no_token_and_the_jobs_can_use_them(
    fake: FakeAwx, reader: User, fleet: Fleet, tmp_path: Path
) -> None:
    only = {"jira01": fleet.inventory["usersync_hosts"]["hosts"]["jira01"]}
    fleet.inventory = {"usersync_hosts": {"hosts": only}}
    path = project(fleet, tmp_path)
    kind = fake.store.seed("credential_types", name="Vault", kind="vault", managed=True)
    fake.store.seed("credentials", name="Fleet vault", organization=1, credential_type=kind, inputs={})
    fake.store.seed("projects", name="Fleet inventory", organization=1, scm_type="git", scm_url="x")
    options = {
        "inventory_project": "Fleet inventory",
        "inventory_path": "inventory/hosts.yml",
        "vault_credentials": ["Fleet vault"],
    }
    keep(fake, **options)
    synchronise(fake, path, tree.clean_env(Path(sys.executable).parent, home=tmp_path))
    assert not keep(fake, **options).changed

    told = read(fake, reader, "hosts/")["results"]
    assert [host["name"] for host in told] == ["jira01"]
    assert "$ANSIBLE_VAULT" in json.dumps(told)
    assert ADMIN["token"] not in json.dumps(told)

    variables = {host["name"]: json.loads(host["variables"]) for host in told}
    fleet.inventory = {"usersync_hosts": {"hosts": variables}}
    fleet.atlassian = {"ca_certificate": fleet.atlassian["ca_certificate"]}
    fleet.vault_password = PASSWORD
    made = changed(fleet.launch("setup.yml"))
    assert made and all(made.values())
    assert fleet.simulator.world.host_works("jira01")

    keep(fake, "absent", **options)
    assert fake.store.listed("hosts") == []


def test_a_reader_sees_the_lookup_and_not_what_it_finds(
    fake: FakeAwx, reader: User, fleet: Fleet, tmp_path: Path
) -> None:
    tokens = tmp_path / "tokens"
    tokens.mkdir()
    (tokens / "jira01").write_text(ADMIN["token"], encoding="utf-8")
    template = f"{{{{ lookup('ansible.builtin.file', '{tokens}/' ~ inventory_hostname) }}}}"
    address = fleet.inventory["usersync_hosts"]["hosts"]["jira01"]
    keep(fake, hosts={"jira01": {**address, "azure_connector_token": template}})
    (told,) = read(fake, reader, "hosts/")["results"]
    assert template in json.loads(told["variables"]).values()
    assert ADMIN["token"] not in json.dumps(told)
    fleet.inventory = {"usersync_hosts": {"hosts": {"jira01": json.loads(told["variables"])}}}
    fleet.atlassian = {"ca_certificate": fleet.atlassian["ca_certificate"]}
    made = changed(fleet.launch("setup.yml"))
    assert made and all(made.values())
    assert fleet.simulator.world.host_works("jira01")


def test_a_job_that_holds_no_secret_of_entra(fleet: Fleet) -> None:
    """AAP 2.7: the platform's token for this job template, which the automation's app trusts."""
    subject = "workload_type:aap_controller_automation_job:organization:Default:job_template:UserSync set up"
    issuer = "https://aap.example.com/o"
    trusted = fleet.simulator.seed("federation", app_id=fleet.entra["client_id"], issuer=issuer, subject=subject)
    del fleet.entra["client_secret"]
    fleet.entra.update(auth_method="workload_identity", federated_token=trusted["token"])
    fleet.inventory["usersync_hosts"]["hosts"] = {"jira01": fleet.inventory["usersync_hosts"]["hosts"]["jira01"]}
    made = changed(fleet.launch("setup.yml"))
    assert made and all(made.values())
    assert fleet.simulator.world.host_works("jira01")
