# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake AWX and what a run of the playbook did to it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from fake.server import FakeAwx

IMAGE = "usersync_awx_execution_environment_image=registry.example.com/usersync:1.0.0"
PLANTED = "planted-secret-that-must-not-show"


@dataclass
class Played:
    """A finished run."""

    code: int
    output: str
    writes: list[tuple[str, str, Any]]

    @property
    def changed(self) -> int:
        """Of the recap."""
        found = re.search(r"^localhost\s+: ok=\d+\s+changed=(\d+)", self.output, re.MULTILINE)
        assert found, self.output
        return int(found.group(1))


@dataclass
class Awx:
    """:ivar first: the run that made everything; :ivar before: what was there before it"""

    fake: FakeAwx
    _play: Callable[..., Played]
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    first: Played | None = None
    before: dict[str, Any] = field(default_factory=dict)

    OPTIONS: ClassVar[dict[str, Any]] = {
        "usersync_awx_slices": 3,
        "usersync_awx_hosts": {
            "jira01": {"azure_connector_url": "https://jira01.example.com"},
            "wiki01": {"azure_connector_url": "https://wiki01.example.com/wiki"},
        },
        "usersync_awx_inventory_variables": {"azure_connector_app_unique_name": "usersync"},
        "usersync_awx_entra_inputs": {
            "tenant": "contoso.example",
            "client_id": "11111111-2222-4333-8444-555555555555",
            "client_secret": PLANTED,
        },
        "usersync_awx_notifications_error": ["to the team"],
        "usersync_awx_notifications_approvals": ["to the team"],
    }

    def options(self, **more: Any) -> tuple[str, str]:
        """Arguments with all options of the first run and some more."""
        return self.only({**self.OPTIONS, **more})

    def only(self, options: dict[str, Any]) -> tuple[str, str]:
        """Arguments with these options, in a file: command lines are shown."""
        path = self.folder / "options.json"
        path.write_text(json.dumps(options), encoding="utf-8")
        return "-e", f"@{path}"

    def play(self, *arguments: str, told: bool = True, env: dict[str, str] | None = None) -> Played:
        """Run fleetops.usersync.awx with these arguments. :param told: whether the environment names the AWX"""
        return self._play(self.fake, {**self.env, **(env or {})}, *arguments, told=told)

    @staticmethod
    def vaulted(password_file: Path, text: str) -> str:
        """A text as C(!vault), indented for a variable of a host."""
        command = [sys.executable, str(Path(sys.executable).parent / "ansible-vault"), "encrypt_string"]
        done = subprocess.run(
            [*command, "--vault-password-file", str(password_file), "--stdin-name", "x"],
            input=text,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        lines = done.stdout.partition("!vault |")[2].split()
        return "\n".join(["!vault |", *(f"        {line}" for line in lines)])

    def strangers(self) -> None:
        """Things of other people, some under names like ours."""
        store = self.fake.store
        default = store.find("organizations", name="Default")[0]["id"]
        other = store.seed("organizations", name="Other")
        store.seed("notification_templates", name="to the team", organization=default)
        label = store.seed("labels", name="theirs", organization=default)
        project = store.seed("projects", name="Project", organization=default, scm_type="git", scm_url="https://x")
        inventory = store.seed("inventories", name="UserSync hosts", organization=other)
        store.seed("hosts", name="jira01", inventory=inventory)
        template = store.seed("job_templates", name="Other job", project=project, inventory=inventory, playbook="x.yml")
        store.get("job_templates", template)["many"]["labels"] = [label]
        store.seed(
            "schedules",
            name="UserSync audit, daily",
            unified_job_template=template,
            rrule="DTSTART:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1",
        )
        kind = store.seed("credential_types", name="Their type", kind="cloud", inputs={"fields": []}, injectors={})
        store.seed("credentials", name="Theirs", organization=default, credential_type=kind)
        store.seed("workflow_job_templates", name="UserSync rotation", organization=other)

    def sent(self, endpoint: str) -> list[dict[str, Any]]:
        """Bodies of the objects that the first run made."""
        assert self.first is not None
        return [body for method, path, body in self.first.writes if (method, path) == ("POST", f"/api/v2/{endpoint}/")]

    def named(self, endpoint: str, name: str) -> dict[str, Any]:
        """The one object of this name in the organization that ours belong to."""
        store = self.fake.store
        default = store.find("organizations", name="Default")[0]["id"]
        found = [
            item
            for item in store.listed(endpoint)
            if item["name"] == name and store.organization(endpoint, item) in (default, None)
        ]
        assert len(found) == 1, name
        return found[0]
