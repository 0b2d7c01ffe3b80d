# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret goes into the variables of an inventory, where everybody who may read it sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.awx_objects import secret_names
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.usersync.plugins.plugin_utils._literals import check, pure
from data import role_options
from play import PLANTED, Awx

VAULT = "$ANSIBLE_VAULT;1.1;AES256"


@pytest.mark.parametrize(
    "text",
    [
        "{{ lookup('community.hashi_vault.vault_kv2_get', 'usersync/' ~ inventory_hostname).secret.password }}",
        "{{ lookup('ansible.builtin.env', 'A') | trim }}",
        "{{ vault_passwords[inventory_hostname] }}",
        "{{ secret_of_host | default(omit) }}",
        "{{ a if b else c }}",
        "{{ (query('x.y.z', 'k') | first)['data'] }}",
        "{{ whole.split(':')[1] }}",
    ],
)
def test_a_template_that_takes_it_from_elsewhere_passes(text: str) -> None:
    assert pure(text)


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "{{ 'hunter2' }}",
        "{{ 'hunter2' | trim }}",
        "{{ 'hunter2'.upper() }}",
        "hunter2{{ a }}",
        "{{ 'hunter2' ~ a }}",
        "{{ lookup('ansible.builtin.env', 'A') | default('hunter2') }}",
        "{{ a or 'hunter2' }}",
        "{{ a if b else 'hunter2' }}",
        "{{ ['hunter2'][0] }}",
        "{% if a %}hunter2{% endif %}",
        "{{ a",
    ],
)
def test_a_template_with_the_secret_in_it_does_not(text: str) -> None:
    assert not pure(text)


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"azure_connector_password": "hunter2"}, "azure_connector_password"),
        ({"azure_connector_headers": {"Authorization": "Bearer hunter2"}}, "azure_connector_headers.Authorization"),
        ({"azure_connector_entra_client_secret": 12345678}, "azure_connector_entra_client_secret"),
        ({"mine": {"client_secret": "hunter2"}}, "mine.client_secret"),
        ({"list": [{"token": "hunter2"}]}, "list.token"),
        ({"ansible_password": "hunter2"}, "ansible_password"),
        ({"azure_connector_password": "{{ fleet }}", "fleet": "hunter2"}, "fleet"),
        ({"azure_connector_password": "{{ a.b }}", "a": {"b": "{{ c }}"}, "c": "hunter2"}, "c"),
        ({"azure_connector_proxy": "http://user:hunter2@proxy.example.com:3128"}, "azure_connector_proxy"),
        ({"key": "-----BEGIN RSA PRIVATE KEY-----\nhunter2"}, "key"),
        ({"azure_connector_password": {"__ansible_vault": VAULT}}, "azure_connector_password.__ansible_vault"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_literal_is_refused_by_its_path_and_never_shown(variables: dict[str, Any], path: str) -> None:
    learned: list[str] = []
    with pytest.raises(OptionError) as refused:
        check("usersync_awx_hosts.jira01", variables, secret_names(), learn=learned.append)
    assert refused.value.message.startswith(f"usersync_awx_hosts.jira01: {path} ")
    assert "hunter2" not in refused.value.message
    assert learned


@pytest.mark.parametrize(
    "variables",
    [
        {"azure_connector_url": "https://jira.example.com"},
        {"azure_connector_secret_valid_days": 180},
        {"azure_connector_password": "{{ lookup('x.y.z', inventory_hostname) }}"},
        {"azure_connector_password": ""},
        {"azure_connector_entra_federated_token_file": "/run/token"},
        {"azure_connector_redirect_uris": ["https://jira.example.com/plugins"]},
    ],
    ids=str,
)
def test_what_is_no_secret_passes(variables: dict[str, Any]) -> None:
    check("usersync_awx_hosts.jira01", variables, secret_names())


def test_every_secret_variable_of_the_role_is_known() -> None:
    options = role_options("azure_connector")
    secret = {name for name, option in options.items() if option.get("no_log")}
    assert secret
    assert secret <= secret_names()


@pytest.mark.parametrize("where", ["host", "inventory", "vault", "plain"])
def test_the_playbook_refuses_and_shows_nothing(start_awx: Callable[[], Awx], tmp_path: Path, where: str) -> None:
    """Also a vaulted value, and a template that was not marked as one for the AWX, since Ansible has rendered it."""
    awx = start_awx()
    options = tmp_path / "options.yml"
    arguments: tuple[str, ...] = ()
    text = {
        "host": f"usersync_awx_hosts: {{jira01: {{azure_connector_password: {PLANTED}}}}}\n",
        "inventory": f"usersync_awx_inventory_variables: {{azure_connector_token: {PLANTED}}}\n",
        "plain": 'usersync_awx_hosts: {jira01: {azure_connector_password: "{{ planted }}"}}\n'
        f"planted: {PLANTED}\n",
        "vault": "",
    }[where]
    if where == "vault":
        (tmp_path / "pass").write_text("of the vault", encoding="utf-8")
        tagged = awx.vaulted(tmp_path / "pass", PLANTED)
        text = f"usersync_awx_hosts:\n  jira01:\n    anything: {tagged}\n"
        arguments = ("--vault-password-file", str(tmp_path / "pass"))
    options.write_text(text, encoding="utf-8")
    with awx.fake:
        refused = awx.play("-e", f"@{options}", *arguments, "-vvvv")
        assert refused.code != 0
        said = " ".join(refused.output.split())
        named = "usersync_awx_inventory_variables: azure" if where == "inventory" else "usersync_awx_hosts.jira01: a"
        assert named in said
        assert PLANTED not in refused.output
        assert refused.writes == []


def test_a_lookup_by_host_goes_to_the_awx_as_it_is(start_awx: Callable[[], Awx], tmp_path: Path) -> None:
    template = "{{ lookup('ansible.builtin.env', 'PASSWORD_OF_' ~ inventory_hostname) }}"
    options = tmp_path / "options.yml"
    options.write_text(
        f'usersync_awx_hosts:\n  jira01:\n    azure_connector_password: !unsafe "{template}"\n', encoding="utf-8"
    )
    awx = start_awx()
    with awx.fake:
        made = awx.play("-e", f"@{options}")
        assert made.code == 0, made.output
        (host,) = awx.fake.store.listed("hosts")
        assert template in host["variables"]
