# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small services to log in at: a token endpoint over TLS that checks what it gets, and scripted answers."""

from __future__ import annotations

import base64
import io
import json
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
import trustme
import urllib3

TENANT = "55555555-0000-4000-8000-000000000001"
DOMAIN = "contoso.example"
CLIENT_ID = "22222222-0000-4000-8000-00000000000a"
SECRET = "Zx8Q~right-secret[@]+:-"
GRAPH = "https://graph.microsoft.com"


def token(**claims: Any) -> str:
    """A JWT that nobody needs to verify."""
    body = {"aud": GRAPH, "tid": TENANT, "appid": CLIENT_ID, "exp": int(time.time()) + 3600, "roles": [], **claims}
    parts = [{"alg": "none", "typ": "JWT"}, {name: value for name, value in body.items() if value is not None}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def refusal(code: int, error: str = "invalid_client", text: str = "") -> dict[str, Any]:
    """An error of the token endpoint."""
    return {
        "error": error,
        "error_description": f"AADSTS{code}: {text or 'Words of the service.'}\r\nTrace ID: t\r\nCorrelation ID: c",
        "error_codes": [code],
        "timestamp": "2026-11-23 00:00:00Z",
        "trace_id": "t",
        "correlation_id": "c",
        "error_uri": f"https://login.example/error?code={code}",
    }


class TokenService:
    """A token endpoint over TLS with one application; checks secrets, assertions and federated tokens for real.

    :ivar public_key: PEM that assertions must be signed for
    :ivar federated: the token that is accepted as an assertion
    :ivar posts: forms of the token requests, in their order
    :ivar script: answers that come before all others, as (status, body)
    """

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca_file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        self.public_key: Any = None
        self.federated: str | None = None
        self.posts: list[dict[str, str]] = []
        self.gets: list[str] = []
        self.headers: list[dict[str, Any]] = []
        self.script: list[tuple[int, Any]] = []
        self.lifetime = 3600
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def options(self, **more: Any) -> dict[str, Any]:
        base = {
            "tenant": DOMAIN,
            "client_id": CLIENT_ID,
            "authority_url": self.url,
            "ca_path": self.ca_file,
            "timeout": 5,
        }
        return {**base, **more}

    def answer_get(self, path: str) -> tuple[int, Any]:
        self.gets.append(path)
        tenant = path.strip("/").split("/")[0]
        if tenant not in (TENANT, DOMAIN):
            return 400, refusal(90002, "invalid_tenant")
        here = f"{self.url}/{TENANT}"
        return 200, {
            "issuer": f"{here}/v2.0",
            "token_endpoint": f"{here}/oauth2/v2.0/token",
            "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
        }

    def answer_post(self, form: dict[str, str]) -> tuple[int, Any]:
        self.posts.append(form)
        if self.script:
            return self.script.pop(0)
        if form.get("client_id") != CLIENT_ID:
            return 400, refusal(700016, "unauthorized_client")
        wrong = self._wrong(form)
        if wrong:
            return 401, refusal(wrong)
        given = token(aud=form["scope"].removesuffix("/.default"), n=len(self.posts))
        return 200, {"token_type": "Bearer", "expires_in": self.lifetime, "access_token": given}

    def _wrong(self, form: dict[str, str]) -> int | None:
        if "client_assertion" not in form:
            return None if form.get("client_secret") == SECRET else 7000215
        assertion = form["client_assertion"]
        if self.federated is not None:
            return None if assertion == self.federated else 700213
        try:
            header = jwt.get_unverified_header(assertion)
            jwt.decode(
                assertion,
                self.public_key,
                algorithms=["RS256", "PS256"],
                audience=f"{self.url}/{TENANT}/oauth2/v2.0/token",
            )
        except jwt.PyJWTError:
            return 700027
        self.headers.append(header)
        return None


def _handler(service: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(*service.answer_get(urlsplit(self.path).path))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(*service.answer_post({name: values[0] for name, values in parse_qs(raw).items()}))

        def _send(self, status: int, body: Any) -> None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *words: Any) -> None:
            pass

    return Handler


class Scripted(requests.adapters.BaseAdapter):
    """Answers in their order; each is (status, body, headers) or an exception. Too many requests fail.

    :ivar sent: the prepared requests
    """

    def __init__(self, *answers: Any, always: Callable[[Any], Any] | None = None) -> None:
        super().__init__()
        self.answers = list(answers)
        self.always = always
        self.sent: list[requests.PreparedRequest] = []

    def _next(self, request: Any) -> Any:
        if self.answers:
            return self.answers.pop(0)
        if self.always:
            return self.always(request)
        raise AssertionError(f"one request too many: {request.method} {request.url}")

    def send(self, request: Any, **how: Any) -> requests.Response:
        self.sent.append(request)
        given = self._next(request)
        if isinstance(given, Exception):
            raise given
        status, body, headers = (*given, {})[:3]
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response.raw = urllib3.HTTPResponse(io.BytesIO(content), preload_content=False)
        response.url = request.url
        response.request = request
        return response

    def close(self) -> None:
        pass


def graph_error(status: int, code: str, message: str = "Words.", headers: Any = None, **more: Any) -> tuple[Any, ...]:
    """A refusal of Graph as a scripted answer."""
    inner = {"date": "2026-11-23T00:00:00", "request-id": "r-1", "client-request-id": "c-1"}
    return status, {"error": {"code": code, "message": message, "innerError": inner, **more}}, headers or {}
