# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""One request through a session and, where there is one, a proxy; every failure of it in a sentence."""

from __future__ import annotations

import re
import time
from contextlib import nullcontext
from typing import Any

from . import _errors as errors
from . import _libraries, _wire
from ._masking import outside
from ._proxies import Proxy, proxy_for
from ._wire import MIB, Bounds, Session, origin

try:
    import requests
    import urllib3
except ImportError as exc:  # told by _front before any of this is used
    requests = None  # type: ignore[assignment]
    _libraries.MISSING["requests"] = exc

_PROXY_STATUS = re.compile(r"Tunnel connection failed: (\d{3})")


def send(session: Session, method: str, url: str, bounds: Bounds, left: float | None = None, **how: Any) -> Any:
    """One request, within bounds, without redirects and without passwords from ~/.netrc.

    :param left: seconds within which it must leave, None for no such end
    :returns: the requests.Response, its body read
    :raises TransportError: no connection; C(code) is C(tls), C(connect), C(io), C(url), C(proxy), C(proxy_login) or
        C(too_late)
    :raises LostAnswerError: the request may have arrived; C(code) is C(reset), C(timeout), C(deadline) or C(too_large)
    """
    last_start = float("inf") if left is None else time.monotonic() + left
    proxy = proxy_for(session, url)
    with proxy.shared.first() if proxy else nullcontext():
        if proxy:
            # another worker may have learnt it while this one waited
            proxy_for(session, url)
        # requests would otherwise put a password from ~/.netrc in the place of our header
        how = {**how, "allow_redirects": False, "auth": lambda prepared: prepared, "stream": True}
        how["headers"] = {**(how.get("headers") or {}), "Accept-Encoding": "gzip, deflate"}
        how["timeout"] = min(bounds.timeout, bounds.deadline)
        response = _exchange(session, method, url, bounds, last_start, proxy, how)
        if proxy and response.status_code == 407:
            raise _refused(proxy)
        if proxy:
            proxy.shared.accept(proxy.place)
    return response


def _exchange(
    session: Session,
    method: str,
    url: str,
    bounds: Bounds,
    last_start: float,
    proxy: Proxy | None,
    how: dict[str, Any],
) -> Any:
    place = f"{method} {url.split('?')[0]}"
    response = None
    end = time.monotonic() + bounds.deadline
    try:
        with _wire.bounded(bounds, last_start):
            response = requests.Session.request(session, method, url, **how)
            _wire.read(response, bounds.size)
            return response
    except Exception as exc:
        if response is not None:
            response.close()
        if time.monotonic() >= end and _is_timeout(exc) and not isinstance(exc, requests.exceptions.ConnectTimeout):
            exc = _wire.Overdue()
        told = _bounds_told(exc, place, bounds) or (
            _connection_told(exc, url, proxy, bounds) or _answer_told(exc, place, url, bounds)
        )
        if told is None:
            raise
        if told.code in ("reset", "tls") and url.startswith("https") and not session.cert:
            told.add("a front end that requires a client certificate closes connections like this (client_cert)")
        raise told from None


def _bounds_told(exc: Exception, place: str, bounds: Bounds) -> errors.TransportError | None:
    if isinstance(exc, _wire.TooLate):
        return errors.TransportError(
            f"{place}: it was too late to send this request, so it was not sent", code="too_late"
        )
    if isinstance(exc, _wire.Overdue):
        return errors.LostAnswerError(
            f"{place}: the whole answer did not arrive within {bounds.deadline:g} s (request_deadline)", code="deadline"
        )
    if isinstance(exc, _wire.TooLarge):
        return errors.LostAnswerError(
            f"{place}: the answer is larger than {bounds.size / MIB:g} MiB (answer_limit)", code="too_large"
        )
    if isinstance(exc, _wire.Broken):
        return errors.LostAnswerError(f"{place}: the answer is damaged: {exc}", code="reset")
    return None


def _connection_told(exc: Exception, url: str, proxy: Proxy | None, bounds: Bounds) -> errors.TransportError | None:
    """What kept the request from being sent; None for anything else."""
    known, never = requests.exceptions, errors.TransportError
    if isinstance(exc, known.SSLError):
        return never(
            f"TLS with {origin(url)} failed ({_reason(exc)}); ca_path names the file with the CA certificate of a "
            "private authority",
            code="tls",
        )
    if isinstance(exc, known.ProxyError) and proxy:
        status = _PROXY_STATUS.search(str(exc))
        if status and status.group(1) == "407":
            return _refused(proxy)
        reason = f"answers {status.group(1)}" if status else f"cannot be used ({_reason(exc)})"
        message = (
            f"the proxy {proxy.place} {reason} instead of connecting to {origin(url)}; check HTTPS_PROXY, NO_PROXY and "
            "what the proxy allows"
        )
        final = status is not None and int(status.group(1)) < 500
        return never(message, code="proxy") if final else never(message, code="connect")
    if isinstance(exc, known.ConnectTimeout):
        return never(
            f"{origin(url)} could not be reached within {min(bounds.timeout, bounds.deadline):g} s (timeout); check "
            "the address, the firewall and the proxy settings of the environment",
            code="connect",
        )
    if isinstance(exc, known.ConnectionError) and _never_connected(exc):
        return never(
            f"{origin(url)} could not be reached ({_reason(exc)}); check the address, and that the service is up",
            code="connect",
        )
    return None


def _answer_told(exc: Exception, place: str, url: str, bounds: Bounds) -> errors.TransportError | None:
    """What happened after the request may have been sent; None for what is no failure of a request."""
    known = requests.exceptions
    if _is_timeout(exc):
        return errors.LostAnswerError(f"{place}: no answer within {bounds.timeout:g} s (timeout)", code="timeout")
    if isinstance(exc, known.ConnectionError):
        return errors.LostAnswerError(
            f"{place}: the connection was lost before an answer arrived ({_reason(exc)})", code="reset"
        )
    if isinstance(exc, (known.ChunkedEncodingError, known.ContentDecodingError, urllib3.exceptions.HTTPError)):
        return errors.LostAnswerError(f"{place}: the answer ended too early ({_reason(exc)})", code="reset")
    if isinstance(exc, (ValueError, known.RequestException)):
        return errors.TransportError(f"{place} cannot be sent as it is ({type(exc).__name__})", code="url")
    if isinstance(exc, OSError):
        return errors.TransportError(f"{origin(url)}: {_reason(exc)}", code="io")
    return None


def _is_timeout(exc: Exception) -> bool:
    kinds = (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    return isinstance(exc, kinds) or any(isinstance(inner, kinds) for inner in exc.args)


def _refused(proxy: Proxy) -> errors.TransportError:
    told = proxy.refusal()
    proxy.shared.refuse(proxy.place, told.message)
    return told


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
    return outside(text.splitlines()[0], 200) if text.strip() else type(last).__name__
