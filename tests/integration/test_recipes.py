# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes of docs/recipes that can be played: stores behind the hook, and messages after the audit."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "recipes"
STORES = {
    "store-hashicorp-vault.yml": (
        {"usersync_vault_address": "{url}", "usersync_vault_token": "token-of-the-vault"},
        lambda body: json.loads(body)["data"]["client_secret"],
        200,
    ),
    "store-azure-key-vault.yml": (
        {"usersync_key_vault_url": "{url}", "usersync_key_vault_token": "token-of-the-vault"},
        lambda body: json.loads(body)["value"],
        200,
    ),
    "store-cyberark-conjur.yml": (
        {
            "usersync_conjur_url": "{url}",
            "usersync_conjur_account": "example",
            "usersync_conjur_policy": "usersync",
            "usersync_conjur_token": "token-of-the-vault",
        },
        lambda body: body,
        201,
    ),
}


class Store:
    """A server that keeps what it is sent. :ivar status: what it answers"""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, str, str]] = []
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                store.got.append((self.command, self.path, body))
                text = json.dumps({"result": []} if store.status < 300 else {"errors": ["permission denied"]}).encode()
                self.send_response(201 if self.command == "POST" and "incident" in self.path else store.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_args: Any) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.server.shutdown()


@pytest.mark.parametrize("name", STORES)
def test_a_store_gets_the_secret_and_nobody_else_sees_it(fleet: Any, store: Store, name: str) -> None:
    variables, read, status = STORES[name]
    store.status = status
    it = fleet(1)
    it.variables.update({key: value.format(url=store.url) for key, value in variables.items()})
    it.variables["azure_connector_secret_hook"] = str(RECIPES / name)
    played = it.play("-vvv", "--diff")
    assert played.code == 0 and it.unharmed(), played.output
    [(_method, path, body)] = store.got
    secret = read(body)
    assert len(secret) >= 16 and secret not in played.output and "token-of-the-vault" not in played.output
    [host] = it.hosts
    assert host in path


@pytest.mark.parametrize("name", STORES)
def test_where_the_store_refuses_nothing_is_delivered(served: Any, store: Store, name: str) -> None:
    variables, _read, _status = STORES[name]
    store.status = 403
    served.variables.update({key: value.format(url=store.url) for key, value in variables.items()})
    served.variables["azure_connector_secret_hook"] = str(RECIPES / name)
    played = served.play("-e", "azure_connector_force=true", playbook="fleetops.usersync.rotate_secrets")
    told = re.sub(r"\s+", " ", played.output)
    assert played.code == 2 and "did not store the secret" in told and "403" in told, played.output
    assert served.unharmed() and not [line for line in played.writes if line.startswith("PUT")]


@pytest.mark.parametrize("name", ["notify-slack.yml", "notify-servicenow.yml", "notify-mail.yml"])
def test_a_message_after_the_audit(served: Any, store: Store, tmp_path: Path, name: str) -> None:
    mail = tmp_path / "sendmail"
    mail.write_text(f"#!/bin/sh\ncat > {tmp_path}/mail\n")
    mail.chmod(0o755)
    served.variables.update(
        usersync_slack_webhook=f"{store.url}/services/webhook-secret",
        usersync_servicenow_url=store.url,
        usersync_servicenow_username="usersync",
        usersync_servicenow_password="password-of-servicenow",
        usersync_mail_to="ops@example.com",
        usersync_sendmail=str(mail),
    )
    expired = served.simulation.tell("/seed", credential={"app_id": served.app()["appId"], "days": -2})["credential"]
    served.simulation.tell("/host", name=next(iter(served.hosts)), leaves={"client_secret": expired["secret"]})
    played = served.play("-vvv", playbook=str(RECIPES / name))
    assert played.code == 0 and played.writes == [], played.output
    assert "webhook-secret" not in played.output and "password-of-servicenow" not in played.output
    if name == "notify-mail.yml":
        assert "To: ops@example.com" in (tmp_path / "mail").read_text()
        assert "secret-expired" in (tmp_path / "mail").read_text()
    else:
        sent = [body for method, _path, body in store.got if method == "POST"]
        assert sent and any("expired" in body or "ended" in body for body in sent)
