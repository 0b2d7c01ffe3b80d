# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which connector is meant, and where its settings lie; C(connector_identity_spec) and C(key_map_spec)."""

    DOCUMENTATION = r"""
options:
  connector_id:
    description:
      - ID of the connector. A UUID in User Sync 2.x, where the connector's page shows it under "Connector Id and
        Directory"; in earlier versions a number, which is in the address of the page that edits it.
      - Required with versions of User Sync that cannot list connectors, which is all before 2.3 as far as documented.
      - Without it and O(connector_name), the only Azure connector of the host is used; two of them are an error that
        lists their IDs and names.
    type: str
  connector_name:
    description: Name of the connector, exactly as User Sync shows it. Two connectors with that name are an error.
    type: str
  key_map:
    description:
      - Where settings lie in the connector's configuration, when they are not recognised by name and kind of value.
      - Member names are not documented by the vendor. Those that the host returns are compared with the words of the
        product's own pages; an unknown or ambiguous one is an error that lists names and kinds of values, never
        values. M(fleetops.usersync.usersync_connector_info) shows the same with O(ignore:keys=true).
      - Each is a path such as C(azureSettings.applicationId), or a JSON pointer such as C(/azureSettings/applicationId)
        when a member's name contains a dot.
    type: dict
    suboptions:
      name:
        description: The connector's name.
        type: str
      type:
        description: The connector's type, which distinguishes Azure connectors from others.
        type: str
      directory_id:
        description: Number of the Atlassian user directory of the connector.
        type: str
      application_id:
        description: Application ID.
        type: str
      tenant_id:
        description: Directory (tenant) ID.
        type: str
      application_secret:
        description: Application Secret. The host may leave this member out when it is read.
        type: str
      flow:
        description: Which of the two authorisation methods is in use.
        type: str
      schedule_enabled:
        description: Scheduled Synchronization.
        type: str
      schedule_cron:
        description: Cron Expression.
        type: str
      cleanup_behavior:
        description: Cleanup Behaviour.
        type: str
      required_groups:
        description: Required groups, the local filter.
        type: str
      required_groups_filter:
        description: Required groups, the server-side filter.
        type: str
      group_types:
        description: Group types to sync.
        type: str
      profile_pictures:
        description: Profile picture sync.
        type: str
"""
