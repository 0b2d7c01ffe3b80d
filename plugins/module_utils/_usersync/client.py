# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One Atlassian host: address, login, and requests whose refusals are sentences (facts sections 1.3 and 6)."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from .. import _address
from .. import _errors as errors
from .._http import USER_AGENT, Answer, Http, bounds_of, certificate_of
from .._http import parsed as sane
from .._logins import SharedLogin
from .._run import Run
from . import refusals, refuser, websudo
from .sentences import SENTENCES

GOOD = (200, 201, 202, 204)
ENV = "USERSYNC_ATLASSIAN_"
# Refusals that count towards the lock of an account
LOCKING = ("wrong_password", "wrong_token", "wrong_headers", "captcha")


class Host:
    """A session with one host for one task.

    Cookies are kept, so that a cluster answers from one node. A login that was refused is not tried again by
    anything: three failures make a CAPTCHA.

    :ivar refusal: the first refusal of the login, which every later request gets as its answer
    :ivar admitted: the login has been accepted once
    :ivar sent: method, path and status of each request so far, repetitions counted once
    :ivar heard: the C(Date) of the last answer
    :ivar product: as the user named it, else None until :mod:`probe` has found out
    :ivar manifest: its application links manifest, None until :mod:`probe` has read it
    :ivar azure_connectors: how many Azure connectors it lists; None where it has no list, or was not asked for it
    """

    def __init__(self, options: Mapping[str, Any], run: Run, http: Http) -> None:
        self.options = options
        self.run = run
        self.http = http
        self.how = "token" if options.get("token") else "password" if options.get("username") else "headers"
        named = options.get("product")
        self.product: str | None = None if named in (None, "auto") else named
        self.rest_path = str(options.get("rest_path") or "/rest/samlsso-admin/1.0").strip("/")
        self.manifest: dict[str, Any] | None = None
        self.azure_connectors: int | None = None
        self.refusal: errors.UsersyncError | None = None
        self.admitted = False
        self.sent: list[tuple[str, str, int | None]] = []
        self.heard: str | None = None
        self._elevated = False
        login = http.authorize().get("Authorization") or "".join(map(str, (options.get("headers") or {}).values()))
        self._shared = SharedLogin("host", login) if login else None

    @property
    def stats(self) -> dict[str, int]:
        return self.http.stats

    @property
    def user_agent(self) -> str:
        return USER_AGENT

    @property
    def base_url(self) -> str:
        return self.http.base_url

    @property
    def address(self) -> _address.Address:
        return _address.parse("url", self.base_url, allow_plain_http=True)

    def read(self, path: str, *, missing: Collection[int] = ()) -> Any:
        """The JSON at a path below User Sync's resources.

        :param missing: statuses that mean that there is nothing; the answer is None then, as for an empty body
        """
        answer = self.send("GET", f"{self.rest_path}/{path.lstrip('/')}", expect=(200, 204, *missing))
        if answer.status in missing:
            return None
        return self.parsed(answer)

    def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: Collection[int] = GOOD,
        repeatable: bool | None = None,
        not_after: float | None = None,
    ) -> Answer:
        """POST, PUT or DELETE below User Sync's resources. A workflow asks for check mode before it comes here.

        :param not_after: of the monotonic clock; nothing is sent after it, repetitions included
        :raises StateError: in check mode, where no write may ever leave
        """
        if self.run.check_mode:
            raise errors.StateError(f"a {method} was about to be sent in check mode; please report this defect")
        path = f"{self.rest_path}/{path.lstrip('/')}"
        return self.send(method, path, body, expect=expect, repeatable=repeatable, not_after=not_after)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: Collection[int] = GOOD,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        not_after: float | None = None,
    ) -> Answer:
        """One request below the base URL; refusals come back as the errors of :mod:`refusals`."""
        if self.refusal is not None:
            raise self.refusal
        if self.options.get("websudo"):
            self._elevate()
        how: dict[str, Any] = {"expect": expect, "headers": headers, "repeatable": repeatable, "not_after": not_after}
        try:
            return self.request(method, path, body, **how)
        except errors.DeniedError as exc:
            if exc.code != "websudo" or not self.options.get("websudo_when_asked") or self._elevated:
                raise
        # refused before it was looked at, so it may be sent again, whatever it is
        self.refusal = None
        self._elevate()
        return self.request(method, path, body, **how)

    def _elevate(self) -> None:
        if not self._elevated:
            self._elevated = True
            websudo.elevate(self)

    def ask(self, method: str, path: str, **how: Any) -> Answer:
        """C(Http.request), unless this login was refused in this run; others wait for the first answer to it.

        :raises LoginError: it was, here or at other hosts that share it
        """
        if self._shared is None or self.admitted:
            return self._noted(method, path, how)
        with self._shared.first():
            self._hold_back(self._shared)
            try:
                answer = self._noted(method, path, how)
            except errors.AnswerError as exc:
                self._learn(self._shared, exc.answer)
                raise
            self._learn(self._shared, answer)
            return answer

    def _noted(self, method: str, path: str, how: Mapping[str, Any]) -> Answer:
        """Send it, and keep what was sent and which status came."""
        status: int | None = None
        try:
            answer = self.http.request(method, path, **how)
            status = answer.status
            return answer
        except errors.AnswerError as exc:
            status = exc.details.get("status")
            raise
        finally:
            self.sent.append((method, f"/{path.lstrip('/')}", status))

    def _hold_back(self, shared: SharedLogin) -> None:
        refusal = shared.refused(self.base_url)
        if refusal is None:
            return
        if refusal["place"] == self.base_url:
            self.refusal = errors.LoginError(refusal["told"], code=refusal["code"], repeated=False)
            raise self.refusal
        option = {"password": "username", "token": "token"}.get(self.how, "headers")
        self.refusal = errors.LoginError(
            f"{option}: {refusal['place']} refused this login in this run, so it is not sent to other hosts: a wrong "
            "password that is tried at all hosts locks the account of a directory that they share; correct it, or give "
            "the hosts logins of their own",
            code="login_held_back",
            refused_by=refusal["place"],
        )
        raise self.refusal

    def _learn(self, shared: SharedLogin, answer: Any) -> None:
        if not isinstance(answer, Answer):
            return
        if answer.status in GOOD and not refuser.is_page(answer):
            shared.accept(self.base_url)
        elif answer.status in (401, 403):
            told = refusals.explain(errors.AnswerError("", answer=answer), self.asked)
            if told.code in LOCKING:
                shared.refuse(self.base_url, told.message, told.code)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: Collection[int] = GOOD,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        not_after: float | None = None,
    ) -> Answer:
        """The request itself, without the websudo step."""
        sent = {"Content-Type": "application/json"} if method != "GET" else {}
        try:
            answer = self.ask(
                method,
                path,
                json=body,
                expect=expect,
                headers={**sent, **(headers or {})},
                repeatable=repeatable,
                not_after=not_after,
            )
        except errors.AnswerError as exc:
            raise self.refused(refusals.explain(exc, self.asked)) from None
        except errors.TransportError as exc:
            raise unreachable(exc, self.base_url) from None
        self.heard = answer.headers.get("Date")
        if answer.status in GOOD:
            if refuser.is_page(answer):
                raise self.refused(refusals.page(answer, self.asked))
            self.admitted = True
        elif (told := refusals.in_between(answer, self.asked)) is not None:
            raise self.refused(told)
        return answer

    @property
    def asked(self) -> refusals.Asked:
        """What :mod:`refusals` has to know of this session."""
        return refusals.Asked(self.how, self.admitted, self.run.masked, self.product, self.base_url)

    def refused(self, told: errors.UsersyncError) -> errors.UsersyncError:
        """Note a refusal that is about the login or comes before it, so that nothing is sent any more after it."""
        if isinstance(told, errors.LoginError) or (isinstance(told, errors.DeniedError) and not self.admitted):
            self.refusal = told
        return told

    def parsed(self, answer: Answer) -> Any:
        """The JSON of an answer, None for an empty body; :raises FormatError: for anything else."""
        try:
            return parsed(answer)
        except ValueError:
            raise self.refused(refusals.not_json(answer, self.asked)) from None


def parsed(answer: Answer) -> Any:
    """The JSON of an answer, None for an empty body; :raises ValueError: it is something else."""
    if answer.status == 204 or not answer.body.strip():
        return None
    return sane(answer.body)


@contextmanager
def open_host(options: Mapping[str, Any], run: Run) -> Iterator[Host]:
    """A host that is ready to be asked; nothing has been sent yet.

    :raises OptionError: url, login or ca_path cannot be used
    """
    address = _address.parse("url", options["url"], bool(options.get("allow_plain_http")))
    options = yielding(options)
    check_login(options)
    own = {str(name): str(value) for name, value in (options.get("headers") or {}).items()}
    login = _login(options)
    # what a firewall repeats of a request must not get out in the form in which it was sent
    run.secrets.update(value.partition(" ")[2] for value in login.values())
    http = Http(
        address.url,
        verify=options.get("ca_path") or True,
        cert=certificate_of(options),
        bounds=bounds_of(options),
        headers={"X-Atlassian-Token": "no-check", **own},
        never_early=True,
        authorize=lambda: login,
        sleep=run.sleep,
        monotonic=run.monotonic,
    )
    with http:
        yield Host(options, run, http)


def yielding(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options without a login that the environment gives to all hosts, where this host has one of its own.

    AWX gives the shared account of a credential to every task, and an inventory gives a token to those hosts that take
    one.
    """
    names = ("username", "password", "token")
    common = {name for name in names if options.get(name) and options[name] == os.environ.get(ENV + name.upper())}
    if options.get("token") and options.get("password"):
        if "password" in common and "token" not in common:
            return {**options, "username": None, "password": None}
        if "token" in common and "password" not in common:
            return {**options, "token": None}
    return options


def check_login(options: Mapping[str, Any]) -> None:
    """:raises OptionError: there is no usable login in the options"""
    username, password, token = (options.get(name) for name in ("username", "password", "token"))
    if token and password:
        raise errors.OptionError("token", "give either token or username and password, not both")
    if bool(username) != bool(password) and not token:
        lacking = "username" if password else "password"
        raise errors.OptionError(lacking, "is missing; basic authentication takes username and password together")
    if not (token or password or options.get("headers")):
        raise errors.OptionError(
            "username", "no login is given; set username and password of a local administrator, or token"
        )
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise errors.OptionError("token", "holds a sign that no token has, a space or a line end perhaps")
    if username and ":" in username:
        raise errors.OptionError("username", "must not hold a colon, which basic authentication cannot carry")
    for name, value in (options.get("headers") or {}).items():
        if not (str(value).isprintable() and str(name).isascii() and str(name).isprintable()) or not str(name).strip():
            raise errors.OptionError("headers", f"the value of {name!s:.40} cannot be sent in a header")
    for name in ("websudo", "websudo_when_asked"):
        if options.get(name) and not password:
            raise errors.OptionError(name, "needs username and password, since the host asks for the password again")
    ca_path = options.get("ca_path")
    if ca_path and not os.path.exists(ca_path):
        raise errors.OptionError("ca_path", f"there is no file {ca_path} on the machine that runs the task")


def _login(options: Mapping[str, Any]) -> dict[str, str]:
    if options.get("token"):
        return {"Authorization": f"Bearer {options['token']}"}
    if options.get("username"):
        pair = f"{options['username']}:{options['password']}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def unreachable(exc: errors.TransportError, base_url: str) -> errors.TransportError:
    """The error of a connection that did not come about, under the option's name."""
    message, low = exc.message, exc.message.lower()
    if re.search(r"certificate[ _]required|alert bad certificate", low):
        _kind, sentence = SENTENCES["client_certificate"]
        return errors.TransportError(f"{sentence} ({message})", code="client_certificate", refuser=refuser.GATEWAY)
    if isinstance(exc, errors.LostAnswerError):
        return exc
    unknown = ("not known", "getaddrinfo", "nodename", "resolve", "no address associated")
    if exc.code == "connect" and any(sign in low for sign in unknown):
        name = urlsplit(base_url).hostname
        return errors.TransportError(
            f"url: the name {name} cannot be resolved; check its spelling, and the DNS of the machine that runs the "
            "task",
            code="name",
        )
    return errors.TransportError(f"url: {message}", code=exc.code)
