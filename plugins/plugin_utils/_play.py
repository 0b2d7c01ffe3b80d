# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""The variables of all hosts of a play, as the task of one of them sees them. The one place that reads C(hostvars)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.template import Templar
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import PREFIX, HostVariables, plain

DEFAULTS = os.path.join(os.path.dirname(__file__), "..", "..", "roles", "azure_connector", "defaults", "main.yml")
MAGIC = frozenset(
    {
        "environment",
        "group_names",
        "groups",
        "hostvars",
        "inventory_dir",
        "inventory_file",
        "inventory_hostname",
        "inventory_hostname_short",
        "omit",
        "play_hosts",
        "playbook_dir",
        "role_name",
        "role_names",
        "role_path",
        "vars",
    }
)


def defaults(loader: Any) -> dict[str, Any]:
    """Those of the role azure_connector; a DataLoader reads the file once."""
    return loader.load_from_file(DEFAULTS) or {}


class PlayVariables:
    """:param known: the variables of the task; :param loader: reads the defaults of the role

    :ivar host: whose task it is
    """

    def __init__(self, known: Mapping[str, Any], loader: Any) -> None:
        self.known, self._loader = known, loader
        self.host = str(known.get("inventory_hostname"))
        self._kept: dict[str, Mapping[str, Any]] = {}
        self._kept_plain: dict[int, tuple[Any, Any]] = {}
        self._kept_defaults: dict[str, Any] | None = None
        self._kept_of_the_play: dict[str, Any] | None = None

    def names(self, variable: str) -> list[str]:
        """A list of host names that Ansible keeps."""
        return [str(name) for name in self.known.get(variable) or []]

    def all_hosts(self) -> list[str]:
        """Every host of the inventory."""
        return [str(name) for name in (self.known.get("groups") or {}).get("all") or []]

    def of(self, name: str) -> HostVariables:
        """Of any host: what its inventory says, under what the play says for all."""
        if name == self.host:
            merged = dict(self.known)
        else:
            merged = {**self._defaults(), **self._raw(name), **self._of_the_play(), "hostvars": self.known["hostvars"]}
        templar = Templar(loader=self._loader, variables=merged)
        own = {key: merged[key] for key in merged if key.startswith(PREFIX)}
        return HostVariables(own, templar.template, self._defaults())

    def left(self, name: str, variable: str, *members: str) -> Any:
        """What a task has left in a variable of a host, or a member of it; None where there is nothing.

        Not to be changed, as others get the same.
        """
        value: Any = self._raw(name).get(variable)
        for member in members:
            value = value.get(member) if isinstance(value, Mapping) else None
        # what one task has left to all hosts is one object
        kept = self._kept_plain.get(id(value))
        if kept is None or kept[0] is not value:
            kept = self._kept_plain[id(value)] = (value, plain(value))
        return kept[1]

    def _raw(self, name: str) -> Mapping[str, Any]:
        if name not in self._kept:
            self._kept[name] = self.known["hostvars"].raw_get(name) or {}
        return self._kept[name]

    def _defaults(self) -> dict[str, Any]:
        if self._kept_defaults is None:
            self._kept_defaults = defaults(self._loader)
        return self._kept_defaults

    def _of_the_play(self) -> dict[str, Any]:
        """Variables that are the same for all hosts, because the play or the role says them: C(hostvars) lacks them."""
        if self._kept_of_the_play is None:
            own, defaults = self._raw(self.host), self._defaults()
            self._kept_of_the_play = {
                name: value
                for name, value in self.known.items()
                if name not in MAGIC
                and not name.startswith(("ansible_", "__azure_connector_"))
                and (name not in own or own[name] != value)
                and not (name in defaults and defaults[name] == value)
            }
        return self._kept_of_the_play
