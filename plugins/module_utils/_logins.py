# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""Logins that many hosts share: a proxy's, and a user's at Atlassian hosts. What is refused once is not sent again.

One wrong password, tried at fifty hosts, locks the account of a directory that they have in common. So nobody sends a
login while another worker of the run waits for the first answer to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ._shared import SharedMemory

LONGEST_WAIT = 60.0
_MEMORY = SharedMemory("usersync-logins")


class SharedLogin:
    """A login as all workers of a run know it.

    :param kind: what it is for
    :param login: the login itself; only a digest of it is kept
    """

    def __init__(self, kind: str, login: str) -> None:
        self.key = _digest(f"{kind} {login}")

    def refused(self, place: str) -> dict[str, Any] | None:
        """Why it must not be sent to this place: the place refused it, or more places refused it than took it.

        :returns: C(place), C(told) and C(code) of the refusal, None when it may be sent
        """
        known = self._known()
        here = _digest(place)
        if here in known["refused"]:
            return dict(known["refused"][here])
        if here not in known["accepted"] and len(known["refused"]) > len(known["accepted"]):
            return dict(next(iter(known["refused"].values())))
        return None

    @contextmanager
    def first(self) -> Iterator[None]:
        """Hold others back until this block has learnt whether the login is good; none waits once that is known."""
        known = self._known()
        if known["accepted"] or known["refused"]:
            yield
            return
        with _MEMORY.alone(self.key, LONGEST_WAIT):
            yield

    def accept(self, place: str) -> None:
        """The place took the login."""
        if _digest(place) not in self._known()["accepted"]:
            with _MEMORY.content() as content:
                content.setdefault(self.key, _unknown())["accepted"].append(_digest(place))

    def refuse(self, place: str, told: str, code: str | None = None) -> None:
        """The place looked at the login and said no. :param told: one sentence without secrets"""
        with _MEMORY.content() as content:
            entry = content.setdefault(self.key, _unknown())
            entry["refused"].setdefault(_digest(place), {"place": place, "told": told, "code": code})

    def _known(self) -> dict[str, Any]:
        found = _MEMORY.peek().get(self.key)
        return found if isinstance(found, dict) else _unknown()


def forget() -> None:
    """What was learnt so far, in all processes."""
    with _MEMORY.content() as content:
        content.clear()


def _unknown() -> dict[str, Any]:
    return {"accepted": [], "refused": {}}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
