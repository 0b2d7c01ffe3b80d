# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook rotate_secrets as an operator meets it: who is renewed and why, and what stands after a failure."""

from __future__ import annotations

import re
from typing import Any

from conftest import FOREIGN

ROTATE = "fleetops.usersync.rotate_secrets"
FORCE = ("-e", "azure_connector_force=true")
FIRST, OTHER, LAST = HOSTS = ("jira01", "jira02", "confluence01")


def rotate(it: Any, *arguments: str) -> Any:
    return it.play(*arguments, playbook=ROTATE)


def sentence(played: Any, host: str) -> str:
    """What the report at the end says of the host, alone or with others of which the same is true."""
    named = rf"(?:{host}|\d+ hosts \((?:[^)]*, )?{host}(?:, [^)]*)?\))"
    found = re.findall(rf"^({named}: .*)$", played.output, re.MULTILINE)
    assert found, played.output
    return found[-1]


def syncs(played: Any) -> set[str]:
    """Kinds of the syncs that were started."""
    return {word for line in played.writes for word in line.split("/") if word in ("sync", "syncsingle")}


def renewed(before: dict[str, list[str]], after: dict[str, list[str]]) -> set[str]:
    """Hosts that have one other secret than before; all others have what they had."""
    assert before.keys() == after.keys() and all(len(keys) == 1 for keys in after.values()), after
    return {holder for holder in after if after[holder] != before[holder]}


def test_only_what_needs_it_is_renewed(served: Any) -> None:
    before = served.holders()
    assert rotate(served).writes == []
    served.simulation.later(days=155)
    served.hosts[OTHER]["azure_connector_secret_min_remaining_days"] = 10

    foretold = rotate(served, "--check", "--diff")
    assert (foretold.code, foretold.writes) == (0, []), foretold.output
    for host in (FIRST, LAST):
        assert "would be done: secret renewed" in sentence(foretold, host)
        assert "because its secret expires in 23 days; secret valid for 23 days" in sentence(foretold, host)
    assert "secret valid for 23 days" in sentence(foretold, OTHER)

    real = rotate(served)
    assert real.code == 0, real.output
    assert real.changed == foretold.changed
    assert renewed(before, served.holders()) == {FIRST, LAST}
    assert ": secret renewed" in sentence(real, FIRST)
    assert "secret valid for 23 days" in sentence(real, OTHER)
    assert not [entry for entry in real.requests if entry["host"] == OTHER and entry["method"] != "GET"]
    again = rotate(served)
    assert again.writes == [] and not any(again.changed.values())
    assert served.pending() == [] and served.unharmed()


def test_hosts_that_are_down_keep_their_secret_and_are_finished_by_the_next_run(served: Any) -> None:
    before = served.holders()
    served.simulation.later(days=155)
    served.simulation.tell("/faults", kind="down", host=OTHER)
    played = rotate(served)
    assert played.code != 0 and played.failed == {OTHER}, played.output
    assert "failed at read" in sentence(played, OTHER)
    assert renewed(before, served.holders()) == {FIRST, LAST}

    served.simulation.mend()
    played = rotate(served)
    assert played.code == 0, played.output
    assert renewed(before, served.holders()) == set(HOSTS)
    assert {host for host, changed in played.changed.items() if changed} == {OTHER}
    assert served.unharmed()


def test_a_host_that_fails_its_proof_keeps_both_secrets(served: Any) -> None:
    before = served.holders()
    served.simulation.tell("/faults", kind="sync_fails", host=FIRST)
    played = rotate(served, *FORCE)
    assert played.failed == {FIRST}, played.output
    assert "failed at confirm" in sentence(played, FIRST) and "2 secrets of its own are alive" in sentence(
        played, FIRST
    )
    after = served.holders()
    assert len(after[FIRST]) == 2 and before[FIRST][0] in after[FIRST]
    assert served.pending() == [FIRST]

    served.simulation.mend()
    served.simulation.later(days=1)
    played = rotate(served)
    assert played.code == 0, played.output
    assert {host for host, changed in played.changed.items() if changed} == {FIRST}
    assert renewed(before, served.holders()) == set(HOSTS) and served.pending() == [] and served.unharmed()


def test_batches_stop_when_too_many_hosts_failed(served: Any) -> None:
    before = served.holders()
    first = min(HOSTS)  # as the inventory is sorted
    served.simulation.tell("/faults", kind="sync_fails", host=first)
    batches = ("-e", "usersync_serial=1", "-e", "azure_connector_max_fail_percentage=50")
    played = rotate(served, *FORCE, *batches)
    assert played.failed == set(HOSTS), played.output
    after = served.holders()
    for host in set(HOSTS) - {first}:
        assert "azure_connector_max_fail_percentage: this batch was not started" in sentence(played, host)
        assert after[host] == before[host]

    served.simulation.mend()
    served.simulation.later(days=1)
    played = rotate(served, *FORCE, *batches)
    assert played.code == 0, played.output
    # one batch is through before the next one begins
    writers = [entry["host"] for entry in played.requests if entry["host"] and entry["method"] != "GET"]
    assert writers == sorted(writers) and set(writers) == set(HOSTS)
    assert renewed(before, served.holders()) == set(HOSTS) and served.unharmed()


def test_within_a_batch_no_host_is_begun_when_too_many_have_failed(served: Any) -> None:
    before = served.holders()
    first, second, third = sorted(HOSTS)
    for host in (first, second):
        served.simulation.tell("/faults", kind="sync_fails", host=host)
    share = ("--forks", "1", "-e", "azure_connector_max_fail_percentage=40")
    played = rotate(served, *FORCE, *share)
    assert played.failed == set(HOSTS), played.output
    told = sentence(played, third)
    assert "azure_connector_max_fail_percentage: nothing was begun, because 2 hosts have failed" in told
    assert served.holders()[third] == before[third]
    assert third not in {entry["host"] for entry in played.requests}

    # the next run counts anew
    served.simulation.mend()
    served.simulation.later(days=1)
    played = rotate(served, *FORCE, *share)
    assert played.code == 0 and served.unharmed(), played.output


def test_limit_and_tags(served: Any) -> None:
    before = served.holders()
    played = rotate(served, *FORCE, "--limit", OTHER)
    assert played.code == 0, played.output
    assert {entry["host"] for entry in played.requests} - {None, ""} == {OTHER}
    assert renewed(before, served.holders()) == {OTHER}

    before = served.holders()
    served.simulation.later(days=1)
    (served.folder / "site.yml").write_text(SITE, encoding="utf-8")
    assert served.play(*FORCE, "--tags", "elsewhere", playbook="site.yml").requests == []
    assert served.play(*FORCE, "--skip-tags", "azure_connector", playbook="site.yml").requests == []
    for tag in ("nightly", "azure_connector_rotate"):
        played = served.play(*FORCE, "--tags", tag, playbook="site.yml")
        assert played.code == 0, played.output
        assert renewed(before, served.holders()) == set(HOSTS)
        before = served.holders()
        served.simulation.later(days=1)
    assert served.unharmed()


SITE = """\
- name: Set up
  ansible.builtin.import_playbook: fleetops.usersync.setup

- name: Renew
  ansible.builtin.import_playbook: fleetops.usersync.rotate_secrets
  tags: nightly
"""


def test_after_a_theft_the_old_ones_go_and_what_lives_is_named(served: Any) -> None:
    before = served.holders()
    played = rotate(served, "-e", "azure_connector_compromised=true")
    assert played.code == 0, played.output
    assert renewed(before, served.holders()) == set(HOSTS)
    told = played.output.split("still alive, and not created in this run: ", 1)[1].split("\n", 1)[0]
    assert FOREIGN in told and "usersync:" not in told
    assert before[FOREIGN] == served.holders()[FOREIGN] and served.unharmed()


def test_apps_of_several_kinds_in_one_run_and_a_confirmation_by_one_user(fleet: Any) -> None:
    it = fleet(3)
    it.hosts[LAST]["azure_connector_app_unique_name"] = "wiki"
    it.variables["azure_connector_confirm_user"] = "anna.weiss+jira@example.test"
    assert syncs(it.play()) == {"sync"}
    assert it.play().writes == []
    before = {"usersync": it.holders(), "wiki": it.holders("wiki")}
    assert [sorted(held) for held in before.values()] == [[FIRST, OTHER], [LAST]]
    it.simulation.later(days=1)
    played = rotate(it, *FORCE)
    assert played.code == 0, played.output
    assert renewed(before["usersync"], it.holders()) == {FIRST, OTHER}
    assert renewed(before["wiki"], it.holders("wiki")) == {LAST}
    assert syncs(played) == {"syncsingle"} and it.unharmed()


def test_entry_points_in_a_play_of_ones_own(served: Any) -> None:
    before = served.holders()
    (served.folder / "own.yml").write_text(OWN, encoding="utf-8")
    assert served.play("-e", "entry=rotate", playbook="own.yml").writes == []
    served.simulation.tell("/faults", kind="sync_fails", host=min(HOSTS))
    played = served.play(*FORCE, "-e", "entry=rotate", playbook="own.yml")
    # its max_fail_percentage ends the play after the first batch
    assert played.failed == {min(HOSTS)} and "java.lang.IllegalStateException" in played.output, played.output
    assert {entry["host"] for entry in played.requests if entry["method"] == "PUT"} == {min(HOSTS)}

    served.simulation.mend()
    served.simulation.later(days=1)
    played = served.play(*FORCE, "-e", "entry=rotate", playbook="own.yml")
    assert played.code == 0, played.output
    assert renewed(before, served.holders()) == set(HOSTS) and served.pending() == [] and served.unharmed()

    played = served.play("-e", "entry=remove", playbook="own.yml")
    assert played.code == 0, played.output
    assert list(served.holders()) == [FOREIGN]


OWN = """\
- name: A play of one's own
  hosts: usersync_hosts
  gather_facts: false
  serial: 1
  max_fail_percentage: 50
  tasks:
    - name: Do it
      ansible.builtin.import_role:
        name: fleetops.usersync.azure_connector
        tasks_from: "{{ entry }}"
"""
