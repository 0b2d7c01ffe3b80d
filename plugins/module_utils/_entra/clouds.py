# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Where to log in and where Graph is, for every cloud (FIDELITY.md, Login service) and for custom endpoints."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .._errors import FormatError, OptionError
from .._http import Bounds, bounds_of, certificate_of, origin

# cloud -> authority, Graph root; None where Microsoft documents no root
CLOUDS: dict[str, tuple[str, str | None]] = {
    "public": ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "usgov": ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "dod": ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": ("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
    "germany": ("https://login.microsoftonline.de", "https://graph.microsoft.de"),
    "bleu": ("https://login.sovcloud-identity.fr", "https://graph.svc.sovcloud.fr"),
    "delos": ("https://login.sovcloud-identity.de", None),
    "govsg": ("https://login.sovcloud-identity.sg", None),
}


# Other hosts of the same token services (FIDELITY.md, Login service)
ALIASES = {
    "https://login.partner.microsoftonline.cn": "https://login.chinacloudapi.cn",
    "https://login.windows.net": "https://login.microsoftonline.com",
    "https://login.microsoft.com": "https://login.microsoftonline.com",
}


@dataclass(frozen=True)
class Endpoints:
    """:ivar authority: origin of the token service
    :ivar graph: root of Graph, without version and without trailing slash
    :ivar verify: as requests takes it
    :ivar bounds: of one request
    :ivar cert: of the client, as requests takes it
    """

    authority: str
    graph: str
    verify: bool | str = True
    bounds: Bounds = field(default_factory=Bounds)
    cert: tuple[str, str] | str | None = None

    @property
    def scope(self) -> str:
        return f"{self.graph}/.default"


def endpoints(options: Mapping[str, Any]) -> Endpoints:
    """:raises OptionError: an address, the CA file or the timeout cannot be right."""
    cloud = options.get("cloud") or "public"
    authority, graph = CLOUDS[cloud]
    if options.get("authority_url"):
        authority = _address("authority_url", options["authority_url"], "the tenant has its own option, tenant")
        cloud, graph = _cloud_of(authority, cloud)
    if options.get("graph_url"):
        address = options["graph_url"]
        if address.rstrip("/").endswith("/v1.0"):
            address = address.rstrip("/").removesuffix("/v1.0")
        graph = _address("graph_url", address, "give the root only, for example https://graph.microsoft.com")
    if graph is None:
        raise OptionError("graph_url", f"is required for cloud={cloud}, whose Graph address is not documented publicly")
    return Endpoints(authority, graph, _verify(options.get("ca_path")), bounds_of(options), certificate_of(options))


def _cloud_of(authority: str, cloud: str) -> tuple[str, str | None]:
    """The cloud whose token service that is, which decides where Graph is; tokens of one cloud are no good in another.

    Clusters with workload identity, and other tools of Azure, set AZURE_AUTHORITY_HOST and no cloud.
    """
    fitting = [name for name, (known, _graph) in CLOUDS.items() if known == ALIASES.get(authority, authority)]
    if not fitting or cloud in fitting:
        return cloud, CLOUDS[cloud][1]
    if cloud != "public":
        raise OptionError(
            "authority_url",
            f"{authority} is the token service of cloud {fitting[0]}, but the option cloud is {cloud}; give a "
            "matching one (it can also come from AZURE_AUTHORITY_HOST in the environment)",
        )
    return fitting[0], CLOUDS[fitting[0]][1]


def _address(option: str, value: str, about_path: str) -> str:
    text = value if "://" in value else f"https://{value}"
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or any(sign in text for sign in " {}\\\"'<>"):
        raise OptionError(option, f"{value!r} is not an address; give one like https://host.example.org")
    if parts.scheme != "https":
        raise OptionError(option, f"must begin with https://, not {parts.scheme}://, because secrets are sent there")
    if parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        raise OptionError(option, f"must be scheme, host and port only; {about_path}")
    try:
        return origin(text)
    except FormatError:
        raise OptionError(option, "has a host name that can be read in more than one way; write it in ASCII") from None


def _verify(ca_path: str | None) -> bool | str:
    if not ca_path:
        return True
    if os.path.isdir(ca_path):
        return ca_path
    try:
        with open(ca_path, "rb"):
            pass
        ssl.create_default_context(cafile=ca_path)
    except ssl.SSLError:
        raise OptionError("ca_path", f"{ca_path} contains no CA certificate in PEM form") from None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "no name of a file"
        raise OptionError("ca_path", f"{ca_path!r} cannot be read ({reason})") from None
    return ca_path
