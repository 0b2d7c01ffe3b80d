#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: usersync_connector_info
short_description: Show the connectors of User Sync in one Atlassian host
version_added: 1.0.0
description:
  - Shows the connectors of the app User Sync by resolution with their settings, their last sync, and the versions of
    product and app. Secrets are never shown.
  - With O(keys) it lists the member names and kinds of values of a connector's configuration, without a single value,
    which can be sent to us when a host is not understood.
extends_documentation_fragment:
  - fleetops.usersync.atlassian
  - fleetops.usersync.connector_identity
  - fleetops.usersync.attributes
  - fleetops.usersync.attributes.actiongroup_usersync
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: full
  action:
    support: full
options:
  last_sync:
    description: Whether to read the status of each connector's last sync, which takes one request for each.
    type: bool
    default: true
  versions:
    description: >-
      Whether to ask for product and versions, which takes two requests. It never fails the task, as a user may not be
      allowed to see them.
    type: bool
    default: true
  keys:
    description: >-
      Whether to list member names and kinds of values of the configuration. Values are left out, names are not; check
      them before you send them to anybody.
    type: bool
    default: false
  configuration:
    description: >-
      Whether to return the whole configuration. Settings that M(fleetops.usersync.usersync_connector) has an option
      for are shown; of all others type and length only, since any of them may be a secret.
    type: bool
    default: false
  discovery:
    description:
      - Whether to return RV(discovery), which describes the host and may be sent to us as it is. It contains names of
        members, kinds of values and the host's own words for three settings; no value, no ID, no address.
      - It only reads, with two more requests for each connector, and lists what was sent. The page on the first live
        host says what to do with it.
    type: bool
    default: false
  fingerprint_key:
    description:
      - Random text of at least 32 characters. With it each secret that the host shows gets a fingerprint, a keyed hash
        that is equal for equal secrets and reveals nothing else, so that hosts which share a secret can be found.
      - Use a new one for each run and do not store it. V(run) uses one that is created for the run, if the task runs on
        the controller.
    type: str
notes:
  - An older User Sync cannot list its connectors; the task then warns and shows none unless O(connector_id) is given.
seealso:
  - module: fleetops.usersync.usersync_connector
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: All connectors of a host
  fleetops.usersync.usersync_connector_info:
    url: https://jira.example.com
    token: "{{ vault_jira_token }}"
  register: found

- name: What a first contact with a new version of User Sync should record
  fleetops.usersync.usersync_connector_info:
    url: https://jira.example.com
    token: "{{ vault_jira_token }}"
    keys: true
  register: discovery

- name: Show it
  ansible.builtin.debug:
    var: discovery.connectors[0].key_tree
"""

RETURN = r"""
connectors:
  description:
    - The connectors. Each also has C(last_sync), as
      RV(fleetops.usersync.usersync_connector#module:last_sync) describes.
    - Each also has C(holder), the name under which the directory keeps its secrets.
    - With O(keys) each has C(key_tree), a list of dictionaries with C(path) and C(kind).
    - With O(configuration) each has C(configuration).
  returned: success
  type: list
  elements: dict
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
        fingerprint:
          description: >-
            A keyed hash of the secret, with O(fingerprint_key). Null when the host hides its secret. An encrypted
            secret counts as the host shows it.
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
holder:
  description: >-
    The name under which the directory keeps the secrets of the connector. M(fleetops.usersync.azuread_app_secret) takes
    it. Null if the address does not say who answers there and O(site) is not given, and if the host has more than one
    connector, each of which has its own.
  returned: success
  type: str
  sample: jira.example.com/jira
holder_lacks:
  description: Why there is no RV(holder), else null.
  returned: success
  type: str
host_fingerprint:
  description: >-
    Fingerprint of the host's own ID from its application links manifest, V(-) if the host does not show one. Null
    without O(versions).
  returned: success
  type: str
  sample: 5f1c0a9be2d7
listed:
  description: Whether this User Sync can list its connectors and the list was read.
  returned: success
  type: bool
product:
  description: The product that answers at C(url). V(jira), V(confluence), V(bitbucket) or V(bamboo), null if not known.
  returned: success
  type: str
versions:
  description: >-
    Versions of the product (C(product)) and of the app (C(app), C(app_key)). Null if the host does not show them.
  returned: success
  type: dict
  sample: {product: 9.12.15, app: 2.14.1, app_key: de.resolution.usersync}
discovery:
  description:
    - A description of the host, for us and for the simulator (C(make simulator LIKE=answers.json)).
    - C(sent) lists each request with its status; C(connectors) has for each its C(tree) and what is C(around) it, with
      C(path) and C(kind); the members that were C(recognised); the C(spelling) of type, flow and cleanup behaviour; how
      the C(secret) is shown; the members of the sync C(status).
  returned: with O(discovery)
  type: dict
login:
  description:
    - How the task logged in (C(by), V(token), V(password) or V(headers)), and when a personal access token expires
      (C(ends), in UTC), if the product shows it. Asked together with O(versions).
    - A product does not show which of a user's tokens was used, so with several of them C(ends) is when the first of
      them expires, and C(certain) is false.
  returned: success
  type: dict
  sample: {by: token, ends: "2027-03-31T00:00:00Z", certain: true}
address:
  description: The host's address, as in its C(url), without the scheme.
  returned: when the host was asked
  type: str
  sample: wiki.example.com/confluence
http:
  description: Requests of this task, and how many of them were retries.
  returned: always
  type: dict
  sample: {requests: 2, retries: 0, throttled: 0}
failure:
  description:
    - What went wrong, for a playbook to branch on, with C(kind), C(code) and further details.
    - Among the codes are V(wrong_password), V(captcha), V(basic_disabled), V(two_step), V(token_only), V(not_admin),
      V(websudo), V(xsrf), V(sso_redirect), V(html), V(redirect), V(app_missing), V(restarting), V(tls), V(name)
      and V(no_list).
  returned: failure
  type: dict
"""

from ansible_collections.fleetops.usersync.plugins.module_utils._definitions.usersync_connector_info import DEFINITION
from ansible_collections.fleetops.usersync.plugins.module_utils._front import run_module


def main() -> None:
    run_module(DEFINITION)


if __name__ == "__main__":
    main()
