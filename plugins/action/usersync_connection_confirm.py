# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connection_confirm import (
    DEFINITION,
)
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _handover
from ansible_collections.fleetops.usersync.plugins.plugin_utils._action import UsersyncAction, plain_arguments


class ActionModule(UsersyncAction):
    definition = DEFINITION
    speaks_for_many = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        given = plain_arguments(self._task.args)
        names = given.pop("names", None) or []
        handed_over = _handover.take([names] if isinstance(names, str) else names)
        self._task.args = {**given, "connections": [*(given.get("connections") or []), *handed_over]}
        return super().run(tmp, task_vars)
