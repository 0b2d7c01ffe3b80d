# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The one rule for addresses that users give, and the one spelling in which they are compared.

An address is read by its grammar (RFC 3986) and not by C(urlsplit), which forgives what the library that connects
understands in another way. What cannot be used may hold a login in any of its parts, so nothing of it is repeated
unless that part has been read and is harmless.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote

from ._errors import OptionError

try:
    import idna  # requests, which connects, encodes names with it
except ImportError:
    idna = None  # type: ignore[assignment]

PORTS = {"http": 80, "https": 443}
EXAMPLE = "https://jira.example.com/jira"
_PARTS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<rest>.*)")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,5}))?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# a last label of this form makes browsers and resolvers read the whole as a number
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~+-]+)*/?")
# Pages that people copy with the address: first segments, those that lead to one, last segments, endings
_PAGE_FIRST = ("rest", "browse", "display")
_PAGE_FIRST_TWO = (("plugins", "servlet"), ("secure", "admin"))
_PAGE_LEADS = ("secure", "admin", "pages", "plugins", "users")
_PAGE_LAST = ("secure", "admin", "login", "logout", "dashboard", "dashboards")
_PAGE_ENDINGS = (".action", ".jspa", ".jsp", ".html", ".htm", ".do", ".aspx", ".asp", ".php", ".xhtml")
_LOGIN_NAMES = re.compile(
    r"(?:os_username|os_password|os_authtype|user|username|login|pass|passwd|password|pwd|secret|client_secret|key"
    r"|api_?key|sig|signature|code|ticket|jsessionid|[a-z_]*token|authorization|(?:client_)?assertion|samlresponse)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Address:
    """The address of an Atlassian host, in its one spelling.

    :ivar scheme: http or https
    :ivar host: lower case, punycode, no trailing dot; IPv6 without its brackets
    :ivar port: None for the default of the scheme
    :ivar path: the context path as it is, without a slash at the end; empty where there is none
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = ""

    @property
    def _where(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self._where}"

    @property
    def url(self) -> str:
        return self.origin + self.path

    @property
    def place(self) -> str:
        """The address without its scheme, as it stands in the name of a holder."""
        return self._where + self.path

    @property
    def loopback(self) -> bool:
        return _is_loopback(self.host)

    @property
    def says_who(self) -> bool:
        """Whether the same host answers there wherever one asks: not so for loopback, numbers and bare names."""
        return "." in self.host and not self.loopback and not _numeric(self.host)


def parse(option: str, text: object, allow_plain_http: bool = False) -> Address:
    """The base URL of an Atlassian host.

    :param option: what the user calls it
    :raises OptionError: it cannot be used; the sentence never repeats what may be a login
    """
    given = _clean(option, text)
    check_no_login(option, given)
    parts = _PARTS.fullmatch(given)
    if not parts or parts["scheme"].lower() not in PORTS:
        raise OptionError(option, f"must be the base URL of the product and begin with https://, as in {EXAMPLE}")
    scheme = parts["scheme"].lower()
    host, port = _authority(option, parts["authority"])
    path = parts["path"]
    if ";" in path:
        raise OptionError(option, "must be the base URL alone, without a session ID or other parameters after ';'")
    if "//" in path:
        raise OptionError(option, "contains a double slash, which the product does not accept; use a single slash")
    base = _without_page(path)
    if not _PATH.fullmatch(base) or any(part in (".", "..") for part in base.split("/")):
        raise OptionError(
            option,
            "has a path that is not a context path, which contains only letters, digits and the characters . _ ~ + -",
        )
    address = Address(scheme, host, None if port == PORTS[scheme] else port, base.rstrip("/"))
    if base != path or parts["rest"]:
        raise OptionError(option, f"must be the base URL alone, without a page or query, perhaps {address.url}")
    if scheme == "http" and not (allow_plain_http or address.loopback):
        raise OptionError(
            option,
            f"{address.url} is plain http: password, token and client secret could be read on the way; use https, or "
            "set allow_plain_http (azure_connector_allow_plain_http in the role) for this host",
            code="plain_http",
        )
    return address


def check_no_login(option: str, text: str) -> None:
    """For every option that takes an address. :raises OptionError: it holds a login, which is not repeated"""
    plain = unquote(unquote(text))
    names = re.findall(r"(?:^|[?&;#/])([^=?&;#/]*)=", plain)
    # anywhere, since a password may hold the signs that end a host, and then readers disagree on where the host begins
    if "@" in plain or any(_LOGIN_NAMES.fullmatch(name.strip()) for name in names):
        raise OptionError(option, "must not contain a login, password or token; they have their own options")


def _without_page(path: str) -> str:
    """The path up to where a page of the product begins; the path itself where it names none."""
    parts = path.rstrip("/").split("/")
    words = [part.lower() for part in parts]
    for place, word in enumerate(words):
        last = place == len(words) - 1
        if (
            word in _PAGE_FIRST
            or tuple(words[place : place + 2]) in _PAGE_FIRST_TWO
            or word.endswith(_PAGE_ENDINGS)
            or (last and word in _PAGE_LAST)
        ):
            while words[place - 1] in _PAGE_LEADS:
                place -= 1
            return "/".join(parts[:place])
    return path


def _clean(option: str, text: object) -> str:
    given = text.strip() if isinstance(text, str) else ""
    if not given:
        raise OptionError(option, f"must be the base URL of the product, as in {EXAMPLE}")
    if "\\" in given or any(sign.isspace() or not sign.isprintable() for sign in given):
        raise OptionError(option, "contains white space, a backslash or an invisible character, which no address has")
    return given


def _authority(option: str, text: str) -> tuple[str, int | None]:
    parts = _AUTHORITY.fullmatch(text)
    port = int(parts["port"]) if parts and parts["port"] else None
    if not parts or not parts["host"] or (port is not None and not 0 < port < 65536):
        raise OptionError(
            option, f"has no usable host name and port, unlike {EXAMPLE} and https://jira.example.com:8443"
        )
    return _host(option, parts["host"]), port


def _host(option: str, text: str) -> str:
    if text.startswith("["):
        try:
            return ipaddress.IPv6Address(text[1:-1].replace("%", " ")).compressed  # no zones
        except ValueError:
            raise OptionError(option, "has brackets without a usable IPv6 address in them") from None
    name = _ascii(option, text).lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise OptionError(
                option, "has a number as its host that is not an IPv4 address such as 192.0.2.10"
            ) from None
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise OptionError(option, f"has no usable host name, unlike {EXAMPLE}")
    return name


def _ascii(option: str, name: str) -> str:
    if name.isascii():
        return name
    try:
        return str(idna.encode(name, uts46=True).decode())
    except (UnicodeError, AttributeError):
        raise OptionError(
            option, "has a host name that cannot be written in ASCII; give it in punycode (xn--...)"
        ) from None


def _is_loopback(host: str) -> bool:
    if _numeric(host):
        return ipaddress.ip_address(host).is_loopback
    return host.rpartition(".")[2] in ("localhost", "localdomain")


def _numeric(host: str) -> bool:
    return ":" in host or bool(_NUMBER.fullmatch(host.rpartition(".")[2]))
