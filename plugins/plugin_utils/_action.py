# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""The front of all modules on the controller.

A task whose connection is C(local) runs inside the worker that Ansible has forked for it anyway: no new process, and
the libraries are loaded once, before the fork. Any other connection, C(async), C(become) and a controller without the
libraries take the module of the same name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.fleetops.usersync.plugins.module_utils._front import (
    Definition,
    execute,
    missing_library,
    secret_values,
    shown_options,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._masking import Secrets, mask
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Run
from ansible_collections.fleetops.usersync.plugins.plugin_utils._texts import is_blank, list_of_text

display = Display()


def encrypted(text: str, password: str) -> str:
    """The text as ansible-vault writes it; with the password, its commands read it again."""
    written = VaultLib().encrypt(text, secret=VaultSecret(password.encode()))
    return written.decode() if isinstance(written, bytes) else str(written)


def plain_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """Ordinary values: Ansible's own remember where they came from, or are vaulted."""
    plain: dict[str, Any] = json.loads(json.dumps(arguments, default=str))
    return plain


def as_meant(spec: Mapping[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """The same with lists in place of their JSON, which Ansible would take for a list with commas, and without what
    was left blank in a form; a blank text clears what it names."""
    for name, value in [*arguments.items()]:
        entry = spec.get(name) or {}
        if entry.get("options") and isinstance(value, dict):
            as_meant(entry["options"], value)
        elif value == "" and is_blank(entry):
            del arguments[name]
        elif entry.get("type") == "list":
            arguments[name] = list_of_text(value)
    return arguments


def carry_out(definition: Definition, arguments: dict[str, Any], run: Run) -> tuple[dict[str, Any], Secrets]:
    """Check the options and run the workflow in this process.

    :returns: the result as Ansible takes it, with its warnings, and what must not be shown of the options
    """
    validation = ArgumentSpecValidator(definition.argument_spec, **definition.constraints).validate(arguments)
    options = validation.validated_parameters
    if validation.error_messages:
        secrets = Secrets(secret_values(definition, {**arguments, **options}))
        message = "; ".join(_worded(definition, error) for error in validation.errors)
        result: dict[str, Any] = {"failed": True, "changed": False, "msg": mask(message, secrets)}
        return {**result, "failure": {"kind": "option", "code": None}}, secrets
    warnings: list[str] = []
    run.warn = warnings.append
    result = execute(definition, options, run)
    if warnings:
        result["warnings"] = mask(warnings, run.secrets)
    return result, run.secrets


def _worded(definition: Definition, error: Exception) -> str:
    prefix = f"unsupported options for {definition.name}: " if isinstance(error, UnsupportedError) else ""
    return f"{prefix}{error}"


class UsersyncAction(ActionBase):
    """Base of the action plugins; :cvar definition: what the module of the same name runs."""

    definition: ClassVar[Definition]
    # whether its lines name hosts themselves
    speaks_for_many: ClassVar[bool] = False
    _supports_check_mode = True
    _supports_async = True
    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        if self._task.async_val and self.definition.secret_key:
            # what such a task returns is kept in a file that others may read
            result |= {"failed": True, "changed": False, "failure": {"kind": "option", "code": "async"}}
            result["msg"] = (
                f"async: {self.definition.name} returns a new secret, which a task with async leaves in a file; remove "
                "async from this task"
            )
            return result
        if self._here():
            result.update(self._run_here(task_vars))
        else:
            result.update(self._run_there(task_vars))
        secret_key = self.definition.secret_key
        if secret_key and result.get(secret_key):
            result["_ansible_no_log"] = True
        return result

    def _here(self) -> bool:
        local = self._connection.transport == "local" and not self._play_context.become
        return local and not self._task.async_val and missing_library() is None

    def _run_here(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        arguments = as_meant(self.definition.argument_spec, plain_arguments(self._task.args))
        who = "" if self.speaks_for_many else f"{(task_vars or {}).get('inventory_hostname', 'localhost')}: "
        run = Run(
            check_mode=self._task.check_mode,
            encrypt=encrypted,
            progress=lambda text: display.display(f"{who}{mask(text, run.secrets)}"),
        )
        with self._task_environment():
            result, secrets = carry_out(self.definition, arguments, run)
        result["invocation"] = {"module_args": shown_options(self.definition, arguments, secrets)}
        return result

    def _run_there(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        no_log = self._task.no_log
        if self.definition.secret_key:
            # keeps connection plugins from showing what the module prints
            self._task.no_log = self._play_context.no_log = True
        try:
            # keeps the arguments out of a file on the target
            self._connection.set_option("pipelining", True)
        except (AttributeError, KeyError):
            display.vv("this connection has no pipelining: arguments pass through a temporary file on the target")
        try:
            return self._execute_module(
                module_name=f"fleetops.usersync.{self.definition.name}",
                module_args=as_meant(self.definition.argument_spec, plain_arguments(self._task.args)),
                task_vars=task_vars,
                wrap_async=self._task.async_val,
            )
        finally:
            self._task.no_log = no_log

    @contextmanager
    def _task_environment(self) -> Iterator[None]:
        """The C(environment) of the task, which Ansible gives to module processes only."""
        wanted: dict[str, Any] = {}
        self._compute_environment_string(raw_environment_out=wanted)
        before = dict(os.environ)
        os.environ.update({str(name): str(value) for name, value in wanted.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
