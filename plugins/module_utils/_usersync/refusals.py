# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One sentence for each way in which an Atlassian host says no (facts sections 6.1 to 6.5)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .. import _errors as errors
from .._http import Answer, origin

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LOGIN_PLACE = re.compile(r"login|signin|sso|saml|oauth2/authorize|/adfs/|/idp", re.I)
SHOWN_OF_A_BODY = 20000


def explain(exc: errors.AnswerError, how: str) -> errors.UsersyncError:
    """The error for the user.

    :param how: how the login was made: C(password), C(token) or C(headers), which is also the option to name
    """
    answer = exc.answer
    if not isinstance(answer, Answer):
        return exc
    if answer.status in REDIRECTS:
        return redirected(answer)
    text = answer.text[:SHOWN_OF_A_BODY]
    if answer.status in (401, 403):
        return refused(answer, text, how)
    if answer.status in (502, 503, 504):
        return errors.UnavailableError(
            f"url: the host answers {answer.status}, as a node does that is starting or a proxy with no node behind "
            "it; try again when the host is up",
            answer=answer,
            code="restarting",
        )
    said = message_of(answer)
    kind = errors.for_status(answer.status)
    tail = f": {said}" if said else ""
    if answer.status == 429:
        return kind(f"the host answers 429, too many requests; run fewer hosts at once (serial){tail}", answer=answer)
    return kind(f"the host answered {answer.method} {answer.url} with {answer.status}{tail}", answer=answer)


def refused(answer: Answer, text: str, how: str) -> errors.UsersyncError:
    """What a 401 or 403 means."""
    seraph = answer.headers.get("X-Seraph-LoginReason", "")
    denied = answer.headers.get("X-Authentication-Denied-Reason", "")
    low = text.lower()
    if "CAPTCHA" in denied or "captcha" in low or "AUTHENTICATION_DENIED" in seraph:
        return errors.LoginError(
            f"username: the host asks for a CAPTCHA after too many failed logins{_name(how)}; log in once in a browser "
            "and solve it, and correct the password before the next run",
            code="captcha",
            status=answer.status,
        )
    if "xsrf" in low:
        return errors.DeniedError(
            "url: the host refused the request by its XSRF check; use the canonical base URL through the load balancer "
            "over https, not the address of one node",
            answer=answer,
            code="xsrf",
        )
    if re.search(r"web\s?sudo|secure administrator session|administrator access", low):
        return errors.DeniedError(
            "websudo: the host asks for a secure administrator session; set websudo to true with username and "
            "password, or exempt this machine's address from it in the host's settings",
            answer=answer,
            code="websudo",
        )
    if re.search(r"basic auth\w* (has been |is |was )?(disabled|not allowed|blocked)", low):
        return errors.LoginError(
            "password: basic authentication is switched off on this host; use token with a personal access token, or "
            "let an administrator allow /rest/samlsso-admin/* for this user",
            code="basic_disabled",
            status=answer.status,
        )
    if "two-step" in low or "two factor" in low or "2sv" in low:
        return errors.LoginError(
            "password: the host wants two-step verification for this user; use token with a personal access token",
            code="two_step",
            status=answer.status,
        )
    if re.search(r"password\w* (auth\w* )?(is |are )?not allowed|use an api token", low):
        return errors.LoginError(
            "password: the host accepts API tokens only; give one of them as password, or a personal access token as "
            "token",
            code="token_only",
            status=answer.status,
        )
    if (
        "AUTHENTICATED_FAILED" in seraph
        or "AUTHENTICATED_FAILED" in text
        or (answer.status == 401 and not (seraph == "OK" or _rights(low)))
    ):
        return wrong_login(answer, how)
    bitbucket = "; Bitbucket's HTTP access tokens never are: use username and password" if how == "token" else ""
    return errors.DeniedError(
        f"{'token' if how == 'token' else 'username'}: the host knows this login but does not accept it as an "
        f"administrator's ({answer.status}); give it the administrators' rights or use a local "
        f"administrator{bitbucket}",
        answer=answer,
        code="not_admin",
    )


def wrong_login(answer: Answer, how: str) -> errors.LoginError:
    """The host does not know this login."""
    remedy = {
        "password": "password: the host does not accept this username and password (401), which was tried once only; "
        "correct them: it must be a local user, since REST does not work through SAML. Several failures in a row, a "
        "CAPTCHA on Confluence too, look the same: then log in once in a browser",
        "token": "token: the host does not accept this personal access token (401), which was tried once only; make a "
        "new one, or use username and password (tokens of the API Token Authentication app are given as password)",
        "headers": "headers: the host does not accept the login in these headers (401), which was tried once only",
    }[how].replace("(401)", f"({answer.status})")
    return errors.LoginError(remedy, code="wrong_password", status=answer.status)


def redirected(answer: Answer) -> errors.UsersyncError:
    """What a redirect in the place of an answer means."""
    location = answer.headers.get("Location", "").split("?")[0]
    target = urlsplit(location)
    here = urlsplit(answer.url)
    rest = here.path[here.path.find("/rest/") :].rstrip("/") if "/rest/" in here.path else ""
    if rest and target.path.rstrip("/").endswith(rest):
        # the same resource elsewhere; its own path holds "saml", so it must not be taken for a login
        base = target.path.rstrip("/").removesuffix(rest)
        return _moved(answer, f"{target.scheme or here.scheme}://{target.netloc or here.netloc}{base}")
    if location and target.netloc in ("", here.netloc) and not LOGIN_PLACE.search(target.path):
        scheme = target.scheme or here.scheme
        better = f"{scheme}://{here.netloc}" if scheme != here.scheme else location
        return _moved(answer, better)
    place = f" to {origin(location)}" if target.netloc else ""
    return errors.LoginError(
        f"url: single sign-on stands before the host and redirects{place} instead of answering; exempt the path "
        "/rest/samlsso-admin/ from it, or use an address behind it",
        code="sso_redirect",
        status=answer.status,
    )


def _moved(answer: Answer, place: str) -> errors.AnswerError:
    return errors.AnswerError(
        f"url: the host redirects to {place}; set url to its canonical base URL, scheme and context path included",
        answer=answer,
        code="redirect",
    )


def html(answer: Answer) -> errors.UsersyncError:
    """A page with status 200 where JSON was expected (facts section 1.5)."""
    kind = answer.headers.get("Content-Type", "no content type").split(";")[0]
    if "html" in kind.lower() or answer.text.lstrip()[:1] == "<":
        return errors.LoginError(
            f"url: the host answers {answer.method} {answer.url} with an HTML page instead of JSON, which mostly is a "
            "login page: the login was not accepted or url is not the base URL of the product; check url, username "
            "and password",
            code="html",
            status=answer.status,
        )
    return errors.FormatError(
        f"url: the host answers {answer.method} {answer.url} with {kind} that is not JSON as User Sync writes it; "
        "check url and rest_path",
        answer=answer,
        code="not_json",
    )


def message_of(answer: Answer) -> str:
    """The host's own words in an error body, without markup; empty when it says nothing readable."""
    try:
        body = answer.json_or_none()
    except RecursionError:
        body = None
    if isinstance(body, dict):
        errors_listed = body.get("errors")
        first = errors_listed[0] if isinstance(errors_listed, list) and errors_listed else None
        for holder in (body, first):
            text = holder.get("message") if isinstance(holder, dict) else holder
            if isinstance(text, str) and text:
                return " ".join(text.split())[:300]
    return ""


def _rights(low: str) -> bool:
    return bool(re.search(r"administrator|not permitted|permission|not authori[sz]ed to|privilege", low))


def _name(how: str) -> str:
    return " with this token" if how == "token" else ""
