# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""Who is ready for set-up, and the one thing to do for each that is not. Pure: sees what tasks have returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.fleetops.usersync.plugins.plugin_utils._outcome import FAILED, Outcome
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import in_role_words

HEAD = ("HOST", "PRODUCT", "USER SYNC", "LOGIN", "CONNECTOR", "VERDICT")
READY = "ready"
# Operations of azuread_app_info's report that set-up cannot do without, by when it needs them
ALWAYS = (
    ("azuread_app", "find by object_id, app_id, unique_name"),
    ("azuread_app_secret", "mint, confirm, retire, remove"),
    ("azuread_app_secret", "mark a renewal as pending"),
)
NEW_APP = (("azuread_app", "make a new app"), ("azuread_app", "make the service principal"))
GRANTS = {
    "application": ("azuread_app_permission", "consent: grant, application permissions"),
    "delegated": ("azuread_app_permission", "consent: grant, delegated permissions"),
}


@dataclass(frozen=True)
class Looked:
    """What was seen of one host.

    :ivar info: what usersync_connector_info returned
    :ivar new_app: it lacks nothing but consent to an app that set-up has yet to make
    """

    outcome: Outcome
    info: Mapping[str, Any]
    leader: str | None = None
    new_app: bool = False


def lacking(looked: Mapping[str, Any], consent: str, wanted: Sequence[Mapping[str, Any]]) -> str:
    """What the automation may not do although set-up needs it, as one sentence; "" when it may do all.

    :param looked: what azuread_app_info returned of the app, with its check of permissions
    :param consent: C(grant) or another value of azure_connector_consent
    :param wanted: permissions that the app is to have, with C(type)
    """
    if looked.get("failed") or not looked.get("automation"):
        return in_role_words(str(looked.get("msg") or "the automation could not log in to Entra ID"))
    apps = looked.get("apps") or []
    needed = [*ALWAYS, *([] if apps else NEW_APP)]
    if consent == "grant":
        needed += [GRANTS[kind] for kind in dict.fromkeys(str(one["type"]) for one in wanted) if kind in GRANTS]
    operations = {(one["module"], one["operation"]): one for one in looked["automation"].get("operations") or []}
    missing = []
    for name in needed:
        told = operations.get(name)
        if told is not None and told["allowed"] == "no":
            ways = [" and ".join(way) for way in told["needs"]]
            missing.append(f"{name[1]} ({' or '.join(ways) or 'to be an owner of the app'})")
    if not missing:
        return ""
    return (
        f"the automation may not {'; '.join(missing)}; grant it these permissions with admin consent, or set "
        "azure_connector_consent: check if an administrator is to consent to the app"
    )


def lines(looked: Mapping[str, Looked], automation: Mapping[str, str]) -> list[str]:
    """A table with one line for each host. :param automation: by leader, what :func:`lacking` says"""
    rows = [_row(host, one, automation.get(one.leader or "", "")) for host, one in looked.items()]
    widths = [max(len(row[column]) for row in [HEAD, *rows]) for column in range(len(HEAD) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in [HEAD, *rows]
    ]


def sentence(looked: Mapping[str, Looked], automation: Mapping[str, str]) -> str:
    """Why set-up would not work; "" when every host is ready."""
    waiting = [host for host, one in looked.items() if not _verdict(one, automation.get(one.leader or "", ""))[0]]
    if not waiting:
        return ""
    shown = ", ".join(waiting[:10]) + (f" and {len(waiting) - 10} more" if len(waiting) > 10 else "")
    return f"{len(waiting)} of {len(looked)} hosts are not ready: {shown}; the table says what to do"


def _row(host: str, one: Looked, automation: str) -> tuple[str, ...]:
    versions, connectors = one.info.get("versions") or {}, one.info.get("connectors")
    product = " ".join(str(part) for part in (one.info.get("product"), versions.get("product")) if part)
    azure = [each for each in connectors or [] if each.get("azure") is not False]
    names = ", ".join(str(each.get("name") or each.get("id")) for each in azure)
    login = str((one.info.get("login") or {}).get("by") or "-")
    shown = "none yet" if connectors is not None and not azure else names or "-"
    cells = (host, product or "-", str(versions.get("app") or "-"), login, shown, _verdict(one, automation)[1])
    return tuple("".join(sign if sign.isprintable() else " " for sign in cell) for cell in cells)


def _verdict(one: Looked, automation: str) -> tuple[bool, str]:
    if one.outcome.status == FAILED and one.outcome.step == "plan":
        return False, str(one.outcome.reason)
    if automation:
        return False, automation
    if one.new_app:
        ready = "set-up creates the app and shows where an administrator consents; its next run continues"
        return True, f"{READY}: {ready}"
    if one.outcome.status == FAILED:
        return False, str(one.outcome.reason)
    return True, f"{READY}: {one.outcome.text}"
