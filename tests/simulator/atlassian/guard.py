# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may come in: logins, CAPTCHA, sessions, websudo and XSRF (FIDELITY.md, Getting in)."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import fnmatch
import secrets
import typing as t

from aiohttp import web

from . import answers
from .traits import Traits

WEBSUDO_MINUTES = 10
XSRF_ABLE = ("", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
BROWSER_MARKS = ("mozilla/", "opera/", "webkit", "chrome/", "safari/")


class Denied(Exception):
    """A request that is answered at the door; client is the user name it claimed, if any."""

    def __init__(self, response: web.Response, code: str, client: str | None = None) -> None:
        super().__init__(code)
        self.response = response
        self.code = code
        self.client = client


@dataclasses.dataclass
class User:
    """A local account."""

    name: str
    password: str
    admin: bool = True
    token: str | None = None
    api_token: str | None = None
    failures: int = 0
    captcha: bool = False


@dataclasses.dataclass
class Session:
    """A web session by its JSESSIONID; sudo_until is set by the websudo step."""

    id: str
    node: int
    user: str | None = None
    sudo_until: datetime.datetime | None = None


class Guard:
    """The accounts and sessions of one host."""

    def __init__(self, traits: Traits, now: t.Callable[[], datetime.datetime]) -> None:
        self.traits = traits
        self.now = now
        main = User(traits.username, traits.password, True, traits.token, traits.api_token)
        self.users = {main.name: main} | {str(user["name"]): User(**user) for user in traits.extra_users}
        self.sessions: dict[str, Session] = {}
        self.basic_config: dict[str, t.Any] = {
            "block-requests": not traits.basic_auth,
            "allowed-paths": [],
            "allowed-users": [],
            "show-warning-message": True,
        }
        self._buckets: dict[tuple[int, str], tuple[float, datetime.datetime]] = {}
        self.made = now()
        days = traits.token_days
        self.token_end = None if days is None else self.made + datetime.timedelta(days=days)

    # -- sessions --------------------------------------------------------------------------------------------------

    def session(self, request: web.Request, next_node: t.Callable[[], int]) -> Session:
        """The session that the cookie names, or a new one on the next node."""
        found = self.sessions.get(request.cookies.get("JSESSIONID", ""))
        if found is None:
            found = Session(secrets.token_hex(16).upper(), next_node())
            self.sessions[found.id] = found
        return found

    # -- logging in ------------------------------------------------------------------------------------------------

    def identify(
        self, request: web.Request, path: str, session: Session, login_url: str, faults: t.Container[str]
    ) -> User | None:
        """The user behind the request, None for nobody; raises Denied for a login that is refused."""
        scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(value.strip())
        if scheme.lower() == "basic":
            return self._basic(value.strip(), path, login_url, faults)
        return self.users.get(session.user) if session.user else None

    def _bearer(self, token: str) -> User:
        ended = self.token_end is not None and self.now() >= self.token_end
        for user in self.users.values():
            if self.traits.pat and user.token and token == user.token and not ended:
                return dataclasses.replace(user, admin=user.admin and bool(self.traits.pat_is_admin))
        if self.traits.bad_token_shows == "anonymous":
            raise Denied(answers.anonymous(), "bad_token")
        raise Denied(answers.bad_login(self.traits.product), "bad_token")

    def tokens(self, user: User) -> list[dict[str, t.Any]]:
        """The user's personal access tokens as the product lists them to him; never their text."""
        own = {"name": "usersync", "end": self.token_end}
        others = [
            {"name": given["name"], "end": self.made + datetime.timedelta(days=given["days"])}
            for given in self.traits.other_tokens
        ]
        return [
            {
                "id": number,
                "name": one["name"],
                "createdAt": _stamp(self.made),
                "lastAccessedAt": _stamp(self.now()),
                **({"expiringAt": _stamp(one["end"])} if one["end"] is not None else {}),
            }
            for number, one in enumerate([*([own] if user.token else []), *others], 1)
        ]

    def _basic(self, value: str, path: str, login_url: str, faults: t.Container[str]) -> User:
        traits = self.traits
        try:
            name, _colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Denied(answers.bad_login(traits.product), "bad_basic") from None
        blocked = self.basic_config["block-requests"] or "basic_disabled" in faults
        if blocked and not self._allowlisted(name, path):
            raise Denied(answers.basic_disabled(), "basic_disabled", name)
        user = self.users.get(name)
        if "captcha" in faults or (user is not None and user.captcha):
            raise Denied(answers.captcha(traits.product, login_url), "captcha", name)
        if user is None or not self._matches(user, password):
            self._failed(user)
            raise Denied(answers.bad_login(traits.product), "bad_password", name)
        if not traits.passwords_allowed and password == user.password:
            raise Denied(
                answers.rest_error(403, "Password authentication is not allowed, use an API token"), "token_only", name
            )
        if traits.two_step and password == user.password:
            raise Denied(answers.rest_error(401, "Two-step verification is required"), "two_step", name)
        user.failures = 0
        return user

    def _matches(self, user: User, password: str) -> bool:
        if self.traits.api_tokens and user.api_token and password == user.api_token:
            return True
        return password == user.password

    def _failed(self, user: User | None) -> None:
        if user is None or not self.traits.captcha_after:
            return
        user.failures += 1
        if user.failures >= self.traits.captcha_after:
            user.captcha = True

    def _allowlisted(self, name: str, path: str) -> bool:
        config = self.basic_config
        if any(fnmatch.fnmatchcase("/" + path, str(pattern)) for pattern in config["allowed-paths"]):
            return True
        return name in config["allowed-users"]

    def web_login(self, session: Session, name: str, password: str) -> bool:
        """A login by form; a right password there also solves the CAPTCHA, as a person would do it."""
        user = self.users.get(name)
        if user is None or password != user.password:
            self._failed(user)
            return False
        user.failures, user.captcha = 0, False
        session.user = name
        return True

    # -- what a user may do ------------------------------------------------------------------------------------------

    def require_admin(self, user: User | None, faults: t.Container[str], status: int | None = None) -> User:
        """The user if an administrator; raises Denied otherwise. status overrides the host's for non-admins."""
        if user is None:
            raise Denied(answers.anonymous(), "anonymous")
        if not user.admin or "not_admin" in faults:
            answer = answers.rest_error(status or self.traits.not_admin_status, "User is not an administrator")
            raise Denied(answer, "not_admin", user.name)
        return user

    def require_websudo(self, session: Session, user: User, faults: t.Container[str]) -> None:
        """Raises Denied where the host demands a secure administrator session that the request does not have."""
        if not self.traits.websudo and "websudo" not in faults:
            return
        if session.sudo_until is None or self.now() >= session.sudo_until:
            raise Denied(answers.rest_error(401, "This resource requires WebSudo."), "websudo", user.name)

    def elevate(self, session: Session, user: User, password: str) -> bool:
        """The websudo step with the user's password."""
        if password not in (user.password, user.api_token or user.password):
            return False
        session.sudo_until = self.now() + datetime.timedelta(minutes=WEBSUDO_MINUTES)
        return True

    def permit(
        self, who: str, node: int, planned: dict[str, t.Any] | None = None
    ) -> tuple[float | None, dict[str, str]]:
        """Take one permit of the user's bucket at the node, which holds a second's worth and fills within a second.

        planned: ``permits`` and ``retry_after`` in place of the host's own, of a fault.
        Returns the seconds to wait where it is empty, and the headers that tell of it (none without a limit).
        """
        limit = int((planned or {}).get("permits", self.traits.rate_limit))
        form = str((planned or {}).get("retry_after", self.traits.retry_after))
        if not limit:
            return None, {}
        left, seen = self._buckets.get((node, who), (float(limit), self.now()))
        left = min(float(limit), left + limit * (self.now() - seen).total_seconds())
        granted = left >= 1
        self._buckets[node, who] = (left - 1 if granted else left, self.now())
        wait = None if granted else (1 - left) / limit
        seconds = 0 if wait is None else int(wait) + 1
        told = str(seconds)
        if form == "date" and seconds:
            told = (self.now() + datetime.timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return wait, {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(int(left - 1 if granted else left)),
            "X-RateLimit-Interval-Seconds": "1",
            "X-RateLimit-FillRate": str(limit),
            "Retry-After": told,
        }


def _stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def xsrf_refusal(request: web.Request, origin: str) -> web.Response | None:
    """403 for a POST that could come from another site's form; PUT and DELETE are merely logged by the product."""
    if request.method != "POST":
        return None
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    token_ok = request.headers.get("X-Atlassian-Token", "").strip().lower() in ("no-check", "nocheck")
    refusal = answers.rest_error(403, "XSRF check failed")
    if media in XSRF_ABLE and not token_ok:
        return refusal
    agent = request.headers.get("User-Agent", "").lower()
    if any(mark in agent for mark in BROWSER_MARKS):
        sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
        if sender != origin and not sender.startswith(origin + "/"):
            return refusal
    return None
