# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Where each setting lies in the configuration that a host returned (connector.md).

The user's C(key_map) decides; then a certain name with a fitting value; then a likely name with a fitting value. Two
candidates are never guessed between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from . import paths
from .leaves import LEAVES, Leaf, looks_secret, plain
from .paths import MISSING, Path

MOST_KEYS_IN_A_MESSAGE = 60


class KeyMap:
    """The places of the settings in one configuration.

    :param given: the user's C(key_map), leaf name to path text
    """

    def __init__(self, configuration: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> None:
        self.configuration = configuration
        self.given = check_key_map(given)
        self._members = list(paths.members(dict(configuration)))
        self._found: dict[str, list[Path]] = {}

    def candidates(self, leaf: str) -> list[Path]:
        """All places that may be the setting, one when it is certain."""
        if leaf in self.given:
            return [self.given[leaf]]
        if leaf not in self._found:
            self._found[leaf] = self._search(LEAVES[leaf])
        return self._found[leaf]

    def find(self, leaf: str) -> Path | None:
        """The place of the setting, None when it is missing or ambiguous."""
        found = self.candidates(leaf)
        return found[0] if len(found) == 1 else None

    def read(self, leaf: str) -> Any:
        """The value of the setting, MISSING when its place is not known."""
        path = self.find(leaf)
        return MISSING if path is None else paths.get(self.configuration, path)

    def need(self, leaf: str) -> Path:
        """The place of a setting that is to be changed.

        :raises AmbiguousError: more than one place fits
        :raises MissingError: none does
        :raises OptionError: the place that C(key_map) names cannot be
        """
        found = self.candidates(leaf)
        words = LEAVES[leaf].words
        if len(found) > 1:
            places = [{"path": paths.show(path), "kind": paths.kind(self._at(path))} for path in found]
            raise errors.AmbiguousError(
                f'key_map: {len(found)} members of the connector may be the setting "{words}": {_listed(places)}; '
                f"set key_map.{leaf} to the right one",
                code="ambiguous_key",
                leaf=leaf,
                candidates=places,
            )
        if not found:
            guessed = self.guess_secret() if leaf == "application_secret" else None
            if guessed is not None:
                return guessed
            keys = paths.tree(dict(self.configuration))
            raise errors.MissingError(
                f'key_map: no member of the connector looks like the setting "{words}"; set key_map.{leaf} to its '
                f"path. The members are: {_listed(keys)}",
                code="missing_key",
                leaf=leaf,
                keys=keys,
            )
        if not isinstance(self._at(found[0][:-1]), (dict, list)):
            raise errors.OptionError(
                f"key_map.{leaf}", f"the connector has nothing at {paths.show(found[0][:-1])} that could have a member"
            )
        return found[0]

    def guess_secret(self) -> Path | None:
        """Where the secret belongs when the host leaves it out.

        The product and the guide name it after the id: Application ID and Application Secret, Client ID and Client
        Secret (connector.md, Settings).
        """
        place = self.find("application_id")
        match = re.fullmatch(r"(.+?)([_-]?)(id|Id|ID)", place[-1]) if place else None
        if place is None or match is None:
            return None
        stem, separator, ending = match.groups()
        return (*place[:-1], stem + separator + ("secret" if ending == "id" else "Secret"))

    def known(self) -> dict[str, str]:
        """Leaf name to path text, for all that were found."""
        found = {leaf: self.find(leaf) for leaf in LEAVES}
        return {leaf: paths.show(path) for leaf, path in found.items() if path is not None}

    def _at(self, path: Path) -> Any:
        return paths.get(self.configuration, path)

    def _search(self, leaf: Leaf) -> list[Path]:
        fitting = [(path, value) for path, value in self._members if leaf.fits(value)]
        certain = [
            (path, value)
            for path, value in fitting
            if plain(path[-1]) in leaf.names and (len(path) == 1 or not leaf.top)
        ]
        # a likely place is shown like a certain one, so that it must not seem to hold a secret of its own
        likely = [
            (path, value)
            for path, value in fitting
            if leaf.likely(plain(path[-1]), path, value)
            and (leaf.name == "application_secret" or not looks_secret(path[-1:], value))
        ]
        found = certain or likely
        filled = [(path, value) for path, value in found if value not in (None, "")]
        if leaf.name == "tenant_id":
            # "directoryId" with no value yet is the Atlassian directory as likely as the tenant
            found = [(path, value) for path, value in found if value or plain(path[-1]) != "directoryid"]
        return [path for path, _value in (filled if len(filled) == 1 else found)]


def check_key_map(given: Mapping[str, Any] | None) -> dict[str, Path]:
    """The user's key map with its paths read; :raises OptionError: for a setting or a path that cannot be."""
    checked = {}
    for leaf, text in (given or {}).items():
        if leaf not in LEAVES:
            raise errors.OptionError("key_map", f"{leaf!r} is not a setting; the settings are {', '.join(LEAVES)}")
        if text is None:
            continue
        if not isinstance(text, str):
            raise errors.OptionError(f"key_map.{leaf}", "must be the path of a member as text")
        checked[leaf] = paths.parse(f"key_map.{leaf}", text)
    return checked


def _listed(rows: list[dict[str, str]]) -> str:
    shown = ", ".join(f"{row['path']} ({row['kind']})" for row in rows[:MOST_KEYS_IN_A_MESSAGE])
    return shown + (f" and {len(rows) - MOST_KEYS_IN_A_MESSAGE} more" if len(rows) > MOST_KEYS_IN_A_MESSAGE else "")
