# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A discovery tells what a host is like and nothing of what is in it, and the simulator plays that host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.tests.simulator import commandline, like
from ansible_collections.fleetops.usersync.tests.simulator.hosts import CYCLE
from ansible_collections.fleetops.usersync.tests.unit.plugins.modules.usersync_hosts import APP_ID, SECRET

PLANTED = {
    "requiredGroups": ["a-group-of-the-customer"],
    "proxyAddress": "proxy.customer.example:3128",
    "internalPin": "4711-0815-pin",
    "people": {"anna.muster@customer.example": True},
}


@pytest.fixture(autouse=True)
def usual_hosts(live: Any) -> Any:
    yield
    live.sim.reset(cycle=CYCLE, hosts=6, generation="2.x", host_options={})


def discovery(live: Any, **options: Any) -> dict[str, Any]:
    result = live.info(discovery=True, **options)
    assert not result.get("failed"), result
    found: dict[str, Any] = result["discovery"]
    return found


def outside_lists(one: dict[str, Any]) -> set[str]:
    """The members that do not stand in an element of a list."""
    return {row["path"] for row in one["tree"] if not any(part.isdigit() for part in row["path"].split("."))}


def test_nothing_of_what_is_in_a_host_gets_out(live: Any) -> None:
    live.world()
    live.click_create(name="Customer AD", application_id=APP_ID, client_secret=SECRET, extra=PLANTED)
    text = json.dumps(discovery(live))
    forbidden = [
        *("customer", "anna.muster", "4711", "proxy.", APP_ID, SECRET, live.sim.tenant_id),
        *(live.host["url"], live.host["password"], live.host["username"], live.inside.connector_id),
    ]
    assert [word for word in forbidden if str(word) in text] == []


def test_it_reads_only_and_lists_what_it_sent(live: Any) -> None:
    live.world()
    live.click_create()
    live.begin()
    found = discovery(live, username=None, password=None, token=live.host["token"])
    told = (Path(__file__).parents[4] / "docs/live-host.md").read_text(encoding="utf-8")
    # the page lists every request that can be seen there
    assert [row for row in found["sent"] if f"`{row.partition(':')[0]}`" not in told] == []
    assert live.writes() == [] and {row.split()[0] for row in found["sent"]} == {"GET"}
    assert len(found["sent"]) == len(live.requests())
    assert "GET /rest/samlsso-admin/1.0/usersync/connector/<id>: 200" in found["sent"]


@pytest.mark.parametrize("style", ["nested", "flat"])
@pytest.mark.parametrize("visibility", ["clear", "masked", "absent"])
@pytest.mark.parametrize(("name", "generation"), [("jira01", "2.x"), ("confluence01", "1.9"), ("bamboo01", "2.11")])
def test_the_simulator_plays_the_host_of_the_answers(
    live: Any, name: str, generation: str, visibility: str, style: str
) -> None:
    live.world(name, generation, "jira11" if name == "bamboo01" else "jira10", key_style=style,
               secret_visibility=visibility)  # fmt: skip
    extra = {"vendorsOwn": {"deep": [1, 2], "flag": True}}
    if generation != "1.9":
        live.click_create(extra=extra, client_secret=SECRET)
    answers = discovery(live)

    live.sim.reset(**like.options(json.dumps({"changed": False, "discovery": answers})))
    assert [host["product"] for host in live.sim.hosts] == [name[:-2]]
    live.name, live.more = live.sim.hosts[0]["name"], {}
    played = discovery(live)
    assert played["versions"] == answers["versions"] and played["listed"] == answers["listed"]
    ours, theirs = played["connectors"][0], answers["connectors"][0]
    assert (ours["id"], ours["recognised"]) == (theirs["id"], theirs["recognised"])
    assert ours["spelling"].keys() == theirs["spelling"].keys()
    assert outside_lists(ours) >= outside_lists(theirs)
    # and what the collection does to such a host can be tried
    done = live.connector(**live.wanted(schedule_enabled=True))
    assert done["changed"], done
    assert live.held("client_secret") == SECRET and live.held("schedule_enabled") is True


def test_the_command_takes_a_file_of_answers(live: Any, tmp_path: Path) -> None:
    live.world("confluence01")
    live.click_create()
    kept = tmp_path / "answers of a host.json"
    kept.write_text(json.dumps(discovery(live)), encoding="utf-8")
    taken = commandline.arguments(["--like", str(kept)]).like
    assert taken["cycle"] == (("confluence", ""),) and taken["host_options"]["*"]["key_style"] == "like"
    assert commandline.arguments(["--like", ""]).like == {}
    for content in ("no answers", None):
        other = tmp_path / "other.json"
        if content:
            other.write_text(content, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            commandline.arguments(["--like", str(other if content else tmp_path / "none.json")])
        assert str(ended.value).startswith("simulator: --like: ") and "\n" not in str(ended.value)


@pytest.mark.parametrize("document", ["no json", "[]", "{}", '{"discovery": {"format": 2}}'])
def test_other_documents_are_refused(document: str) -> None:
    with pytest.raises(like.NoAnswers):
        like.options(document)
