# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings tree of one Azure connector.

No configuration dump is known as text (connector.md), so all key names here are assumed. Three styles of names
play the same settings; a client that works with only one of them has learnt the simulator, not the product.
Leaves are addressed by canonical names, the style says where they lie and how the value is spelt.
"""

from __future__ import annotations

import copy
import typing as t

Path = tuple[str, ...]

# canonical leaf -> path, per style; values other than the canonical ones in VALUES below
STYLES: dict[str, dict[str, Path]] = {
    "nested": {
        "unique_id": ("uniqueId",),
        "name": ("name",),
        "type": ("type",),
        "directory_id": ("directoryId",),
        "application_id": ("azureSettings", "applicationId"),
        "tenant_id": ("azureSettings", "tenantId"),
        "client_secret": ("azureSettings", "applicationSecret"),
        "flow": ("azureSettings", "authenticationFlow"),
        "group_types": ("azureSettings", "groupTypes"),
        "profile_pictures": ("azureSettings", "syncProfilePictures"),
        "required_groups": ("azureSettings", "requiredGroups"),
        "server_side_filter": ("azureSettings", "serverSideGroupFilter"),
        "nested_groups": ("azureSettings", "transitiveMemberships"),
        "attribute_mapping": ("provisioningSettings", "attributeMapping"),
        "group_transformations": ("provisioningSettings", "groupTransformations"),
        "schedule_enabled": ("syncSettings", "scheduledSynchronization"),
        "cron_expression": ("syncSettings", "cronExpression"),
        "cleanup_behaviour": ("syncSettings", "cleanupBehaviour"),
        "cleanup_removes_groups": ("syncSettings", "removeGroupMembershipsOnCleanup"),
    },
    "flat": {
        "unique_id": ("uniqueId",),
        "name": ("connectorName",),
        "type": ("connectorType",),
        "directory_id": ("crowdDirectoryId",),
        "application_id": ("clientId",),
        "tenant_id": ("directoryTenantId",),
        "client_secret": ("clientSecret",),
        "flow": ("useClientCredentials",),
        "group_types": ("groupTypes",),
        "profile_pictures": ("profilePictureSyncEnabled",),
        "required_groups": ("requiredGroups",),
        "server_side_filter": ("graphGroupFilter",),
        "nested_groups": ("useTransitiveMemberOf",),
        "attribute_mapping": ("attributeMapping",),
        "group_transformations": ("groupTransformations",),
        "schedule_enabled": ("scheduleEnabled",),
        "cron_expression": ("schedule",),
        "cleanup_behaviour": ("cleanupBehavior",),
        "cleanup_removes_groups": ("cleanupRemovesMemberships",),
    },
    "terse": {
        "unique_id": ("uniqueId",),
        "name": ("title",),
        "type": ("kind",),
        "directory_id": ("dir",),
        "application_id": ("idp", "ref1"),
        "tenant_id": ("idp", "ref2"),
        "client_secret": ("idp", "ref3"),
        "flow": ("idp", "mode"),
        "group_types": ("idp", "types"),
        "profile_pictures": ("idp", "pics"),
        "required_groups": ("idp", "only"),
        "server_side_filter": ("idp", "where"),
        "nested_groups": ("idp", "deep"),
        "attribute_mapping": ("map", "rows"),
        "group_transformations": ("map", "groups"),
        "schedule_enabled": ("run", "on"),
        "cron_expression": ("run", "at"),
        "cleanup_behaviour": ("run", "gone"),
        "cleanup_removes_groups": ("run", "strip"),
    },
}

# canonical value -> spelling of the style; a style or leaf that is not listed spells it canonically
VALUES: dict[str, dict[str, dict[t.Any, t.Any]]] = {
    "flat": {
        "flow": {"client_credentials": True, "authorization_code": False},
        "type": {"AZURE": "azure"},
        "cleanup_behaviour": {
            "DISABLE_USERS": "disable",
            "DELETE_USERS": "delete",
            "ANONYMIZE_USERS": "anonymize",
            "KEEP_USERS": "keep",
        },
    },
    "nested": {"flow": {"client_credentials": "CLIENT_CREDENTIALS", "authorization_code": "AUTHORIZATION_CODE"}},
    "terse": {"flow": {"client_credentials": 2, "authorization_code": 1}},
}

# style -> what else stands in a configuration, for styles that play a host of which the answers are known
TREES: dict[str, dict[str, t.Any]] = {}

CLEANUP = ("DISABLE_USERS", "DELETE_USERS", "ANONYMIZE_USERS", "KEEP_USERS")
# UI wording, which connector.md repeats: three kinds are on, two are off by default.
GROUP_TYPES = {
    "security": True,
    "mailEnabledSecurity": True,
    "office365SecurityEnabled": True,
    "office365NotSecurityEnabled": False,
    "distribution": False,
}
DEFAULT_CRON = "0 0 2 * * ?"
MAPPING = (
    ("ATTR_NAME", "userPrincipalName", "IDP_VALUE"),
    ("ATTR_EMAIL", "mail", "IDP_VALUE"),
    ("ATTR_FULLNAME", "displayName", "IDP_VALUE"),
    ("ATTR_ACTIVE", "accountEnabled", "IDP_VALUE"),
    ("ATTR_FIRSTNAME", "givenName", "IDP_VALUE"),
    ("ATTR_LASTNAME", "surname", "IDP_VALUE"),
    ("azure_ID", "id", "IDP_VALUE"),
)


def get_path(tree: t.Any, path: Path, default: t.Any = None) -> t.Any:
    """The value at path, or default where any step is missing or no object."""
    for step in path:
        if not isinstance(tree, dict) or step not in tree:
            return default
        tree = tree[step]
    return tree


def set_path(tree: dict[str, t.Any], path: Path, value: t.Any) -> None:
    """Set value at path; steps in between that are no objects are replaced by objects."""
    for step in path[:-1]:
        if not isinstance(tree.get(step), dict):
            tree[step] = {}
        tree = tree[step]
    tree[path[-1]] = value


def drop_path(tree: t.Any, path: Path) -> None:
    """Remove the member at path if it is there."""
    holder = get_path(tree, path[:-1]) if len(path) > 1 else tree
    if isinstance(holder, dict):
        holder.pop(path[-1], None)


def get_leaf(configuration: dict[str, t.Any], style: str, leaf: str) -> t.Any:
    """A setting by its canonical name, with its value spelt canonically; None when it is absent."""
    raw = get_path(configuration, STYLES[style][leaf])
    for canonical, spelt in VALUES.get(style, {}).get(leaf, {}).items():
        if spelt == raw and type(spelt) is type(raw):
            return canonical
    return raw


def set_leaf(configuration: dict[str, t.Any], style: str, leaf: str, value: t.Any) -> None:
    """Write a setting by its canonical name, spelt as the style does."""
    spelling = VALUES.get(style, {}).get(leaf, {})
    if isinstance(value, (str, int, bool)) and value in spelling:
        value = spelling[value]
    set_path(configuration, STYLES[style][leaf], value)


def default_configuration(style: str, generation: str) -> dict[str, t.Any]:
    """A configuration as "Create Connector" leaves it: all defaults, no ids, no application yet.

    Holds members that no client knows (their names are made up), because live-host.md says that what a
    PUT does with them is unknown and rule 2 of the design says that they must survive.
    """
    tree: dict[str, t.Any] = copy.deepcopy(TREES.get(style, {}))
    defaults: dict[str, t.Any] = {
        "name": "Azure AD",
        "type": "AZURE",
        "application_id": "",
        "tenant_id": "",
        "client_secret": "",
        "flow": "client_credentials",
        "group_types": dict(GROUP_TYPES),
        "required_groups": [],
        "nested_groups": False,
        "attribute_mapping": [
            {"attribute": target, "source": source, "type": kind, "transformations": []}
            for target, source, kind in MAPPING
        ],
        "group_transformations": [{"type": "LOWER_CASE", "enabled": False}],
        "schedule_enabled": False,
        "cron_expression": DEFAULT_CRON,
        "cleanup_behaviour": "DISABLE_USERS",
    }
    if generation == "1.4":
        del defaults["flow"]  # the other flow came with 1.5.0
    if not generation.startswith("1."):
        defaults |= {"profile_pictures": False, "server_side_filter": "", "cleanup_removes_groups": False}
    for leaf, value in defaults.items():
        if style not in TREES or get_path(tree, STYLES[style][leaf], default=...) not in (..., [], {}):
            set_leaf(tree, style, leaf, value)
    if style in TREES:
        return tree
    tree["schemaVersion"] = {"1.4": 11, "1.9": 17, "2.11": 29, "2.14": 31}[generation]
    tree["internalFlags"] = {"lazyAvatars": True, "retryBudget": 5, "experiments": ["q3-batching"]}
    tree["uiHints"] = {"collapsed": ["advanced"], "lastTab": None}
    tree["alwaysAssignGroups"] = ["idp-synced"]
    tree["keepLocalGroups"] = []
    tree["httpTimeoutMillis"] = 30000
    return copy.deepcopy(tree)


def secret_path(style: str) -> Path:
    """Where the client secret lies."""
    return STYLES[style]["client_secret"]
