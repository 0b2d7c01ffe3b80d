# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What the automation's own app should have: permissions of its profile, and how it logs in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from .. import _errors as errors
from .._entra.trust import trust
from .._entra.uses import PROFILES

_PLAIN_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
LOGINS = ("certificate", "federated", "secret")
TRUE = (True, "true", "yes", "1", "on")
# Where Entra ID is, for the fleet as for this login
CLOUD = ("cloud", "authority_url", "graph_url", "ca_path")
# What the inventory says about consent: only the full profile can grant it
CONSENT = {"full": "grant", "owned_by": "check", "owner": "check"}


def plan(settings: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """C(permissions) as azuread_app_permission takes them, C(login), C(path), C(trust) and C(cloud).

    :param settings: the role's variables without their common beginning
    :param folder: where the person stands; relative paths begin there
    :raises OptionError: naming the variable and the remedy
    """
    profile, login = str(settings.get("profile")), str(settings.get("login"))
    if profile not in PROFILES:
        raise _error("profile", f"must be one of {', '.join(PROFILES)}, not '{profile}'")
    if login not in LOGINS:
        raise _error("login", f"must be one of {', '.join(LOGINS)}, not '{login}'")
    if profile == "full" and not _true(settings.get("allow_full")):
        raise _error(
            "allow_full",
            "the full profile can grant any permission to any app of the tenant; set it to true if you want that, or "
            "leave usersync_bootstrap_profile at owned_by",
        )
    valid, least = (_days(settings, name) for name in ("valid_days", "min_remaining_days"))
    if login != "federated" and least >= valid:
        raise _error(
            "min_remaining_days", f"must be less than usersync_bootstrap_valid_days ({valid}), or every run renews it"
        )
    if login == "secret" and not _PLAIN_NAME.fullmatch(str(settings["unique_name"])):
        raise _error(
            "unique_name", "must contain only lower-case letters, digits and hyphens when the login is a secret"
        )
    return {
        "permissions": [{"name": name, "type": "application"} for name in sorted(PROFILES[profile])],
        "login": login,
        "path": _path(settings, login, folder),
        "trust": _trust(settings) if login == "federated" else None,
        "cloud": {name: str(settings[name]) for name in CLOUD if settings.get(name)},
    }


def report(
    plan: Mapping[str, Any],
    profile: str,
    app: Mapping[str, Any],
    permission: Mapping[str, Any],
    login: Mapping[str, Any] | None = None,
) -> list[str]:
    """The last lines of the run: what an administrator still has to do, and what goes into the inventory.

    :param app: what azuread_app returned
    :param permission: what azuread_app_permission returned; {} when the profile has no permission
    :param login: the certificate or secret with its C(end); {} for a login that does not end, and in check mode
    """
    app_id = app["app"]["app_id"]
    lines = []
    missing = sorted({str(entry["name"]) for entry in permission.get("missing") or []})
    if missing:
        lines += [
            f"An administrator still has to consent to {', '.join(missing)}:",
            str(permission.get("consent_url")),
            "Then run this playbook again.",
            "",
        ]
    if profile == "owner":
        principal = (app["app"].get("service_principal") or {}).get("object_id")
        lines += [f"Make its service principal an owner of each app whose secrets it has to rotate: {principal}", ""]
    end = str((login or {}).get("end") or "")[:10]
    if end:
        again = "Run this playbook again before; the audit tells in time."
        lines += [f"It logs in by its {plan['login']} until {end}. {again}", ""]
    block = _variables(plan, profile, str(app["tenant_id"]), str(app_id or "(known after the real run)"))
    pasted = ["usersync_hosts:", "  vars:", *(f"    {name}: {value}" for name, value in block.items())]
    return [*lines, "Put this into the inventory, next to your hosts:", "", *pasted, ""]


def _variables(plan: Mapping[str, Any], profile: str, tenant_id: str, app_id: str) -> dict[str, str]:
    """The login of the fleet's automation, as YAML on one line each, without a secret."""
    block = {"azure_connector_entra_tenant": tenant_id, "azure_connector_entra_client_id": app_id}
    if plan["login"] == "certificate":
        block["azure_connector_entra_certificate_path"] = _scalar(plan["path"])
    elif plan["login"] == "secret":
        read = "{{ lookup('ansible.builtin.file', '" + plan["path"] + "') }}"
        block["azure_connector_entra_client_secret"] = f'"{read}"'
    else:
        block["azure_connector_entra_auth_method"] = "workload_identity"
    block |= {f"azure_connector_entra_{name}": _scalar(value) for name, value in plan["cloud"].items()}
    block["azure_connector_consent"] = CONSENT[profile]
    return block


def _scalar(text: str) -> str:
    """As YAML has it, in quotes where it needs them."""
    return text if re.fullmatch(r"[\w/][\w./:-]*", text) else json.dumps(text)


def _path(settings: Mapping[str, Any], login: str, folder: str) -> str | None:
    if login == "federated":
        return None
    given = str(settings.get("path") or "").strip()
    suffix = {"certificate": ".pem", "secret": ".secret"}[login]
    name = given or f"{settings['unique_name']}{suffix}"
    path = os.path.normpath(os.path.join(folder, os.path.expanduser(name)))
    if not os.path.isdir(os.path.dirname(path)):
        raise _error(
            "path", f"the folder {os.path.dirname(path)} does not exist; create it so that only its owner may use it"
        )
    if os.path.isdir(path):
        raise _error("path", f"{path} is a folder; name a file, such as {settings['unique_name']}{suffix}")
    return path


def _days(settings: Mapping[str, Any], name: str) -> int:
    try:
        days = int(str(settings.get(name)))
    except ValueError:
        days = 0
    if days < 1:
        raise _error(name, f"must be a whole number of days, at least 1, not '{settings.get(name)}'")
    return days


def _trust(settings: Mapping[str, Any]) -> dict[str, str]:
    given = settings.get("trust")
    if not isinstance(given, Mapping) or not given.get("platform"):
        raise _error("trust", "must name the platform whose jobs log in, and its fields, when the login is federated")
    fields = {name: value for name, value in given.items() if name not in ("platform", "name")}
    platform = str(given["platform"])
    found = trust("usersync_bootstrap_trust", platform, fields)
    return {"name": str(given.get("name") or f"usersync-{platform.replace('_', '-')}"), **found}


def _true(value: Any) -> bool:
    return (value.strip().lower() if isinstance(value, str) else value) in TRUE


def _error(name: str, text: str) -> errors.OptionError:
    return errors.OptionError(f"usersync_bootstrap_{name}", text)
