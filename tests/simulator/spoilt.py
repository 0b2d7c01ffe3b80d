# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors that somebody could make in the simulator, on purpose: each must turn a witness red."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from .entra.call import Answer, Call
from .entra.errors import GraphError
from .entra.graph import ROUTES

Handler = Callable[[Call], Answer]


@contextmanager
def _other(method: str, shape: str, change: Callable[[Handler], Handler]) -> Iterator[None]:
    """Another handler for one route while the block runs; its bodies are not held against the schema."""
    route = ROUTES[method, shape]
    ROUTES[method, shape] = replace(route, handler=change(route.handler), answer=None)
    try:
        yield
    finally:
        ROUTES[method, shape] = route


def _renamed(shape: str, member: str, other: str) -> object:
    """A member of what is created stands under another name."""

    def change(real: Handler) -> Handler:
        def answer(call: Call) -> Answer:
            found = real(call)
            body = {(other if name == member else name): item for name, item in (found.body or {}).items()}
            return replace(found, body=body)

        return answer

    return _other("POST", shape, change)


def renamed_member() -> object:
    """The text of a new secret stands under another name."""
    return _renamed("applications/{}/addpassword", "secretText", "secret")


def renamed_name() -> object:
    """The name of a new application stands under another name."""
    return _renamed("applications", "displayName", "name")


def dropped_restriction() -> object:
    """An application may get a second principal."""

    def change(real: Handler) -> Handler:
        def answer(call: Call) -> Answer:
            old = call.tenant.find("servicePrincipal", "appId", call.body["appId"])
            if old is not None:
                call.store.remove(old, call.now)
            return real(call)

        return answer

    return _other("POST", "serviceprincipals", change)


def wrong_status() -> object:
    """An application that is not there is answered with 400 instead of 404."""

    def change(real: Handler) -> Handler:
        def answer(call: Call) -> Answer:
            try:
                return real(call)
            except GraphError as error:
                raise GraphError(400, error.code, error.message) from error

        return answer

    return _other("GET", "applications/{}", change)


ERRORS = (renamed_member, dropped_restriction, wrong_status)
