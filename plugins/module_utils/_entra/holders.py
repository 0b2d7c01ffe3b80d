# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The name of a consumer in the directory (rotation.md): whose a secret is, whatever an inventory calls the host.

C([<site>:]<address without scheme>[#<id of the connector>]), such as C(wiki.example.com/Confluence),
C(jira.example.com#7) or C(berlin:localhost:8443/jira).
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Hashable, Mapping

from .. import _address
from .. import _errors as errors
from .._address import Address

LIMIT = 120
UNKNOWN_HOST = "-"
# in place of the site, behind a holder that had to be cut
_CUT = "~"
_HEX_DIGITS, _FINGERPRINT_DIGITS = 16, 12
_SITE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?")
_CONNECTOR = re.compile(r"[A-Za-z0-9-]{1,100}")
_SHORTENED = re.compile(rf"[!-~]{{{LIMIT - _HEX_DIGITS - 1}}}{_CUT}[0-9a-f]{{{_HEX_DIGITS}}}")
_FINGERPRINT = re.compile(rf"{UNKNOWN_HOST}|[0-9a-f]{{{_FINGERPRINT_DIGITS}}}")


def holder(address: Address, connector_id: str | None = None, site: str | None = None) -> str:
    """The name of the consumer.

    :param connector_id: as read from the host, where it has more than one Azure connector
    :param site: only looked at where the address says nothing of who answers there
    :raises OptionError: such an address without a site
    """
    name = address.place
    if not address.says_who:
        if not site or not site.strip():
            raise errors.OptionError(
                "site",
                f"must be given, since {address.place} does not say which host answers there: it is a loopback or "
                "private address, a number or a name without a dot; give the site a name, as in site: berlin "
                "(azure_connector_site in the role), or use a url that means the same host everywhere",
                code="site_needed",
            )
        name = f"{check_site('site', site)}:{name}"
    if connector_id is not None:
        name = f"{name}#{connector_id}"
    return _shortened(name)


def check_site(option: str, site: str) -> str:
    """The site in its one spelling; :raises OptionError: it cannot be one"""
    text = site.strip().lower()
    if not _SITE.fullmatch(text):
        raise errors.OptionError(
            option, "must have 1 to 40 letters, digits, dots, hyphens or underscores, as in berlin or dc2"
        )
    return text


def fingerprint(host_id: str | None) -> str:
    """A short fingerprint of the host's own id; C(-) if the host does not show it.

    A copy of a host has its id too, so a fingerprint tells two hosts apart but never proves that they are one.
    """
    if not host_id or not host_id.strip():
        return UNKNOWN_HOST
    return hashlib.sha256(host_id.strip().lower().encode()).hexdigest()[:_FINGERPRINT_DIGITS]


def is_fingerprint(text: str) -> bool:
    return bool(_FINGERPRINT.fullmatch(text))


@functools.lru_cache(maxsize=4096)
def is_holder(text: str) -> bool:
    """Whether a text is exactly what :func:`holder` writes."""
    if _SHORTENED.fullmatch(text):
        return True
    name, mark, connector = text.partition("#")
    if len(text) > LIMIT or (mark and not _CONNECTOR.fullmatch(connector)):
        return False
    site, _colon, rest = name.partition(":")
    if _is_place(name, with_site=False):
        return True
    return bool(_SITE.fullmatch(site)) and _is_place(rest, with_site=True)


def check(option: str, text: str) -> None:
    """:raises OptionError: no host has this holder"""
    if not is_holder(text):
        raise errors.OptionError(
            option,
            f"'{text:.200}' is not a holder: a holder is the address of the host without https://, as in "
            "jira.example.com/jira, as usersync_connector and usersync_connector_info return it",
        )


def twins(named: Mapping[str, Hashable]) -> dict[str, list[str]]:
    """Which hosts of a play are one consumer: by host, all that share its name, itself included.

    :param named: by host, its holder, or whatever else names the consumer; hosts with None are left out
    """
    groups: dict[Hashable, list[str]] = {}
    for host, name in named.items():
        if name is not None:
            groups.setdefault(name, []).append(host)
    return {host: sorted(group) for group in groups.values() if len(group) > 1 for host in group}


def _shortened(name: str) -> str:
    if len(name) <= LIMIT:
        return name
    whole = hashlib.sha256(name.encode()).hexdigest()[:_HEX_DIGITS]
    return f"{name[: LIMIT - _HEX_DIGITS - len(_CUT)]}{_CUT}{whole}"


def _is_place(text: str, *, with_site: bool) -> bool:
    """With a site exactly those that say nothing of who answers, and the others without."""
    for scheme in ("https", "http"):
        try:
            address = _address.parse("holder", f"{scheme}://{text}", allow_plain_http=True)
        except errors.OptionError:
            continue
        if address.place == text and address.says_who is not with_site:
            return True
    return False
