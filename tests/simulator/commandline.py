# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``python -m simulator`` takes, and what it says about what it cannot take: one sentence."""

from __future__ import annotations

import argparse
import ipaddress
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from . import like
from .hosts import NEWEST, PLATFORMS, VERSIONS

ROOT = Path(__file__).resolve().parents[2]
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z", re.I)


class Parser(argparse.ArgumentParser):
    """Refuses in one line, under the name that the person typed: NAMES where make passes it on as --names."""

    def error(self, message: str) -> NoReturn:
        sys.exit(f"simulator: {message.removeprefix('argument ')}")


def name(text: str) -> str:
    """A host name or an IP address. Raises ArgumentTypeError."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    if len(text) > 253 or not all(_LABEL.match(label) for label in text.split(".")) or re.fullmatch(r"[\d.]+", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a host name nor an IP address; leave out scheme, port and path, "
            "as in graph.example,10.0.0.5"
        )
    return text.lower()


def names(text: str) -> tuple[str, ...]:
    return tuple(name(one.strip()) for one in text.split(",") if one.strip())


def number(least: int, most: int) -> Any:
    """A whole number from ``least`` to ``most``."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def pairs(known: Iterable[str]) -> Any:
    """``a=b,c=d`` as a dictionary, with values out of ``known``."""
    allowed = list(known)

    def parse(text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in text.split(","):
            if not pair:
                continue
            host, equals, value = pair.partition("=")
            if not host or not equals or value not in allowed:
                raise argparse.ArgumentTypeError(
                    f"{pair!r} is not a host name, = and one of {', '.join(allowed)}, as in jira02={allowed[0]}"
                )
            found[host] = value
        return found

    return parse


def options_of_hosts(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not all(isinstance(value, dict) for value in document.values()):
        raise argparse.ArgumentTypeError(
            'is not a JSON object of objects by host name, as in {"jira01": {"websudo": true}}'
        )
    return document


def answers(text: str) -> dict[str, Any]:
    """What a file with the answers of a host comes to; nothing for no file."""
    if not text:
        return {}
    try:
        return like.options(Path(text).read_text(encoding="utf-8"))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Ends the program with one sentence for a value that cannot be used."""
    parser = Parser(prog="simulator", description="A simulated tenant and hosts, until SIGTERM or SIGINT.")
    generations = [*VERSIONS, *NEWEST]
    any_port = number(0, 65535)
    add = parser.add_argument
    add("--hosts", type=number(0, 2000), default=6, help="number of Atlassian hosts")
    add("--port", type=any_port, default=0, help="TLS port of everything but the control (0: any)")
    add("--control-port", type=any_port, default=0, help="port of the control address (0: any)")
    add("--names", type=names, default=(), help="further host names and addresses of the certificate, by comma")
    add("--address", type=name, default="localhost", help="the host name in all addresses that are told")
    add("--listen", type=name, default="127.0.0.1", help="address that the TLS port listens at (0.0.0.0: all)")
    add("--seed", type=number(0, 10**9 - 1), default=1, help="same seed, same ids and secrets")
    add("--users", type=number(1, 100000), default=25, help="number of users in the tenant")
    add("--page-size", type=number(1, 999), default=100, help="size of Graph's pages")
    add("--generation", choices=generations, default="2.x", help="User Sync on all hosts")
    add("--generations", type=pairs(generations), default={}, help="of single hosts: jira02=1.9,bamboo01=1.4")
    add("--platform", choices=list(PLATFORMS), default="jira10", help="versions of the products")
    add("--platforms", type=pairs(PLATFORMS), default={}, help="of single hosts: jira02=jira11,jira03=jira12")
    add("--host-options", type=options_of_hosts, default={}, help="JSON: options per host name, or * for all")
    add("--like", type=answers, default={}, help="file with the discovery of a host, which is played (make: LIKE)")
    add("--state-dir", type=Path, default=None, help="folder for the certificate and the inventory")
    return parser.parse_args(argv)


def advice(folder: Path, description: dict[str, Any]) -> str:
    """Three commands to try next. They find the collection by a link in the folder, wherever the checkout lies."""
    link = folder / "collections" / "ansible_collections" / "fleetops" / "usersync"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT)
    program = Path(sys.executable).with_name("ansible-playbook")
    play = f"ANSIBLE_COLLECTIONS_PATH={folder / 'collections'} {program} -i {description['inventory']}"
    return "\n".join(
        [
            "simulator: running until you press Ctrl-C; in another terminal you may try",
            f"  {play} fleetops.usersync.setup",
            f"  {play} fleetops.usersync.audit",
            f"  curl -s {description['control_url']}/journal",
        ]
    )
