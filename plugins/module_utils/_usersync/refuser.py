# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Who gave an answer that is none of User Sync's, and in which words (FIDELITY.md, Getting in).

Between us and a host stand gateways, firewalls, sign-on pages and proxies. A proxy that passes the product's answer on
leaves its own name in C(Server) too, so signs of the product come first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from .._http import Answer

PRODUCT, SSO, GATEWAY, FIREWALL, UNKNOWN = "product", "sso", "gateway", "firewall", "unknown"
READ_OF_A_BODY = 20000
LONGEST_WORDS = 240
PRODUCT_HEADERS = (
    "X-AREQUESTID",
    "X-ASESSIONID",
    "X-AUSERNAME",
    "X-ANODEID",
    "X-ASEN",
    "X-Seraph-LoginReason",
    "X-Authentication-Denied-Reason",
    "X-RateLimit-FillRate",
    "X-Confluence-Request-Time",
)
PRODUCT_REALM = re.compile(r"^OAuth\b|atlassian|jira|confluence|bitbucket|bamboo|crowd|protected-area", re.I)
PRODUCT_PAGE = re.compile(
    r"atlassian|name=.ajs-|os_(username|destination)|j_atl_security|AUTHENTICATED_FAILED|null for uri"
    r"|web\s?sudo|XSRF Security Token",
    re.I,
)
PRODUCT_MEMBERS = ("status-code", "statusCode", "errorMessages", "subCode")
LOGIN_FORM = re.compile(r"os_password|j_password|login-form|type=.password", re.I)
SSO_PAGE = re.compile(
    r"SAMLRequest|login\.microsoftonline|/adfs/|okta\.com|auth0\.com|openid-connect|sign in to your account"
    r"|identity provider|single sign[- ]?on",
    re.I,
)
FIREWALL_PAGE = re.compile(
    r"(support|incident|attack|ray) id|event id:|reference\s*(#|id|number)|request (was |has been )?(rejected|blocked)"
    r"|(url|page|access|request|you) (was|has been|have been|is) (rejected|blocked)|web page blocked"
    r"|web application firewall|\bwaf\b|mod_?security|fortiweb|incapsula|imperva|akamai|sucuri|barracuda|zscaler"
    r"|attention required",
    re.I,
)
# The sentence that a firewall's support wants to hear
NUMBER = re.compile(
    r"[^.!?\n]*\b(support|incident|attack|event|request|ray|reference)\s*(id|#|no\.?|number)[^.!?\n]*", re.I
)
REALM = re.compile(r'realm="?([^",]*)')


@dataclass(frozen=True)
class Refuser:
    """:ivar kind: C(product), C(sso), C(gateway), C(firewall) or C(unknown)
    :ivar name: as it stands in a sentence
    :ivar words: its own, masked and then cut; empty where it says nothing readable
    """

    kind: str
    name: str
    words: str

    @property
    def between(self) -> bool:
        """Whether it is surely not the product that answered."""
        return self.kind in (SSO, GATEWAY, FIREWALL)

    def said(self) -> str:
        """The end of a sentence: who, and in which words."""
        if self.words:
            return f'; {self.name} says: "{self.words}"'
        return f"; the answer came from {self.name}" if self.between else ""

    def facts(self) -> dict[str, str | None]:
        return {"refuser": self.kind, "said": self.words or None}


def who(answer: Answer, masked: Callable[[str], str] = str) -> Refuser:
    """:param masked: takes secrets out of a text"""
    text = answer.text[:READ_OF_A_BODY]
    page = is_page(answer)
    kind = _kind(answer, text, page)
    words = masked(_page_words(text) if page else _json_words(answer) or _plain_words(answer, text))
    return Refuser(kind, masked(_name(kind, answer)), cut(words))


def is_page(answer: Answer) -> bool:
    """Whether the body is a page for people."""
    kind = answer.headers.get("Content-Type", "").lower()
    begin = answer.text[:200].lstrip().lower()
    return bool(answer.body.strip()) and ("html" in kind or begin.startswith(("<!doctype html", "<html", "<head")))


def is_login_form(answer: Answer) -> bool:
    return bool(LOGIN_FORM.search(answer.text[:READ_OF_A_BODY]))


def cut(text: str) -> str:
    """In one line and no longer than a sentence may bear."""
    line = " ".join(text.split()).replace('"', "'")
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 3].rstrip() + "..."


def _kind(answer: Answer, text: str, page: bool) -> str:
    headers = answer.headers
    if any(name in headers for name in PRODUCT_HEADERS):
        return PRODUCT
    login = headers.get("WWW-Authenticate", "")
    if PRODUCT_REALM.search(login):
        return PRODUCT
    if not page and _is_products_json(answer):
        return PRODUCT
    if page and SSO_PAGE.search(text) and not FIREWALL_PAGE.search(text):
        return SSO
    if page and PRODUCT_PAGE.search(text):
        return PRODUCT
    if FIREWALL_PAGE.search(text):
        return FIREWALL
    if login or (page and _server(headers)):
        return GATEWAY
    return UNKNOWN


def _is_products_json(answer: Answer) -> bool:
    body = _parsed(answer)
    if not isinstance(body, dict):
        return False
    listed = body.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else None
    return any(name in body for name in PRODUCT_MEMBERS) or (isinstance(first, dict) and "exceptionName" in first)


def _server(headers: Mapping[str, str]) -> str:
    return cut(headers.get("Server", ""))[:60]


def _name(kind: str, answer: Answer) -> str:
    server = _server(answer.headers)
    realm = REALM.search(answer.headers.get("WWW-Authenticate", ""))
    by = f" ({server})" if server else ""
    if kind == PRODUCT:
        return "the host"
    if kind == SSO:
        return f"the sign-on page in front of the host{by}"
    if kind == FIREWALL:
        return f"a firewall in front of the host{by}"
    if kind == GATEWAY:
        called = f" '{cut(realm.group(1))[:60]}'" if realm and realm.group(1) else ""
        return f"the gateway{called} in front of the host{by}"
    return f"the answer{by}"


def _parsed(answer: Answer) -> Any:
    try:
        return answer.json_or_none()
    except RecursionError:
        return None


def _json_words(answer: Answer) -> str:
    """The message of an error body, in any of the shapes that products and gateways use."""
    body = _parsed(answer)
    if not isinstance(body, dict):
        return ""
    holders = [body]
    for name in ("errors", "error", "errorMessages", "fault"):
        value = body.get(name)
        holders.append(value[0] if isinstance(value, list) and value else value)
    for holder in holders:
        if isinstance(holder, str) and holder:
            return holder
        if isinstance(holder, dict):
            for name in ("message", "detail", "error_description", "faultstring", "description", "reason", "title"):
                if isinstance(holder.get(name), str) and holder[name]:
                    return str(holder[name])
    return ""


def _plain_words(answer: Answer, text: str) -> str:
    kind = answer.headers.get("Content-Type", "").lower()
    return _first_sentence(text) if "text/plain" in kind else ""


class _Text(HTMLParser):
    """The title and the text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.parts: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("title", "script", "style"):
            self._inside.append(tag)
        elif tag in ("p", "br", "div", "h1", "h2", "h3", "li", "td", "tr"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()
        elif tag in ("p", "div", "h1", "h2", "h3", "li", "tr"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.parts.append(data)
        elif self._inside[-1] == "title":
            self.title += data


def _page_words(text: str) -> str:
    """Title and first sentence; of a firewall's page the sentence with its number too."""
    reader = _Text()
    try:
        reader.feed(text)
        reader.close()
    except (AssertionError, ValueError):
        return ""
    title = " ".join(reader.title.split())
    body = "".join(reader.parts)
    sentences = [title, *(one for one in _lines(body) if one.lower() != title.lower())]
    told = [one for one in sentences[:2] if one]
    number = NUMBER.search(body)
    if number and not any(number.group().strip() in one for one in told):
        told.append(" ".join(number.group().split()))
    return ". ".join(one.rstrip(".") for one in told) + ("." if told else "")


def _lines(body: str) -> Iterator[str]:
    for line in body.split("\n"):
        sentence = _first_sentence(line)
        if len(sentence) > 1:
            yield sentence


def _first_sentence(text: str) -> str:
    line = " ".join(text.strip().split())
    return re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0]
