#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: usersync_connector
short_description: The Azure connector of User Sync in one Atlassian host
version_added: 1.0.0
description:
  - Sets up, changes or removes the Azure (Entra ID) connector of the app User Sync by resolution in a Jira, Confluence,
    Bitbucket or Bamboo Data Center instance. The app may be the stand-alone one or part of SAML SSO.
  - Reads the connector, changes the settings that are given and nothing else, writes it once, reads it again, and fails
    when anything else has changed. Settings that this module does not know are kept.
  - Option names follow the app's own pages, whose words are quoted in each description.
extends_documentation_fragment:
  - fleetops.usersync.atlassian
  - fleetops.usersync.connector_identity
  - fleetops.usersync.connector_settings
  - fleetops.usersync.connector_backup
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_usersync
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - A host that does not show its secret cannot be compared with O(application_secret), so a secret that is given
        is then written in every run. Leave it out, or set O(update_secret=never), when it has not changed.
      - With O(update_secret=always) every run writes.
  action:
    support: full
options:
  state:
    description:
      - V(present) creates the connector or changes it.
      - V(absent) removes it. Its Atlassian user directory stays with all its users, unless O(directory_id) and
        O(confirm_directory_delete) say otherwise.
      - The vendor documents no way to create or remove a connector through the API. If a host refuses, the error says
        what to click, and the next run continues from there.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - Name of the connector ("Name").
      - When neither O(connector_id) nor O(connector_name) is given and there are several Azure connectors, the one with
        this name is used.
      - A new connector without a name is called C(Azure AD).
    type: str
  application_id:
    description:
      - Application (client) ID of the app registration ("Application ID", in older versions "Client ID").
      - When it changes, O(application_secret) is needed too, because the current secret belongs to the other
        application.
    type: str
  tenant_id:
    description: The tenant ("Directory (tenant) ID").
    type: str
  application_secret:
    description:
      - Value of a client secret of the app registration ("Application Secret", in older versions "Client Secret").
      - Its ID, which is a GUID, is refused. The portal shows both side by side.
      - Never part of any output.
    type: str
  update_secret:
    description:
      - When to write O(application_secret).
      - V(when_needed) writes it when the connector is new, when O(application_id) changes, when the host shows its
        secret and it is a different one, and when the host does not show it, so that it cannot be compared.
      - V(always) writes it in every run.
      - V(never) leaves the secret of the host alone.
    type: str
    choices: [when_needed, always, never]
    default: when_needed
  deliver_by:
    description:
      - Until when, in UTC, O(application_secret) may be written, as M(fleetops.usersync.azuread_app_secret) returns it
        for a new one. After that time the task fails before it writes, because another run may be about to retire the
        secret.
    type: str
  hidden_secret:
    description:
      - What to do when a setting changes, the host masks its secret or leaves it out, and O(application_secret) is not
        given. The whole configuration has to be written, and it is not documented whether the host then keeps its
        secret.
      - V(required) refuses the change, so that no host loses a working secret. In check mode
        RV(connector.secret.needed) is then V(true).
      - V(send_back) writes the configuration with what the host showed in place of the secret, as the vendor's own
        instructions for editing a configuration do.
    type: str
    choices: [required, send_back]
    default: required
  flow:
    description:
      - How the connector logs in to Entra ID.
      - V(client_credentials) needs User Sync 1.5.0 or SAML SSO 3.5.5 and later, and only application permissions. For a
        connector created earlier, it is what the link "Switch to new authorisation method" does.
      - V(authorization_code) is the only one in earlier versions. It needs a redirect URI, delegated permissions, and a
        click on Authorize by a person, see O(wait_for_authorization).
      - V(auto) leaves the flow of a connector alone. What a new connector uses depends on the app's version.
    type: str
    choices: [auto, client_credentials, authorization_code]
    default: auto
  wait_for_authorization:
    description:
      - With the flow V(authorization_code), how many seconds to wait for somebody to click Authorize. The task shows
        the address to open, waits, and continues when the host reports that it is authorized.
      - When the time is up, the task fails with the address in its message; the next run continues from there. V(0)
        fails immediately when the click is missing.
      - Without it, the task does not check, and RV(connector.authorized) and RV(connector.edit_url) show the same.
    type: float
  directory_id:
    description:
      - With O(state=absent), number of the Atlassian user directory to delete together with the connector. It must be
        the directory of that connector.
      - This deletes all users of the directory from the host, without the host asking for confirmation.
    type: str
  confirm_directory_delete:
    description: Must be V(true) for O(directory_id) to be deleted.
    type: bool
    default: false
  verify_timeout:
    description: Seconds to wait until a node of the host shows what was written, before the task fails.
    type: float
    default: 15.0
notes:
  - A run that changes nothing reads the host twice, once the connector and once the status of its last sync.
seealso:
  - module: fleetops.usersync.usersync_connector_info
  - module: fleetops.usersync.usersync_sync
  - module: fleetops.usersync.azuread_app_secret
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: The connector of one host
  fleetops.usersync.usersync_connector:
    url: https://jira.example.com
    token: "{{ vault_jira_token }}"
    name: Entra ID
    application_id: "{{ app.app_id }}"
    tenant_id: "{{ app.tenant_id }}"
    application_secret: "{{ new_secret }}"
    schedule_enabled: true
    schedule_cron: 0 0 2 * * ?

- name: Only people of two groups, a setting without an option of its own, and a copy of what was there before
  fleetops.usersync.usersync_connector:
    url: https://wiki.example.com/confluence
    token: "{{ vault_wiki_token }}"
    required_groups: [confluence-users, confluence-administrators]
    cleanup_behavior: disable
    settings:
      syncSettings.removeGroupMembershipsOnCleanup: true
    backup: true
    backup_dir: /var/lib/usersync-backups

- name: The same settings as production has, which exported them
  fleetops.usersync.usersync_connector:
    url: https://jira-staging.example.com
    token: "{{ vault_staging_token }}"
    template: files/production-connector.json
    name: Entra ID staging
    application_id: "{{ staging_app.app_id }}"
    tenant_id: "{{ staging_app.tenant_id }}"
    application_secret: "{{ staging_secret }}"
    schedule_enabled: false

- name: Remove the connector, keep its users
  fleetops.usersync.usersync_connector:
    url: https://jira.example.com
    token: "{{ vault_jira_token }}"
    state: absent
"""

RETURN = r"""
connector:
  description: The connector after the run, in check mode as it would be.
  returned: success
  type: dict
  contains:
    id:
      description: ID of the connector.
      type: str
    exists:
      description: Whether the connector exists.
      type: bool
    azure:
      description: Whether it is an Azure connector. Null when neither its type nor its settings show it.
      type: bool
    name:
      description: Name.
      type: str
    directory_id:
      description: ID of the Atlassian user directory that the connector fills.
      type: str
    application_id:
      description: Application ID.
      type: str
    tenant_id:
      description: Directory (tenant) ID.
      type: str
    flow:
      description: V(client_credentials) or V(authorization_code).
      type: str
    flow_known_by:
      description: >-
        V(setting) when the configuration says so, V(generation) when there is no such setting and the form of the ID
        shows the generation of User Sync, V(version) when the app's version decides for a new connector.
      type: str
    schedule_enabled:
      description: Scheduled Synchronization. Null when its place in the configuration is not known.
      type: bool
    schedule_cron:
      description: Cron Expression.
      type: str
    cleanup_behavior:
      description: Cleanup Behaviour, V(disable), V(delete), V(anonymize), V(keep), or the host's own word.
      type: str
    required_groups:
      description: Required groups, the local filter.
      type: list
      elements: str
    required_groups_filter:
      description: Required groups, the server-side filter.
      type: str
    group_types:
      description: Group types to sync.
      type: list
      elements: str
    profile_pictures:
      description: Profile picture sync.
      type: bool
    secret:
      description: What is known of the secret, never the secret itself.
      type: dict
      contains:
        visibility:
          description: How the host returns it, V(clear), V(encrypted), V(masked) or V(absent).
          type: str
        known_by:
          description: >-
            V(compared) when it is visible and can be compared, V(proven by sync) when the last sync logged in with it,
            V(trusted) when there is no such proof, null when nothing shows that the host has one.
          type: str
        matches:
          description: Whether it is the one given as O(ignore:application_secret). Null when that is not known.
          type: bool
        hint:
          description: >-
            Its first three characters, only when the host shows it in clear. Microsoft Graph shows the same three for
            every secret of an app.
          type: str
        needed:
          description: >-
            Whether the change can only be made together with a secret, because the connector is new, names another
            application, or does not show its secret.
          type: bool
    authorized:
      description: >-
        Whether the Authorize click was made, with the flow V(authorization_code). Null with the other flow, and if the
        host does not show it.
      type: bool
    edit_url:
      description: Page of the connector in the host's own interface. With the old flow, Authorize is there.
      type: str
    key_paths:
      description: Where the settings were found in the configuration.
      type: dict
    unknown_settings:
      description: Settings whose place in the configuration was not found.
      type: list
      elements: str
last_sync:
  description: Status of the connector's last sync. Null when none ever ran.
  returned: success
  type: dict
  contains:
    id:
      description: ID of the sync.
      type: str
    state:
      description: The host's own word, in upper case.
      type: str
      sample: DONE
    running:
      description: Whether it is still running.
      type: bool
    success:
      description: Whether it succeeded, without failed users and without login problems.
      type: bool
    login_failed:
      description: Whether its messages say that the host could not log in to Entra ID.
      type: bool
    permission_missing:
      description: Whether its messages say that the app is missing a permission.
      type: bool
    counters:
      description: >-
        How many users were V(added), V(updated), V(not_modified), V(deleted), V(failed) and V(filtered), and V(result),
        as the host counts.
      type: dict
    messages:
      description: The host's messages, without secrets.
      type: list
      elements: str
    created:
      description: When it was started.
      type: str
    last_modified:
      description: When its status changed last.
      type: str
    duration:
      description: As the host reports it; the vendor documents no unit.
      type: int
    node:
      description: The node of the cluster that runs it.
      type: str
holder:
  description: >-
    The name under which the directory keeps the secrets of the connector. M(fleetops.usersync.azuread_app_secret) takes
    it. Null if the address does not say who answers there and O(site) is not given, and for a second connector that is
    still to be created.
  returned: success
  type: str
  sample: jira.example.com/jira
holder_lacks:
  description: Why there is no RV(holder), else null.
  returned: success
  type: str
host_fingerprint:
  description: >-
    Fingerprint of the host's own ID from its application links manifest, V(-) if the host does not show one. Null when
    nothing had to be changed, since it is not needed then.
  returned: success
  type: str
created:
  description: Whether the connector was created, or would be.
  returned: success
  type: bool
written:
  description: Names of the settings that were written, or would be.
  returned: success
  type: list
  elements: str
backup_file:
  description: File with the previous configuration.
  returned: when a backup was made
  type: str
directory_deleted:
  description: Whether the Atlassian user directory was deleted, or would be.
  returned: when O(state=absent)
  type: bool
product:
  description: The product that answers at C(url). V(jira), V(confluence), V(bitbucket) or V(bamboo), null if not known.
  returned: success
  type: str
versions:
  description: >-
    Versions of the product (C(product)) and of the app (C(app), C(app_key)). Read only when O(flow=auto) has to decide
    for a new connector, else null.
  returned: success
  type: dict
  sample: {product: 9.12.15, app: 2.14.1, app_key: de.resolution.usersync}
address:
  description: The host's address, as in its C(url), without the scheme.
  returned: when the host was asked
  type: str
http:
  description: Requests of this task, and how many of them were retries.
  returned: always
  type: dict
failure:
  description:
    - What went wrong, for a playbook to branch on, with C(kind), C(code) and further details.
    - Among the codes are V(wrong_password), V(captcha), V(basic_disabled), V(two_step), V(token_only), V(not_admin),
      V(websudo), V(xsrf), V(sso_redirect), V(html), V(redirect), V(app_missing), V(restarting), V(tls), V(name),
      V(ambiguous_connector), V(no_list), V(connector_unknown), V(missing_key), V(ambiguous_key), V(hidden_secret),
      V(create_refused), V(delete_refused), V(other_changes), V(not_kept) and V(not_authorized).
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connector import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
