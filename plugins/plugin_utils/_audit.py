# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change in any release.
"""What the filters of the audit share: what the role has left in the variables of each host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.fleetops.usersync.plugins.module_utils import _address
from ansible_collections.fleetops.usersync.plugins.module_utils._entra import holders
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError

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


SELF, READ = "__azure_connector_audit_self", "__azure_connector_audit_read"
APP, STRAYS = "__azure_connector_audit_app", "__azure_connector_audit_strays_read"


def inert(value: Any) -> Any:
    """The value, whose text Ansible will never take for a template: hosts may say what they like."""
    return _never_a_template(value)


def now() -> datetime:
    return datetime.now(timezone.utc)


def gather(hosts: Iterable[str], hostvars: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What C(dataset.build) takes: reads of hosts and of apps."""
    reads, apps = [], []
    for name in hosts:
        known = hostvars[name]
        own = known.get(SELF) or {}
        result = known.get(READ)
        reads.append(
            {
                "host": str(name),
                "url": _text(own.get("url")),
                "holder": _holder(own, result) or str(name),
                "app_key": _text(own.get("app_key")),
                "result": None if _failure(result) else _plain(result),
                "failure": _failure(result),
            }
        )
        app = known.get(APP)
        if app:
            apps.append(_app(str(own.get("app_key")), app))
        for one in (known.get(STRAYS) or {}).get("results") or []:
            apps.append(_app(str(one["item"]), one))
    return reads, apps


def holders_of(hosts: Iterable[str], hostvars: Mapping[str, Any]) -> frozenset[str]:
    """The holders of hosts that were not read, as their addresses tell."""
    known = (hostvars[name] for name in hosts)
    told = ({"url": one.get("azure_connector_url"), "site": one.get("azure_connector_site")} for one in known)
    return frozenset(name for name in (_holder(one, None) for one in told) if name)


def _holder(own: Mapping[str, Any], result: Any) -> str | None:
    """What the host is to the directory, as it was read; for one that was not, as its address tells."""
    read = result.get("holder") if isinstance(result, Mapping) else None
    try:
        return _text(read) or holders.holder(
            _address.parse("azure_connector_url", _text(own.get("url")), allow_plain_http=True),
            site=_text(own.get("site")),
        )
    except OptionError:
        return None


def _app(key: str, result: Mapping[str, Any]) -> dict[str, Any]:
    failure = _failure(result)
    found = [] if failure else _plain(result.get("apps") or [])
    return {"key": key, "app": found[0] if found else None, "tenant_id": result.get("tenant_id"), "failure": failure}


def _failure(result: Any) -> dict[str, Any] | None:
    """A task that only notes its failure keeps msg and failure; one that never ran has left nothing."""
    if not isinstance(result, Mapping):
        return {"message": "it was not read, see its error above", "kind": None, "code": None}
    if not result.get("failure") and ("connectors" in result or "apps" in result):
        return None
    facts = result.get("failure") or {}
    return {"message": _text(result.get("msg")), "kind": facts.get("kind"), "code": facts.get("code")}


def _plain(value: Any) -> Any:
    """Ordinary dictionaries, lists and texts in place of Ansible's own."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return _text(value) if isinstance(value, str) else value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
