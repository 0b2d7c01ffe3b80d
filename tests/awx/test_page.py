# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/awx.md, followed: its files are written and its commands run in one shell, from the first to the last.

podman and ansible-navigator, which need containers, are stand-ins that note how they were called.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tree
import yaml
from data import ROLE, credential_types
from fleet import Fleet
from play import Awx

ROOT = ROLE.parents[1]
PAGE = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOKENS = {"jira01": "token-of-jira-that-nobody-reads", "wiki01": "token-of-wiki-that-nobody-reads"}


def blocks() -> list[tuple[str, str]]:
    """Kind and text of each fenced block."""
    found = BLOCK.findall(PAGE)
    assert {kind for kind, _text in found} == {"console", "yaml"}
    return found


def named(name: str) -> str:
    """The text of the file that the page calls so."""
    (text,) = [text for kind, text in blocks() if kind == "yaml" and text.startswith(f"# {name}\n")]
    return text


def script(url: str) -> str:
    """The whole page as one program."""
    lines = ["set -eu -o pipefail"]
    for kind, text in blocks():
        if kind == "console":
            lines += [f"echo '## {line}'" for line in text.splitlines() if "'" not in line]
            lines.append(text)
        else:
            name = text.splitlines()[0].removeprefix("# ")
            lines += [f"mkdir -p $(dirname {name})", f"cat > {name} <<'END OF FILE'\n{text}END OF FILE"]
    return "\n".join(lines).replace("https://awx.example.com", url)


@pytest.fixture
def place(tmp_path: Path, home: Path) -> tuple[Path, dict[str, str]]:
    """A home folder as somebody has it who follows the page, and the environment."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("podman", "ansible-navigator"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> "$HOME/called"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / ".vault-password").write_text("of the vault\n", encoding="utf-8")
    for host, token in TOKENS.items():
        (tmp_path / f"token-of-{host}").write_text(token, encoding="utf-8")
    env = tree.clean_env(Path(sys.executable).parent, ROOT.parents[2], tmp_path)
    env["PATH"] = f"{programs}{os.pathsep}{env['PATH']}"
    env["SSL_CERT_FILE"] = os.devnull
    env["ANSIBLE_PIPELINING"] = "true"
    return tmp_path, env


def test_the_page_is_followed_command_by_command(
    start_awx: Callable[..., Awx], awx_collection: Path, place: tuple[Path, dict[str, str]], fleet: Fleet
) -> None:
    folder, env = place
    env["ANSIBLE_COLLECTIONS_PATH"] += f":{awx_collection}"
    fleet.simulator.seed("application", display_name="Automation", unique_name="usersync-automation")
    env.update(fleet.login(folder))
    awx = start_awx()
    with awx.fake:
        store = awx.fake.store
        store.seed(
            "projects", name="Fleet inventory", organization=1, scm_type="git", scm_url="https://git.example.com/x"
        )
        vault = store.seed("credential_types", name="Vault", kind="vault", managed=True)
        store.seed("credentials", name="Fleet vault", organization=1, credential_type=vault)
        before = store.snapshot()
        done = subprocess.run(
            ["bash", "-c", script(awx.fake.url)],
            cwd=folder,
            env=env,
            input=f"{awx.fake.token}\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert store.snapshot() == before
        bodies = [body for _method, _path, body in awx.fake.writes() if body.get("variables")]
        sent = json.dumps(awx.fake.writes())
    for token in TOKENS.values():
        assert token not in done.stdout + sent
        assert not any(
            token in path.read_text(encoding="utf-8") for path in (folder / "fleet-inventory").rglob("*.yml")
        )
    lookup = yaml.safe_load(named("awx-lookup.yml").replace("!unsafe ", ""))["usersync_awx_hosts"]["jira01"]
    stored = [json.loads(body["variables"]) for body in bodies if body.get("name") == "jira01"]
    assert lookup in [{"azure_connector_token": one.get("azure_connector_token")} for one in stored]
    called = (folder / "called").read_text(encoding="utf-8")
    assert re.search(r"^podman build .*-t registry\.example\.com/usersync:1\.0\.0", called, re.MULTILINE)
    assert "ansible-navigator run fleetops.usersync.audit -i" in called
    subject = "workload_type:aap_controller_automation_job:organization:Default:job_template:UserSync rotate"
    trusted = [one for one in fleet.simulator.writes(0) if "federatedIdentityCredentials" in one["path"]]
    assert [one["status"] for one in trusted] == [201]
    told = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "trust.yml"],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert b"changed=0" in told.stdout, "it is there, with this subject"
    assert subject in named("trust.yml")


def test_the_constructed_inventory_makes_the_group(place: tuple[Path, dict[str, str]]) -> None:
    folder, env = place
    (folder / "constructed.yml").write_text(named("constructed.yml"), encoding="utf-8")
    hosts = {
        "jira01": {"atlassian_product": "jira", "atlassian_stage": "production", "atlassian_name": "jira.example.com"},
        "jira02": {"atlassian_product": "jira", "atlassian_stage": "test", "atlassian_name": "x.example.com"},
        "db01": {"atlassian_name": "db.example.com"},
    }
    (folder / "input.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    command = [
        str(Path(sys.executable).parent / "ansible-inventory"),
        "-i",
        "input.yml",
        "-i",
        "constructed.yml",
        "--list",
    ]
    told = json.loads(
        subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
    )
    assert told["usersync_hosts"]["hosts"] == ["jira01"]
    made = "https://jira.example.com"
    assert told["_meta"]["hostvars"]["jira01"]["azure_connector_url"] in (made, {"__ansible_unsafe": made})


def test_the_page_names_options_objects_and_fields_that_exist() -> None:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options = specs["argument_specs"]["main"]["options"]
    assert set(re.findall(r"\busersync_awx_\w+", PAGE)) - {"usersync_awx_hosts"} <= set(options)
    fields = {key: {field["id"] for field in entry["inputs"]["fields"]} for key, entry in credential_types().items()}
    for row in re.findall(r"^\| (Entra login|Atlassian administrator) \| (.*?) \|", PAGE, re.MULTILINE):
        key = "entra_type" if row[0] == "Entra login" else "atlassian_type"
        assert set(re.findall(r"`(\w+)`", row[1])) <= fields[key]
    assert {"tenant", "client_id", "auth_method", "federated_token", "federated_token_file"} <= fields["entra_type"]
