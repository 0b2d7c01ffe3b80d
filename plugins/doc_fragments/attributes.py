# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What a module can do; each module says for itself how far."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode), predict the same RV(ignore:changed) as a real run, and write nothing.
  diff_mode:
    description: Shows in C(diff) what changed or, in C(check_mode), would change. Secrets are never part of it.
  idempotent:
    description: Changes nothing when it runs again with the same options and nothing else changed meanwhile.
  action:
    description:
      - Has an action plugin of the same name, which does the work inside the controller's own process when the
        connection is P(ansible.builtin.local#connection).
      - Any other connection, C(become), C(async), and a controller without the Python libraries run the module
        instead.
  platform:
    description: Where the module can run.
    platforms: posix
    support: full
"""

    ACTIONGROUP_AZUREAD = r"""
options: {}
attributes:
  action_group:
    description:
      - Use C(group/fleetops.usersync.azuread) in C(module_defaults) to give the login options once for all modules
        that work on app registrations.
    support: full
    membership:
      - fleetops.usersync.azuread
      - fleetops.usersync.all
"""

    ACTIONGROUP_USERSYNC = r"""
options: {}
attributes:
  action_group:
    description:
      - Use C(group/fleetops.usersync.usersync) in C(module_defaults) to give the address and login of the Atlassian
        host once for all modules that work on User Sync.
    support: full
    membership:
      - fleetops.usersync.usersync
      - fleetops.usersync.all
"""
