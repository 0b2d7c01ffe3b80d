# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""From the login options to a Graph client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._run import Run
from .auth._choose import login_method
from .clouds import endpoints
from .graph import Graph
from .login import Login


def validate_login(options: Mapping[str, Any]) -> None:
    """Everything about the login that can be said without the network; :raises OptionError: naming the option."""
    _checked(options, Run())


def open_graph(options: Mapping[str, Any], run: Run) -> Graph:
    """Log in, or take the token of an earlier task; a context manager.

    :raises OptionError: before anything is sent
    :raises LoginError: the token service refused, or gave a token of another tenant
    """
    return Graph(_checked(options, run), run)


def _checked(options: Mapping[str, Any], run: Run) -> Login:
    method = login_method(options, endpoints(options))
    method.validate()
    login = Login(method, run)
    # a proof that bought the token may be over, or its file gone, long before the token is
    if not login.has_token:
        method.check_proof()
    return login
