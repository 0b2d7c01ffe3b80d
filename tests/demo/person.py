# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does at a host of the old flow, over plain requests; in a real browser: tests/browser."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urljoin

import requests

# The line that the playbook shows while it waits: host and address
PROGRESS = re.compile(r"^(\w+): open (\S+) and click Authorize; waiting \d+ s for it$")


class Person:
    """Reads along while a playbook runs, and clicks Authorize wherever it waits for that; ``clicked``: the hosts."""

    def __init__(self, about: dict[str, Any]) -> None:
        self._ca_file = about["ca_file"]
        self._hosts = {host["name"]: host for host in about["hosts"]}
        self.clicked: list[str] = []

    def watch(self, line: str) -> None:
        if told := PROGRESS.match(line.strip()):
            name, address = told.groups()
            self.clicked.append(name)
            click(address, self._hosts[name], self._ca_file)


def click(address: str, host: dict[str, Any], ca_file: str) -> None:
    """Open the connector, log in, Authorize, accept. ``host``: one of the simulator's, with its login."""
    with requests.Session() as person:
        # no proxy and no authorities of the surroundings
        person.trust_env, person.verify = False, ca_file
        login = person.get(address)
        target = html.unescape(re.findall(r'name="os_destination" value="([^"]*)"', login.text)[0])
        form = {"os_username": host["username"], "os_password": host["password"], "os_destination": target}
        settings = person.post(login.url, data=form)
        asked = person.get(html.unescape(re.findall(r'id="authorize" href="([^"]+)"', settings.text)[0]))
        hidden = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', asked.text)}
        action = html.unescape(re.findall(r'action="([^"]+)"', asked.text)[0])
        back = person.post(urljoin(asked.url, action), data=hidden)
        assert ">Authorized<" in back.text, back.text
