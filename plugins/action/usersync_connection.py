# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection import DEFINITION
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _failures, _handover
from ansible_collections.fleetops.usersync.plugins.plugin_utils._action import UsersyncAction, display, plain_arguments


class ActionModule(UsersyncAction):
    definition = DEFINITION

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        name = str((task_vars or {}).get("inventory_hostname", "localhost"))
        limit = self._limit()
        if told := _failures.too_many(limit, name):
            failure = {"kind": "state", "code": "halted", "step": "start", "stands": "nothing was changed on the host"}
            return {"failed": True, "changed": False, "msg": told, "failure": failure}
        result = super().run(tmp, task_vars)
        _handover.forget(name)
        if result.get("failed") or result.get("unreachable"):
            _failures.note(limit, [name])
        if result.get("confirming"):
            _handover.leave(name, plain_arguments(self._task.args), result["confirming"])
        if result.get("failed") and (result.get("failure") or {}).get("step"):
            # the task may be told not to fail, and an operator sees it now all the same
            display.display(f"{name}: failed at {result['failure']['step']}: {result.get('msg')}")
        return result

    def _limit(self) -> dict[str, Any] | None:
        """C(failures) as it was given; one that is misspelt is for the options' own check."""
        limit = plain_arguments(self._task.args).get("failures")
        if not isinstance(limit, dict) or not str(limit.get("most")).isdecimal() or not limit.get("counted_as"):
            return None
        return limit
