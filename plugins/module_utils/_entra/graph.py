# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Microsoft Graph v1.0: calls with a token that is good, paging, settling; every refusal in words."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from .. import _http
from .._errors import AnswerError, FormatError, LoginError, NotFoundError, OptionError
from .._run import Run
from . import discovery, shapes
from .graph_errors import STALE_TOKEN, envelope, explained, nothing_done
from .login import Login
from .paths import key_path, odata_quote, with_query
from .tokens import granted, token_claims

__all__ = ["Graph", "key_path", "odata_quote"]

T = TypeVar("T")
SETTLE_TIMEOUT = 60.0
_DONE = (200, 201, 202, 204)


class Graph:
    """A client of one tenant; a context manager.

    :ivar root: of the service, without version
    :ivar stats: C(requests), C(retries) among them, and C(logins) of this task
    :ivar run: the surroundings of the task
    :ivar ahead: how far the directory's clock is ahead of this machine's
    """

    def __init__(self, login: Login, run: Run) -> None:
        self.login = login
        self.run = run
        self.root = login.endpoints.graph
        self._token = login.token()
        self._tenant_id: str | None = None
        self.ahead = timedelta(0)
        run.now = self.now
        self.http = _http.Http(
            f"{self.root}/v1.0",
            verify=login.endpoints.verify,
            cert=login.endpoints.cert,
            bounds=login.endpoints.bounds,
            authorize=self._authorize,
            nothing_done=nothing_done,
            renew=self._renew,
            sleep=run.sleep,
            monotonic=run.monotonic,
        )

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self.http.session.close()

    @property
    def stats(self) -> dict[str, int]:
        return {**self.http.stats, "logins": self.login.logins}

    @property
    def claims(self) -> dict[str, Any]:
        """What the automation's token says; {} when it is opaque."""
        return token_claims(self._token.value)

    @property
    def client_id(self) -> str:
        """The application id of the automation itself, "" when its token does not tell."""
        return str(self.claims.get("appid") or self.claims.get("azp") or "")

    @property
    def caller_id(self) -> str:
        """The directory object id of the automation itself, "" when its token does not tell."""
        return str(self.claims.get("oid") or "")

    def roles(self) -> set[str]:
        """The permissions of the automation itself, from its token; empty when it is opaque."""
        return granted(self.claims) or set()

    @property
    def tenant_id(self) -> str:
        """The id of the tenant, however it was named; :raises LoginError: nothing tells it."""
        if self._tenant_id is None:
            told = self.claims.get("tid")
            self._tenant_id = (
                str(told) if told else discovery.tenant_id(self.login.endpoints, self.login.tenant, self.run)
            )
        return self._tenant_id

    def renew_login(self) -> None:
        """Take a new token, because permissions were granted since the last one."""
        if not self.login.method.RENEWABLE:
            return
        try:
            self._token = self.login.token(force=True)
        except (LoginError, OptionError) as exc:
            if not self._token.alive():
                raise
            self.run.warn(f"what was granted just now takes effect with the next login ({exc.message})")

    def get(self, path: str, params: Mapping[str, str] | None = None, eventual: bool = False) -> dict[str, Any]:
        """One object, or the first page of a list.

        :param eventual: send C(ConsistencyLevel: eventual), which some filters need (FIDELITY.md)
        """
        return self._object(self._call("GET", with_query(path, params), headers=_consistency(eventual)))

    def find(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """One object, or None when Graph says that there is none."""
        try:
            return self.get(path, params)
        except NotFoundError as exc:
            if exc.code is None:
                raise
            return None

    def list(self, path: str, params: Mapping[str, str] | None = None, eventual: bool = False) -> list[dict[str, Any]]:
        """All pages; :raises FormatError: a page points to another origin, or in a circle."""
        items: list[dict[str, Any]] = []
        seen: set[str] = set()
        following: str | None = with_query(path, params)
        while following:
            seen.add(following)
            page = self._object(self._call("GET", following, headers=_consistency(eventual)))
            if not isinstance(page.get("value"), list):
                raise FormatError(f"Microsoft Graph answered GET {path} without the list that was requested")
            items += page["value"]
            following = page.get("@odata.nextLink")
            if following in seen:
                raise FormatError(f"Microsoft Graph answered GET {path} with pages that link in a circle")
        return items

    def post(self, path: str, body: Any = None, repeatable: bool = False) -> dict[str, Any] | None:
        """:param repeatable: the caller can tell a first try that was carried out from none"""
        return self._object_or_none(self._call("POST", path, body, repeatable=repeatable))

    def patch(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        """:returns: the object when Graph made it (upsert), None when it changed one"""
        return self._object_or_none(self._call("PATCH", path, body, headers=headers))

    def delete(self, path: str) -> None:
        """Remove; an object that is gone after a repetition is removed."""
        before = self.http.stats["retries"]
        try:
            self._call("DELETE", path)
        except NotFoundError as exc:
            if exc.code is None or self.http.stats["retries"] == before:
                raise

    def settle(self, action: Callable[[], T], fits: Callable[[AnswerError], bool], timeout: float | None = None) -> T:
        """Repeat what fails only because something this run made is not yet known everywhere.

        :param fits: whether an error is of that kind
        :param timeout: seconds, 60 by default
        :raises AnswerError: the last one, with C(details["settled_for"]) in seconds, when the time has run out
        """
        timeout = SETTLE_TIMEOUT if timeout is None else timeout
        begin = self.run.monotonic()
        pause = 0.5
        while True:
            try:
                return action()
            except AnswerError as exc:
                spent = self.run.monotonic() - begin
                if not fits(exc):
                    raise
                if spent + pause > timeout:
                    exc.details["settled_for"] = round(spent)
                    raise
            self.run.sleep(pause * (1 + random.random() / 4))
            pause = min(pause * 1.6, 5.0)

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        expect: Collection[int] = _DONE,
    ) -> _http.Answer:
        try:
            answer = self.http.request(method, path, json=body, headers=headers, expect=expect, repeatable=repeatable)
            self._set_clock(answer)
            return answer
        except FormatError:
            raise
        except AnswerError as exc:
            raise explained(exc, method, self._relative(path), granted(self.claims)) from None

    def _set_clock(self, answer: _http.Answer) -> None:
        """Ends of secrets are judged, and attempts are named, by the directory's clock, not by this machine's."""
        try:
            directory = parsedate_to_datetime(answer.headers.get("Date", ""))
        except ValueError:
            return
        seconds = round((directory - datetime.now(timezone.utc)).total_seconds())
        # the header tells whole seconds; this machine's fractions of them stay, since attempts are named by them
        if abs(seconds - self.ahead.total_seconds()) > 1:
            self.ahead = timedelta(seconds=seconds)

    def hear(self, ahead: timedelta) -> None:
        """How far the directory's clock is ahead, as another client of this run has heard it."""
        if self.http.stats["requests"] == 0:
            self.ahead = ahead

    def now(self) -> datetime:
        """The time of the directory, to about a second; this machine's before the first answer."""
        return datetime.now(timezone.utc) + self.ahead

    def _relative(self, path: str) -> str:
        return path.removeprefix(f"{self.root}/v1.0").partition("?")[0].strip("/")

    @staticmethod
    def _object(answer: _http.Answer) -> dict[str, Any]:
        body = answer.json_or_none()
        if not isinstance(body, dict):
            what = "JSON that is not an object" if body is not None else f"{answer.kind} instead of JSON"
            raise FormatError(
                f"{answer.method} {answer.url} answered with {what}, so Microsoft Graph did not answer; check the "
                "option graph_url, HTTPS_PROXY, and what they let through",
                answer=answer,
            )
        return shapes.checked(body, answer)

    def _object_or_none(self, answer: _http.Answer) -> dict[str, Any] | None:
        return self._object(answer) if answer.status != 204 and answer.body.strip() else None

    def _authorize(self) -> dict[str, str]:
        if not self._token.good() and self.login.method.RENEWABLE:
            # what bought this one may be over: it serves until it really is
            self._token = self.login.token()
        return {"Authorization": f"Bearer {self._token.value}"}

    def _renew(self, answer: _http.Answer) -> bool:
        code = envelope(answer).get("code")
        if not self.login.method.RENEWABLE or code not in STALE_TOKEN:
            return False
        self._token = self.login.token(stale=self._token.value)
        return True


def _consistency(eventual: bool) -> dict[str, str]:
    return {"ConsistencyLevel": "eventual"} if eventual else {}
