# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What an answer means that is none of User Sync's, and what to do: the one classifier (FIDELITY.md, Getting in).

Every sentence of :data:`SENTENCES` stands word for word in docs/connector.md, and ends with who refused and in which
words (:mod:`refuser`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from .. import _errors as errors
from .._http import Answer, origin
from . import refuser
from .refuser import FIREWALL, GATEWAY, PRODUCT, SSO, Refuser
from .sentences import SENTENCES, TOKEN_PAGES

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LOGIN_PLACE = re.compile(r"login|signin|sso|saml|oauth2/authorize|/adfs/|/idp", re.I)
LOGIN_HOST = re.compile(
    r"(^|\.)(login|sso|auth|idp|adfs|sts|accounts?|signin|okta|onelogin|pingone|auth0)\d*\.|okta\.com$|microsoftonline",
    re.I,
)
MAINTENANCE = re.compile(r"maintenance|scheduled downtime|being upgraded|upgrade (is )?in progress", re.I)
REINDEX = re.compile(r"re-?index", re.I)
READ_ONLY = re.compile(r"read-?only", re.I)
LICENSE = re.compile(r"licen[cs]e", re.I)
CERTIFICATE = re.compile(r"(client|ssl|tls) certificate|certificate (error|required)|mutual tls", re.I)
PLAIN_PORT = re.compile(r"plain http request was sent to https|speaking plain http to an ssl", re.I)


@dataclass(frozen=True)
class Asked:
    """What has to be known of the one who asked.

    :ivar how: how the login was made: C(password), C(token) or C(headers), which is also the option to name
    :ivar admitted: the host has accepted this login before
    :ivar masked: takes secrets out of a text
    """

    how: str
    admitted: bool = False
    masked: Callable[[str], str] = str
    product: str | None = None
    base_url: str = ""


def explain(exc: errors.AnswerError, asked: Asked) -> errors.UsersyncError:
    """The error for the user."""
    answer = exc.answer
    if not isinstance(answer, Answer):
        return exc
    by = refuser.who(answer, asked.masked)
    if answer.status in REDIRECTS:
        return redirected(answer, by)
    code, more = _code(answer, by, asked)
    return told(code, answer, by, asked, **more)


def told(code: str, answer: Answer, by: Refuser, asked: Asked, **more: str) -> errors.UsersyncError:
    """The error of one code, with its sentence, the refuser and his words."""
    kind, text = SENTENCES[code]
    sentence = text.format(
        method=answer.method,
        url=answer.url,
        status=answer.status,
        option={"password": "username"}.get(asked.how, asked.how),
        token_page=TOKEN_PAGES.get(asked.product or "", TOKEN_PAGES[""]).format(base_url=asked.base_url),
        **more,
    )
    facts = {"refuser": by.kind, "said": by.words or None}
    kind = kind or errors.for_status(answer.status)
    if issubclass(kind, errors.AnswerError):
        return kind(sentence + by.said(), answer=answer, code=code, **facts)
    return kind(sentence + by.said(), code=code, status=answer.status, **facts)


def page(answer: Answer, asked: Asked) -> errors.UsersyncError:
    """A page with a status of success, where JSON or nothing was expected (FIDELITY.md, Getting in)."""
    by = refuser.who(answer, asked.masked)
    if by.kind == FIREWALL:
        return told("firewall", answer, by, asked)
    if MAINTENANCE.search(by.words):
        return told("maintenance", answer, by, asked)
    if by.kind == SSO:
        return told("sso_page", answer, by, asked)
    if refuser.is_login_form(answer):
        return told("html", answer, by, asked)
    return told("page", answer, by, asked)


def not_json(answer: Answer, asked: Asked) -> errors.UsersyncError:
    """A body with a status of success that is neither JSON nor a page."""
    if refuser.is_page(answer):
        return page(answer, asked)
    kind = answer.headers.get("Content-Type", "no content type").split(";")[0]
    return told("not_json", answer, refuser.who(answer, asked.masked), asked, media=kind)


def in_between(answer: Answer, asked: Asked) -> errors.UsersyncError | None:
    """The error of a refusal that somebody else gave in place of the product; None where it may be the product's."""
    by = refuser.who(answer, asked.masked)
    if not by.between:
        return None
    code, more = _code(answer, by, asked)
    return told(code, answer, by, asked, **more)


def _code(answer: Answer, by: Refuser, asked: Asked) -> tuple[str, dict[str, str]]:
    status, low = answer.status, answer.text[: refuser.READ_OF_A_BODY].lower()
    if by.kind == FIREWALL and status not in (429, 502, 504):
        return "firewall", {}
    if CERTIFICATE.search(by.words) and status in (400, 401, 403, 495, 496):
        return "client_certificate", {}
    if PLAIN_PORT.search(low):
        return "plain_port", {}
    if LICENSE.search(by.words) and status in (401, 402, 403, 405):
        return "license", {}
    if status in (401, 403):
        return _refused(answer, by, low, asked), {}
    if READ_ONLY.search(by.words):
        return "read_only", {}
    if status == 503 and REINDEX.search(by.words):
        return "reindex", {}
    if status == 503 and MAINTENANCE.search(low):
        return "maintenance", {}
    if by.between and status in (404, 405):
        return {404: "not_routed", 405: "method_blocked"}[status], {}
    by_status = {
        407: "proxy_login",
        413: "body_too_large",
        429: "throttled",
        500: "server_error",
        502: "no_node",
        503: "restarting",
        504: "no_node",
    }
    if status == 429:
        after = answer.headers.get("Retry-After", "").strip()[:40]
        return "throttled", {"after": f" (Retry-After: {after})" if after else ""}
    return by_status.get(status, "unexpected"), {}


def _refused(answer: Answer, by: Refuser, low: str, asked: Asked) -> str:
    """What a 401 or 403 means."""
    seraph = answer.headers.get("X-Seraph-LoginReason", "")
    denied = answer.headers.get("X-Authentication-Denied-Reason", "")
    if by.kind == SSO:
        return "sso_page"
    if by.kind == GATEWAY:
        return "gateway_login" if answer.status == 401 else "gateway_refused"
    if "CAPTCHA" in denied or "captcha" in low or "AUTHENTICATION_DENIED" in seraph:
        return "captcha"
    if "xsrf" in low:
        return "xsrf"
    if re.search(r"web\s?sudo|secure administrator session|administrator access|elevat\w+ (permission|privilege)", low):
        return "websudo"
    if re.search(r"basic auth\w* (has been |is |was )?(disabled|not allowed|blocked|switched off)", low):
        return "basic_disabled"
    if re.search(r"two-?\s?step|two-?\s?factor|2sv|\btotp\b", low):
        return "two_step"
    if re.search(r"password\w* (auth\w* )?(is |are )?not allowed|use an api token", low):
        return "token_only"
    if asked.admitted:
        return "login_lost" if answer.status == 401 and not _rights(low) else "refused_later"
    if "AUTHENTICATED_FAILED" in seraph or "authenticated_failed" in low:
        return f"wrong_{asked.how}"
    if answer.status == 401 and _saw_nobody(answer, low):
        # a host that does not know a token says the same as one that has seen none
        return "wrong_token" if asked.how == "token" else "login_stripped"
    if answer.status == 401 and not (seraph == "OK" or _rights(low)):
        return f"wrong_{asked.how}"
    return "not_admin_token" if asked.how == "token" else "not_admin"


def _saw_nobody(answer: Answer, low: str) -> bool:
    name = answer.headers.get("X-AUSERNAME", "")
    said = re.search(r"client must be authenticated|must be logged in|authentication (is )?required|log in first", low)
    return name.lower() == "anonymous" or bool(said)


def redirected(answer: Answer, by: Refuser) -> errors.UsersyncError:
    """What a redirect in the place of an answer means."""
    location = answer.headers.get("Location", "")
    target = urlsplit(location.split("?")[0])
    here = urlsplit(answer.url)
    rest = here.path[here.path.find("/rest/") :].rstrip("/") if "/rest/" in here.path else ""
    if rest and target.path.rstrip("/").endswith(rest):
        # the same resource elsewhere; its own path holds "saml", so it must not be taken for a login
        base = target.path.rstrip("/").removesuffix(rest)
        return _moved(answer, by, f"{target.scheme or here.scheme}://{target.netloc or here.netloc}{base}")
    if location and not _leads_to_a_login(location, target.netloc or here.netloc):
        scheme = target.scheme or here.scheme
        if target.netloc in ("", here.netloc):
            place = f"{scheme}://{here.netloc}" if scheme != here.scheme else location.split("?")[0]
        else:
            place = f"{scheme}://{target.netloc}{target.path.rstrip('/')}"
        return _moved(answer, by, place)
    kind, text = SENTENCES["sso_redirect"]
    place = f" to {origin(location)}" if target.netloc else ""
    return (kind or errors.LoginError)(
        text.format(place=place), code="sso_redirect", status=answer.status, **{**by.facts(), "refuser": SSO}
    )


def _leads_to_a_login(location: str, netloc: str) -> bool:
    return bool(LOGIN_PLACE.search(urlsplit(location).path + location.partition("?")[2]) or LOGIN_HOST.search(netloc))


def _moved(answer: Answer, by: Refuser, place: str) -> errors.AnswerError:
    text = SENTENCES["redirect"][1]
    return errors.AnswerError(text.format(place=place), answer=answer, code="redirect", **by.facts())


def _rights(low: str) -> bool:
    return bool(re.search(r"administrator|not permitted|permission|not authori[sz]ed to|privilege", low))


__all__ = ["PRODUCT", "Asked", "explain", "in_between", "not_json", "page", "redirected", "told"]
