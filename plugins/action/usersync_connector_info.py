# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import secrets
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connector_info import DEFINITION
from ansible_collections.fleetops.usersync.plugins.plugin_utils._action import UsersyncAction

# Made in the process that forks all workers of a run, so that fingerprints of one run compare; nobody keeps it
KEY_OF_THE_RUN = secrets.token_hex(32)


class ActionModule(UsersyncAction):
    definition = DEFINITION

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        if self._task.args.get("fingerprint_key") == "run":
            self._task.args = {**self._task.args, "fingerprint_key": KEY_OF_THE_RUN}
        return super().run(tmp, task_vars)
