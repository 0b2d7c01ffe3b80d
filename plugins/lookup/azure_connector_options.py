# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: azure_connector_options
short_description: The variables of a host as options of usersync_connection
version_added: 1.0.0
description:
  - Reads the variables C(azure_connector_*) of the current host and returns the dictionary that
    M(fleetops.usersync.usersync_connection) takes.
  - The role P(fleetops.usersync.azure_connector#role) uses it. It needs one template for each host, where a mapping in
    YAML needs a hundred.
options:
  _terms:
    description:
      - None for the dictionary.
      - Names of variables, such as V(azure_connector_consent), for their values alone. A variable that was left blank,
        as surveys leave them, has the role's default.
notes:
  - The result holds the host's passwords, so do not print it.
seealso:
  - module: fleetops.usersync.usersync_connection
author:
  - fleetops.usersync contributors (@fleetops)
"""

EXAMPLES = r"""
- name: One host in a play of your own
  fleetops.usersync.usersync_connection: "{{ lookup('fleetops.usersync.azure_connector_options') }}"
  delegate_to: localhost
"""

RETURN = r"""
_raw:
  description: One dictionary. An option that no variable fills is not in it.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.fleetops.usersync.plugins.plugin_utils import _options
from ansible_collections.fleetops.usersync.plugins.plugin_utils._play import defaults
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import (
    PREFIX,
    BadVariable,
    HostVariables,
    plain,
)


class LookupModule(LookupBase):
    """See :func:`_options.options`."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        known = variables or {}
        own = HostVariables(
            {name: known[name] for name in known if name.startswith(PREFIX)},
            self._templar.template,
            defaults(self._loader),
        )
        left = (known.get(f"__{PREFIX}{name}") for name in ("plan", "apps"))
        # before a task has left them they are templates, or not there
        plan, apps = (plain(one) if isinstance(one, Mapping) else {} for one in left)
        try:
            if terms:
                return [own.get(str(term).removeprefix(PREFIX)) for term in terms]
            return [_options.options(own, str(known.get(f"__{PREFIX}does") or ""), plan, apps)]
        except BadVariable as exc:
            raise AnsibleError(str(exc)) from None
