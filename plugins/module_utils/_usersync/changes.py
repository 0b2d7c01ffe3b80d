# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What has to change in a configuration, and whether nothing else did (connector.md)."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import _errors as errors
from . import paths, secret, shown, values
from .connector import Connector
from .leaves import LEAVES, plain
from .paths import MISSING, Path

# Option and leaf bear the same name
PLAIN_OPTIONS = (
    "name",
    "application_id",
    "tenant_id",
    "schedule_enabled",
    "schedule_cron",
    "cleanup_behavior",
    "required_groups",
    "required_groups_filter",
    "group_types",
    "profile_pictures",
)
UNTOUCHABLE = ("type", "directory_id", "application_secret")
# Members that a host may count up by itself on every save
BOOKKEEPING = re.compile(
    r"(revision|version|modified|updated|changed|timestamp|etag|lastmodified\w*|modified\w+|updated\w+)"
)
DANGEROUS = re.compile(r"cleanup|filter|requiredgroup|mapping|transform|attribute|primarykey", re.I)


@dataclass(frozen=True)
class Change:
    """One leaf.

    :ivar label: leaf name, or the path of a member that C(settings) names
    :ivar before: as the host spells it, MISSING when the member is not there
    :ivar after: as it is to be written
    """

    label: str
    path: Path
    before: Any
    after: Any
    secret: bool = False


def plan(connector: Connector, options: Mapping[str, Any], flow: str | None) -> list[Change]:
    """The leaves that do not yet have what the options want; the secret is :func:`plan_secret`.

    :param flow: the flow to set, None for none
    :raises OptionError, AmbiguousError, MissingError: a leaf cannot be found, or its spelling is not known
    """
    changes = []
    for leaf in PLAIN_OPTIONS:
        if options.get(leaf) is not None:
            changes += _leaf(connector, leaf, options[leaf])
    if flow is not None:
        changes += _leaf(connector, "flow", flow)
    taken = {change.path: change.label for change in changes}
    for text, wanted in (options.get("settings") or {}).items():
        path = paths.parse("settings", str(text))
        if path in taken:
            raise errors.OptionError("settings", f"{text} is also set by {taken[path]}; name it once")
        changes += _setting(connector, path, wanted)
    return changes


def plan_secret(connector: Connector, given: str) -> Change:
    """The change that writes the secret."""
    path = connector.keys.need("application_secret")
    return Change("application_secret", path, paths.get(connector.configuration, path), given, secret=True)


def held_secret(connector: Connector, given: str | None = None) -> secret.Held:
    """What the connector shows of its secret."""
    return secret.look(connector.keys.read("application_secret"), given)


def apply(configuration: Mapping[str, Any], changes: list[Change]) -> dict[str, Any]:
    """A copy with the changes made; everything else as it was."""
    changed = copy.deepcopy(dict(configuration))
    for change in changes:
        try:
            paths.put(changed, change.path, change.after)
        except KeyError:
            raise errors.OptionError("settings", f"the connector has no place for {paths.show(change.path)}") from None
    return changed


@dataclass(frozen=True)
class Outcome:
    """What a reading after the write shows.

    :ivar pending: labels of changes that the host still shows as before
    :ivar refused: labels of changes that show neither the old nor the new value
    :ivar others: paths that changed though nobody asked
    """

    pending: list[str]
    refused: list[str]
    others: list[str]

    @property
    def good(self) -> bool:
        return not (self.pending or self.refused or self.others)


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], changes: list[Change], secret_path: Path | None
) -> Outcome:
    """:param secret_path: where the secret lies; what a host shows there may differ from what it was sent"""
    expected = apply(before, changes)
    labels = {change.path: change for change in changes}
    pending: list[str] = []
    refused: list[str] = []
    others: list[str] = []
    for place in paths.differences(expected, dict(after)):
        change = next((labels[place[:size]] for size in range(len(place), 0, -1) if place[:size] in labels), None)
        if change is None:
            if place != secret_path and not _bookkeeping(place):
                others.append(paths.show(place))
        elif change.label in pending or change.label in refused:
            continue
        elif change.secret:
            shown = secret.look(paths.get(after, change.path), str(change.after))
            if shown.matches(str(change.after)) is False:
                still = paths.get(after, change.path) == change.before
                (pending if still else refused).append(change.label)
        elif _equal(paths.get(after, change.path), change.before):
            pending.append(change.label)
        else:
            refused.append(change.label)
    return Outcome(pending, refused, others)


def dangerous(changes: list[Change]) -> list[str]:
    """Labels of changes after which the next sync may disable, delete or anonymize users (connector.md, Settings)."""
    return [change.label for change in changes if DANGEROUS.search(plain(change.label)) and not change.secret]


def told(change: Change) -> tuple[Any, Any]:
    """Before and after for the diff, in the options' words; of members without an option type and length only."""
    if change.secret:
        return tuple(None if value is MISSING else "(not shown)" for value in (change.before, change.after))  # type: ignore[return-value]
    if change.label in LEAVES:
        before, after = (values.read(change.label, change.path, value) for value in (change.before, change.after))
        return before, after
    return shown.hidden(change.before), shown.hidden(change.after, differs=True)


def _leaf(connector: Connector, leaf: str, wanted: Any) -> list[Change]:
    path = connector.keys.need(leaf)
    now = paths.get(connector.configuration, path)
    if values.same(leaf, path, now, wanted):
        return []
    return [Change(leaf, path, now, values.write(leaf, path, now, wanted))]


def _setting(connector: Connector, path: Path, wanted: Any) -> list[Change]:
    for leaf in UNTOUCHABLE:
        if connector.keys.find(leaf) == path:
            remedy = "use application_secret" if leaf == "application_secret" else "it belongs to the host"
            raise errors.OptionError("settings", f"{paths.show(path)} must not be set here; {remedy}")
    if plain(path[-1]) in ("uniqueid", "uid", "id") and len(path) == 1:
        raise errors.OptionError("settings", f"{paths.show(path)} must not be set here; it belongs to the host")
    now = paths.get(connector.configuration, path)
    if _equal(now, wanted):
        return []
    if not isinstance(paths.get(connector.configuration, path[:-1]), (dict, list)):
        raise errors.OptionError("settings", f"the connector has no place for {paths.show(path)}")
    if _form(now) and _form(wanted) and _form(now) != _form(wanted):
        # A template that yields text where a number was meant would break the configuration
        raise errors.OptionError(
            "settings", f"{paths.show(path)} is a {_form(now)} on this host, but the value given is a {_form(wanted)}"
        )
    return [Change(paths.show(path), path, now, wanted)]


def _equal(one: Any, other: Any) -> bool:
    return next(paths.differences(one, other), None) is None


def _form(value: Any) -> str | None:
    """The JSON type in a word; None for null and for nothing."""
    if isinstance(value, bool):
        return "boolean"
    forms = ((str, "text"), ((int, float), "number"), (list, "list"), (dict, "dictionary"))
    return next((name for kind, name in forms if isinstance(value, kind)), None)  # type: ignore[arg-type]


def _bookkeeping(place: Path) -> bool:
    return bool(BOOKKEEPING.fullmatch(plain(place[-1]))) if place else False
