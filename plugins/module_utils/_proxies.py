# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The proxy that the environment names for an address: read as the connecting library reads it, or refused.

A login whose signs are not percent-encoded makes the library take a part of the password for the host, and say so.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from . import _errors as errors
from . import _libraries, _masking
from ._logins import SharedLogin

try:
    import requests
    import urllib3
except ImportError as exc:  # told by _front before any of this is used
    requests = None  # type: ignore[assignment]
    _libraries.MISSING["requests"] = exc

_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?/?")
_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


@dataclass(frozen=True)
class Proxy:
    """:ivar place: host and port, as it may be told
    :ivar login: user and password as the environment spells them, "" for none
    """

    place: str
    login: str

    @property
    def shared(self) -> SharedLogin:
        """Its login as all workers of the run know it."""
        return SharedLogin("proxy", f"{self.login}@{self.place}")

    def refusal(self) -> errors.TransportError:
        what = "does not accept the login in its address" if self.login else "asks for a login"
        return errors.TransportError(
            f"the proxy {self.place} {what} (407), which was tried only once; correct the login in the environment "
            "variables HTTPS_PROXY and HTTP_PROXY, or name the hosts that need no proxy in NO_PROXY",
            code="proxy_login",
            proxy=self.place,
        )


def proxy_for(session: Any, url: str) -> Proxy | None:
    """The proxy through which the session would ask for this address.

    :raises TransportError: its address cannot be used, or it has refused its login in this run
    """
    address = requests.utils.select_proxy(url, {**session.environment_proxies(url), **session.proxies})
    if not address:
        return None
    scheme, found, rest = address.partition("://")
    if not found:
        scheme, rest = "http", address
    login, _at, place = rest.rpartition("@")
    _learn(login)
    if scheme.lower() not in _SCHEMES or not _PLACE.fullmatch(place) or not _agreed(scheme, login, place):
        raise errors.TransportError(
            f"the address of the proxy for {urlsplit(url).scheme} in the environment cannot be used; it must be like "
            "http://user:password@proxy.example.com:3128, and signs of user and password other than letters and digits "
            "must be percent-encoded (# is %23, / is %2F, ? is %3F, @ is %40)",
            code="proxy",
        )
    proxy = Proxy(place.rstrip("/"), login)
    if proxy.shared.refused(proxy.place):
        raise proxy.refusal()
    return proxy


def _agreed(scheme: str, login: str, place: str) -> bool:
    """Whether the library reads user and host as they are meant."""
    try:
        read = urllib3.util.parse_url(f"{scheme}://{login}@{place}" if login else f"{scheme}://{place}")
        standard = urlsplit(f"{scheme}://{login}@{place}" if login else f"{scheme}://{place}")
        host = urlsplit(f"//{place}").hostname
        return bool(host) and (read.host or "").strip("[]").lower() == host == standard.hostname and "\\" not in login
    except (ValueError, urllib3.exceptions.HTTPError):
        return False


def _learn(login: str) -> None:
    user, _colon, password = login.partition(":")
    for secret in (password, unquote(password)):
        _masking.learn(secret)
    if password:
        pair = f"{unquote(user)}:{unquote(password)}".encode("utf-8", "surrogatepass")
        _masking.learn(login, base64.b64encode(pair).decode())
