# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: app_plan
short_description: Group hosts by the app registration they share
version_added: 1.0.0
description:
  - Groups the hosts of a play by their app registration and names a leader for each app, the host on whose behalf the
    app itself is worked on.
  - A host says in C(__azure_connector_uses) which app it uses; the role does so. For a host that has not, its inventory
    tells. One without C(azure_connector_url) is left out.
  - It looks at each host once, so that a play over many hosts need not look at all hosts for each host.
positional: _input, hostvars
options:
  _input:
    description: Names of the hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: Which hosts share an app
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | fleetops.usersync.app_plan(hostvars) }}"
"""

RETURN = r"""
_value:
  description: By app, C(leader) (a host), C(hosts) (all of them) and C(urls) (their base URLs that are usable).
  type: dict
  sample:
    usersync:
      leader: jira01
      hosts: [jira01, jira02]
      urls: ["https://jira01.example.com", "https://jira02.example.com"]
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils import _address
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError

VARIABLES = ("azure_connector_app_object_id", "azure_connector_app_id", "azure_connector_app_unique_name")


def app_plan(hosts: Iterable[str], hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """Group hosts by app; the key is whatever names the app most surely."""
    plan: dict[str, Any] = {}
    for host in hosts:
        uses = _uses(hostvars[host])
        if uses is None:
            continue
        group = plan.setdefault(str(uses["app"]), {"leader": str(host), "hosts": [], "urls": []})
        group["hosts"].append(str(host))
        address = _usable(uses.get("url"))
        if address is not None:
            group["urls"].append(address)
    return plan


def _uses(known: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the host has said, or what its inventory tells; None for a host that has nothing to do with this."""
    said: Mapping[str, Any] | None = known.get("__azure_connector_uses")
    if said or not known.get("azure_connector_url"):
        return said
    app = next((str(known.get(name)) for name in VARIABLES if known.get(name)), "usersync")
    return {"app": app, "url": known["azure_connector_url"]}


def _usable(url: object) -> str | None:
    """An address that does not pass the rule fails its own host later; here it must not fail the app for all hosts."""
    try:
        address = _address.parse("azure_connector_url", url)
    except OptionError:
        return None
    return address.url if address.scheme == "https" else None


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        return {"app_plan": app_plan}
