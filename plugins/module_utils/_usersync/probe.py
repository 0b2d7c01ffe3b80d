# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Which product and which User Sync a host has (FIDELITY.md, Atlassian hosts). Nothing here ever fails a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import _errors as errors
from .. import _moments as moments
from .._http import Answer
from . import refusals

if TYPE_CHECKING:
    from .client import Host

PRODUCTS = {
    "jira": "jira",
    "confluence": "confluence",
    "stash": "bitbucket",
    "bitbucket": "bitbucket",
    "bamboo": "bamboo",
}
# The first versions with the client-credentials flow, stand-alone and inside the SAML SSO app
FIRST_WITH_CLIENT_CREDENTIALS = {"usersync": (1, 5, 0), "samlsso": (3, 5, 5)}
MANIFEST = "rest/applinks/1.0/manifest"
UPM_ACCEPT = (
    "application/vnd.atl.plugins.installed+json, application/vnd.atl.plugins.plugin+json, application/json;q=0.9"
)


@dataclass(frozen=True)
class Product:
    """:ivar name: jira, confluence, bitbucket or bamboo; None where the host does not tell"""

    name: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class App:
    """User Sync as the host's plugin manager lists it.

    :ivar installed: None where the plugin manager could not be asked
    :ivar enabled: False where it is installed and switched off
    :ivar shape: C(usersync) for the stand-alone app, C(samlsso) for the module of the SAML SSO app
    """

    installed: bool | None = None
    key: str | None = None
    version: str | None = None
    shape: str | None = None
    enabled: bool = True

    @property
    def has_client_credentials(self) -> bool | None:
        """Whether its version has the client-credentials flow; None when the version is not known."""
        numbers = tuple(int(number) for number in re.findall(r"\d+", self.version or "")[:3])
        if not numbers or self.shape is None:
            return None
        return numbers >= FIRST_WITH_CLIENT_CREDENTIALS[self.shape]


def host_id(host: Host) -> str | None:
    """The host's own id from its application links manifest; None where the host does not show one.

    It names the holder's secrets, so that no answer at all is not the same as an answer without an id.

    :raises TransportError, AnswerError: no answer, or one that may be another in a moment
    """
    if host.manifest is None:
        if host.refusal is not None:
            raise host.refusal
        shown = (200, *range(300, 400), 401, 403, 404, 405, 406)
        answer = host.http.request("GET", MANIFEST, headers={"Accept": "application/json"}, expect=shown)
        host.manifest = _members(answer.json_or_none() if answer.status == 200 else None)
    known = host.manifest.get("id")
    return known.strip() if isinstance(known, str) and known.strip() else None


def product(host: Host) -> Product:
    """One request to the application links manifest, which every product has."""
    if host.manifest is None:
        body = _ask(host, MANIFEST)
        if isinstance(body, dict):
            host.manifest = body
    text = _members(host.manifest)
    kind = str(text.get("typeId", "")).lower()
    name = next((product for sign, product in PRODUCTS.items() if sign in kind), host.product)
    found = Product(name, _version(text.get("version")))
    if found.name:
        host.product = found.name
    return found


def app(host: Host) -> App:
    """One request to the plugin manager; its keys differ by product and by shape, so the list is searched."""
    body = _ask(host, "rest/plugins/1.0/", accept=UPM_ACCEPT)
    listed = body.get("plugins") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        return App()
    found: list[App] = []
    for entry in listed:
        key = str(entry.get("key", "")) if isinstance(entry, dict) else ""
        shape = _shape(key)
        if shape:
            on = entry.get("enabled") is not False
            found.append(App(on, key, _version(entry.get("version")), shape, on))
    found.sort(key=lambda one: (not one.enabled, one.shape != "usersync"))
    if not found:
        return App(installed=False)
    if not found[0].enabled:
        return found[0]
    if found[0].version is None:
        one = _ask(host, f"rest/plugins/1.0/{found[0].key}-key", accept=UPM_ACCEPT)
        version = _version(one.get("version")) if isinstance(one, dict) else None
        return App(True, found[0].key, version, found[0].shape)
    return found[0]


def _members(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


@dataclass(frozen=True)
class TokenEnd:
    """:ivar end: ISO 8601 in UTC, None where the product does not tell or the token has none
    :ivar certain: whether it is surely this token's: the user has one only, or all have the same end
    """

    end: str | None = None
    certain: bool = False


def token_end(host: Host) -> TokenEnd:
    """When the personal access token ends that this session logs in with (FIDELITY.md, Getting in).

    A product lists the tokens of a user without telling which one was used, so of several the earliest end is told.
    """
    if host.how != "token":
        return TokenEnd()
    listed = _ask(host, "rest/pat/latest/tokens")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        return TokenEnd()
    ends = [moments.parse(one.get("expiringAt"), needs_zone=True) for one in listed]
    known = sorted(end for end in ends if end is not None)
    if not known:
        return TokenEnd(None, True)
    return TokenEnd(moments.stamp(known[0]), len(known) == len(ends) and known[0] == known[-1])


def _shape(key: str) -> str | None:
    low = key.lower()
    if "resolution" not in low:
        return None
    return "usersync" if "usersync" in low else "samlsso" if "samlsso" in low else None


def _version(value: Any) -> str | None:
    return value[:40] if isinstance(value, str) and re.match(r"\d", value) else None


def _ask(host: Host, path: str, accept: str = "application/json") -> Any:
    if host.refusal is not None:
        return None
    try:
        answer: Answer = host.ask("GET", path, headers={"Accept": accept}, expect=(200, 401, 403, 404))
        if answer.status in (401, 403) and not host.admitted:
            told = refusals.explain(errors.AnswerError("", answer=answer), host.asked)
            if isinstance(told, errors.LoginError):
                host.refusal = told
        return answer.json_or_none() if answer.status == 200 else None
    except (errors.UsersyncError, RecursionError):
        return None
