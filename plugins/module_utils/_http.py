# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The one place that owns a requests.Session: retries by verb and by class of failure, no redirects, no netrc.

GET is repeated freely; PUT, PATCH and DELETE unless the caller says that they may not be; POST only when the failure
proves that nothing was done (the connection was never made, 429, or what :attr:`Http.nothing_done` recognises).
"""

from __future__ import annotations

import json as jsonlib
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from . import _errors as errors
from . import _libraries

try:
    import requests
    import urllib3
except ImportError as exc:  # told by _front before any of this is used
    requests = None  # type: ignore[assignment]
    _libraries.MISSING["requests"] = exc

# For what wants a session of its own class (msal); an empty class where the library is missing, which _front tells
Session: Any = getattr(requests, "Session", object)
USER_AGENT = "fleetops.usersync/1.0 (Ansible collection)"
GATEWAY_STATUSES = frozenset({500, 502, 503, 504})


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
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The parsed body; :raises FormatError: when it is not JSON (an HTML page of a login, say)."""
        try:
            return jsonlib.loads(self.body)
        except ValueError:
            kind = self.headers.get("Content-Type", "no content type").split(";")[0]
            raise errors.FormatError(
                f"{self.method} {self.url} answered {self.status} with {kind} where JSON was expected", answer=self
            ) from None

    def json_or_none(self) -> Any:
        try:
            return jsonlib.loads(self.body)
        except ValueError:
            return None


@dataclass
class Http:
    """A session with one service.

    :ivar base_url: origin plus context path; paths are joined to it, never replace it
    :ivar authorize: called before each attempt, returns the headers that prove who we are
    :ivar nothing_done: recognises an answer that proves that the request had no effect and may be repeated after a
        pause; returns the least pause in seconds, or None
    :ivar renew: called once per request on a 401; True when it is worth another try with new credentials
    :ivar stats: C(requests) sent and C(retries) among them
    """

    base_url: str
    verify: bool | str = True
    timeout: float = 30.0
    retry: Retry = Retry()
    headers: dict[str, str] = field(default_factory=dict)
    authorize: Callable[[], Mapping[str, str]] = dict
    nothing_done: Callable[[Answer], float | None] = lambda answer: None
    renew: Callable[[Answer], bool] = lambda answer: False
    sleep: Callable[[float], None] = time.sleep
    stats: dict[str, int] = field(default_factory=lambda: {"requests": 0, "retries": 0})

    def __post_init__(self) -> None:
        self.session = requests.Session()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.session.close()

    def url(self, path: str) -> str:
        """An absolute address of this origin stays, a path is joined; :raises FormatError: for another origin."""
        if "://" not in path:
            return self.base_url.rstrip("/") + "/" + path.lstrip("/")
        if origin(path) != origin(self.base_url):
            raise errors.FormatError(
                f"{origin(self.base_url)} pointed to an address of another origin, {origin(path)}; "
                "nothing was sent there, because the credentials belong to the first one only"
            )
        return path

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (200,),
        repeatable: bool | None = None,
        not_after: float | None = None,
    ) -> Answer:
        """Send until there is an answer that counts.

        :param repeatable: may be sent again though the first may have been carried out; default by verb
        :param not_after: of the monotonic clock; nothing is sent after it
        :raises AnswerError: of the class for the status, when it is not in expect
        :raises LostAnswerError: no answer to something that may not be repeated
        :raises TransportError: no connection
        """
        url = self.url(path)
        if repeatable is None:
            repeatable = method != "POST"
        renewed = False
        attempt = 0
        while True:
            attempt += 1
            if not_after is not None and time.monotonic() >= not_after:
                raise errors.TransportError("it is too late to send this request", code="too_late")
            try:
                answer = self._send(method, url, json, params, headers)
            except errors.TransportError as exc:
                if attempt >= self.retry.attempts or (isinstance(exc, errors.LostAnswerError) and not repeatable):
                    raise
                if exc.code == "tls":
                    raise
                self._pause(attempt, None)
                continue
            if answer.status in expect:
                return answer
            if answer.status == 401 and not renewed and self.renew(answer):
                renewed = True
                self.stats["retries"] += 1
                continue
            pause = self._pause_for(answer, repeatable)
            if pause is None or attempt >= self.retry.attempts:
                raise errors.for_status(answer.status)(
                    f"{method} {answer.url} answered {answer.status}", answer=answer, method=method, url=answer.url
                )
            self._pause(attempt, answer, pause)

    def _pause_for(self, answer: Answer, repeatable: bool) -> float | None:
        proven = self.nothing_done(answer)
        if proven is not None:
            return proven
        if answer.status == 429:
            return 0.0
        if answer.status in GATEWAY_STATUSES and repeatable:
            return 0.0
        return None

    def _pause(self, attempt: int, answer: Answer | None, least: float = 0.0) -> None:
        self.stats["retries"] += 1
        asked = retry_after(answer) if answer else None
        if asked is not None:
            pause = min(asked, self.retry.longest_retry_after)
        else:
            pause = min(self.retry.first_pause * 2 ** (attempt - 1), self.retry.longest_pause)
        self.sleep(max(pause, least) * (1 + random.random() / 4))

    def _send(self, method: str, url: str, json: Any, params: Any, headers: Mapping[str, str] | None) -> Answer:
        sent = {"User-Agent": USER_AGENT, "Accept": "application/json", **self.headers, **(headers or {})}
        sent.update(self.authorize())
        data = None
        if json is not None:
            data = jsonlib.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        self.stats["requests"] += 1
        response = send(
            self.session.request,
            method,
            url,
            data=data,
            params=params,
            headers=sent,
            timeout=self.timeout,
            verify=self.verify,
        )
        return Answer(method, url.split("?")[0], response.status_code, response.headers, response.content)


def send(request: Callable[..., Any], method: str, url: str, *, timeout: float, **how: Any) -> Any:
    """One request through a requests.Session, without redirects and without passwords from ~/.netrc.

    :param request: the C(request) of the session
    :returns: the requests.Response
    :raises TransportError: no connection; C(code) is C(tls), C(connect), C(io) or C(url)
    :raises LostAnswerError: the request may have arrived
    """
    where = origin(url)
    place = f"{method} {url.split('?')[0]}"
    # requests would otherwise put a password from ~/.netrc in the place of our header
    how = {**how, "allow_redirects": False, "auth": lambda prepared: prepared}
    try:
        return request(method, url, timeout=timeout, **how)
    except requests.exceptions.SSLError as exc:
        raise errors.TransportError(
            f"TLS with {where} failed ({_reason(exc)}); ca_path names the file with the CA certificate of a "
            "private authority",
            code="tls",
        ) from None
    except requests.exceptions.ConnectTimeout:
        raise errors.TransportError(
            f"{where} could not be reached within {timeout:g} s; check the address, the firewall and the "
            "proxy settings of the environment",
            code="connect",
        ) from None
    except requests.exceptions.ConnectionError as exc:
        if _never_connected(exc):
            raise errors.TransportError(
                f"{where} could not be reached ({_reason(exc)}); check the address, and that the service is up",
                code="connect",
            ) from None
        raise errors.LostAnswerError(
            f"{place}: the connection broke before an answer came ({_reason(exc)})", code="reset"
        ) from None
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as exc:
        raise errors.LostAnswerError(f"{place}: the answer broke off ({_reason(exc)})", code="reset") from None
    except requests.exceptions.Timeout:
        raise errors.LostAnswerError(f"{place}: no answer within {timeout:g} s", code="timeout") from None
    except (ValueError, requests.exceptions.RequestException) as exc:
        raise errors.TransportError(f"{where} cannot be used as an address ({_reason(exc)})", code="url") from None
    except OSError as exc:
        raise errors.TransportError(f"{where}: {_reason(exc)}", code="io") from None


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def retry_after(answer: Answer) -> float | None:
    """Seconds of a Retry-After header, which may be decimal (entra-graph.md 1.4); None for none or a date."""
    try:
        seconds = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _never_connected(exc: Exception) -> bool:
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    never = (
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
        urllib3.exceptions.ProxyError,
    )
    return isinstance(reason, never)


def _reason(exc: BaseException) -> str:
    """The innermost cause in a few words: no object addresses, no query strings."""
    seen: list[BaseException] = []
    inner: BaseException | None = exc
    while inner is not None and inner not in seen:
        seen.append(inner)
        nested = getattr(inner, "reason", None)
        if not isinstance(nested, BaseException):
            nested = next((arg for arg in inner.args if isinstance(arg, BaseException)), None)
        inner = nested or inner.__cause__
    last = seen[-1]
    text = getattr(last, "strerror", None) or getattr(last, "verify_message", None) or str(last)
    text = text.rpartition(">: ")[2] if ">: " in text else text
    return text.splitlines()[0][:200] if text else type(last).__name__
