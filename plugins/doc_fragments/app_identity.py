# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which app registration is meant; the options of C(_argspec.app_identity_spec)."""

    DOCUMENTATION = r"""
options:
  object_id:
    description:
      - Object ID of the app registration, as the portal shows it on the overview page.
      - The strongest way to name an app. The others apply in the order O(app_id), O(unique_name), O(display_name).
    type: str
  app_id:
    description:
      - Application (client) ID of the app registration.
    type: str
  unique_name:
    description:
      - The directory's own key for the app, chosen by you. It can be set once and never changed.
      - Only one app can have it, including a deleted one for 30 days, so two runs at the same time create one app.
    type: str
  display_name:
    description:
      - Name of the app registration, compared exactly.
      - Many apps can have the same name. When more than one does, the task fails and lists their IDs.
    type: str
"""
