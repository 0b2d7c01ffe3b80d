# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""The variables of the role azure_connector: which there are, of what type, and what each host has set.

A variable bears the name of the module option that it fills (C(azure_connector_secret_valid_days) is C(valid_days) in
C(secret) of usersync_connection), so that its type is told by the module. Text from C(-e), a survey or the environment
means the same as YAML; what means nothing is an error that names the variable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
    check_type_str,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._argspec import app_identity_spec
from ansible_collections.fleetops.usersync.plugins.module_utils._audit.codes import CODES, LEVELS
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app import DEFINITION as APP
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_permission import (
    DEFINITION as PERMISSION,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection import groups
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import permission_profiles
from ansible_collections.fleetops.usersync.plugins.plugin_utils._texts import is_blank, list_of_text

PREFIX = "azure_connector_"
LONGEST = 280
# Dictionaries of usersync_connection, and what their options are called in the role
GROUPS = {"entra": "entra_", "host": "", "connector": "", "secret": "secret_", "sync": "sync_"}
# Options whose variable has another name than theirs
NAMED = {
    ("secret", "force"): "force",
    ("secret", "hold"): None,
    ("secret", "former_holders"): "former_holders",
    ("secret", "known_credentials"): "known_credentials",
    ("sync", "mode"): "sync",
    ("sync", "user"): "confirm_user",
    ("sync", "wait_timeout"): "sync_timeout",
    ("sync", "wait_for_authorization"): "wait_for_authorization",
}
TEXT, FLAG, NUMBER, WHOLE = {"type": "str"}, {"type": "bool"}, {"type": "float"}, {"type": "int"}
NAMES = {"type": "list", "elements": "str"}
# What no module takes: the role itself does
OWN: dict[str, dict[str, Any]] = {
    "delegate_to": TEXT,
    "compromised": FLAG,
    "leave_out": {"type": "dict"},
    "only_secret": FLAG,
    "permission_profile": {**TEXT, "choices": list(permission_profiles.PROFILES)},
    "permissions_remove": PERMISSION.argument_spec["permissions"],
    "permissions_remove_confirmed": FLAG,
    "redirect_uris": FLAG,
    "separate_steps": FLAG,
    "secret_hook": {"type": "path"},
    "max_fail_percentage": NUMBER,
    "confirm_wait": NUMBER,
    "automation_ids": NAMES,
    "known_owners": NAMES,
    "known_credentials": NAMES,
    "secret_prove_reason": TEXT,
    "remove_connector": FLAG,
    "remove_directory_id": TEXT,
    "remove_secrets": FLAG,
    "remove_app": TEXT,
    "remove_purge": FLAG,
    "audit_warn_days": WHOLE,
    "audit_sync_max_age_hours": NUMBER,
    "audit_fail_on": {**NAMES, "choices": [*LEVELS, *CODES]},
    "audit_table": FLAG,
    "audit_known_holders": NAMES,
    "audit_html": {"type": "path"},
    "audit_json": {"type": "path"},
    "audit_prometheus": {"type": "path"},
    "report_mode": TEXT,
    "report_owner": TEXT,
    "report_group": TEXT,
    "report_template": {"type": "path"},
}
CHECKS: dict[str, Callable[[Any], Any]] = {
    "str": lambda value: check_type_str(value, allow_conversion=not isinstance(value, (list, dict))),
    "path": lambda value: check_type_str(value, allow_conversion=not isinstance(value, (list, dict))),
    "bool": check_type_bool,
    "int": check_type_int,
    "float": check_type_float,
    "list": check_type_list,
    "dict": check_type_dict,
    "raw": lambda value: value,
}
WORDS = {
    "str": "a text",
    "path": "a path",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "list": "a list",
    "dict": "a dictionary",
}


class BadVariable(Exception):
    """One sentence that names the variable."""

    def __init__(self, name: str, problem: str) -> None:
        text = " ".join(f"{name}: {problem}".split())
        super().__init__(text if len(text) <= LONGEST else text[: LONGEST - 4] + " ...")
        self.name = name


def _entries() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    specs = groups()
    for group, prefix in GROUPS.items():
        for option, entry in specs[group]["options"].items():
            name = NAMED.get((group, option), prefix + option)
            if name is not None:
                found[PREFIX + name] = entry
    taken = app_identity_spec()
    for option, entry in APP.argument_spec.items():
        if option not in specs["entra"]["options"] and option not in ("state", "list_modes", "redirect_uris", "purge"):
            found[f"{PREFIX}app_{option}"] = entry
    found[f"{PREFIX}app_id"] = taken["app_id"]
    found.pop(f"{PREFIX}app_app_id", None)
    for option in ("permissions", "consent"):
        found[PREFIX + option] = PERMISSION.argument_spec[option]
    return {**found, **{PREFIX + name: entry for name, entry in OWN.items()}}


# By variable: type, elements, choices and suboptions, as in an argument spec
ENTRIES = _entries()


def variable_of(option: str) -> str | None:
    """The variable that fills an option of a module, such as C(secret.valid_days) or C(display_name) of the app."""
    if option == "failures":
        return f"{PREFIX}max_fail_percentage"
    group, _dot, name = option.rpartition(".")
    prefixes = {**GROUPS, "app": "app_"}
    for tried in [group] if group else prefixes:
        given = NAMED.get((tried, name), prefixes.get(tried, "") + name)
        if given is not None and PREFIX + given in ENTRIES:
            return PREFIX + given
    return None


def in_role_words(message: str) -> str:
    """A sentence of a module about one of its options, as one about the variable that the user has set."""
    told = re.match(r"([a-z_]+(?:\.[a-z_]+)?): ", message)
    variable = variable_of(told.group(1)) if told else None
    whole = f"{variable}: {message[told.end() :]}" if told and variable else message
    return re.sub(r"\b(?:the )?option ([a-z_]+)\b", lambda named: variable_of(named[1]) or named[0], whole)


def plain(value: Any) -> Any:
    """Ordinary dictionaries, lists and texts in place of Ansible's own; a vaulted text is opened."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def checked(name: str, value: Any) -> Any:
    """The value in the type that the variable has; :raises BadVariable: it has another"""
    entry = ENTRIES.get(name)
    if entry is None or value is None:
        return value
    kind = entry.get("type", "str")
    value = plain(value)
    if value == "" and is_blank(entry):
        # a field that was left blank
        return None
    found = _converted(name, value, kind)
    if kind == "list" and entry.get("elements") in CHECKS:
        found = [_converted(name, one, entry["elements"]) for one in found]
    choices = entry.get("choices")
    for one in found if isinstance(found, list) else [found]:
        if choices and one not in choices:
            raise BadVariable(name, f"'{one!s:.60}' is not one of {', '.join(map(str, choices))}")
    return found


def _converted(name: str, value: Any, kind: str) -> Any:
    if kind == "list":
        value = list_of_text(value)
    try:
        if kind in ("int", "float") and isinstance(value, bool):
            raise TypeError
        found = CHECKS[kind](value)
    except (TypeError, ValueError):
        shown = "" if ENTRIES[name].get("no_log") else f", not '{value!s:.60}'"
        raise BadVariable(name, f"must be {WORDS[kind]}{shown}") from None
    if kind in ("int", "float") and math.isnan(found):
        raise BadVariable(name, f"must be {WORDS[kind]}")
    return found


def problem_of(exc: Exception) -> str:
    """Why a template could not be filled in, in a few words."""
    text = " ".join(str(exc).split())
    for pattern in (
        r"('[^']+' is undefined)",
        r"(object has no attribute '[^']+')",
        r"([^.:]*(?:vault|decrypt)[^.:]*)",
    ):
        told = re.search(pattern, text, re.IGNORECASE)
        if told:
            return f"cannot be read, because {told.group(1).strip()}"
    return f"cannot be read: {text[:160]}"


def _of_the_environment(name: str) -> Any:
    """What the module takes for an option that is not given; an address is each host's own."""
    take, names = ENTRIES.get(name, {}).get("fallback") or (None, ())
    if take is None or name == f"{PREFIX}url":
        return None
    try:
        return take(*names)
    except AnsibleFallbackNotFound:
        return None


class HostVariables:
    """The variables of one host.

    :param raw: as they were set; :param fill_in: fills in the templates of one value
    :param defaults: those of the role, which a field that was left blank does not hide
    """

    def __init__(
        self, raw: Mapping[str, Any], fill_in: Callable[[Any], Any], defaults: Mapping[str, Any] | None = None
    ) -> None:
        self.raw = raw
        self._fill_in = fill_in
        self._defaults = defaults or {}
        self._known: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """A variable in its type; :raises BadVariable:"""
        name = PREFIX + name
        if name not in self._known:
            value = self.raw.get(name)
            if value is None:
                value = checked(name, _of_the_environment(name))
            else:
                try:
                    # older versions of ansible-core open a vaulted text no sooner than when it is read
                    value = plain(self._fill_in(value))
                except BadVariable:
                    raise
                except Exception as exc:
                    raise BadVariable(name, problem_of(exc)) from None
                value = checked(name, value)
                if value in (None, ""):
                    value = self._defaults.get(name, value)
            self._known[name] = value
        value = self._known[name]
        return default if value is None else value

    def check(self, names: Iterable[str] | None = None) -> None:
        """All variables that are set; :raises BadVariable: for the first that cannot be used"""
        for name in sorted(self.raw if names is None else names):
            if name.startswith(PREFIX) and name in ENTRIES:
                self.get(name.removeprefix(PREFIX))
