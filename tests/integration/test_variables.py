# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A variable means the same in every form that Ansible has for it, with this ansible-core; wrong, it is red.

Forms: YAML, text (as from -e, a survey or the environment), vaulted by encrypt_string or in a vaulted file, text that
is no template, a field left blank. Ansible itself reads the inventory, opens its vault and fills in its templates.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from ansible_collections.fleetops.usersync.plugins.plugin_utils._texts import is_blank
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import (
    ENTRIES,
    PREFIX,
    BadVariable,
    HostVariables,
)

try:
    # From ansible-core 2.19 on a vaulted text is opened with the secrets of the process
    from ansible.parsing.vault import VaultSecretsContext
except ImportError:
    VaultSecretsContext = None

ROOT = Path(__file__).resolve().parents[2]
SPECS = yaml.safe_load((ROOT / "roles" / "azure_connector" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
DOCUMENTED = {name for point in SPECS["argument_specs"].values() for name in point.get("options") or {}}
PASSWORD = "password-of-the-vault"
# by type: as YAML, as text, and what is wrong
VALUES: dict[str, tuple[Any, str, Any]] = {
    "bool": (True, "true", "soon"),
    "int": (7, "7", "many"),
    "float": (1.5, "1.5", "many"),
    "list": (["a", "b"], "a,b", {"a": "b"}),
    "dict": ({"a": "b"}, '{"a": "b"}', "nonsense"),
    "str": ("some text", "some text", ["a list"]),
    "path": ("some/where", "some/where", ["a list"]),
    "raw": ("anything", "anything", None),
}
OWN = """\
- name: Connect the hosts to Entra ID
  hosts: usersync_hosts
  gather_facts: false
  roles:
    - role: fleetops.usersync.azure_connector
"""
BRACES = "{{ 7 * 7 }} {% raw %} {# #}"


def values(name: str) -> tuple[Any, str, Any]:
    """Right as YAML, the same as text, wrong; None for what cannot be wrong."""
    entry = ENTRIES[name]
    kind, choices = entry.get("type", "str"), entry.get("choices")
    if entry.get("elements") == "dict":
        one = [{"name": "User.Read", "type": "delegated"}]
        return one, json.dumps(one), "nonsense"
    if choices and kind == "list":
        return choices[:2], ",".join(choices[:2]), "nonsense"
    return (choices[0], choices[0], "nonsense") if choices else VALUES[kind]


class Vaulted(str):
    """A text that the inventory holds encrypted."""


class Strange(str):
    """A text that the inventory holds encrypted with another password."""


class Unsafe(str):
    """A text that is no template."""


class Dumper(yaml.SafeDumper):
    """Writes both as a person would."""


def encrypted(text: str, password: str = PASSWORD) -> str:
    written = VaultLib([("default", VaultSecret(password.encode()))]).encrypt(text)
    return written.decode() if isinstance(written, bytes) else str(written)


def _encrypted(password: str) -> Any:
    return lambda dumper, text: dumper.represent_scalar("!vault", encrypted(text, password), style="|")


Dumper.add_representer(Vaulted, _encrypted(PASSWORD))
Dumper.add_representer(Strange, _encrypted("another one"))
Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def read(folder: Path, host: dict[str, Any]) -> HostVariables:
    """The variables of a host as Ansible has them, after inventory, vault and templates."""
    path = folder / "inventory.yml"
    path.write_text(yaml.dump({"all": {"hosts": {"h": host}}}, Dumper=Dumper), encoding="utf-8")
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(PASSWORD.encode()))])
    inventory = InventoryManager(loader=loader, sources=[str(path)])
    known = VariableManager(loader=loader, inventory=inventory).get_vars(host=inventory.get_host("h"))
    templar = Templar(loader=loader, variables=known)
    return HostVariables({name: known[name] for name in known if name.startswith(PREFIX)}, templar.template)


@pytest.fixture(scope="module", autouse=True)
def _secrets_of_the_process() -> None:
    if VaultSecretsContext is not None:
        VaultSecretsContext.initialize(VaultSecretsContext([("default", VaultSecret(PASSWORD.encode()))]))


def got(known: HostVariables, name: str) -> Any:
    return known.get(name.removeprefix(PREFIX))


def test_every_documented_variable_has_a_type() -> None:
    assert set(ENTRIES) >= DOCUMENTED and len(DOCUMENTED) > 80


def test_every_form_of_a_right_value_means_the_same(tmp_path: Path) -> None:
    names = sorted(DOCUMENTED)
    plain = read(tmp_path, {name: values(name)[0] for name in names})
    forms = {
        "text": read(tmp_path, {name: values(name)[1] for name in names}),
        "vault": read(tmp_path, {name: Vaulted(values(name)[1]) for name in names}),
        "template": read(tmp_path, {**{name: f"{{{{ x_{name} }}}}" for name in names}, **_others(names)}),
    }
    for name in names:
        assert got(plain, name) == values(name)[0] or ENTRIES[name].get("type") == "path", name
        for form, known in forms.items():
            assert json.dumps(got(known, name)) == json.dumps(got(plain, name)), (name, form)


def _others(names: list[str]) -> dict[str, Any]:
    return {f"x_{name}": Vaulted(values(name)[1]) for name in names}


def test_a_field_left_blank_is_not_set(tmp_path: Path) -> None:
    known = read(tmp_path, dict.fromkeys(sorted(DOCUMENTED), ""))
    for name in DOCUMENTED:
        blank = got(known, name) if not ENTRIES[name].get("choices") or ENTRIES[name]["type"] == "list" else None
        assert blank in (None, ""), name


def test_text_that_is_no_template_stays_as_it_is(tmp_path: Path) -> None:
    names = [name for name in sorted(DOCUMENTED) if ENTRIES[name].get("type", "str") in ("str", "path", "raw")]
    names = [name for name in names if not ENTRIES[name].get("choices")]
    known = read(tmp_path, {name: Unsafe(BRACES) for name in names})
    assert len(names) > 30 and {got(known, name) for name in names} == {BRACES}


@pytest.mark.parametrize("form", ["yaml", "vault"])
def test_what_is_wrong_is_one_sentence_with_the_name(tmp_path: Path, form: str) -> None:
    names = [name for name in sorted(DOCUMENTED) if isinstance(values(name)[2], str) or form == "yaml"]
    wrong = {name: values(name)[2] for name in names if values(name)[2] is not None}
    known = read(tmp_path, {name: Vaulted(value) if form == "vault" else value for name, value in wrong.items()})
    assert len(wrong) > 30
    for name, value in wrong.items():
        with pytest.raises(BadVariable) as refused:
            got(known, name)
        assert str(refused.value).startswith(f"{name}: "), name
        assert not ENTRIES[name].get("no_log") or str(value) not in str(refused.value)


def test_a_vault_that_does_not_open_is_one_sentence(tmp_path: Path) -> None:
    known = read(tmp_path, {f"{PREFIX}token": Strange("a secret")})
    with pytest.raises(BadVariable) as refused:
        got(known, f"{PREFIX}token")
    assert str(refused.value).startswith(f"{PREFIX}token: cannot be read, because ")


# Texts that no run can do with but a survey may leave blank, beside switches, numbers, choices and lists
BLANK_TEXTS = ("secret_hook", "report_mode", "report_owner", "report_group", "audit_html", "audit_json")
BLANK_TEXTS += ("audit_prometheus", "remove_directory_id", "remove_app", "app_object_id", "app_id")
BLANK_TEXTS += ("app_unique_name", "report_template", "secret_prove_reason")


def test_a_survey_that_is_left_blank_changes_nothing(fleet: Any) -> None:
    it = fleet(2)
    given = {name for host in it.hosts.values() for name in host} | set(it.variables)
    blank = {name: "" for name in DOCUMENTED if is_blank(ENTRIES[name]) or name.removeprefix(PREFIX) in BLANK_TEXTS}
    survey = ["-e", json.dumps({name: text for name, text in blank.items() if name not in given})]

    played = it.play(*survey)
    assert played.code == 0 and it.unharmed() and "[DEPRECATION" not in played.output, played.output
    (it.folder / "own.yml").write_text(OWN, encoding="utf-8")
    for playbook in (
        "own.yml",
        "fleetops.usersync.setup",
        "fleetops.usersync.rotate_secrets",
        "fleetops.usersync.audit",
    ):
        again = it.play(*survey, playbook=playbook)
        assert again.code == 0 and again.writes == [], again.output

    named = it.play("-e", "azure_connector_app_display_name=")
    assert named.code == 2 and "azure_connector_app_display_name: is empty" in named.output, named.output

    removed = it.play(*survey, playbook="fleetops.usersync.remove")
    assert removed.code == 0 and not it.holders() and "secrets removed" in removed.output, removed.output


def test_vaulted_and_given_as_text_a_fleet_is_set_up_and_audited(fleet: Any) -> None:
    """Tokens from encrypt_string, the automation's secret in a vaulted file, everything else as a survey gives it."""
    it = fleet(2, "--platform", "jira11")
    secret = it.variables.pop("azure_connector_entra_client_secret")
    for name, variables in it.hosts.items():
        token = variables.pop("azure_connector_token")
        path = it.folder / "host_vars" / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.dump({"azure_connector_token": Vaulted(token)}, Dumper=Dumper), encoding="utf-8")
    path = it.folder / "group_vars" / "usersync_hosts.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(encrypted(yaml.safe_dump({"azure_connector_entra_client_secret": secret})), encoding="utf-8")
    password = it.folder / "vault-password"
    password.write_text(PASSWORD, encoding="utf-8")
    more = it.folder / "more.yml"
    more.write_text(yaml.dump({"azure_connector_name": Unsafe(BRACES)}, Dumper=Dumper), encoding="utf-8")
    texts = {
        "schedule_enabled": "yes",
        "secret_valid_days": "90",
        "permissions": "",
        "product": "",
        "audit_table": "false",
        "audit_html": "reports/fleet.html",
        "audit_warn_days": "100",
    }
    given = ["--vault-password-file", str(password), "-e", f"@{more}"]
    given += [word for name, text in texts.items() for word in ("-e", f"azure_connector_{name}={text}")]

    played = it.play(*given)
    assert played.code == 0 and it.unharmed(), played.output
    names = {one["name"] for host in it.simulation.state()["hosts"].values() for one in host["connectors"]}
    assert names == {BRACES}
    # a play of one's own, whose arguments Ansible validates first
    (it.folder / "own.yml").write_text(OWN, encoding="utf-8")
    again = it.play(*given, playbook="own.yml")
    assert again.code == 0 and again.writes == [], again.output

    # where the person stands, not where the collection lies
    audited = it.play(*given, playbook="fleetops.usersync.audit")
    page = it.folder / "reports" / "fleet.html"
    assert audited.code == 0 and "HOST " not in audited.output and stat.S_IMODE(page.stat().st_mode) == 0o640
    gated = it.play(*given, "-e", "azure_connector_audit_fail_on=warning", playbook="fleetops.usersync.audit")
    assert gated.code == 2 and "secret-expires-soon (" in gated.output, gated.output
    unread = it.play(*given, "-e", "azure_connector_audit_fail_on=nonsense", playbook="fleetops.usersync.audit")
    assert unread.code == 2 and unread.requests == [], unread.output
    assert "azure_connector_audit_fail_on: 'nonsense' is not one of" in " ".join(unread.output.split())
    assert secret not in played.output + audited.output + gated.output
