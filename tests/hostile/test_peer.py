# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hostile or broken peer may do, to Graph's client and to the hosts'."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from ansible_collections.fleetops.usersync.plugins.module_utils._entra.connect import open_graph
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.tests.hostile.conftest import CLIENTS, PASSWORD, TENANT, TOKEN, in_a_process
from ansible_collections.fleetops.usersync.tests.hostile.peer import Peer, answer, drips, pours, says

Ask = Callable[..., dict[str, Any]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
both = pytest.mark.parametrize("client", CLIENTS)

DRIPS = {
    "head": drips(b"HTTP/1.1 200 OK\r\nX-A: "),
    "status line": drips(b"HTTP/1.1 200 "),
    "headers without end": drips(HEAD, b"X-A: 1\r\n"),
    "body": drips(HEAD + b"Content-Length: 100000\r\n\r\n["),
    "body without length": drips(HEAD + b"\r\n["),
    "chunks": drips(CHUNKED, b"1\r\n \r\n"),
    "size of a chunk": drips(CHUNKED, b"0"),
    "trailer": drips(CHUNKED + b"2\r\n[]\r\n0\r\n", b"X-A: 1\r\n"),
    "continue": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@both
@pytest.mark.parametrize("what", DRIPS)
def test_drips_end_at_the_deadline(ask: Ask, client: str, what: str) -> None:
    result = ask(client, DRIPS[what], request_deadline=1.0)
    assert result["failed"] and ask.took < 4  # type: ignore[attr-defined]
    assert ask.peer.connections == 1  # type: ignore[attr-defined]
    if what not in ("headers without end", "trailer"):
        assert result["failure"]["code"] == "deadline" and "1 s (request_deadline)" in result["msg"]


@both
def test_silence_ends_at_the_timeout(ask: Ask, client: str) -> None:
    import time

    result = ask(client, lambda connection, head: time.sleep(3), timeout=0.3)
    assert result["failure"]["code"] == "timeout" and "0.3 s (timeout)" in result["msg"]


@both
def test_a_pause_does_not_carry_over_the_deadline(ask: Ask, client: str) -> None:
    result = ask(client, drips(HEAD + b"Content-Length: 100000\r\n\r\n[", pause=1.7), request_deadline=2.0, timeout=10)
    assert result["failure"]["code"] == "deadline" and ask.took < 3.2  # type: ignore[attr-defined]


@lru_cache
def zipped(size: int, wbits: int = 31) -> bytes:
    machine = zlib.compressobj(9, wbits=wbits)
    piece = b" " * (1 << 20)
    packed = b"".join(machine.compress(piece) for _nth in range(size >> 20))
    return packed + machine.flush()


BOMBS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: says(answer(200, zipped(1 << 28), headers="Content-Encoding: gzip\r\n")),
    "deflate": lambda: says(answer(200, zipped(1 << 28, 15), headers="Content-Encoding: deflate\r\n")),
    "raw deflate": lambda: says(answer(200, zipped(1 << 28, -15), headers="Content-Encoding: deflate\r\n")),
    "600 MB": lambda: pours(HEAD + b"Content-Length: 629145600\r\n\r\n", b" " * (1 << 20), 600 << 20),
    "no end": lambda: pours(HEAD + b"\r\n", b" " * (1 << 20), 1 << 40),
    "chunks": lambda: pours(CHUNKED, b"100000\r\n" + b" " * (1 << 20) + b"\r\n", 1 << 40),
    "size of a chunk": lambda: pours(CHUNKED, b"0" * (1 << 20), 1 << 26),
    "redirect": lambda: pours(
        b"HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\n\r\n", b" " * (1 << 20), 1 << 40
    ),
    "dense": lambda: says(answer(200, b"[" + b"{}," * 2_600_000 + b"1]")),
    "dense texts": lambda: says(answer(200, b"[" + b'"ab",' * 1_600_000 + b"1]")),
    "wide letters": lambda: says(answer(200, b'["' + b"a" * (8 << 20) + '\U0001f600"]'.encode())),
    "wide letters that fit": lambda: says(answer(200, b'["' + b"a" * 8_000_000 + '\U0001f600"]'.encode())),
    "headers": lambda: pours(HEAD, b"X-A: " + b"a" * 60000 + b"\r\n", 1 << 26),
}


@both
@pytest.mark.parametrize("what", BOMBS)
def test_bombs_take_no_memory(tmp_path: Path, client: str, what: str) -> None:
    with Peer(tmp_path, BOMBS[what]()) as peer:
        result, peak = in_a_process(client, peer, request_deadline=20, timeout=10)
    assert result["failed"] and peak < 150, f"{peak:.0f} MiB"
    if what in ("gzip", "deflate", "raw deflate", "600 MB", "no end", "chunks", "redirect", "wide letters"):
        assert result["failure"]["code"] == "too_large" and "8 MiB (answer_limit)" in result["msg"]
        assert peer.connections == 1


BROKEN = {
    "half a body": says(answer(200, b"[]", length=1000)),
    "half a chunk": says(CHUNKED + b"ff\r\n[1,2"),
    "no last chunk": says(CHUNKED + b"2\r\n[]\r\n"),
    "half of a gzip": says(answer(200, gzip.compress(b"[]" + b" " * 9000)[:-9], headers="Content-Encoding: gzip\r\n")),
    "no gzip": says(answer(200, b"[]", headers="Content-Encoding: gzip\r\n")),
    "an unknown packing": says(answer(200, b"[]", headers="Content-Encoding: br\r\n")),
    "twice packed": says(answer(200, gzip.compress(gzip.compress(b"[]")), headers="Content-Encoding: gzip, gzip\r\n")),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "odd version": says(b"HTTP/9.9 200 OK\r\n\r\n[]"),
    "odd status": says(b"HTTP/1.1 999 \xff\xfe\r\n\r\n[]"),
    "no number": says(b"HTTP/1.1 abc OK\r\n\r\n[]"),
    "two lengths": says(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]"),
    "a length below zero": says(HEAD + b"Content-Length: -1\r\n\r\n[]"),
    "a length that is none": says(HEAD + b"Content-Length: two\r\n\r\n[]"),
    "a chunk that is none": says(CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n"),
    "closed at once": says(),
    "deep": says(answer(200, b"[" * 100_000 + b"]" * 100_000)),
    "deep objects": says(answer(200, b'{"a":' * 500 + b"1" + b"}" * 500)),
    "a long number": says(answer(200, b"[" + b"9" * 100_000 + b"]")),
    "no finite number": says(answer(200, b'[{"uniqueId": "1", "configuration": {"a": 1e999}}]')),
    "NaN": says(answer(200, b'[{"uniqueId": "1", "configuration": {"a": NaN}}]')),
    "UTF-16": says(answer(200, '{"value": "ä"}'.encode("utf-16"))),
    "UTF-32": says(answer(200, '{"value": "ä"}'.encode("utf-32"))),
    "Latin-1": says(answer(200, '{"value": "ä"}'.encode("latin-1"), kind="application/json; charset=idna")),
    "bytes": says(answer(200, bytes(range(256)))),
    "nothing": says(answer(200, b"")),
    "HTML": says(answer(200, b"<html><title>Log in</title></html>", "text/html")),
}


@both
@pytest.mark.parametrize("what", BROKEN)
def test_broken_answers_are_told_in_a_sentence(ask: Ask, client: str, what: str) -> None:
    result = ask(client, BROKEN[what], timeout=1)
    if client == "host" and what in ("nothing", "a length below zero", "a length that is none"):
        # a body that is whole after all
        return
    assert result["failed"], result


@both
def test_a_cookie_of_any_kind_is_borne(ask: Ask, client: str) -> None:
    cookies = "".join(f"Set-Cookie: c{nth}={'x' * 4000}; Path=/; Domain=.example.com\r\n" for nth in range(60))
    ask(client, says(answer(404, b"{}", headers=cookies + "Set-Cookie: \x1b[0m=\x07\r\n")))


def redirects(location: str) -> Any:
    return says(answer(302, b"", headers=f"Location: {location}\r\n"))


@both
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(ask: Ask, tmp_path: Path, client: str, status: int) -> None:
    with Peer(tmp_path, says(answer(200, b"[]"))) as elsewhere:
        result = ask(client, says(answer(status, b"", headers=f"Location: {elsewhere.url}/x\r\n")))
        assert result["failed"] and elsewhere.connections == 0


def pages(place: Callable[[str, str], str]) -> Callable[[Peer, Peer], Any]:
    def play(here: Peer, elsewhere: Peer) -> Any:
        link = place(here.url, elsewhere.url)
        return says(answer(200, json.dumps({"value": [], "@odata.nextLink": link}).encode()))

    return play


LINKS: dict[str, Callable[[str, str], str]] = {
    "another port": lambda here, there: f"{there}/v1.0/applications",
    "a backslash": lambda here, there: here + "\\@" + there.partition("//")[2] + "/",
    "a backslash after a login": lambda here, there: f"https://good:1\\@{there.partition('//')[2]}/",
    "a login": lambda here, there: f"https://{here.partition('//')[2]}@{there.partition('//')[2]}/v1.0/x",
    "a fragment": lambda here, there: f"{there}/#{here}/v1.0",
    "white space": lambda here, there: f"https://localhost\t:{there.rpartition(':')[2]}/v1.0",
    "a line break": lambda here, there: f"{here}/v1.0/x\r\nX-Evil: 1",
    "dots": lambda here, there: f"{here}/v1.0/../../evil",
    "encoded dots": lambda here, there: f"{here}/v1.0/%2e%2e/%2E%2E/evil",
    "no scheme": lambda here, there: f"//{there.partition('//')[2]}/v1.0/x",
    "plain": lambda here, there: f"http://{there.partition('//')[2]}/v1.0/x",
    "wide letters": lambda here, there: f"https://loc\uff41lhost:{there.rpartition(':')[2]}/v1.0/x",
    "a number": lambda here, there: f"https://2130706433:{there.rpartition(':')[2]}/v1.0/x",
    "a null": lambda here, there: f"{here}\x00.evil.example/v1.0",
}


@pytest.mark.parametrize("what", LINKS)
def test_no_token_goes_to_another_origin(ask: Ask, tmp_path: Path, what: str) -> None:
    with Peer(tmp_path, says(answer(200, b'{"value": []}'))) as elsewhere:

        def play(connection: Any, head: bytes) -> None:
            link = LINKS[what](ask.peer.url, elsewhere.url)  # type: ignore[attr-defined]
            connection.sendall(answer(200, json.dumps({"value": [], "@odata.nextLink": link}).encode()))

        result = ask("graph", play, app_id=None, display_name_prefix="Any")
        assert elsewhere.connections == 0
        assert not any(b"evil" in head.lower() for head in ask.peer.heads)  # type: ignore[attr-defined]
        if what != "no scheme":
            assert result["failed"]


def spellings(client: str, head: bytes) -> Iterator[str]:
    """The login as it came, in every way in which a broken host repeats it."""
    [told] = [line for line in head.decode("latin-1").split("\r\n") if line.lower().startswith("authorization:")]
    raw = told.partition(" ")[2]
    secret = PASSWORD if client == "host" else TOKEN
    for text in (raw, raw.partition(" ")[2], secret):
        yield from (text, quote(text, safe=""), quote(text), html.escape(text), json.dumps(text)[1:-1])
        yield base64.b64encode(text.encode()).decode()
    yield f"admin:{secret}"
    yield base64.b64encode(f"x:{secret}".encode()).decode()


@both
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 413, 500])
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_what_a_peer_repeats_of_the_login_is_masked(ask: Ask, client: str, status: int, kind: str) -> None:
    seen: list[str] = []

    def play(connection: Any, head: bytes) -> None:
        seen[:] = list(spellings(client, head))
        for fill in ("", "x" * 250):
            text = fill + " ".join(seen)
        body: Any = {"error": {"code": text[:60] if status == 404 else "Any", "message": text}, "message": text}
        written = json.dumps(body) if kind.endswith("json") else f"<html><title>{text}</title>{text}</html>"
        connection.sendall(answer(status, written.encode(), kind, f"X-Seraph-LoginReason: {seen[0]}\r\n"))

    result = ask(client, play)
    text = json.dumps(result, ensure_ascii=False)
    assert seen and not [one for one in seen if one[:24] in text]


@both
def test_what_a_terminal_obeys_stays_out(ask: Ask, client: str) -> None:
    evil = "\x1b[31mred \u202egnp.exe \x9b0m\x07\x00 \ud800"
    body = json.dumps({"error": {"code": f"E{evil}", "message": evil}, "message": evil}).encode()
    result = ask(client, says(answer(400, body)))
    assert result["failed"] and result["msg"].isprintable()


GATEWAYS = {
    "403 with a page": answer(403, b"<html>Blocked by policy</html>", "text/html"),
    "403 in JSON": answer(403, b'{"message": "Forbidden"}'),
    "403 in odd JSON": answer(403, b'{"error": "forbidden"}'),
    "404 with a page": answer(404, b"<html>Not found</html>", "text/html"),
    "413": answer(413, b"<html>Too large</html>", "text/html"),
    "200 with a page": answer(200, b"<html>Sign in</html>", "text/html"),
    "401 with a page": answer(401, b"<html>Sign in</html>", "text/html"),
    "a redirect": answer(302, b"", headers="Location: https://sso.example.com/\r\n"),
}


@pytest.mark.parametrize("what", GATEWAYS)
def test_a_gateways_answer_is_not_told_as_graphs(ask: Ask, what: str) -> None:
    result = ask("graph", says(GATEWAYS[what]))
    assert result["failed"] and "refused" not in result["msg"] and "policy" not in result["msg"]
    assert "graph_url" in result["msg"] and "permission" not in result["msg"]
    assert result["failure"]["kind"] in ("gateway", "format")


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """A certificate of a client, its key, and a file with both."""
    mine = trustme.CA().issue_cert("client@example.com")
    named = {"cert": mine.cert_chain_pems[0], "key": mine.private_key_pem, "both": mine.private_key_and_cert_chain_pem}
    for name, blob in named.items():
        blob.write_to_path(str(tmp_path / f"{name}.pem"))
    return {name: str(tmp_path / f"{name}.pem") for name in named}


@both
def test_a_front_end_that_wants_a_certificate(ask: Ask, client: str, own: dict[str, str]) -> None:
    play = says(answer(404, b'{"error": {"code": "Request_ResourceNotFound", "message": "none"}}'))
    result = ask(client, play, tls="client")
    assert result["failed"] and "client_cert" in result["msg"] and not ask.peer.heads  # type: ignore[attr-defined]
    for given in ({"client_cert": own["cert"], "client_key": own["key"]}, {"client_cert": own["both"]}):
        ask(client, play, tls=own["cert"], **given)
        assert ask.peer.heads  # type: ignore[attr-defined]


@both
@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"client_cert": "cert", "client_key": "cert"}, "client_key"),
        ({"client_cert": "none"}, "client_cert"),
        ({"client_cert": "cert", "client_key": "none"}, "client_key"),
        ({"client_key": "key"}, "client_cert"),
        ({"client_cert": "cert"}, "client_cert"),
    ],
)
def test_a_certificate_that_cannot_be_used(
    ask: Ask, client: str, own: dict[str, str], given: dict[str, str], option: str
) -> None:
    result = ask(client, says(), **{name: own.get(value, "/nowhere/none.pem") for name, value in given.items()})
    assert result["failed"] and result["msg"].startswith(f"{option}: ")
    assert ask.peer.connections == 0  # type: ignore[attr-defined]


def packed(text: bytes) -> bytes:
    held = io.BytesIO()
    with gzip.GzipFile(fileobj=held, mode="w") as stream:
        stream.write(text)
    return held.getvalue()


def test_an_honest_configuration_of_five_megabytes_passes(ask: Ask) -> None:
    big = [{"uniqueId": "1", "configuration": {"name": "A", "type": "AZURE", "groups": ["g" * 40] * 115_000}}]
    body = json.dumps(big).encode()
    assert len(body) > 5_000_000
    for play in (says(answer(200, body)), says(answer(200, packed(body), headers="Content-Encoding: gzip\r\n"))):
        result = ask("host", play, last_sync=False)
        assert not result.get("failed"), result["msg"]
        assert result["connectors"][0]["name"] == "A"


def test_a_slow_link_passes(ask: Ask) -> None:
    body = json.dumps(
        [{"uniqueId": "1", "configuration": {"name": "A", "type": "AZURE", "x": "y" * 5_000_000}}]
    ).encode()

    def play(connection: Any, head: bytes) -> None:
        whole = answer(200, body)
        for begin in range(0, len(whole), len(whole) // 30):
            connection.sendall(whole[begin : begin + len(whole) // 30])
            threading.Event().wait(0.1)

    result = ask("host", play, last_sync=False, timeout=1, request_deadline=60)
    assert not result.get("failed"), result["msg"]


def test_a_tenant_of_a_hundred_thousand_groups_passes(tmp_path: Path) -> None:
    """Pages are bounded, not what they are together."""

    def play(connection: Any, head: bytes) -> None:
        nth = int(head.partition(b"page=")[2].partition(b" ")[0] or b"0")
        page: dict[str, Any] = {"value": [{"id": f"{nth}-{one}", "displayName": "g" * 60} for one in range(1000)]}
        if nth < 99:
            page["@odata.nextLink"] = f"{peer.url}/v1.0/groups?page={nth + 1}"
        connection.sendall(answer(200, json.dumps(page).encode()))

    with Peer(tmp_path, play) as peer:
        given = {"auth_method": "access_token", "access_token": TOKEN, "graph_url": peer.url, "tenant": TENANT}
        with open_graph({**given, "ca_path": str(peer.ca_file)}, Run()) as graph:
            assert len(graph.list("groups")) == 100_000
