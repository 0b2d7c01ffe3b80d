# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What a connector synchronises and when, in the words of the app's own pages."""

    DOCUMENTATION = r"""
options:
  schedule_enabled:
    description: Whether the connector syncs automatically ("Scheduled Synchronization").
    type: bool
  schedule_cron:
    description:
      - When it does ("Cron Expression"), as in C(0 30 2 * * ?) for half past two every night, in the time zone of the
        host. The dialect is that of the app and not documented; six or seven fields as Quartz has them are expected -
        second, minute, hour, day of month, month, day of week, and perhaps a year.
      - An expression that is not valid in any dialect of cron is refused before anything is sent.
    type: str
  cleanup_behavior:
    description:
      - What a sync does with users that Entra ID no longer returns, that are no longer in any of the required groups,
        or that a transformation dropped ("Cleanup Behaviour").
      - V(disable) is the app's default ("Disable Users"). V(delete) deletes them ("Delete Users"), which the vendor
        advises against. V(anonymize) can be reversed ("Anonymize Users", since 2.2.1). V(keep) leaves them as they are
        ("Keep Users Without Modification").
      - How a host spells the four is not documented; it is derived from the one that it has now. Any other word is
        written as it is.
      - A wrong value can disable, delete or anonymize users at the next full sync. The module warns before it writes
        one.
    type: str
    aliases: [cleanup_behaviour]
  required_groups:
    description:
      - Users must be in one of these groups to be synchronised ("Required groups", local filter). In 1.9 the names are
        compared after the transformations. An empty list lets everyone in.
      - Users who are no longer covered are cleaned up at the next full sync, see O(cleanup_behavior). The module warns
        before it writes.
    type: list
    elements: str
  required_groups_filter:
    description:
      - The same, done by Microsoft Graph ("Required groups", server-side filter, since 2.10.0). A C($filter) expression
        for groups, as in C(startswith(displayName,'jira-')). An empty text removes it.
      - The warning of O(required_groups) applies.
    type: str
  group_types:
    description:
      - Kinds of groups to synchronise ("Group types to sync", since 1.4.1). By default the app takes the first three.
      - V(security) is "Security", V(mail_enabled_security) is "Mail-enabled security", V(office365_security_enabled) is
        "Office 365 (security enabled)", V(office365) is "Office 365 (not security enabled)", V(distribution) is
        "Distribution".
    type: list
    elements: str
    choices: [security, mail_enabled_security, office365_security_enabled, office365, distribution]
  profile_pictures:
    description:
      - Whether to synchronise profile pictures (since 2.7.0). Needs the application permission C(User.Read.All).
        Existing pictures stay when it is switched off.
    type: bool
  settings:
    description:
      - Any other setting, by its path in the configuration, as in C(syncSettings.removeGroupMembershipsOnCleanup).
        M(fleetops.usersync.usersync_connector_info) shows the paths of a host with O(ignore:keys=true).
      - The value is written as it is, and must be of the type (text, number, boolean, list, dictionary) that the host
        has there now. The secret, the ID, the type and the directory cannot be set here.
      - Attribute mappings, transformations and filters can disable or delete users at the next full sync.
      - Any of them may be a secret, so that results and diffs show path, type and length, and whether they differ.
    type: dict
  template:
    description:
      - What a new connector starts from. Existing connectors are not affected by it.
      - V(shipped), or not given, uses the app's own defaults.
      - A path is a file as the app's export button writes it, with one or many connectors.
      - A dictionary or list is the same. What M(fleetops.usersync.usersync_connector_info) returns, and redacted
        backups, hide most settings and are refused.
      - IDs, directory and anything that may be a secret are left out. Only the name of a file is ever shown.
    type: raw
  template_connector:
    description: Name or id of the connector to take, when O(template) contains several Azure connectors.
    type: str
"""
