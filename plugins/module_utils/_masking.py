# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""What must not get out, in every form in which it may come back, and texts that somebody else wrote.

Texts are masked first and cut afterwards: half a secret is one still. What is too short to be masked, because it would
be taken out of every word, makes the whole text go in which it may stand.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote, quote_plus, unquote

# A shorter value would be found by chance in words and numbers
SHORTEST = 6
# As Ansible masks the values of options with no_log: a whole value, and a part of a text
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART = "********"
DROPPED = "(a text that may contain a short secret, not shown)"
# base64 of fewer signs is found by chance
_SHORTEST_BASE64 = 8
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
# A login may hold the signs that end a host, so that everything up to the last @ counts
_USERINFO = re.compile(r"://([^\s]*)@")
_LOGIN_QUERY = re.compile(
    r"[?&;#](?:os_)?(?:user|username|pass|password|passwd|pwd|secret|client_secret|api_?key|sig|signature|code|ticket"
    r"|jsessionid|[a-z_]*token|authorization|assertion)=([^&;#\s]+)",
    re.IGNORECASE,
)
# What a terminal obeys, what turns the direction of a line, and halves of characters, which no file can hold
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class Secrets(set[str]):
    """Every value of a task that must not appear anywhere; a workflow adds what it learns."""

    #: more secrets are about than can be looked for: no text from outside is shown any more
    silent = False
    _size = -1
    _forms: tuple[tuple[str, bool], ...] = ()
    _shortest = SHORTEST
    _short: re.Pattern[str] | None = None

    def mask(self, text: str) -> str:
        """The text with every form of every secret replaced."""
        self._prepare()
        if len(text) < self._shortest:
            return text
        for form, _in_base64 in self._forms:
            if form in text:
                return self._masked_until(text, len(text))
        return text

    def outside(self, text: Any, limit: int) -> str:
        """A text from outside in one line, masked, then cut; without signs that a terminal obeys."""
        self._prepare()
        begin = str(text)[: limit * 4]
        beyond = len(self._forms[0][0]) if self._forms else 0
        if self.silent or (self._short and self._short.search(begin)):
            return DROPPED
        one = " ".join(printable(self._masked_until(str(text)[: limit * 4 + beyond], len(begin))).split())
        return one if len(one) <= limit else one[:limit] + "..."

    def _masked_until(self, text: str, end: int) -> str:
        """What begins before the end, masked, so that nothing of a secret across the end is left."""
        self._prepare()
        spans = []
        for form, in_base64 in self._forms:
            start = text.find(form)
            while 0 <= start < end:
                spans.append(_whole_base64(text, start, len(form)) if in_base64 else (start, start + len(form)))
                start = text.find(form, start + 1)
        parts, position = [], 0
        for start, stop in sorted(spans):
            if start >= position:
                parts += [text[position:start], PART]
            position = max(position, stop)
        return "".join([*parts, text[position:end]])

    def _prepare(self) -> None:
        if self._size == len(self):
            return
        self._size = len(self)
        written: dict[str, bool] = {}
        for secret in self:
            if len(secret) >= SHORTEST:
                written |= dict.fromkeys(in_base64(secret), True) | dict.fromkeys(forms(secret), False)
        # the longest first, since that tells how much of a text must be looked at
        self._forms = tuple(sorted(written.items(), key=lambda item: (-len(item[0]), item[0])))
        self._shortest = min(map(len, written), default=1 << 62)
        alternatives = "|".join(map(re.escape, sorted(secret for secret in self if 0 < len(secret) < SHORTEST)))
        self._short = re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])") if alternatives else None


def forms(secret: str) -> set[str]:
    """How a secret may be written: raw, in JSON, in JSON within JSON, in HTML, in an address or a form."""
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    in_address = {quote(secret, safe=""), quote(secret), quote_plus(secret), quote(secret, safe="-._~!$&'()*+,;=:@")}
    found = {secret, repr(secret)[1:-1], html.escape(secret), html.escape(secret, quote=False), *in_json, *in_address}
    found |= {json.dumps(form)[1:-1] for form in in_json}
    found |= {re.sub("%[0-9A-F]{2}", lambda code: code.group().lower(), form) for form in in_address}
    return found


def in_base64(secret: str) -> set[str]:
    """What is the same in base64 wherever the secret stands within a longer text."""
    found: set[str] = set()
    raw = secret.encode("utf-8", "surrogatepass")
    for shift in range(3):
        # the first and the last signs depend on the neighbours
        written = base64.b64encode(b"\0" * shift + raw).decode()
        core = written[4 if shift else 0 : len(written) - 4 if (shift + len(raw)) % 3 else None]
        if len(core) >= _SHORTEST_BASE64:
            found |= {core, core.translate(str.maketrans("+/", "-_"))}
    return found


def _whole_base64(text: str, start: int, length: int) -> tuple[int, int]:
    """The whole of the base64 around a part of it, which holds the rest of the secret, and the login before it."""
    end = start + length
    while start and text[start - 1] in _BASE64:
        start -= 1
    while end < len(text) and text[end] in _BASE64:
        end += 1
    return start, end


def printable(text: str) -> str:
    """The text with what a terminal obeys written as code."""
    return (
        text if text.isascii() and text.isprintable() else _UNFIT.sub(lambda sign: f"\\u{ord(sign.group()):04x}", text)
    )


def mask(value: Any, secrets: Iterable[str]) -> Any:
    """A result with every secret in it replaced, in names of members too, and fit for a terminal."""
    known = secrets if isinstance(secrets, Secrets) else Secrets(secrets)
    if isinstance(value, str):
        return WHOLE if value in known else printable(known.mask(value))
    if isinstance(value, Mapping):
        return {mask(name, known) if isinstance(name, str) else name: mask(one, known) for name, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [mask(one, known) for one in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and len(str(value)) >= SHORTEST:
        return WHOLE if str(value) in known else value
    return value


def logins(text: str) -> set[str]:
    """What may be a login within an address that should hold none: before its @, and behind names such as password."""
    found = set()
    for login in _USERINFO.findall(text):
        found |= {login, login.partition(":")[2]}
    found |= {value for pair in _LOGIN_QUERY.findall(text) for value in (pair, unquote(pair))}
    return found - {""}


def texts(value: Any) -> set[str]:
    """All texts and numbers within a value, as texts; switches are none."""
    if isinstance(value, Mapping):
        return set().union(*map(texts, value.values()), set())
    if isinstance(value, (list, tuple, set)):
        return set().union(*map(texts, value), set())
    return set() if value is None or isinstance(value, bool) or value == "" else {str(value)}


_of_no_task = Secrets()
# of each thread its own: one task may read many hosts side by side
_of_task = ContextVar("secrets of the task", default=_of_no_task)


@contextmanager
def task(secrets: Secrets) -> Iterator[None]:
    """While the block runs, these are the secrets of :func:`outside`."""
    before = _of_task.set(secrets)
    try:
        yield
    finally:
        _of_task.reset(before)


def learn(*values: str) -> None:
    """Secrets that a layer meets which knows no task (the login of a proxy)."""
    _of_task.get().update(value for value in values if value)


def outside(text: Any, limit: int = 300) -> str:
    """A text that somebody else wrote, fit for a sentence: one line, masked, then cut."""
    return _of_task.get().outside(text, limit)
