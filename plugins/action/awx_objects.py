# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.loader import lookup_loader
from ansible_collections.fleetops.usersync.plugins.module_utils._awx.kinds import Item
from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.awx_objects import (
    CONNECTION,
    DEFINITION,
    secret_names,
)
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import AnswerError, OptionError
from ansible_collections.fleetops.usersync.plugins.module_utils._masking import outside
from ansible_collections.fleetops.usersync.plugins.module_utils._run import Result, Run
from ansible_collections.fleetops.usersync.plugins.plugin_utils._action import UsersyncAction
from ansible_collections.fleetops.usersync.plugins.plugin_utils._literals import check
from ansible_collections.fleetops.usersync.plugins.plugin_utils._vaulted import teller

PLUGIN = {
    "controller_host": "host",
    "controller_oauthtoken": "oauth_token",
    "controller_username": "username",
    "controller_password": "password",
    "validate_certs": "verify_ssl",
}
MOST = 100000
LONGEST = 600


class ActionModule(UsersyncAction):
    """Reads with the lookup and writes with the modules of one collection, which is named here and nowhere else."""

    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        self._variables = task_vars or {}
        self.definition = replace(DEFINITION, connect=self._connect, run=self._checked)  # type: ignore[misc]
        return super().run(tmp, task_vars)

    def _here(self) -> bool:
        return True

    def _run_here(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result = super()._run_here(task_vars)
        # what the role hands over of its own is long and no news
        for name in ("definitions", "defaults", "names"):
            result["invocation"]["module_args"].pop(name, None)
        return result

    def _checked(self, client: Any, options: dict[str, Any], run: Run) -> Result:
        # as the task has them: what came out of a vault is told from what did not
        written, vaulted = self._task.args, teller(self._variables)
        for name, variables in _mapping("usersync_awx_hosts", written.get("hosts")).items():
            option = f"usersync_awx_hosts.{name}"
            check(option, _mapping(option, variables), secret_names(), vaulted, run.secrets.add)
        option = "usersync_awx_inventory_variables"
        check(option, _mapping(option, written.get("inventory_variables")), secret_names(), vaulted, run.secrets.add)
        return DEFINITION.run(client, {**options, "parse": yaml.safe_load}, run)

    @contextmanager
    def _connect(self, options: dict[str, Any], run: Run) -> Iterator[_Controller]:
        yield _Controller(self, options)

    def execute(self, module: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Run a module of another collection."""
        return self._execute_module(module_name=module, module_args=arguments, task_vars=self._variables)

    def lookup(self, name: str, endpoint: str, query: dict[str, Any], connection: dict[str, Any]) -> list[Item]:
        """:raises AnsibleError: also where there is no such lookup"""
        plugin = lookup_loader.get(name, loader=self._loader, templar=self._templar)
        if plugin is None:
            collection = name.rpartition(".")[0]
            raise OptionError("usersync_awx_collection", f"the collection {collection} is not installed")
        wanted = {"query_params": query, "return_all": True, "max_objects": MOST, **connection}
        return plugin.run([endpoint], self._variables, **wanted)


def _mapping(option: str, value: Any) -> Mapping[str, Any]:
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError(option, "must be a mapping of variables")
    return value


class _Controller:
    """An AWX through a collection; see :class:`_awx.kinds.Awx`."""

    def __init__(self, action: ActionModule, options: Mapping[str, Any]) -> None:
        self._action, self._collection = action, options["collection"]
        self._connection = {name: options[name] for name in CONNECTION if options[name] is not None}

    def find(self, endpoint: str, **query: Any) -> list[Item]:
        connection = {PLUGIN[name]: value for name, value in self._connection.items()}
        paged = {} if "/" in endpoint or endpoint == "me" else {"page_size": 200}
        try:
            return self._action.lookup(f"{self._collection}.controller_api", endpoint, {**query, **paged}, connection)
        except AnsibleError as error:
            raise AnswerError(f"the AWX does not answer {endpoint}: {outside(error, LONGEST)}") from None

    def apply(self, module: str, **arguments: Any) -> Item:
        answer = self._action.execute(f"{self._collection}.{module}", {**arguments, **self._connection})
        if answer.get("failed"):
            what = f"{module.replace('_', ' ')} '{arguments.get('name', arguments.get('identifier'))}'"
            response = answer.get("response") or {}
            more = f" {response.get('json', '')}" if isinstance(response, Mapping) else ""
            told = outside(f"{answer.get('msg')}{more}", LONGEST)
            raise AnswerError(f"the AWX refuses the {what}: {told}")
        return answer
