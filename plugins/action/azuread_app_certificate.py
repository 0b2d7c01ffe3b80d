# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.azuread_app_certificate import DEFINITION
from ansible_collections.fleetops.usersync.plugins.plugin_utils._action import UsersyncAction


class ActionModule(UsersyncAction):
    definition = DEFINITION
