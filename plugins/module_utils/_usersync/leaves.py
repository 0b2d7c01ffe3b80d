# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The settings of an Azure connector that have an option, and what their members may be called.

The vendor documents no member names (connector.md, Discovery). The names here are the words of the product's
own pages and of the vendor's guide (connector.md), written as JSON writes words; kinds of values tell apart what
is called alike, such as the numeric directory id and the Directory (tenant) ID.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .._guid import GUID
from .paths import Path, looks_like_cron

MAKERS = re.compile(r"^(?:azuread|azure|aad|entraid|entra|microsoft|msgraph|oauth2|oauth|idp|connector)+(?=.)")

SECRET_NAME = re.compile(
    r"secret|passw|passphrase|pwd$|(^|[a-z])pin$|tokens?$|credentials?$|bearer|jwt|cookie|signature|connectionstring"
    r"|(api|private|ssl|tls|signing|encryption|access|account|shared|master|auth)keys?$|pem$|keystore|otp$"
)
# a key in PEM form, a login or a signature within an address, a password within a connection
SECRET_LOOK = re.compile(
    r"-----BEGIN [A-Z ]*(KEY|CERT)|://[^/\s]*:[^/\s]*@"
    r"|(^|[?&;])\s*(sig|signature|code|key|[a-z_]*token|[a-z_]*secret|accountkey|sharedaccesskey|password|pwd)=",
    re.I,
)
# three parts in base64
TOKEN = re.compile(r"ey[\w-]{8,}\.[\w-]+\.")


def plain(name: str) -> str:
    """A member name without case, separators and the maker's name in front: C(azure_clientId) is C(clientid)."""
    bare = re.sub(r"[^a-z0-9]", "", name.lower())
    return MAKERS.sub("", bare)


def looks_secret(path: Path, value: Any) -> bool:
    """Whether a member seems to hold a secret, by its own name, that of what it is in, or its value.

    Good enough to mask what a host repeats and to leave things out of a template; what is shown is decided by
    :mod:`shown`, which trusts no name.
    """
    # most texts have none of the signs without which the expression, which is slow on long ones, cannot fit
    if isinstance(value, str) and any(sign in value for sign in ("=", "@", "-----")) and SECRET_LOOK.search(value):
        return True
    return (isinstance(value, str) and bool(TOKEN.match(value))) or _names_a_secret(path)


@lru_cache(maxsize=4096)
def _names_a_secret(path: Path) -> bool:
    return any(SECRET_NAME.search(re.sub(r"[^a-z]", "", part.lower())) for part in path)


def _text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _guid(value: Any) -> bool:
    return value is None or (isinstance(value, str) and (not value or bool(GUID.fullmatch(value))))


def _tenant(value: Any) -> bool:
    return _guid(value) or (isinstance(value, str) and bool(re.fullmatch(r"[\w-]+(\.[\w-]+)+", value)))


def _directory(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdecimal())


def _switch(value: Any) -> bool:
    return isinstance(value, bool)


def _cron(value: Any) -> bool:
    return value is None or (isinstance(value, str) and (not value or looks_like_cron(value)))


def _full_cron(value: Any) -> bool:
    return isinstance(value, str) and looks_like_cron(value)


def _flow(value: Any) -> bool:
    return isinstance(value, (bool, str))


def _groups(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _types(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(item, bool) for item in value.values())
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


@dataclass(frozen=True)
class Leaf:
    """One setting.

    :ivar name: in C(key_map) and in results
    :ivar words: what the product's pages call it
    :ivar names: plain member names that mean it for certain
    :ivar fits: whether a value can be one of it
    :ivar likely: (plain name, path, value) that point to it when no certain name is there
    :ivar top: only at the top of the configuration
    """

    name: str
    words: str
    names: frozenset[str]
    fits: Callable[[Any], bool]
    likely: Callable[[str, Path, Any], bool] = lambda name, path, value: False
    top: bool = False


def _leaf(name: str, words: str, names: str, fits: Callable[[Any], bool], **more: Any) -> Leaf:
    return Leaf(name, words, frozenset(names.split()), fits, **more)


def _scheduled(name: str, path: Path) -> bool:
    return "schedul" in name or (name in ("enabled", "active", "on") and any("schedul" in plain(p) for p in path[:-1]))


LEAVES: dict[str, Leaf] = {
    leaf.name: leaf
    for leaf in (
        _leaf("name", "Name", "name displayname", _text, top=True),
        _leaf("type", "connector type", "type providertype provider", _text, top=True),
        _leaf(
            "directory_id",
            "Connector Id and Directory",
            "directoryid crowddirectoryid userdirectoryid atlassiandirectoryid directory",
            _directory,
            likely=lambda name, path, value: name.endswith("directoryid"),
        ),
        _leaf(
            "application_id",
            "Application ID",
            "applicationid clientid appid applicationclientid appclientid",
            _guid,
            likely=lambda name, path, value: (
                bool(value) and re.search(r"(application|client|app)id$", name) is not None
            ),
        ),
        _leaf(
            "tenant_id",
            "Directory (tenant) ID",
            "tenantid directorytenantid tenant directoryid addirectoryid",
            _tenant,
            likely=lambda name, path, value: "tenant" in name,
        ),
        _leaf(
            "application_secret",
            "Application Secret",
            "applicationsecret clientsecret appsecret applicationsecretvalue clientsecretvalue secretvalue secret",
            _text,
            likely=lambda name, path, value: name.endswith(("secret", "applicationkey", "clientkey", "apppassword")),
        ),
        _leaf(
            "flow",
            "new authorisation method",
            "authenticationflow authorizationflow authorisationflow authflow flow granttype authorizationmethod "
            "authorisationmethod authenticationmethod authmethod clientcredentials useclientcredentials "
            "clientcredentialsflow useclientcredentialsflow newauthorizationmethod newauthorisationmethod",
            _flow,
            likely=lambda name, path, value: (
                "clientcredential" in name or bool(re.search(r"auth\w*(flow|method)", name))
            ),
        ),
        _leaf(
            "schedule_enabled",
            "Scheduled Synchronization",
            "scheduledsynchronization scheduledsynchronizationenabled scheduledsync scheduledsyncenabled "
            "scheduleenabled schedulesyncenabled enablescheduledsynchronization enableschedule",
            _switch,
            likely=lambda name, path, value: _scheduled(name, path),
        ),
        _leaf(
            "schedule_cron",
            "Cron Expression",
            "cronexpression cron schedulecron synccronexpression schedulecronexpression cronschedule",
            _cron,
            likely=lambda name, path, value: "cron" in name or ("schedul" in name and _full_cron(value)),
        ),
        _leaf(
            "cleanup_behavior",
            "Cleanup Behaviour",
            "cleanupbehaviour cleanupbehavior usercleanupbehaviour usercleanupbehavior",
            _text,
            likely=lambda name, path, value: bool(
                re.search(r"cleanup(behav|action|mode|strategy|type)|^cleanup$", name)
            ),
        ),
        _leaf(
            "required_groups",
            "Required groups (local filter)",
            "requiredgroups requiredgroup localrequiredgroups requiredgroupslocal requiredgroupnames",
            _groups,
            likely=lambda name, path, value: "requiredgroup" in name,
        ),
        _leaf(
            "required_groups_filter",
            "Required groups (server-side filter)",
            "serversidefilter serversidegroupfilter requiredgroupsfilter requiredgroupsserversidefilter "
            "graphgroupfilter groupfilter serversiderequiredgroups",
            _text,
            likely=lambda name, path, value: "filter" in name and bool(re.search("serverside|graph|group", name)),
        ),
        _leaf(
            "group_types",
            "Group types to sync",
            "grouptypes grouptypestosync syncgrouptypes syncedgrouptypes additionalgrouptypes",
            _types,
            likely=lambda name, path, value: "grouptype" in name,
        ),
        _leaf(
            "profile_pictures",
            "Profile picture sync",
            "profilepictures profilepicturesync syncprofilepictures profilepicturesyncenabled syncprofilepicture "
            "profilepicture",
            _switch,
            likely=lambda name, path, value: bool(re.search("profile(picture|photo|image)", name)),
        ),
    )
}
