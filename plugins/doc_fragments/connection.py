# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from ansible_collections.fleetops.usersync.plugins.doc_fragments.app_identity import ModuleDocFragment as App
from ansible_collections.fleetops.usersync.plugins.doc_fragments.atlassian import ModuleDocFragment as Atlassian
from ansible_collections.fleetops.usersync.plugins.doc_fragments.connector_backup import (
    ModuleDocFragment as ConnectorBackup,
)
from ansible_collections.fleetops.usersync.plugins.doc_fragments.connector_identity import (
    ModuleDocFragment as ConnectorIdentity,
)
from ansible_collections.fleetops.usersync.plugins.doc_fragments.connector_settings import (
    ModuleDocFragment as ConnectorSettings,
)
from ansible_collections.fleetops.usersync.plugins.doc_fragments.entra import ModuleDocFragment as Entra
from ansible_collections.fleetops.usersync.plugins.modules import azuread_app_secret, usersync_connector, usersync_sync

CONNECTOR = ("name", "flow", "hidden_secret", "verify_timeout")
SECRET = (
    "valid_days",
    "end_date",
    "never_expires",
    "min_remaining_days",
    "prove",
    "prove_timeout",
    "expected_roles",
    "delivery_window",
    "delivery_timeout",
    "known_credentials",
    "force",
)
SYNC = ("wait_timeout", "poll", "progress_every", "running_states", "success_states", "failure_states")
MAX_USER_CHANGE = {
    "max_user_change": {
        "description": [
            "How many percent of the users of the last sync a full sync may leave out after a change of tenant, app, "
            "groups, filter or cleanup behaviour. Above it the task fails before anything is written, and so it does "
            "where the tenant offers no user at all.",
            "Users are counted with the login of the automation, as far as it may read them, before such a change and "
            "before the first full sync of a host. Where nothing can be known, the task warns. V(100) allows all.",
        ],
        "type": "float",
        "default": 20.0,
    }
}
FORMER = [
    "What this host was called before, a former address without its scheme or a former name in an inventory, exactly.",
    "Live secrets under such a name are reported. One is removed with the next renewal, where the host showed its "
    "first characters before, and no other secret of the app begins so.",
    "On a copy of a host never name the original, whose live secret the copy shows.",
]
HOLD = "Why no new secret may be made now. A host that needs one fails with this sentence; the others are not touched."
SYNC_OWN = {
    "mode": {
        "description": [
            "When the host synchronises although no secret has to be confirmed.",
            "V(auto) when a setting was changed, when it has never synchronised, and when its last sync did not "
            "succeed. V(always) in every run. V(never) does not.",
        ],
        "type": "str",
        "choices": ["auto", "always", "never"],
        "default": "auto",
    },
    "user": {
        "description": [
            "User whose update confirms a new secret in place of a full sync. A host whose last full sync did not "
            "succeed does a full one anyway."
        ],
        "type": "str",
    },
    "wait_for_authorization": {
        "description": [
            "With the flow V(authorization_code), how many seconds somebody has to click Authorize. With V(0) a host "
            "whose click is missing fails with the address to open, and the next run goes on from there."
        ],
        "type": "float",
        "default": 0.0,
    },
}


def _options(*pages: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for page in pages:
        found.update(yaml.safe_load(page)["options"])
    return found


def _nested(group: str, options: Mapping[str, Any], own: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Options of other modules as suboptions: what they say of each other is said of the suboptions."""
    names = "|".join(options)
    page = yaml.safe_dump(dict(options), width=10**6, allow_unicode=True)
    page = re.sub(rf"\bO\(({names})(?=[=)])", rf"O({group}.\1", page)
    page = re.sub(rf"\bO\((?!{group}\.|ignore:)(\w+)((?:=[^)]*)?)\)", r"C(\1\2)", page)
    page = re.sub(r"\bRV\((?!ignore:)([^)]*)\)", r"RV(ignore:\1)", page)
    nested: dict[str, Any] = {**yaml.safe_load(page), **(own or {})}
    return nested


def _chosen(page: str, names: tuple[str, ...]) -> dict[str, Any]:
    listed = _options(page)
    return {name: listed[name] for name in names}


_GROUPS: dict[str, Any] = {
    "entra": {
        "description": "How to log in to Entra ID.",
        "type": "dict",
        "suboptions": _nested("entra", _options(Entra.DOCUMENTATION)),
    },
    "host": {
        "description": "Address and login of the Atlassian host.",
        "type": "dict",
        "required": True,
        "suboptions": _nested("host", _options(Atlassian.DOCUMENTATION)),
    },
    "app": {
        "description": "The app registration, which must already exist.",
        "type": "dict",
        "required": True,
        "suboptions": _nested("app", _options(App.DOCUMENTATION)),
    },
    "connector": {
        "description": "The connector and its settings; application ID, tenant ID and secret follow from the app.",
        "type": "dict",
        "suboptions": _nested(
            "connector",
            {
                **_options(
                    ConnectorIdentity.DOCUMENTATION, ConnectorSettings.DOCUMENTATION, ConnectorBackup.DOCUMENTATION
                ),
                **_chosen(usersync_connector.DOCUMENTATION, CONNECTOR),
            },
            MAX_USER_CHANGE,
        ),
    },
    "secret": {
        "description": "How long a new secret is valid, and how it is handled.",
        "type": "dict",
        "suboptions": _nested(
            "secret",
            _chosen(azuread_app_secret.DOCUMENTATION, SECRET),
            {
                "hold": {"description": HOLD, "type": "str"},
                "former_holders": {"description": FORMER, "type": "list", "elements": "str", "default": []},
            },
        ),
    },
    "sync": {
        "description": "When the host synchronises, and how long that may take.",
        "type": "dict",
        "suboptions": _nested("sync", _chosen(usersync_sync.DOCUMENTATION, SYNC), SYNC_OWN),
    },
}


def _page(options: Mapping[str, Any]) -> str:
    return yaml.safe_dump({"options": dict(options)}, sort_keys=False, width=120, allow_unicode=True)


class ModuleDocFragment:
    """Which host, which app and how; the options of C(usersync_connection.groups)."""

    # with their type, since ansible-test takes a plain assignment for a text
    DOCUMENTATION: str = _page(_GROUPS)

    CONFIRM: str = _page(
        {
            "connections": {
                "description": "Hosts as M(fleetops.usersync.usersync_connection) takes them.",
                "type": "list",
                "elements": "dict",
                "default": [],
                "suboptions": {
                    "name": {"description": "What the outcome calls the host.", "type": "str", "required": True},
                    **yaml.safe_load(re.sub(r"\bO\((?!ignore:)", "C(", yaml.safe_dump(_GROUPS, width=10**6))),
                    "confirming": {
                        "description": "What M(fleetops.usersync.usersync_connection) returned.",
                        "type": "dict",
                        "required": True,
                    },
                },
            }
        }
    )
