# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""From the options of a host and its login to a client."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .. import _address
from .. import _errors as errors
from .._http import Http, bounds_of, certificate_of
from .._run import Run
from . import websudo
from .client import Host

ENV = "USERSYNC_ATLASSIAN_"


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
        yield Host(options, run, http, websudo.elevate)


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
        raise errors.OptionError("token", "give either token, or username and password, not both")
    if bool(username) != bool(password) and not token:
        lacking = "username" if password else "password"
        raise errors.OptionError(lacking, "is missing; basic authentication takes username and password together")
    if not (token or password or options.get("headers")):
        raise errors.OptionError(
            "username", "no login is given; set username and password of a local administrator, or token"
        )
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise errors.OptionError("token", "contains a character that no token has, perhaps a space or a line break")
    if username and ":" in username:
        raise errors.OptionError("username", "must not contain a colon, which basic authentication does not allow")
    for name, value in (options.get("headers") or {}).items():
        if not (str(value).isprintable() and str(name).isascii() and str(name).isprintable()) or not str(name).strip():
            raise errors.OptionError("headers", f"the value of {name!s:.40} cannot be sent in a header")
    for name in ("websudo", "websudo_when_asked"):
        if options.get(name) and not password:
            raise errors.OptionError(name, "needs username and password, since the host asks for the password again")
    ca_path = options.get("ca_path")
    if ca_path and not os.path.exists(ca_path):
        raise errors.OptionError("ca_path", f"there is no file {ca_path} on the machine where the task runs")


def _login(options: Mapping[str, Any]) -> dict[str, str]:
    if options.get("token"):
        return {"Authorization": f"Bearer {options['token']}"}
    if options.get("username"):
        pair = f"{options['username']}:{options['password']}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}
