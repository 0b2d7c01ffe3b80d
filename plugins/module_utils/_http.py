# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The one place that owns a requests.Session: retries by verb and by class of failure, no redirects, no netrc.

GET is repeated freely; PUT, PATCH and DELETE unless the caller says that they may not be; POST only when the failure
proves that nothing was done (the connection was never made, 429, or what :attr:`Http.nothing_done` recognises).
"""

from __future__ import annotations

import json as jsonlib
import os
import random
import re
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote

from . import _errors as errors
from ._exchange import send
from ._masking import outside
from ._moments import http_date
from ._wire import MIB, Bounds, Session, origin

__all__ = ["MIB", "USER_AGENT", "Answer", "Bounds", "Http", "Retry", "Session", "origin", "retry_after", "send"]

USER_AGENT = "fleetops.usersync/1.0 (Ansible collection)"
GATEWAY_STATUSES = frozenset({500, 502, 503, 504})
# What a person writes is less deep, and one value has some ten bytes
DEEPEST, MOST_VALUES = 100, 500_000


@dataclass(frozen=True)
class Retry:
    """Bounds of the repetition. :ivar attempts: of one request in all. Times are seconds."""

    attempts: int = 6
    first_pause: float = 0.5
    longest_pause: float = 30.0
    longest_retry_after: float = 120.0


@dataclass
class Answer:
    """One HTTP answer, body read."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """As it came, to be searched; :func:`_masking.outside` makes it fit to be shown."""
        return self.body.decode("utf-8", "replace")

    @property
    def kind(self) -> str:
        """What it says that it is, fit to be shown."""
        return outside(self.headers.get("Content-Type", "").split(";")[0], 60) or "no content type"

    def json(self) -> Any:
        """The parsed body; :raises FormatError: it is no JSON (an HTML page of a login, say), or no sane one."""
        try:
            return parsed(self.body)
        except ValueError:
            raise errors.FormatError(
                f"{self.method} {self.url} answered {self.status} with {self.kind} instead of JSON", answer=self
            ) from None

    def json_or_none(self) -> Any:
        try:
            return parsed(self.body)
        except ValueError:
            return None


def parsed(body: bytes) -> Any:
    """The JSON of a body; :raises ValueError: it is none, or too deep, too dense or no number for JSON to be honest."""
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_VALUES:
        raise ValueError("too many values")
    try:
        tree = jsonlib.loads(body, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("too deep") from None
    level = [tree] if isinstance(tree, (dict, list)) else []
    for _depth in range(DEEPEST + 1):
        if not level:
            return tree
        inner = [one for each in level for one in (each.values() if isinstance(each, dict) else each)]
        level = [one for one in inner if isinstance(one, (dict, list))]
    raise ValueError("too deep")


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


@dataclass
class Http:
    """A session with one service.

    :ivar base_url: origin plus context path; paths are joined to it, never replace it
    :ivar never_early: give up where a service asks for a longer pause than is made, in place of coming back early
    :ivar authorize: called before each attempt, returns the headers that prove who we are
    :ivar nothing_done: recognises an answer that proves that the request had no effect and may be repeated after a
        pause; returns the least pause in seconds, or None
    :ivar renew: called once per request on a 401; True when it is worth another try with new credentials
    :ivar stats: C(requests) sent, C(retries) among them, and how many answers said C(throttled) (429)
    """

    base_url: str
    verify: bool | str = True
    cert: tuple[str, str] | str | None = None
    bounds: Bounds = field(default_factory=Bounds)
    retry: Retry = Retry()
    never_early: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    authorize: Callable[[], Mapping[str, str]] = dict
    nothing_done: Callable[[Answer], float | None] = lambda answer: None
    renew: Callable[[Answer], bool] = lambda answer: False
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    stats: dict[str, int] = field(default_factory=lambda: {"requests": 0, "retries": 0, "throttled": 0})

    def __post_init__(self) -> None:
        self.session = Session()
        self.session.cert = self.cert

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.session.close()

    def url(self, path: str) -> str:
        """An absolute address of this origin stays, a path is joined.

        :raises FormatError: for another origin, and for a path that leads elsewhere by its dots
        """
        if any(unquote(part) in (".", "..") for part in re.split(r"[/\\]", path.partition("?")[0])):
            raise errors.FormatError("an address holds . or .. as a part of its path, which leads elsewhere")
        if "://" not in path:
            return self.base_url.rstrip("/") + "/" + path.lstrip("/")
        if origin(path) != origin(self.base_url):
            raise errors.FormatError(
                f"{origin(self.base_url)} pointed to an address of another origin, {outside(origin(path), 200)}; "
                "nothing was sent there, because the credentials are only for the first one"
            )
        return path

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (200,),
        repeatable: bool | None = None,
        not_after: float | None = None,
    ) -> Answer:
        """Send until there is an answer that counts.

        :param form: the body as a form in place of JSON
        :param repeatable: may be sent again though the first may have been carried out; default by verb
        :param not_after: of C(monotonic); nothing is sent after it, and no pause goes beyond it
        :raises AnswerError: of the class for the status, when it is not in expect
        :raises LostAnswerError: no answer to something that may not be repeated
        :raises TransportError: no connection, or C(code) C(too_late)
        """
        url = self.url(path)
        if repeatable is None:
            repeatable = method != "POST"
        renewed = False
        attempt = 0
        # all tries of a request share its deadline; pauses that a service asks for are not counted
        end = self.monotonic() + self.bounds.deadline
        while True:
            attempt += 1
            if not_after is not None and self.monotonic() >= not_after:
                raise errors.TransportError("it is too late to send this request", code="too_late")
            try:
                answer = self._send(method, url, json, form, headers, not_after)
            except errors.TransportError as exc:
                lost = isinstance(exc, errors.LostAnswerError) and not repeatable
                if lost or exc.final or attempt >= self.retry.attempts or self.monotonic() >= end:
                    raise
                if not self._pause(attempt, None, not_after):
                    raise
                continue
            if answer.status in expect:
                return answer
            if answer.status == 429:
                self.stats["throttled"] += 1
            if answer.status == 401 and not renewed and self.renew(answer):
                renewed = True
                self.stats["retries"] += 1
                continue
            least = self._pause_for(answer, repeatable)
            again = least is not None and attempt < self.retry.attempts
            if not again or not self._pause(attempt, answer, not_after, least or 0.0):
                raise errors.for_status(answer.status)(
                    f"{method} {answer.url} answered {answer.status}", answer=answer, method=method, url=answer.url
                )

    def _pause_for(self, answer: Answer, repeatable: bool) -> float | None:
        proven = self.nothing_done(answer)
        if proven is not None:
            return proven
        if answer.status == 429:
            return 0.0
        if answer.status in GATEWAY_STATUSES and repeatable:
            return 0.0
        return None

    def _pause(self, attempt: int, answer: Answer | None, not_after: float | None, least: float = 0.0) -> bool:
        """Wait before the next try; False, and no wait, when it would come too late."""
        asked = retry_after(answer) if answer else None
        if asked is not None:
            if asked > self.retry.longest_retry_after and self.never_early:
                return False
            pause = min(asked, self.retry.longest_retry_after)
        else:
            pause = min(self.retry.first_pause * 2 ** (attempt - 1), self.retry.longest_pause)
        pause = max(pause, least) * (1 + random.random() / 4)
        if not_after is not None and self.monotonic() + pause >= not_after:
            return False
        self.stats["retries"] += 1
        self.sleep(pause)
        return True

    def _send(
        self,
        method: str,
        url: str,
        json: Any,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        not_after: float | None,
    ) -> Answer:
        sent = {"User-Agent": USER_AGENT, "Accept": "application/json", **self.headers, **(headers or {})}
        sent.update(self.authorize())
        data: Any = form
        if json is not None:
            data = jsonlib.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        left = None if not_after is None else not_after - self.monotonic()
        self.stats["requests"] += 1
        response = send(self.session, method, url, self.bounds, left, data=data, headers=sent, verify=self.verify)
        return Answer(method, url.split("?")[0], response.status_code, response.headers, response.content)


def retry_after(answer: Any) -> float | None:
    """Seconds of a Retry-After header: a number, decimal too (FIDELITY.md), or a date; None for none."""
    text = answer.headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        now = http_date(answer.headers.get("Date", "")) or datetime.now(timezone.utc)
        then = http_date(text)
        seconds = max((then - now).total_seconds(), 0.0) if then else -1.0
    return seconds if 0 <= seconds < float("inf") else None


def bounds_of(options: Mapping[str, Any]) -> Bounds:
    """The bounds that options set; :raises OptionError: one of them cannot be"""
    given = {name: options.get(name) for name in ("timeout", "request_deadline", "answer_limit")}
    for name, most, unit in (("timeout", 3600, "seconds"), ("request_deadline", 86400, "seconds")):
        value = given[name]
        if value is not None and not 0 < float(value) <= most:
            raise errors.OptionError(name, f"must be more than 0 and at most {most} {unit}, not {value:g}")
    limit = given["answer_limit"]
    if limit is not None and not 1 <= limit <= 1024:
        raise errors.OptionError("answer_limit", f"must be 1 to 1024 MiB, not {limit}")
    usual = Bounds()
    return Bounds(
        float(given["timeout"] or usual.timeout),
        float(given["request_deadline"] or usual.deadline),
        limit * MIB if limit else usual.size,
    )


def certificate_of(options: Mapping[str, Any]) -> tuple[str, str] | str | None:
    """The client's certificate as requests takes it; :raises OptionError: the files cannot be used"""
    cert, key = options.get("client_cert"), options.get("client_key")
    if not cert:
        if key:
            raise errors.OptionError("client_cert", "is required together with client_key")
        return None
    for name, path in (("client_cert", cert), ("client_key", key)):
        if path and not os.path.isfile(path):
            raise errors.OptionError(name, f"there is no file {path} on the machine where the task runs")
    try:
        # an empty password keeps OpenSSL from asking somebody at a terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(cert, key or None, password="")
    except (OSError, ValueError) as exc:
        what = "a key without a password that belongs to the certificate" if key else "a certificate with its key"
        raise errors.OptionError(
            "client_key" if key else "client_cert",
            f"{key or cert} does not hold {what}, in PEM form ({getattr(exc, 'reason', None) or type(exc).__name__})",
        ) from None
    return (cert, key) if key else str(cert)
