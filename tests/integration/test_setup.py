# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The setup playbook from an empty tenant to users synchronised, first in check mode, then for real, then again."""

from __future__ import annotations

NOISE = ("Traceback", "[DEPRECATION", "[ERROR]")


def test_check_mode_foretells_the_real_run_and_the_second_run_is_silent(fleet) -> None:
    few = fleet(3)

    foretold = few.play("--check", "--diff")
    assert foretold.code == 0, foretold.output
    assert foretold.writes == []

    real = few.play()
    assert real.code == 0, real.output
    assert real.changed and all(real.changed.values())
    assert real.changed == foretold.changed
    state = few.simulation.state()
    assert state["works"] == dict.fromkeys(few.hosts, True)
    assert state["hosts"] and all(
        sum(folder["users"] for folder in host["directories"].values()) for host in state["hosts"].values()
    )

    again = few.play()
    assert again.code == 0, again.output
    assert again.changed == dict.fromkeys(few.hosts, 0)
    assert again.writes == []
    checked = few.play("--check", "--diff")
    assert (checked.changed, checked.writes) == (again.changed, [])

    # nothing synchronises them from now on, which the last lines say
    for played in (real, again):
        [told] = [line for line in played.output.splitlines() if line.startswith("without a schedule")]
        assert [host for host in few.hosts if host not in told] == []

    assert not [played for played in (real, again, checked) if "[WARNING]" in played.output]
    for played in (foretold, real, again, checked):
        assert not [word for word in NOISE if word in played.output], played.output


def test_a_converged_run_reads_the_directory_once_for_any_number_of_hosts(fleet) -> None:
    reads = {}
    for hosts in (2, 5):
        some = fleet(hosts)
        assert some.play().code == 0
        again = some.play()
        reads[hosts] = (again.count("graph"), again.count("token"))
        assert again.count("atlassian") <= 2 * hosts
    assert reads[2] == reads[5]


def test_each_host_goes_straight_through_its_steps(fleet) -> None:
    """So that no secret waits for its delivery until those of other hosts are minted, and outlives its window."""
    many = fleet(12)
    played = many.play("-f", "2")
    assert played.code == 0, played.output
    steps = [entry["path"].rsplit("/", 1)[-1] for entry in played.requests if entry["method"] == "POST"]
    minted = [number for number, step in enumerate(steps) if step == "addPassword"]
    started = [number for number, step in enumerate(steps) if step == "sync"]
    assert len(minted) == len(started) == 12
    for done in range(10):
        assert started[done] < minted[done + 2], "a host minted before the one that used its fork was through"
    assert many.unharmed()
