# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""What the audit takes from the variables of each host, and what it hands to templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils import _address
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import holders
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError
from ansible_collections.fleetops.usersync.plugins.plugin_utils._variables import in_role_words

try:
    # From ansible-core 2.19 on only text of trusted origin is a template, and made-up text is not
    from ansible.template import is_trusted_as_template as _is_trusted
except ImportError:
    _is_trusted = None

if _is_trusted is None:
    from ansible.utils.unsafe_proxy import wrap_var as _never_a_template
else:

    def _never_a_template(value: Any) -> Any:
        return value


TAGGED = "__azure_connector_tagged"
READ, STRAYS = "__azure_connector_read", "__azure_connector_strays"
APP = "__azure_connector_app"


def inert(value: Any) -> Any:
    """The value, whose text Ansible will never take for a template: hosts may say what they like."""
    return _never_a_template(value)


def now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Own:
    """What a host's own variables say; None where they cannot be read. :ivar stopped: why they cannot be used"""

    url: str | None = None
    site: str | None = None
    app: str | None = None
    stopped: str | None = None


def gather(
    hosts: Mapping[str, Own], left: Callable[[str, str], Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What C(dataset.build) takes: reads of hosts and of apps.

    :param left: what a task has left in a variable of a host, by the names of both
    """
    reads, apps = [], []
    for name, own in hosts.items():
        result = left(name, READ)
        failure = {"message": own.stopped, "kind": "option", "code": None} if own.stopped else _failure(result)
        reads.append(
            {
                "host": name,
                "url": own.url,
                "holder": _holder(own, result) or name,
                "app_key": own.app,
                "result": None if failure else result,
                "failure": failure,
            }
        )
        app = left(name, APP)
        if app and not app.get("skipped"):
            apps.append(_app(str(own.app), app))
        for one in (left(name, STRAYS) or {}).get("results") or []:
            apps.append(_app(str(one["item"]), one))
    return reads, apps


def tagged(hosts: Iterable[str], left: Callable[[str, str], Any]) -> list[dict[str, Any]]:
    """All apps that bear our tag, as one host has read them for all."""
    for name in hosts:
        result = left(name, TAGGED)
        if isinstance(result, Mapping) and result.get("apps"):
            tenant = result.get("tenant_id")
            return [
                {"key": str(app["app_id"]), "app": app, "tenant_id": tenant, "failure": None} for app in result["apps"]
            ]
    return []


def holders_of(hosts: Iterable[Own]) -> frozenset[str]:
    """The holders of hosts that were not read, as their addresses tell."""
    return frozenset(name for own in hosts if (name := _holder(own, None)))


def places_of(hosts: Iterable[Own]) -> frozenset[str]:
    """The addresses of hosts without their schemes; of those that cannot be read none."""
    found = set()
    for own in hosts:
        try:
            found.add(_address.parse("azure_connector_url", own.url or "", allow_plain_http=True).place)
        except OptionError:
            continue
    return frozenset(found)


def _holder(own: Own, result: Any) -> str | None:
    """What the host is to the directory, as it was read; for one that was not, as its address tells."""
    read = result.get("holder") if isinstance(result, Mapping) else None
    try:
        return _text(read) or holders.holder(
            _address.parse("azure_connector_url", own.url or "", allow_plain_http=True), site=own.site
        )
    except OptionError:
        return None


def _app(key: str, result: Mapping[str, Any]) -> dict[str, Any]:
    failure = _failure(result)
    found = [] if failure else result.get("apps") or []
    read = {"key": key, "app": found[0] if found else None, "tenant_id": result.get("tenant_id"), "failure": failure}
    return {**read, "login": result.get("automation_login")}


def _failure(result: Any) -> dict[str, Any] | None:
    """A task that only notes its failure keeps msg and failure; one that never ran has left nothing."""
    if not isinstance(result, Mapping):
        return {"message": "it was not read, see its error above", "kind": None, "code": None}
    if not result.get("failure") and ("connectors" in result or "apps" in result):
        return None
    facts = result.get("failure") or {}
    return {"message": in_role_words(str(result.get("msg"))), "kind": facts.get("kind"), "code": facts.get("code")}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
