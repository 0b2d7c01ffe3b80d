# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel: routing, journal, faults around every service, clock and control."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.fleetops.usersync.tests.simulator import processes
from ansible_collections.fleetops.usersync.tests.simulator.server import Simulator
from ansible_collections.fleetops.usersync.tests.unit.simulator.graph_client import Graph, token


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(hosts=6) as sim:
        yield sim


@pytest.fixture
def sim(running: Simulator) -> Iterator[Simulator]:
    running.reset()
    yield running
    assert running.world.internal_errors == []


def test_the_plan_of_hosts(sim: Simulator) -> None:
    assert [host["name"] for host in sim.hosts] == [
        "jira01",
        "jira02",
        "confluence01",
        "confluence02",
        "bitbucket01",
        "bamboo01",
    ]
    urls = {host["name"]: host["url"] for host in sim.hosts}
    assert urls["confluence01"] == f"{sim.graph_url}/confluence01/wiki"
    assert urls["confluence02"].endswith("/confluence02/confluence")
    assert urls["jira01"].endswith("/jira01")


def test_a_caller_that_dies_while_it_sends_breaks_nothing(sim: Simulator) -> None:
    address = urlsplit(sim.authority_url)
    trust = ssl.create_default_context(cafile=sim.ca_file)
    head = f"POST /{sim.tenant_id}/oauth2/v2.0/token HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 999\r\n"
    with (
        socket.create_connection((str(address.hostname), address.port or 443), timeout=10) as plain,
        trust.wrap_socket(plain, server_hostname=address.hostname) as caller,
    ):
        caller.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nclient_id=a".encode())
        while not sim.journal():
            time.sleep(0.01)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
    time.sleep(0.3)  # for the simulator to notice
    entry = sim.journal()[-1]
    assert (entry["status"], entry["done"]) == (None, False)


def test_same_seed_same_ids(sim: Simulator) -> None:
    first = (sim.tenant_id, sim.automation, sim.hosts[0]["password"])
    sim.reset()
    assert (sim.tenant_id, sim.automation, sim.hosts[0]["password"]) == first
    sim.reset(seed=2)
    assert sim.tenant_id != first[0]
    sim.reset(seed=1)


def test_journal_names_service_client_and_writes(sim: Simulator) -> None:
    graph = Graph(sim)
    graph.call("GET", "/organization?$select=id", 200)
    graph.make_app()
    entries = sim.journal()
    assert [(entry["service"], entry["method"], entry["status"]) for entry in entries] == [
        ("token", "POST", 200),
        ("graph", "GET", 200),
        ("graph", "POST", 201),
    ]
    assert {entry["client"] for entry in entries} == {sim.automation["client_id"]}
    assert entries[1]["query"] == "$select=id"
    assert [entry["path"] for entry in sim.writes()] == ["/v1.0/applications"]
    assert sim.journal(since=entries[1]["n"]) == entries[2:]
    assert sim.journal(service="token") == entries[:1]


def test_nobody_outside_passes_for_a_host(sim: Simulator) -> None:
    graph = Graph(sim)
    graph.headers["X-Simulator-Internal"] = "guess"
    graph.call("GET", "/organization", 200)
    assert sim.journal()[-1]["internal"] is False


def test_outside_of_the_context_is_404(sim: Simulator) -> None:
    graph = Graph(sim)
    assert graph.call("GET", f"{sim.graph_url}/confluence01/rest/x").status_code == 404
    assert sim.journal()[-1]["code"] == "outside_context"


def test_lost_answer_is_handled_all_the_same(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("lost_answer", service="graph", method="POST")
    with pytest.raises(requests.ConnectionError):
        graph.make_app("lost")
    entry = sim.journal()[-1]
    assert (entry["status"], entry["done"], entry["faults"]) == (None, True, ["lost_answer"])
    assert len(graph.call("GET", "/applications?$filter=displayName eq 'lost'", 200)["value"]) == 1


def test_drop_before_does_nothing(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("drop_before", path="/applications$")
    with pytest.raises(requests.ConnectionError):
        graph.make_app("dropped")
    assert sim.journal()[-1]["done"] is False
    assert graph.call("GET", "/applications?$filter=displayName eq 'dropped'", 200)["value"] == []


def test_throttle_has_a_decimal_retry_after(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("throttle", service="graph", times=2)
    for _unused in range(2):
        answer = graph.call("GET", "/organization")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2.128")
        assert answer.json()["error"]["code"] == "TooManyRequests"
    graph.call("GET", "/organization", 200)


def test_unavailable_as_json_html_or_nothing(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("unavailable", service="graph")
    assert graph.error("GET", "/organization", 503, "ServiceUnavailable")
    sim.fault("unavailable", service="graph", status=502, html=True)
    answer = graph.call("GET", "/organization")
    assert answer.status_code == 502
    assert answer.headers["Content-Type"].startswith("text/html")
    sim.fault("unavailable", service="graph", empty=True)
    assert graph.call("GET", "/organization").content == b""
    sim.fault("unavailable", service="token")
    answer = token(sim)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")


def test_an_error_after_the_work_was_done(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("unavailable", service="graph", method="POST", after=True)
    graph.error("POST", "/applications", 503, "ServiceUnavailable", json={"displayName": "half"})
    assert len(graph.call("GET", "/applications?$filter=displayName eq 'half'", 200)["value"]) == 1


def test_error_with_status_code_and_text(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("error", service="graph", status=403, code="Directory_QuotaExceeded", message="The quota is exceeded.")
    graph.error("GET", "/organization", 403, "Directory_QuotaExceeded", "quota")


def test_the_kth_request_only(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("concurrency", service="graph", status=503, nth=2)
    assert [graph.call("GET", "/organization").status_code for _unused in range(3)] == [200, 503, 200]


def test_slow(sim: Simulator) -> None:
    graph = Graph(sim)
    sim.fault("slow", service="graph", seconds=0.2)
    before = time.monotonic()
    graph.call("GET", "/organization", 200)
    assert time.monotonic() - before >= 0.2


@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_ends_a_process_group(sim: Simulator, when: str) -> None:
    graph = Graph(sim)
    victim = subprocess.Popen(["sleep", "60"], start_new_session=True)
    sim.fault("kill", when=when, pgid=os.getpgid(victim.pid), service="graph")
    with pytest.raises(requests.ConnectionError):
        graph.make_app("killed")
    assert victim.wait(5) == -signal.SIGKILL
    found = graph.call("GET", "/applications?$filter=displayName eq 'killed'", 200)["value"]
    assert len(found) == (1 if when == "after" else 0)


@pytest.mark.parametrize("orphans", [False, True])
def test_kill_reaches_what_the_caller_started_in_sessions_of_its_own(sim: Simulator, orphans: bool) -> None:
    start = "import subprocess; p = subprocess.Popen(['sleep', '60'], start_new_session=True)"
    code = f"{start}; print(p.pid, flush=True); p.wait()"
    victim = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    worker = int(victim.stdout.readline())
    sim.fault("kill", pgid=victim.pid, orphans=orphans, service="graph")
    with pytest.raises(requests.ConnectionError):
        Graph(sim).make_app("killed")
    assert victim.wait(5) == -signal.SIGKILL
    time.sleep(0.1)
    assert (worker in processes.parents()) == orphans
    if orphans:
        os.kill(worker, signal.SIGKILL)


def test_a_stopped_caller_goes_on_after_some_seconds(sim: Simulator) -> None:
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    sim.fault("stop", pgid=victim.pid, seconds=0.4, service="graph")
    Graph(sim).make_app("stopped")  # the request itself is served, as it was sent before
    state = f"/proc/{victim.pid}/stat"
    with open(state, encoding="utf-8") as file:
        assert file.read().rpartition(")")[2].split()[0] == "T"
    time.sleep(0.8)
    with open(state, encoding="utf-8") as file:
        assert file.read().rpartition(")")[2].split()[0] == "S"
    victim.kill()
    victim.wait(5)


def test_a_request_that_is_sent_twice_is_served_twice(sim: Simulator) -> None:
    sim.fault("twice", service="graph", method="POST", seconds=0.2)
    Graph(sim).make_app("twins")
    found = "/applications?$filter=displayName eq 'twins'"
    assert len(Graph(sim).call("GET", found, 200)["value"]) == 1
    time.sleep(0.6)
    assert len(Graph(sim).call("GET", found, 200)["value"]) == 2
    assert [
        entry["faults"] for entry in sim.journal() if entry["method"] == "POST" and entry["service"] == "graph"
    ] == [
        ["twice"],
        ["twice"],
    ]


def test_timeline_says_which_hosts_work(sim: Simulator) -> None:
    app = sim.seed("application", display_name="fleet")
    made = sim.seed("connector", host="jira01", app_id=app["app_id"])
    assert made["secret"] in sim.secrets()
    assert sim.call(sim.world.host_works, "jira01")
    assert not sim.call(sim.world.host_works, "jira02")
    graph = Graph(sim)
    graph.call("POST", f"/applications/{app['id']}/removePassword", 204, json={"keyId": made["key_id"]})
    events = [(event["event"], event.get("host")) for event in sim.timeline()[-5:]]
    assert events[-2:] == [("credential_removed", None), ("host_broke", "jira01")]
    assert ("host_works", "jira01") in events
    assert sim.timeline()[-1]["n"] == sim.journal()[-1]["n"]
    assert made["secret"] not in str(sim.timeline())
    with pytest.raises(ValueError, match="no host"):
        sim.seed("connector", host="nowhere", app_id=app["app_id"])


def test_unknown_faults_are_refused(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        sim.fault("nonsense")
    with pytest.raises(ValueError, match="regular expression"):
        sim.fault("slow", path="(")
    for kind in ("kill", "stop"):
        with pytest.raises(ValueError, match="pgid"):
            sim.fault(kind)


def test_control_address(sim: Simulator) -> None:
    def control(method: str, path: str, **kwargs: Any) -> Any:
        return requests.request(method, sim.control_url + path, timeout=10, **kwargs)

    assert control("GET", "/health").json()["status"] == "ok"
    number = control("POST", "/faults", json={"kind": "throttle", "service": "token"}).json()["id"]
    assert [fault["id"] for fault in control("GET", "/faults").json()] == [number]
    assert token(sim).status_code == 429
    assert control("DELETE", "/faults").json() == {"cleared": 1}
    assert control("POST", "/faults", json={"kind": "nonsense"}).status_code == 400
    made = control("POST", "/seed", json={"application": {"display_name": "Seeded"}}).json()["application"]
    assert made["app_id"] in control("GET", "/state").text
    assert control("POST", "/seed", json={"nonsense": {}}).status_code == 400
    assert len(control("GET", "/journal?service=token").json()) == 1
    values = {item["value"] for item in control("GET", "/secrets").json()}
    assert sim.automation["client_secret"] in values
    assert sim.hosts[0]["password"] in values
    assert sim.automation["client_secret"] not in control("GET", "/state").text
    description = control("GET", "/describe").json()
    assert description["tenant"]["id"] == sim.tenant_id
    assert set(sim.inventory()["usersync_hosts"]["hosts"]) == {host["name"] for host in sim.hosts}
    before = control("POST", "/clock", json={"advance_seconds": 3600}).json()["time"]
    assert before > sim.journal()[0]["time"]
    last = control("POST", "/journal/reset").json()["last"]
    assert sim.journal() == []
    token(sim)
    assert sim.journal(since=last)[0]["n"] == last + 1
    assert len(control("POST", "/reset", json={"hosts": 2}).json()["hosts"]) == 2
    sim.reset(hosts=6)
