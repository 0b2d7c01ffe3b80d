# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What an app registration must become: offline checks of the options, and the members that differ."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .. import _address
from .. import _errors as errors
from .._entra import applications as apps
from .._entra import holders, ownership
from .._entra.credentials import DELIVERED, PENDING
from .._entra.policy import PERSONAL_AUDIENCES, PERSONAL_LIMIT
from .._guid import GUID
from .lists import combine
from .numbers import check_number

OWN_TAGS = (apps.MANAGED_TAG, PENDING, DELIVERED)
URI_LIMIT = 256
# What an app open to personal accounts must ask for, or Entra ID refuses the audience
PERSONAL_TOKEN_VERSION = 2


def validate(options: Mapping[str, Any]) -> None:
    """Offline checks; :raises OptionError: naming the option and the remedy"""
    apps.check_identity(options)
    ownership.check_options(options)
    for holder in options["holders"]:
        holders.check("holders", holder)
    if options.get("sign_in_audience") in PERSONAL_AUDIENCES:
        check_personal_name(options.get("display_name") or options.get("unique_name") or "")
    for name in ("redirect_uris", "spa_redirect_uris", "public_client_redirect_uris"):
        for uri in options.get(name) or []:
            _check_redirect_uri(name, uri)
    for name in ("home_page_url", "logout_url"):
        if options.get(name):
            parts = _split(name, options[name])
            if parts.scheme not in ("https", "http") or not parts.hostname:
                raise errors.OptionError(name, f"'{options[name]}' must be an address that starts with https://")
    for name in ("tags", "service_principal_tags"):
        for tag in options.get(name) or []:
            apps.check_text(name, tag, "a tag", "leave it out")
            if len(tag) > 256 or any(character.isspace() for character in tag):
                raise errors.OptionError(name, f"'{tag}' must have 1 to 256 characters and no white space")
    for owner in options.get("owners") or []:
        if not GUID.fullmatch(owner):
            raise errors.OptionError(
                "owners", f"'{owner}' is not the object id (a GUID) of a user or service principal"
            )
    if options["service_principal_tags"] and not options["service_principal"]:
        raise errors.OptionError("service_principal_tags", "cannot be combined with service_principal: false")
    if options["state"] == "present" and options.get("purge"):
        raise errors.OptionError(
            "purge", "is only for state: absent; if_deleted: purge removes a deleted app of the same name"
        )
    check_number("settle_timeout", options["settle_timeout"])


def check_personal_name(name: str) -> None:
    """:raises OptionError: longer than Entra ID takes for an app that is open to personal accounts"""
    if len(name) > apps.PERSONAL_NAME_LIMIT:
        raise errors.OptionError(
            "display_name",
            f"has {len(name)} characters; Entra ID allows {apps.PERSONAL_NAME_LIMIT} for an app that is open to "
            "personal accounts",
        )


def _split(option: str, address: str) -> SplitResult:
    apps.check_text(option, address, "", "give an address such as https://jira.example.com")
    _address.check_no_login(option, address)
    try:
        parts = urlsplit(address)
        int(parts.port or 0)  # reading it is what refuses a port that is none
    except ValueError:
        raise errors.OptionError(option, f"'{address}' is not an address") from None
    return parts


def _check_redirect_uri(option: str, uri: str) -> None:
    parts = _split(option, uri)
    named = parts.hostname or (parts.path and option == "public_client_redirect_uris")
    if not parts.scheme or not named or len(uri) > URI_LIMIT or "*" in uri or parts.fragment or " " in uri:
        raise errors.OptionError(
            option, f"'{uri}' must be an absolute address of at most 256 characters without wildcard or fragment"
        )
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme == "http" and not local:
        raise errors.OptionError(
            option, f"'{uri}' uses plain http, which Entra ID allows only for localhost; use https"
        )
    if parts.scheme not in ("http", "https") and option != "public_client_redirect_uris":
        raise errors.OptionError(option, f"'{uri}' must begin with https://")


def changes(app: Mapping[str, Any], options: Mapping[str, Any], adopting: bool = False) -> dict[str, Any]:
    """The members to send, as Graph names them: only what differs, complex members whole.

    :raises OptionError, StateError: the directory would refuse the result
    """
    patch: dict[str, Any] = {}
    modes = options.get("list_modes") or {}
    for name, path in apps.SCALARS.items():
        wanted = options.get(name)
        if wanted is not None and (wanted or None) != apps.member(app, path):
            _carry(patch, app, path, wanted or None)
    for name, path in apps.LISTS.items():
        current = apps.member(app, path) or []
        keep = [tag for tag in current if tag.startswith(OWN_TAGS)] if name == "tags" else []
        target = combine(current, options.get(name), modes.get(name) or "merge", keep)
        if target is not None:
            _carry(patch, app, path, target)
    if adopting and apps.MANAGED_TAG not in patch.get("tags", app.get("tags") or []):
        patch["tags"] = [*patch.get("tags", app.get("tags") or []), apps.MANAGED_TAG]
    if options.get("enabled") is not None and options["enabled"] is bool(app.get("isDisabled")):
        patch["isDisabled"] = not options["enabled"]
    _unique_name(patch, app, options.get("unique_name"))
    if "signInAudience" in patch or "displayName" in patch:
        _personal(patch, app)
    return patch


def _unique_name(patch: dict[str, Any], app: Mapping[str, Any], wanted: str | None) -> None:
    present = app.get("uniqueName")
    # the directory compares it without regard to case
    if not wanted or (present or "").casefold() == wanted.casefold():
        return
    if present:
        raise errors.StateError(
            f"unique_name: the app already has the unique name '{present}', which cannot be changed; use that one"
        )
    patch["uniqueName"] = wanted


def _personal(patch: dict[str, Any], app: Mapping[str, Any]) -> None:
    """An app that is open to personal accounts: shorter name, two secrets, newer tokens."""
    if patch.get("signInAudience", app.get("signInAudience")) not in PERSONAL_AUDIENCES:
        return
    check_personal_name(patch.get("displayName", app.get("displayName")) or "")
    held = len(app.get("passwordCredentials") or [])
    if "signInAudience" in patch and held > PERSONAL_LIMIT:
        raise errors.StateError(
            f"sign_in_audience: the app has {held} secrets, and an app that is open to personal accounts may have at "
            f"most {PERSONAL_LIMIT}; remove some first (azuread_app_secret, state: absent)",
            code="password_limit",
        )
    if apps.member(app, ("api", "requestedAccessTokenVersion")) != PERSONAL_TOKEN_VERSION:
        _carry(patch, app, ("api", "requestedAccessTokenVersion"), PERSONAL_TOKEN_VERSION)


def _carry(patch: dict[str, Any], app: Mapping[str, Any], path: tuple[str, ...], value: Any) -> None:
    if len(path) > 1 and path[0] not in patch:
        # Graph replaces a complex member as a whole; redirectUriSettings repeats redirectUris and is left to it
        whole = copy.deepcopy(app.get(path[0]) or {})
        whole.pop("redirectUriSettings", None)
        patch[path[0]] = whole
    apps.set_member(patch, path, value)
