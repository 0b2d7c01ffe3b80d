# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One Atlassian host: address, login, and requests whose refusals are sentences (FIDELITY.md, Addresses)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .. import _address
from .. import _errors as errors
from .._http import USER_AGENT, Answer
from .._http import parsed as sane
from .._logins import SharedLogin
from .._run import Run
from . import refusals, refuser
from .sentences import SENTENCES

if TYPE_CHECKING:
    from .._http import Http

GOOD = (200, 201, 202, 204)
# Refusals that count towards the lock of an account
LOCKING = ("wrong_password", "wrong_token", "wrong_headers", "captcha")


class Host:
    """A session with one host for one task.

    Cookies are kept, so that a cluster answers from one node. A login that was refused is not tried again by
    anything: three failures make a CAPTCHA.

    :param make_administrator: makes the session a secure administrator's, where that is asked for
    :ivar refusal: the first refusal of the login, which every later request gets as its answer
    :ivar admitted: the login has been accepted once
    :ivar sent: method, path and status of each request so far, repetitions counted once
    :ivar heard: the C(Date) of the last answer
    :ivar product: as the user named it, else None until :mod:`probe` has found out
    :ivar manifest: its application links manifest, None until :mod:`probe` has read it
    :ivar azure_connectors: how many Azure connectors it lists; None where it has no list, or was not asked for it
    """

    def __init__(
        self, options: Mapping[str, Any], run: Run, http: Http, make_administrator: Callable[[Host], None]
    ) -> None:
        self.options = options
        self.run = run
        self.http = http
        self._make_administrator = make_administrator
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
            raise errors.StateError(f"a {method} was about to be sent in check mode; please report this bug")
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
            self._make_administrator(self)

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
            f"{option}: {refusal['place']} refused this login in this run, so it is not sent to other hosts: trying a "
            "wrong password at all hosts would lock the account in a directory that they share; correct it, or give "
            "each host its own login",
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
            f"url: the name {name} cannot be resolved; check its spelling, and the DNS of the machine where the task "
            "runs",
            code="name",
        )
    return errors.TransportError(f"url: {message}", code=exc.code)
