# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that may hold secrets are found and hidden wherever they stand, within others too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _front
from ansible_collections.fleetops.usersync.plugins.module_utils._front import Definition, secret_values, shown_options
from ansible_collections.fleetops.usersync.plugins.module_utils._usersync.shown import HIDES

INNER = {
    "url": {"type": "str"},
    "password": {"type": "str", "no_log": True, "aliases": ["pass"]},
    "headers": {"type": "dict", "no_log": True},
    "settings": {"type": "dict"},
    "template": {"type": "raw"},
}
DEFINITION = Definition(
    "any",
    {**INNER, "host": {"type": "dict", "options": INNER}, "hosts": {"type": "list", "options": INNER}},
    connect=lambda options, run: None,  # type: ignore[arg-type,return-value]
    run=lambda client, options, run: None,  # type: ignore[arg-type,return-value]
    hides=HIDES,
)
GIVEN = {
    "url": "https://operator:in-an-address@host.example.com/?os_password=in%20a%20query",
    "pass": "by-an-alias",
    "headers": {"Authorization": "Bearer of-a-header"},
    "settings": {"a": ["of-a-setting", 12345678], "b": True},
    "template": {"of": {"a": "of-a-template"}},
}
SECRETS = [
    "in-an-address", "in a query", "by-an-alias", "of-a-header", "of-a-setting", "12345678", "of-a-template",
]  # fmt: skip


@pytest.mark.parametrize("options", [GIVEN, {"host": GIVEN}, {"hosts": [GIVEN, None]}], ids=["top", "within", "listed"])
def test_secrets_of_options_are_known_and_hidden(options: dict[str, Any]) -> None:
    found = secret_values(DEFINITION, options)
    assert set(SECRETS) <= found
    text = json.dumps(shown_options(DEFINITION, options, found))
    assert [secret for secret in [*SECRETS, "in%20a"] if secret in text] == []
    assert "host.example.com" in text


def test_what_is_no_option_or_no_dictionary_is_hidden() -> None:
    shown = shown_options(DEFINITION, {"pasword": "misspelt", "host": '{"password": "in JSON"}', "url": None}, set())
    assert "misspelt" not in str(shown) and "in JSON" not in str(shown) and shown["url"] is None


def test_what_another_option_shows_is_public() -> None:
    given = {
        "url": "https://host.example.com/jira",
        "settings": {"base": "https://host.example.com/jira", "x": "other-1"},
    }
    assert secret_values(DEFINITION, given) == {"other-1"}


def test_every_free_form_option_of_a_module_is_hidden_or_known_to_be_harmless() -> None:
    """A new option that takes anything inside is decided about here first."""
    import importlib
    from pathlib import Path

    # of awx_objects: what becomes an object of AWX, where everybody may read it; its own checks refuse secrets there
    of_awx = {"names", "adopt", "definitions", "defaults", "hosts", "inventory_variables"}
    # confirming: ids and moments that usersync_connection returned
    harmless = {"key_map", "confirming", *of_awx}
    folder = Path(_front.__file__).parent / "_definitions"
    base = _front.__name__.rpartition(".")[0]
    free: set[str] = set()

    def walk(spec: dict[str, Any], hides: Any) -> None:
        for name, entry in spec.items():
            if entry.get("options"):
                walk(entry["options"], hides)
            elif entry["type"] in ("dict", "raw", "json") and name not in hides and not entry.get("no_log"):
                free.add(name)

    for path in folder.glob("[a-z]*.py"):
        definition = importlib.import_module(f"{base}._definitions.{path.stem}").DEFINITION
        walk(definition.argument_spec, definition.hides)
    assert free <= harmless
